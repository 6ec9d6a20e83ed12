// The proofs can fail: texts with one rule gone, moved or changed are found out, unless they do the same to every packet.
#include <gtest/gtest.h>

#include <fmt/format.h>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "promised.hpp"

namespace natc::validation {
namespace {

std::vector<std::string> lines_in(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + '\n';
    return text;
}

bool is_rule(const std::string& line) { return line.starts_with("-A "); }
std::string_view chain_of(std::string_view line) { return line.substr(3, line.find(' ', 3) - 3); }

struct Mutant {
    std::string what;
    std::string text;
};

std::vector<Mutant> without_one(const std::vector<std::string>& lines) {
    std::vector<Mutant> mutants;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (!is_rule(lines[i])) continue;
        std::vector<std::string> rest = lines;
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
        mutants.push_back({"without " + lines[i], joined(rest)});
    }
    return mutants;
}

std::vector<Mutant> with_two_swapped(const std::vector<std::string>& lines) {
    std::vector<Mutant> mutants;
    for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
        if (!is_rule(lines[i]) || !is_rule(lines[i + 1]) || chain_of(lines[i]) != chain_of(lines[i + 1])) continue;
        std::vector<std::string> other = lines;
        std::swap(other[i], other[i + 1]);
        mutants.push_back({"swapped " + lines[i], joined(other)});
    }
    return mutants;
}

std::vector<Mutant> with_a_word_changed(const std::vector<std::string>& lines) {
    struct Change {
        std::string_view from, to;
    };
    constexpr Change changes[] = {{" -j ACCEPT", " -j DROP"},          {" -j DROP", " -j ACCEPT"},      {" -j REJECT --reject-with icmp", " -j ACCEPT -m comment --comment icmp"},
                                  {" -j MASQUERADE", " -j ACCEPT"},    {" -j RETURN", " -j ACCEPT"},    {" ! ", " "},
                                  {" -i ", " ! -i "},                  {" -o ", " ! -o "},              {"RELATED,ESTABLISHED", "ESTABLISHED"},
                                  {"--ctstate DNAT", "--ctstate NEW"}, {"--dport ", "--sport "},        {"--to-destination 10.1.1.2", "--to-destination 10.1.1.3"},
                                  {"/24", "/25"},                      {"/64", "/65"},                  {" -p tcp ", " -p udp "},
                                  {"DROP [0:0]", "ACCEPT [0:0]"},      {"--dst-type LOCAL", "--dst-type UNICAST"}};
    std::vector<Mutant> mutants;
    for (std::size_t i = 0; i < lines.size(); ++i)
        for (const Change& change : changes) {
            const std::size_t at = lines[i].find(change.from);
            if (at == std::string::npos || lines[i].starts_with("#")) continue;
            std::vector<std::string> other = lines;
            other[i].replace(at, change.from.size(), change.to);
            mutants.push_back({"changed to " + other[i], joined(other)});
        }
    return mutants;
}

struct Score {
    std::size_t tried = 0, noticed = 0, same = 0;
    std::vector<std::string> missed, idle;
};

/// `every`: of so many mutants, one is tried; all with NATC_MUTANTS=all, which prints the survivors too.
Score score_of(std::vector<Mutant> (*mutate)(const std::vector<std::string>&), std::size_t every) {
    Score score;
    std::size_t number = 0;
    for (const std::string& golden : goldens()) {
        const auto written = write_up(golden);
        for (const Family family : all_families) {
            const std::string text = text_of(golden, family);
            if (text.empty()) continue;
            const std::vector<ir::Program> promised = promised_by(written->model, family);
            const auto original = read_back(text, family);
            for (const Mutant& mutant : mutate(lines_in(text))) {
                if (number++ % every != 0 && std::getenv("NATC_MUTANTS") == nullptr) continue;
                const auto read = read_back(mutant.text, family);
                if (read->diagnostics.errors() > 0) continue;
                ++score.tried;
                if (!departures(promised, *read, family).empty()) {
                    ++score.noticed;
                } else if (differences_of(original->program, *read, family).empty()) {
                    ++score.same;
                    score.idle.push_back(fmt::format("{} {}: {}", golden, name(family), mutant.what));
                } else {
                    score.missed.push_back(fmt::format("{} {}: {}", golden, name(family), mutant.what));
                }
            }
        }
    }
    return score;
}

void expect(const Score& score, std::size_t tried, double noticed) {
    if (std::getenv("NATC_MUTANTS") != nullptr) {
        fmt::print("{} tried, {} noticed, {} the same to every packet, {} missed\n", score.tried, score.noticed, score.same, score.missed.size());
        for (const std::string& text : score.missed) fmt::print("missed: {}\n", text);
        for (const std::string& text : score.idle) fmt::print("same: {}\n", text);
    }
    EXPECT_GE(score.tried, tried);
    EXPECT_GE(static_cast<double>(score.noticed), noticed * static_cast<double>(score.tried));
    // But the rule on replies where nothing needs it: see promised_by().
    for (const std::string& text : score.missed) EXPECT_TRUE(text.ends_with("without -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT")) << text;
}

// A mark that no rule asks for is for routing: two rulesets that differ in it alone are not equal.
TEST(Mutation, AMarkForRouting) {
    const auto text = [](const std::string& rule) { return "*mangle\n:PREROUTING ACCEPT [0:0]\n" + rule + "COMMIT\n"; };
    const auto marks = [&](const std::string& words) { return read_back(text("-A PREROUTING -p tcp -m tcp --dport 22 -j MARK --set-xmark " + words + "\n"), Family::ipv4); };
    const auto differ = [](const Read& a, const Read& b) {
        const Space space(Family::ipv4, std::vector<const ir::Program*>{&a.program, &b.program});
        packet::Budget budget(patience);
        return !semantics::differ({a.program}, {b.program}, space, budget).classes.empty();
    };
    const auto none = read_back(text(""), Family::ipv4);
    for (const std::string words : {"0x7/0xffffffff", "0x0/0xffffffff", "0x10/0xff"}) {
        EXPECT_TRUE(differ(*marks(words), *none)) << words;
        EXPECT_FALSE(differ(*marks(words), *marks(words))) << words;
    }
    EXPECT_TRUE(differ(*marks("0x7/0xffffffff"), *marks("0x8/0xffffffff")));
    EXPECT_TRUE(differ(*marks("0x10/0xff"), *marks("0x10/0xf0")));
}

TEST(Mutation, ARuleLess) { expect(score_of(without_one, 3), 900, 0.8); }
TEST(Mutation, TwoRulesSwapped) { expect(score_of(with_two_swapped, 4), 500, 0.2); }
TEST(Mutation, AWordChanged) { expect(score_of(with_a_word_changed, 12), 500, 0.8); }

}  // namespace
}  // namespace natc::validation

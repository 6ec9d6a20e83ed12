// textmate GRAMMAR FILE…: which scope a TextMate grammar gives to each part of FILEs, a line each: file, line, scope, text, between tabs.
// As editors do it, with their regular expressions (Oniguruma), as far as a grammar of ours goes: `match`, `begin` and `end`,
// `captures`, `include` of the repository. The scope is the innermost one, empty where there is none.
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <oniguruma.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using nlohmann::json;

[[noreturn]] void fail(std::string_view why) {
    fmt::print(stderr, "textmate: {}\n", why);
    std::exit(2);
}

struct Match {
    std::vector<std::size_t> begin, end;  ///< of the whole and of each group; npos where it took no part
};

/// Compiled once each.
regex_t* regex_of(const std::string& pattern) {
    static std::map<std::string, regex_t*> known;
    regex_t*& regex = known[pattern];
    if (regex != nullptr) return regex;
    const auto* const text = reinterpret_cast<const OnigUChar*>(pattern.data());
    OnigErrorInfo error;
    if (onig_new(&regex, text, text + pattern.size(), ONIG_OPTION_NONE, ONIG_ENCODING_UTF8, ONIG_SYNTAX_DEFAULT, &error) != ONIG_NORMAL)
        fail("no regular expression: " + pattern);
    return regex;
}

std::optional<Match> find(const std::string& pattern, const std::string& line, std::size_t from) {
    const auto* const text = reinterpret_cast<const OnigUChar*>(line.data());
    OnigRegion* const region = onig_region_new();
    std::optional<Match> match;
    if (onig_search(regex_of(pattern), text, text + line.size(), text + from, text + line.size(), region, ONIG_OPTION_NONE) >= 0) {
        match.emplace();
        for (int group = 0; group < region->num_regs; ++group) {
            match->begin.push_back(static_cast<std::size_t>(region->beg[group]));
            match->end.push_back(static_cast<std::size_t>(region->end[group]));
        }
    }
    onig_region_free(region, 1);
    return match;
}

class Highlighter {
public:
    explicit Highlighter(json grammar) : grammar_(std::move(grammar)) {}

    /// The scope of each byte of a line, which ends with its newline.
    std::vector<std::string> scopes(const std::string& line) {
        std::vector<std::string> scopes(line.size());
        std::size_t at = 0;
        // Where a rule that takes nothing ends another one there is no standing still: each step takes a byte or a rule off the stack.
        while (at <= line.size()) {
            const json* rule = nullptr;
            std::optional<Match> match;
            bool ends = false;
            if (!open_.empty()) {
                match = find(open_.back()->at("end"), line, at);
                ends = match.has_value();
            }
            const json& patterns = open_.empty() ? grammar_.at("patterns") : open_.back()->contains("patterns") ? open_.back()->at("patterns") : none_;
            visit(patterns, [&](const json& candidate) {
                auto found = find(candidate.contains("match") ? candidate.at("match") : candidate.at("begin"), line, at);
                if (!found || (match && match->begin[0] <= found->begin[0])) return;
                match = std::move(found);
                rule = &candidate;
                ends = false;
            });
            const std::size_t begin = match ? match->begin[0] : line.size();
            if (!open_.empty()) paint(scopes, at, begin, name(*open_.back()));
            if (!match) break;
            const json& painter = ends ? *open_.back() : *rule;
            paint(scopes, begin, match->end[0], name(painter));
            const json captures = painter.value("captures", json::object());
            for (const auto& [group, capture] : captures.items()) {
                const auto number = static_cast<std::size_t>(std::stoul(group));
                if (number < match->begin.size() && match->begin[number] < line.size()) paint(scopes, match->begin[number], match->end[number], name(capture));
            }
            if (ends)
                open_.pop_back();
            else if (rule->contains("begin"))
                open_.push_back(rule);
            else if (match->end[0] == begin)
                fail("a match takes nothing: " + rule->dump());
            at = match->end[0];
        }
        return scopes;
    }

private:
    static std::string name(const json& rule) { return rule.value("name", ""); }

    static void paint(std::vector<std::string>& scopes, std::size_t begin, std::size_t end, const std::string& scope) {
        for (; begin < end && begin < scopes.size(); ++begin) scopes[begin] = scope;
    }

    /// Each rule that `patterns` leads to, in order.
    template <typename Do>
    void visit(const json& patterns, const Do& action) {
        for (const json& pattern : patterns) {
            if (pattern.contains("include"))
                visit_one(grammar_.at("repository").at(pattern.at("include").get<std::string>().substr(1)), action);
            else
                visit_one(pattern, action);
        }
    }
    template <typename Do>
    void visit_one(const json& rule, const Do& action) {
        if (rule.contains("match") || rule.contains("begin"))
            action(rule);
        else
            visit(rule.at("patterns"), action);
    }

    json grammar_;
    const json none_ = json::array();
    std::vector<const json*> open_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) fail("usage: textmate GRAMMAR FILE...");
    std::ifstream grammar(argv[1]);
    if (!grammar) fail(fmt::format("cannot read {}", argv[1]));
    const json parsed = json::parse(grammar);
    for (int at = 2; at < argc; ++at) {
        std::ifstream file(argv[at]);
        if (!file) fail(fmt::format("cannot read {}", argv[at]));
        Highlighter highlighter(parsed);
        std::string line;
        for (std::size_t number = 1; std::getline(file, line); ++number) {
            line += '\n';
            const auto scopes = highlighter.scopes(line);
            line.pop_back();
            for (std::size_t begin = 0, end = 0; begin < line.size(); begin = end) {
                while (end < line.size() && scopes[end] == scopes[begin]) ++end;
                fmt::print("{}\t{}\t{}\t{}\n", argv[at], number, scopes[begin], std::string_view(line).substr(begin, end - begin));
            }
        }
    }
}

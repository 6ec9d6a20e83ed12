// Every golden's iptables text does to every packet what the file's model promises.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "golden.hpp"
#include "reference.hpp"
#include "semantics/differ.hpp"
#include "semantics/words.hpp"

namespace natc::validation {
namespace {

using semantics::Differences;
using semantics::Space;

constexpr std::uint64_t patience = 200'000'000;

std::string lines_of(const std::vector<semantics::Step>& steps, const Sources* sources) {
    std::string text;
    for (const semantics::Step& step : steps) {
        text += fmt::format("        {} {}: ", ir::name(step.table), step.chain->name);
        if (step.rule == nullptr)
            text += "policy\n";
        else if (sources != nullptr && !step.rule->origins.empty())
            text += std::string(sources->text(step.rule->origins.front())) + '\n';
        else
            text += fmt::format("rule {}\n", step.rule - step.chain->rules.data());
    }
    return text;
}

std::string words_of(const Differences& differences, const Space& space, const Sources& sources) {
    std::string text = differences.undecided ? "undecided\n" : "";
    for (const semantics::Difference& difference : differences.classes) {
        text += semantics::words(difference.packets, space) + '\n';
        for (const auto& fate : difference.before) text += "    promised: " + semantics::words(fate, space) + '\n';
        text += lines_of(difference.before_steps, nullptr);
        for (const auto& fate : difference.after) text += "    done: " + semantics::words(fate, space) + '\n';
        text += lines_of(difference.after_steps, &sources);
    }
    return text;
}

/// How a text departs from what is promised; empty if in nothing.
std::string departures(const Model& model, const Read& read, Family family) {
    std::string best;
    for (const bool replies : {true, false}) {
        ir::Program promised = Reference(model, family, replies).take();
        const Space space(family, std::vector<const ir::Program*>{&promised, &read.program});
        packet::Budget budget(patience);
        const Differences differences = semantics::differ(promised, read.program, space, budget);
        const std::string text = words_of(differences, space, read.sources);
        if (text.empty()) return {};
        if (best.empty() || text.size() < best.size()) best = text;
    }
    return best;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, DoesWhatIsPromised) {
    const auto written = write_up(GetParam());
    ASSERT_EQ(written->diagnostics.errors(), 0U);
    for (const Family family : all_families) {
        const std::string text = text_of(GetParam(), family);
        if (text.empty()) continue;
        const auto read = read_back(text, family);
        ASSERT_EQ(print(read->diagnostics, read->sources, false), "");
        EXPECT_EQ(departures(written->model, *read, family), "") << name(family);
    }
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
    std::string name = info.param;
    for (char& c : name)
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
    return name;
}

INSTANTIATE_TEST_SUITE_P(All, Golden, testing::ValuesIn(goldens()), test_name);

}  // namespace
}  // namespace natc::validation

#include "base/diagnostic.hpp"

#include <gtest/gtest.h>

namespace natc {
namespace {

class Settle : public testing::Test {
protected:
    Sources sources;
    Span file;
    Diagnostics diagnostics;

    void text(std::string text) { file = sources.add("lab.net", std::move(text)); }
    Span at(std::string_view word) {
        const auto begin = static_cast<std::uint32_t>(sources.text(file).find(word)) + file.begin;
        return {begin, begin + static_cast<std::uint32_t>(word.size())};
    }
    /// How many warnings are left of one (N3012) at `network`.
    std::size_t warnings_left(std::string of) {
        text(std::move(of));
        diagnostics.add(Code::egress_missing, at("network"), "no way out");
        diagnostics.settle(sources);
        EXPECT_EQ(diagnostics.all().size(), diagnostics.warnings());
        return diagnostics.warnings();
    }
};

TEST(Diagnostics, HaveTheSeverityOfTheirCode) {
    Diagnostics diagnostics;
    diagnostics.add(Code::bad_port, {1, 2}, "a");
    diagnostics.add(Code::egress_missing, {1, 2}, "b");
    diagnostics.note(Code::load_both, {1, 2}, "c");
    ASSERT_EQ(diagnostics.all().size(), 3U);
    EXPECT_EQ(diagnostics.all()[0].severity, Severity::error);
    EXPECT_EQ(diagnostics.all()[1].severity, Severity::warning);
    EXPECT_EQ(diagnostics.all()[2].severity, Severity::note);
    EXPECT_EQ(diagnostics.errors(), 1U);
    EXPECT_EQ(diagnostics.warnings(), 1U);
}

TEST(Diagnostics, TakeHelpAndFixOfABadValue) {
    Diagnostics diagnostics;
    diagnostics.add({3, 9}, BadValue{Code::host_bits, "has host bits", "write x", "x"});
    diagnostics.add({3, 9}, BadValue{Code::bad_port, "no port", {}, {}});
    ASSERT_EQ(diagnostics.all().size(), 2U);
    EXPECT_EQ(diagnostics.all()[0].code, Code::host_bits);
    EXPECT_EQ(diagnostics.all()[0].help, "write x");
    ASSERT_EQ(diagnostics.all()[0].fixes.size(), 1U);
    EXPECT_EQ(diagnostics.all()[0].fixes[0].text, "x");
    EXPECT_EQ(diagnostics.all()[0].fixes[0].span, (Span{3, 9}));
    EXPECT_TRUE(diagnostics.all()[1].fixes.empty());
}

TEST(Diagnostics, SeeOnlyKnownPlaces) {
    Diagnostics diagnostics;
    Diagnostic& one = diagnostics.add(Code::name_twice, {3, 9}, "twice");
    one.see({}, "nowhere").see({1, 2}, "first here").advise("rename it").replace({3, 9}, "x");
    ASSERT_EQ(one.labels.size(), 1U);
    EXPECT_EQ(one.labels[0].message, "first here");
    EXPECT_EQ(one.help, "rename it");
    EXPECT_EQ(one.fixes.size(), 1U);
}

TEST(Diagnostics, KeepTheFirstAndCountTheRest) {
    Diagnostics diagnostics;
    for (std::size_t i = 0; i < Diagnostics::most_kept + 50; ++i)
        diagnostics.add(Code::bad_port, {1, 2}, std::to_string(i)).advise("still usable");
    EXPECT_EQ(diagnostics.all().size(), Diagnostics::most_kept);
    EXPECT_EQ(diagnostics.all().back().message, std::to_string(Diagnostics::most_kept - 1));
    EXPECT_EQ(diagnostics.errors(), Diagnostics::most_kept + 50);
    EXPECT_EQ(diagnostics.dropped(), 50U);
}

TEST(Diagnostics, ManyWarningsDoNotHideAnError) {
    Diagnostics diagnostics;
    for (std::size_t i = 0; i < Diagnostics::most_kept + 50; ++i)
        diagnostics.add(Code::egress_missing, {1, 2}, "warning");
    diagnostics.add(Code::bad_port, {1, 2}, "error");
    EXPECT_EQ(diagnostics.all().back().message, "error");
    EXPECT_EQ(diagnostics.errors(), 1U);
}

TEST_F(Settle, LeavesSoManyAndErrorsFirst) {
    text("one two");
    for (std::size_t i = 0; i < Diagnostics::limit + 50; ++i)
        diagnostics.add(Code::egress_missing, at("one"), std::to_string(i));
    diagnostics.add(Code::bad_port, at("two"), "error");
    diagnostics.settle(sources);
    EXPECT_EQ(diagnostics.all().size(), Diagnostics::limit);
    EXPECT_EQ(diagnostics.all().back().message, "error");
    EXPECT_EQ(diagnostics.dropped(), 51U);
    EXPECT_EQ(diagnostics.warnings(), Diagnostics::limit + 50);
}

TEST_F(Settle, ManyThatAreIgnoredCountNowhere) {
    text("# natc: ignore N3012\none");
    for (std::size_t i = 0; i < Diagnostics::limit + 50; ++i)
        diagnostics.add(Code::egress_missing, at("one"), std::to_string(i));
    diagnostics.settle(sources);
    EXPECT_TRUE(diagnostics.all().empty());
    EXPECT_EQ(diagnostics.warnings(), 0U);
    EXPECT_EQ(diagnostics.dropped(), 0U);
}

TEST_F(Settle, OrdersByPlace) {
    text("one two three");
    diagnostics.add(Code::bad_port, at("three"), "3");
    diagnostics.add(Code::bad_port, at("one"), "1");
    diagnostics.add(Code::bad_mac, at("one"), "1, second");
    diagnostics.add(Code::bad_port, at("two"), "2");
    diagnostics.add(Code::bad_port, {}, "0");
    diagnostics.settle(sources);
    std::string order;
    for (const auto& d : diagnostics.all()) order += d.message + ";";
    EXPECT_EQ(order, "0;1;1, second;2;3;");
}

TEST_F(Settle, TakesOutWhatIsThereTwice) {
    text("one two");
    diagnostics.add(Code::bad_port, at("two"), "same");
    diagnostics.add(Code::egress_missing, at("one"), "same");
    diagnostics.add(Code::bad_port, at("two"), "same");
    diagnostics.add(Code::egress_missing, at("one"), "same");
    diagnostics.add(Code::bad_port, at("two"), "other");
    diagnostics.settle(sources);
    EXPECT_EQ(diagnostics.all().size(), 3U);
    EXPECT_EQ(diagnostics.errors(), 2U);
    EXPECT_EQ(diagnostics.warnings(), 1U);
}

TEST_F(Settle, SilencesAWarningThatTheLineAboveNames) {
    EXPECT_EQ(warnings_left("# natc: ignore N3012\nnetwork k8s {"), 0U);
}

TEST_F(Settle, SilencesWhereverTheLineStandsInTheComment) {
    EXPECT_EQ(warnings_left("# natc: ignore N3012\n# it is meant so\nnetwork k8s {"), 0U);
}

TEST_F(Settle, SilencesWhereTheWarningIsInTheMiddleOfTheLine) {
    EXPECT_EQ(warnings_left("  # natc: ignore N3012\n  the network k8s {"), 0U);
}

TEST_F(Settle, ReadsAListOfCodes) {
    EXPECT_EQ(warnings_left("# natc: ignore N3014, N3012\nnetwork"), 0U);
}

TEST_F(Settle, ReadsAListWithoutCommas) {
    EXPECT_EQ(warnings_left("# natc: ignore N3014 N3012\nnetwork"), 0U);
}

TEST_F(Settle, FollowsAListToItsStatement) {
    EXPECT_EQ(warnings_left("# natc: ignore N3012\nuplink enp5s0,\n  enp6s0,\n  network"), 0U);
}

TEST_F(Settle, SilencesBehindASemicolonThatEndsNothing) {
    EXPECT_EQ(warnings_left("# natc: ignore N3012\n; network"), 0U);
    EXPECT_EQ(warnings_left("; # natc: ignore N3012\nnetwork"), 0U);
}

TEST(SilencedBy, AreTheCodesThatThereAre) {
    EXPECT_EQ(silenced_by("#natc: ignore N3014,N3012 N3014, N99999 and N2001"), (std::vector{Code::uplink_in_bridge, Code::egress_missing}));
    EXPECT_EQ(silenced_by("# natc: ignore"), std::vector<Code>());
    EXPECT_EQ(silenced_by("# N3012"), std::vector<Code>());
}

TEST_F(Settle, LeavesOtherCodes) { EXPECT_EQ(warnings_left("# natc: ignore N3014\nnetwork"), 1U); }

TEST_F(Settle, LeavesALongerNumber) {
    EXPECT_EQ(warnings_left("# natc: ignore N30120\nnetwork"), 1U);
}

TEST_F(Settle, LeavesWhatNothingStandsAbove) { EXPECT_EQ(warnings_left("network"), 1U); }

TEST_F(Settle, LeavesWhatABlankLineParts) {
    EXPECT_EQ(warnings_left("# natc: ignore N3012\n\nnetwork"), 1U);
}

TEST_F(Settle, LeavesOrdinaryComments) {
    EXPECT_EQ(warnings_left("# N3012\n# natc ignore N3012\n# do natc: ignore N3012\nnetwork"), 1U);
}

TEST_F(Settle, DoesNotLookIntoTheFileBefore) {
    sources.add("before.net", "# natc: ignore N3012");
    EXPECT_EQ(warnings_left("network"), 1U);
}

TEST_F(Settle, NeverSilencesAnError) {
    text("# natc: ignore N2005\naccept tcp 0");
    diagnostics.add(Code::bad_port, at("0"), "port 0");
    diagnostics.settle(sources);
    EXPECT_EQ(diagnostics.errors(), 1U);
    EXPECT_EQ(diagnostics.all().size(), 1U);
}

}  // namespace
}  // namespace natc

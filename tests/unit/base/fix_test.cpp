#include "base/fix.hpp"

#include <gtest/gtest.h>

namespace natc {
namespace {

class Fixes : public testing::Test {
protected:
    /// The place of the n-th time that a word stands in the text.
    Span find(std::string_view word, int n = 1) {
        if (!file_.known()) file_ = sources_.add("a.net", text_);
        std::size_t at = sources_.text(file_).find(word);
        while (--n > 0) at = sources_.text(file_).find(word, at + 1);
        const auto begin = file_.begin + static_cast<std::uint32_t>(at);
        return {begin, begin + static_cast<std::uint32_t>(word.size())};
    }

    void fix(std::vector<Fix> fixes) { diagnostics_.push_back({Code::unknown_word, Severity::error, fixes.front().span, "x", {}, {}, std::move(fixes)}); }

    std::string fixed() {
        std::vector<const Diagnostic*> all;
        for (const Diagnostic& diagnostic : diagnostics_) all.push_back(&diagnostic);
        const Fixing fixing = make_fixes(std::move(all), sources_);
        done_ = fixing.done.size();
        return fixing.texts.empty() ? std::string() : fixing.texts.front().text;
    }

    /// The text without a statement.
    std::string without(const std::string& text, std::string_view statement, int n = 1) {
        text_ = text;
        fix({{find(statement, n), {}}});
        return fixed();
    }

    std::string text_ = "one two three";
    Sources sources_;
    Span file_;
    std::vector<Diagnostic> diagnostics_;
    std::size_t done_ = 0;
};

TEST_F(Fixes, AreMadeInAnyOrder) {
    fix({{find("three"), "3"}});
    fix({{find("one"), "1"}});
    EXPECT_EQ(fixed(), "1 two 3");
    EXPECT_EQ(done_, 2U);
}

TEST_F(Fixes, ThatTouchTheSameTextAreMadeOneAtATime) {
    fix({{find("one two"), "1 2"}});
    fix({{find("two three"), "2 3"}});
    fix({{find("two"), "zwei"}});
    EXPECT_EQ(fixed(), "1 2 three");
    EXPECT_EQ(done_, 1U);
}

TEST_F(Fixes, OfTheSameWordAreMadeOnce) {
    fix({{find("two"), "2"}});
    fix({{find("two"), "2"}});
    EXPECT_EQ(fixed(), "one 2 three");
    EXPECT_EQ(done_, 1U);
}

TEST_F(Fixes, OfOneDiagnosticAreMadeTogetherOrNotAtAll) {
    fix({{find("one"), "1"}});
    fix({{find("three"), "3"}, {find("one"), "eins"}});
    EXPECT_EQ(fixed(), "1 two three");
    EXPECT_EQ(done_, 1U);
}

TEST_F(Fixes, GoIntoTheirFiles) {
    fix({{find("two"), "2"}});
    const Span untouched = sources_.add("b.net", "x");
    const Span other = sources_.add("c.net", "four");
    fix({{other, "4"}});
    const Fixing fixing = make_fixes({&diagnostics_[0], &diagnostics_[1]}, sources_);
    ASSERT_EQ(fixing.texts.size(), 2U);
    EXPECT_EQ(fixing.texts[0].text, "one 2 three");
    EXPECT_EQ(fixing.texts[1].name, "c.net");
    EXPECT_EQ(fixing.texts[1].text, "4");
    EXPECT_EQ(sources_.text(untouched), "x");
}

TEST_F(Fixes, ThatChangeNothingAreNone) {
    fix({{find("two"), "two"}});
    EXPECT_EQ(fixed(), "");
    EXPECT_EQ(done_, 0U);
}

TEST_F(Fixes, AtTheEndsOfTheText) {
    text_ = "one";
    fix({{find("one"), "1"}});
    EXPECT_EQ(fixed(), "1");
}

TEST_F(Fixes, ALineOfAStatementGoes) { EXPECT_EQ(without("a\n  b c\nd\n", "b c"), "a\nd\n"); }
TEST_F(Fixes, ALineWithCrGoes) { EXPECT_EQ(without("a\r\nb\r\nc\r\n", "b"), "a\r\nc\r\n"); }
TEST_F(Fixes, ALastLineWithoutItsEndGoes) { EXPECT_EQ(without("a\nb", "b"), "a\n"); }
TEST_F(Fixes, SeveralLinesGo) { EXPECT_EQ(without("a\n  b,\n  c\nd\n", "b,\n  c"), "a\nd\n"); }
TEST_F(Fixes, ASemicolonGoesWithIt) { EXPECT_EQ(without("a; b ; c\n", "b"), "a; c\n"); }
TEST_F(Fixes, ALineWithItsSemicolonGoes) { EXPECT_EQ(without("a\nb;\nc\n", "b"), "a\nc\n"); }
TEST_F(Fixes, TheLastOfABlockGoesAlone) { EXPECT_EQ(without("x { a; b }\n", "b"), "x { a;  }\n"); }
TEST_F(Fixes, ACommentBehindItStays) { EXPECT_EQ(without("a\n  b # why\nc\n", "b"), "a\n  # why\nc\n"); }
TEST_F(Fixes, ACommentAboveItDoesNotPassToTheNext) { EXPECT_EQ(without("# why\nb\nc\n", "b"), "# why\n\nc\n"); }

}  // namespace
}  // namespace natc

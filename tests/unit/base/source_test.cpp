#include "base/source.hpp"

#include <gtest/gtest.h>

namespace natc {
namespace {

std::uint32_t find(const Sources& sources, Span file, std::string_view word) {
    return file.begin + static_cast<std::uint32_t>(sources.text(file).find(word));
}

TEST(Span, JoinHoldsBothAndIgnoresTheUnknown) {
    EXPECT_EQ(join({3, 5}, {8, 9}), (Span{3, 9}));
    EXPECT_EQ(join({8, 9}, {3, 5}), (Span{3, 9}));
    EXPECT_EQ(join({}, {3, 5}), (Span{3, 5}));
    EXPECT_EQ(join({3, 5}, {}), (Span{3, 5}));
    EXPECT_FALSE(join({}, {}).known());
}

TEST(Sources, GivesBackTextsAndNames) {
    Sources sources;
    const Span first = sources.add("a.net", "one");
    const Span second = sources.add("b.net", "two");
    EXPECT_EQ(sources.text(first), "one");
    EXPECT_EQ(sources.text(second), "two");
    EXPECT_EQ(sources.name(first), "a.net");
    EXPECT_EQ(sources.name(second), "b.net");
    EXPECT_EQ(sources.text({}), "");
    EXPECT_EQ(sources.text({second.begin + 1, second.end}), "wo");
    EXPECT_LT(first.end, second.begin) << "the end of one file is no place in the next";
}

TEST(Sources, AnEmptyFileIsAPlaceToo) {
    Sources sources;
    const Span empty = sources.add("empty.net", "");
    sources.add("b.net", "two");
    EXPECT_TRUE(empty.known());
    EXPECT_EQ(sources.text(empty), "");
    const Location at = sources.locate(empty.begin);
    EXPECT_EQ(at.file, "empty.net");
    EXPECT_EQ(at.line, 1U);
    EXPECT_EQ(at.column, 1U);
}

TEST(Sources, TakesOnlyWhatOffsetsReach) {
    Sources sources;
    EXPECT_TRUE(sources.room_for(0));
    EXPECT_TRUE(sources.room_for(Sources::capacity - 3));
    EXPECT_FALSE(sources.room_for(Sources::capacity));
    EXPECT_FALSE(sources.room_for(~std::size_t{0}));
}

TEST(Sources, LocatesByLinesAndCharacters) {
    Sources sources;
    sources.add("before.net", "x\ny\n");
    const Span file = sources.add("lab.net", "first\n\tsecond öä third\n\nlast");
    const auto at = [&](std::string_view word) {
        return sources.locate(find(sources, file, word));
    };
    EXPECT_EQ(at("first").file, "lab.net");
    EXPECT_EQ(at("first").line, 1U);
    EXPECT_EQ(at("first").column, 1U);
    EXPECT_EQ(at("second").line, 2U);
    EXPECT_EQ(at("second").column, 2U);
    EXPECT_EQ(at("third").column, 12U);
    EXPECT_EQ(at("last").line, 4U);
    EXPECT_EQ(sources.locate(file.end).line, 4U);
    EXPECT_EQ(sources.locate(file.end).column, 5U);
    // A line end still belongs to its line.
    EXPECT_EQ(sources.locate(file.begin + 5).line, 1U);
    EXPECT_EQ(sources.locate(file.begin + 5).column, 6U);
}

TEST(Sources, AFileThatEndsWithALineEndHasAnEmptyLastLine) {
    Sources sources;
    const Span file = sources.add("lab.net", "first\n");
    EXPECT_EQ(sources.locate(file.end).line, 2U);
    EXPECT_EQ(sources.locate(file.end).column, 1U);
    EXPECT_EQ(sources.text(sources.line_of(file.end)), "");
}

TEST(Sources, GivesTheLineWithoutItsEnd) {
    Sources sources;
    const Span file = sources.add("lab.net", "first\r\nsecond\n\nlast");
    const auto line = [&](std::size_t inside) {
        return sources.text(sources.line_of(file.begin + static_cast<std::uint32_t>(inside)));
    };
    EXPECT_EQ(line(0), "first");
    EXPECT_EQ(line(5), "first");  // at the carriage return
    EXPECT_EQ(line(6), "first");  // at the line feed
    EXPECT_EQ(line(7), "second");
    EXPECT_EQ(line(14), "");
    EXPECT_EQ(line(15), "last");
    EXPECT_EQ(line(19), "last");
}

class CommentAbove : public testing::Test {
protected:
    std::string above(std::string text, std::string_view word) {
        Sources sources;
        sources.add("other.net", "# of another file");
        const Span file = sources.add("lab.net", std::move(text));
        return std::string(sources.text(sources.comment_above(find(sources, file, word))));
    }
};

TEST_F(CommentAbove, IsTheLineAbove) { EXPECT_EQ(above("# why\naccept", "accept"), "# why"); }

TEST_F(CommentAbove, IsAllLinesRightAbove) {
    EXPECT_EQ(above("x\n# one\n  # two\n  accept", "accept"), "# one\n  # two");
    EXPECT_EQ(above("# one\r\n# two\r\naccept", "accept"), "# one\r\n# two");
}

TEST_F(CommentAbove, IsNoneBeyondABlankLine) {
    EXPECT_EQ(above("# why\n\naccept", "accept"), "");
    EXPECT_EQ(above("# why\n \t\r\naccept", "accept"), "");
    EXPECT_EQ(above("# far\n\n# near\naccept", "accept"), "# near");
}

TEST_F(CommentAbove, IsNoneBehindAStatement) {
    EXPECT_EQ(above("drop # why\naccept", "accept"), "");
    EXPECT_EQ(above("# why\ndrop; accept", "accept"), "");
}

TEST_F(CommentAbove, DoesNotMindASemicolonThatEndsNothing) {
    EXPECT_EQ(above("# why\n ; accept", "accept"), "# why");
    EXPECT_EQ(above("; # why\naccept", "accept"), "# why");
    EXPECT_EQ(above("# why\n;\naccept", "accept"), "");
}

TEST_F(CommentAbove, EndsAtTheStartOfTheFile) {
    EXPECT_EQ(above("accept", "accept"), "");
}

}  // namespace
}  // namespace natc

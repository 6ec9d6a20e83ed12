#include "base/nearest.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace natc {
namespace {

using Words = std::vector<std::string_view>;

const Words keywords{"bridge", "subnet", "guest", "serve",  "masquerade", "snat",
                     "route",  "domain", "in",    "uplink", "isolated",   "dhcp-range"};

TEST(Nearest, FindsEachKindOfEdit) {
    EXPECT_EQ(nearest("brige", keywords), "bridge");
    EXPECT_EQ(nearest("bridgge", keywords), "bridge");
    EXPECT_EQ(nearest("brudge", keywords), "bridge");
    EXPECT_EQ(nearest("birdge", keywords), "bridge");
    EXPECT_EQ(nearest("bridge", keywords), "bridge");
}

TEST(Nearest, AllowsMoreEditsInLongerWords) {
    EXPECT_EQ(nearest("sant", keywords), "snat");
    EXPECT_EQ(nearest("santt", keywords), "snat");
    EXPECT_EQ(nearest("stan", keywords), "") << "two edits in four letters";
    EXPECT_EQ(nearest("rotue", keywords), "route");
    EXPECT_EQ(nearest("rxxte", Words{"route"}), "route") << "two in five";
    EXPECT_EQ(nearest("rxxxe", Words{"route"}), "") << "three in five";
    EXPECT_EQ(nearest("nasqerad", keywords), "") << "three in eight";
    EXPECT_EQ(nearest("maskerad", Words{"maskerade"}), "maskerade");
    EXPECT_EQ(nearest("nasqeradd", keywords), "masquerade") << "three in nine";
    EXPECT_EQ(nearest("naxqeradd", keywords), "") << "four in nine";
}

TEST(Nearest, TakesTheNearest) {
    EXPECT_EQ(nearest("guess", Words{"gusts", "guest", "guesses"}), "guest");
    EXPECT_EQ(nearest("abcde", Words{"abcdx", "abcdy"}), "abcdx") << "the first of equals";
    EXPECT_EQ(nearest("abcde", Words{"abxxe", "abcdy", "abcde"}), "abcde");
}

TEST(Nearest, CountsCaseHalf) {
    EXPECT_EQ(nearest("IN", keywords), "in");
    EXPECT_EQ(nearest("SNAT", Words{"snat"}), "") << "four halves are two edits";
    EXPECT_EQ(nearest("Bridge", Words{"ridge", "bridge"}), "bridge");
    EXPECT_EQ(nearest("Birdge", keywords), "bridge") << "a swap and half an edit";
    EXPECT_EQ(nearest("rBidge", Words{"bridge"}), "bridge");
}

TEST(Meant, TakesTheSameLettersInAnyCase) {
    EXPECT_EQ(meant("SNAT", keywords), "snat");
    EXPECT_EQ(meant("DHCP-Range", keywords), "dhcp-range");
    EXPECT_EQ(meant("brige", keywords), "bridge");
    EXPECT_EQ(meant("SNATX", keywords), "");
    EXPECT_EQ(meant("", keywords), "");
}

TEST(Nearest, GivesNothingWhereNothingIsNear) {
    EXPECT_EQ(nearest("", keywords), "");
    EXPECT_EQ(nearest("x", Words{"y", ""}), "") << "nothing would stay of it";
    EXPECT_EQ(nearest("i", keywords), "in");
    EXPECT_EQ(nearest("firewall", keywords), "");
    EXPECT_EQ(nearest("guest", Words{}), "");
}

/// The distance by the textbook, in halves of an edit.
std::size_t textbook(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return static_cast<char>(std::tolower(c)); };
    const auto replacing = [&](char x, char y) -> std::size_t {
        return x == y ? 0 : lower(x) == lower(y) ? 1 : 2;
    };
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i)
        for (std::size_t j = 0; j <= b.size(); ++j) {
            d[i][j] = 2 * (i + j);
            if (i > 0) d[i][j] = std::min(d[i][j], d[i - 1][j] + 2);
            if (j > 0) d[i][j] = std::min(d[i][j], d[i][j - 1] + 2);
            if (i > 0 && j > 0)
                d[i][j] = std::min(d[i][j], d[i - 1][j - 1] + replacing(a[i - 1], b[j - 1]));
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]))
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 2 + replacing(a[i - 1], b[j - 2]) +
                                                replacing(a[i - 2], b[j - 1]));
        }
    return d[a.size()][b.size()];
}

TEST(Nearest, CutsOffNothingThatIsNear) {
    std::mt19937 random(1);
    const auto word = [&](std::size_t most) {
        std::string text(1 + random() % most, 'a');
        for (char& c : text) c = "abcABC"[random() % 6];
        return text;
    };
    for (int i = 0; i < 100'000; ++i) {
        const std::string written = word(12);
        const std::array<std::string, 3> known{word(12), word(12), word(12)};
        const std::size_t limit = written.size() <= 4 ? 2 : written.size() <= 8 ? 4 : 6;
        std::string_view expected;
        std::size_t least = limit + 1;
        for (const std::string& candidate : known) {
            const std::size_t apart = textbook(written, candidate);
            if (apart >= least || apart >= 2 * std::max(written.size(), candidate.size())) continue;
            least = apart;
            expected = candidate;
        }
        ASSERT_EQ(nearest(written, Words{known[0], known[1], known[2]}), expected)
            << written << " of " << known[0] << ' ' << known[1] << ' ' << known[2];
    }
}

TEST(Nearest, IsNotInterestedInVeryLongWords) {
    const std::string at_limit(64, 'a');
    const std::string longer(67, 'a');
    const std::string too_long(68, 'a');
    EXPECT_EQ(nearest(at_limit, Words{longer}), longer);
    EXPECT_EQ(nearest(at_limit, Words{too_long}), "");
    EXPECT_EQ(nearest(std::string(65, 'a'), Words{at_limit}), "");
    EXPECT_EQ(nearest(std::string(1'000'000, 'a'), Words{at_limit}), "");
}

TEST(Surely, OneEditOrTwoInLongWords) {
    EXPECT_TRUE(surely("brigde", "bridge", keywords, WordOf::language));
    EXPECT_TRUE(surely("BRIDGE", "bridge", keywords, WordOf::language));
    EXPECT_TRUE(surely("maskerade", "masquerade", keywords, WordOf::language));
    EXPECT_TRUE(surely("isolaetd", "isolated", keywords, WordOf::language));
    EXPECT_FALSE(surely("rxxte", "route", keywords, WordOf::language)) << "two in five";
    EXPECT_FALSE(surely("nasqeradd", "masquerade", keywords, WordOf::language)) << "three";
    EXPECT_FALSE(surely("im", "in", keywords, WordOf::language)) << "half of the word";
    EXPECT_TRUE(surely("IN", "in", keywords, WordOf::language));
    EXPECT_FALSE(surely("bridge", "bridge", keywords, WordOf::language)) << "what is wrong with it is something else";
    EXPECT_FALSE(surely("", "", keywords, WordOf::language));
}

TEST(Surely, NoOtherIsAsNear) {
    const Words both{"mailer", "nailer"};
    EXPECT_FALSE(surely("failer", "mailer", both, WordOf::language));
    EXPECT_TRUE(surely("mailre", "mailer", both, WordOf::language));
    EXPECT_TRUE(surely("failer", "mailer", Words{"mailer", "x"}, WordOf::language));
    const std::string longest(200, 'x');
    EXPECT_TRUE(surely("failer", "mailer", Words{longest, "mailer"}, WordOf::language));
    EXPECT_FALSE(surely(longest, "mailer", both, WordOf::language));
}

TEST(Surely, NamesThatDifferInANumberOrTheLastLetterAreTwo) {
    EXPECT_TRUE(surely("wbe01", "web01", Words{"web01"}, WordOf::user));
    EXPECT_TRUE(surely("wb01", "web01", Words{"web01"}, WordOf::user));
    EXPECT_TRUE(surely("Web01", "web01", Words{"web01"}, WordOf::user));
    EXPECT_FALSE(surely("web02", "web01", Words{"web01"}, WordOf::user));
    EXPECT_FALSE(surely("web1", "web01", Words{"web01"}, WordOf::user));
    EXPECT_FALSE(surely("web", "web0", Words{"web0"}, WordOf::user));
    EXPECT_FALSE(surely("node-b", "node-a", Words{"node-a"}, WordOf::user));
    EXPECT_TRUE(surely("node-A", "node-a", Words{"node-a"}, WordOf::user));
    EXPECT_FALSE(surely("dataabse", "databases", Words{"databases"}, WordOf::user)) << "two edits";
}

}  // namespace
}  // namespace natc

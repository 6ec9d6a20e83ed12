#include "optimise/port_lists.hpp"

#include <gtest/gtest.h>

namespace natc {
namespace {

PortList singles(unsigned first, unsigned count) {
    PortList list;
    for (unsigned i = 0; i < count; ++i) {
        const auto port = static_cast<std::uint16_t>(first + 2 * i);
        list.push_back({port, port});
    }
    return list;
}

TEST(PortLists, ARangeTakesTwoSlots) {
    EXPECT_EQ(slots({{22, 22}, {80, 90}}), 3U);
    EXPECT_TRUE(fits_multiport(singles(1, 15)));
    EXPECT_FALSE(fits_multiport(singles(1, 16)));
}

TEST(PortLists, Joined) {
    EXPECT_EQ(joined({{80, 90}, {22, 22}, {85, 100}, {23, 23}, {82, 83}}),
              (PortList{{22, 23}, {80, 100}}));
    EXPECT_EQ(joined({{65535, 65535}, {0, 65534}}), (PortList{{0, 65535}}));
}

TEST(PortLists, AllBut) {
    EXPECT_EQ(all_but({{80, 90}, {22, 22}}), (PortList{{0, 21}, {23, 79}, {91, 65535}}));
    EXPECT_EQ(all_but({{0, 5}, {65535, 65535}}), (PortList{{6, 65534}}));
    EXPECT_EQ(all_but({}), (PortList{{0, 65535}}));
    EXPECT_EQ(all_but({{0, 65535}}), PortList{});
}

TEST(PortLists, Pieces) {
    // Short enough: as it was written.
    const PortList unsorted{{80, 80}, {22, 22}, {22, 25}};
    EXPECT_EQ(pieces(unsorted), std::vector<PortList>{unsorted});

    const PortList list = singles(101, 20);
    EXPECT_EQ(pieces(list), (std::vector<PortList>{singles(101, 15), singles(131, 5)}));

    // A range that finds only one slot left begins the next piece.
    PortList with_range = singles(101, 14);
    with_range.push_back({1000, 1010});
    EXPECT_EQ(pieces(with_range),
              (std::vector<PortList>{singles(101, 14), PortList{{1000, 1010}}}));

    // No port stands in two pieces, and what is short enough once it is sorted stays in one.
    PortList twice = singles(101, 15);
    twice.push_back({101, 101});
    EXPECT_EQ(pieces(twice), std::vector<PortList>{singles(101, 15)});
}

}  // namespace
}  // namespace natc

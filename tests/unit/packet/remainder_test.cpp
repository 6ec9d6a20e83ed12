#include "packet/remainder.hpp"

#include <random>

#include "unit/packet/small_world.hpp"

namespace natc::packet::testing {
namespace {

using natc::testing::check;

std::vector<Region> pieces_of(Remainder& remainder) {
    std::vector<Region> pieces;
    while (remainder.next()) pieces.push_back(remainder.piece());
    return pieces;
}

/// Each point of `all` is in a box of `boxes` or in one piece, and in one only.
void expect_parted(const std::vector<Point>& all, const std::vector<Box>& boxes, const std::vector<Region>& pieces) {
    for (const Point& p : all) {
        const bool taken = std::any_of(boxes.begin(), boxes.end(), [&](const Box& box) { return holds(box, p); });
        const auto in = std::count_if(pieces.begin(), pieces.end(), [&](const Region& piece) { return holds(piece, p); });
        RC_ASSERT(in == (taken ? 0 : 1));
    }
}

TEST(Remainder, IsWhatNoBoxHolds) {
    check([] {
        const World world = a_world(4, 6, 0, 40, *rc::gen::inRange(1, 5));
        const Boxes boxes = together(world.boxes);
        Region region = world.whole;
        for (FieldIndex field = 0; field < region.size(); ++field) region[field] = interval_in(region[field]);
        Budget budget(1'000'000);
        Remainder remainder(boxes, numbers(boxes.size()), region, budget);
        const auto pieces = pieces_of(remainder);
        RC_ASSERT(!budget.spent());
        for (const Region& piece : pieces)
            for (const Point& p : points(piece)) RC_ASSERT(holds(region, p));
        expect_parted(points(region), world.boxes, pieces);
        RC_ASSERT(!remainder.next());
        // What took something covers, together, all that is gone.
        std::vector<Box> takers;
        for (const std::uint32_t taker : remainder.takers()) takers.push_back(world.boxes[taker]);
        expect_parted(points(region), takers, pieces);
    });
}

TEST(Remainder, LooksAtTheWantedBoxesAlone) {
    check([] {
        const World world = a_world(3, 7, 0, 20, 3);
        const Boxes boxes = together(world.boxes);
        std::vector<std::uint32_t> wanted;
        std::vector<Box> some;
        for (std::uint32_t number = 0; number < boxes.size(); number += 2) {
            wanted.push_back(number);
            some.push_back(world.boxes[number]);
        }
        Budget budget(1'000'000);
        Remainder remainder(boxes, wanted, world.whole, budget);
        expect_parted(points(world.whole), some, pieces_of(remainder));
    });
}

// So many that a region is cut in halves ahead of being peeled; codes up to the greatest that there is.
TEST(Remainder, OfManyBoxes) {
    std::mt19937 random(1);
    for (int round = 0; round < 60; ++round) {
        constexpr std::uint32_t top = 0xFFFF'FFFF;
        const std::uint32_t codes = round % 2 == 0 ? 12 : 24;
        const std::uint32_t base = round % 3 == 0 ? top - codes + 1 : 0;
        const Region whole(std::vector<Interval>(3, {base, base + codes - 1}));
        std::vector<Box> list;
        const std::uint32_t widest = 1 + static_cast<std::uint32_t>(round) % 6;
        for (int i = 0; i < 40 + 15 * round; ++i) {
            Box box;
            for (FieldIndex field = 0; field < 3; ++field) {
                if (random() % 8 == 0 && round % 4 == 0) continue;
                const auto first = static_cast<std::uint32_t>(random() % codes);
                const std::uint32_t last = std::min<std::uint32_t>(codes - 1, first + static_cast<std::uint32_t>(random() % widest));
                box.push_back({field, {base + first, base + last}});
            }
            list.push_back(box);
        }
        const Boxes boxes = together(list);
        Budget budget(10'000'000);
        Remainder remainder(boxes, numbers(boxes.size()), whole, budget);
        const auto pieces = pieces_of(remainder);
        ASSERT_FALSE(budget.spent());
        std::vector<int> held(codes * codes * codes);
        const auto each = [&](const auto& region, const auto& act) {
            for (std::uint32_t x = region[0].first - base; x <= region[0].last - base; ++x)
                for (std::uint32_t y = region[1].first - base; y <= region[1].last - base; ++y)
                    for (std::uint32_t z = region[2].first - base; z <= region[2].last - base; ++z) act(held[(x * codes + y) * codes + z]);
        };
        for (const Region& piece : pieces)
            each(piece, [](int& of) {
                ASSERT_EQ(of, 0);
                of = 1;
            });
        for (const Box& box : list) {
            Region region = whole;
            ASSERT_TRUE(meet(region, box));
            each(region, [](int& of) {
                ASSERT_NE(of, 1);
                of = 2;
            });
        }
        ASSERT_EQ(std::count(held.begin(), held.end(), 0), 0);
    }
}

TEST(Remainder, StopsWhereTheBudgetEnds) {
    std::vector<Box> list;
    for (std::uint32_t i = 0; i < 100; ++i) list.push_back({{0, {2 * i, 2 * i}}, {1, {i, 200}}});
    const Boxes boxes = together(list);
    Budget budget(150);
    Remainder remainder(boxes, numbers(boxes.size()), Region(std::vector<Interval>(2, {0, 400})), budget);
    std::size_t pieces = 0;
    while (remainder.next()) ++pieces;
    EXPECT_TRUE(budget.spent());
    EXPECT_LT(pieces, 150U);
}

TEST(Remainder, OfNothingIsAll) {
    const Boxes boxes;
    Budget budget(10);
    Remainder remainder(boxes, {}, Region(std::vector<Interval>(2, {3, 4})), budget);
    ASSERT_TRUE(remainder.next());
    EXPECT_EQ(remainder.piece(), Region(std::vector<Interval>(2, {3, 4})));
    EXPECT_FALSE(remainder.next());
}

}  // namespace
}  // namespace natc::packet::testing

#include "packet/join.hpp"

#include "packet/remainder.hpp"
#include "unit/packet/small_world.hpp"

namespace natc::packet::testing {
namespace {

using natc::testing::check;

bool is_plain(const Product& product, const Region& whole) {
    for (std::size_t i = 0; i < product.size(); ++i) {
        if (i > 0 && product[i - 1].first >= product[i].first) return false;
        if (product[i].second.empty() || product[i].second == IntervalSet{whole[product[i].first]}) return false;
        if (normal(product[i].second) != product[i].second) return false;
    }
    return true;
}

TEST(Join, HoldsWhatThePiecesHeldButForWhatDoesNotExist) {
    check([] {
        const World world = a_world(4, 5, 0, 14, 3);
        const World impossible{world.whole, a_world(4, 4, 0, 2, 2).boxes};
        Boxes never;
        std::vector<Box> nothing;
        for (Box box : impossible.boxes) {
            std::erase_if(box, [&](const Side& side) { return side.interval.last > world.whole[side.field].last; });
            if (box.empty()) continue;
            never.add(box);
            nothing.push_back(box);
        }
        std::vector<Region> pieces;
        for (const Box& box : world.boxes) {
            Region region = world.whole;
            RC_ASSERT(meet(region, box));
            pieces.push_back(region);
        }
        // Without a budget, it is as exact and no more than longer.
        Budget budget(*rc::gen::element<std::uint64_t>(0, 50, 1'000'000));
        const auto products = join(pieces, world.whole, never, budget);
        for (const Product& product : products) RC_ASSERT(is_plain(product, world.whole));
        for (const Point& p : points(world.whole)) {
            if (std::any_of(nothing.begin(), nothing.end(), [&](const Box& box) { return testing::holds(box, p); })) continue;
            const bool before = std::any_of(pieces.begin(), pieces.end(), [&](const Region& piece) { return testing::holds(piece, p); });
            RC_ASSERT(std::any_of(products.begin(), products.end(), [&](const Product& product) { return holds(product, p); }) == before);
        }
    });
}

TEST(Join, PutsPeeledPiecesTogetherAgain) {
    Boxes hole;
    hole.add(Box{{0, {4, 5}}, {1, {2, 7}}, {2, {3, 3}}});
    const Region whole(std::vector<Interval>(3, {0, 9}));
    Budget budget(1'000'000);
    Remainder left(hole, {0}, whole, budget);
    std::vector<Region> pieces;
    while (left.next()) pieces.push_back(left.piece());
    const auto products = join(pieces, whole, {}, budget);
    // Not in one of the three fields.
    ASSERT_EQ(products.size(), 3U);
    for (const Product& product : products) EXPECT_EQ(product.size(), 1U);
}

TEST(Join, NothingIsNothing) {
    Budget budget(10);
    EXPECT_TRUE(join({}, Region(std::vector<Interval>(2, {0, 9})), {}, budget).empty());
}

}  // namespace
}  // namespace natc::packet::testing

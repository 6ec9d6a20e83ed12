#include "packet/box.hpp"

#include "packet/interval_set.hpp"
#include "unit/packet/small_world.hpp"

namespace natc::packet::testing {
namespace {

using natc::testing::check;

TEST(Interval, TellsWhatItHolds) {
    EXPECT_TRUE((Interval{2, 4}.contains(4U)));
    EXPECT_FALSE((Interval{2, 4}.contains(5U)));
    EXPECT_TRUE((Interval{2, 4}.overlaps({4, 9})));
    EXPECT_FALSE((Interval{2, 4}.overlaps({5, 9})));
    EXPECT_EQ((Interval{2, 4}.meet({3, 9})), (Interval{3, 4}));
    EXPECT_TRUE(Interval{}.contains(0xFFFF'FFFFU));
}

TEST(Box, MeetsCoversAndOverlapsAsItsPointsDo) {
    check([] {
        const World world = a_world(4, 4, 2, 2, 2);
        const Box& a = world.boxes[0];
        const Box& b = world.boxes[1];
        Region region = world.whole;
        RC_ASSERT(meet(region, a));
        const auto in_a = points(region);
        const bool some = std::any_of(in_a.begin(), in_a.end(), [&](const Point& p) { return holds(b, p); });
        const bool all = std::all_of(in_a.begin(), in_a.end(), [&](const Point& p) { return holds(b, p); });
        RC_ASSERT(overlaps(region, b) == some);
        RC_ASSERT(covers(b, region) == all);
        Box both;
        RC_ASSERT(meet(a, b, both) == some);
        if (some) {
            RC_ASSERT(std::is_sorted(both.begin(), both.end()));
            for (const Point& p : points(world.whole)) RC_ASSERT(holds(both, p) == (holds(a, p) && holds(b, p)));
            Region cut = region;
            RC_ASSERT(meet(cut, b));
            for (const Point& p : points(world.whole)) RC_ASSERT(holds(cut, p) == holds(both, p));
            for (const Point& p : points(world.whole)) RC_ASSERT(holds(sides_of(cut, world.whole), p) == holds(both, p));
        }
    });
}

TEST(Boxes, KeepsEachAsItWas) {
    check([] {
        const World world = a_world(4, 4, 0, 20, 2);
        const Boxes boxes = together(world.boxes);
        RC_ASSERT(boxes.size() == world.boxes.size());
        for (std::size_t i = 0; i < boxes.size(); ++i) {
            const BoxView view = boxes[i];
            RC_ASSERT(Box(view.begin(), view.end()) == world.boxes[i]);
        }
    });
}

TEST(IntervalSet, DoesWhatSetsDo) {
    check([] {
        constexpr std::uint32_t top = 0xFFFF'FFFF;
        // Both ends of what a code can be.
        const bool high = *rc::gen::arbitrary<bool>();
        const Interval whole = high ? Interval{top - 15, top} : Interval{0, 15};
        const auto set = rc::gen::container<IntervalSet>(rc::gen::exec([whole] {
            const std::uint32_t a = whole.first + *rc::gen::inRange(0U, 16U);
            const std::uint32_t b = whole.first + *rc::gen::inRange(0U, 16U);
            return Interval{std::min(a, b), std::max(a, b)};
        }));
        const IntervalSet raw_a = *set;
        const IntervalSet raw_b = *set;
        const IntervalSet a = normal(raw_a);
        const IntervalSet b = normal(raw_b);
        const auto in = [](const IntervalSet& s, std::uint32_t code) { return std::any_of(s.begin(), s.end(), [&](Interval i) { return i.contains(code); }); };
        const auto plain = [](const IntervalSet& s) {
            for (std::size_t i = 1; i < s.size(); ++i)
                if (s[i].first <= std::uint64_t{s[i - 1].last} + 1) return false;
            return true;
        };
        for (const IntervalSet& s : {a, b, complement(a, whole), unite(a, b), meet(a, b)}) RC_ASSERT(plain(s));
        for (std::uint32_t i = 0; i < 16; ++i) {
            const std::uint32_t code = whole.first + i;
            RC_ASSERT(in(a, code) == in(raw_a, code));
            RC_ASSERT(in(complement(a, whole), code) != in(a, code));
            RC_ASSERT(in(unite(a, b), code) == (in(a, code) || in(b, code)));
            RC_ASSERT(in(meet(a, b), code) == (in(a, code) && in(b, code)));
        }
    });
}

TEST(Budget, IsSpentOnceItIsAskedForMoreThanItHas) {
    Budget budget(10);
    EXPECT_TRUE(budget.spend(4));
    EXPECT_TRUE(budget.spend(6));
    EXPECT_FALSE(budget.spent());
    EXPECT_FALSE(budget.spend(1));
    EXPECT_TRUE(budget.spent());
    EXPECT_FALSE(budget.spend(1));
}

}  // namespace
}  // namespace natc::packet::testing

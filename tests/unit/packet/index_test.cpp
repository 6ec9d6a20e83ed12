#include "packet/index.hpp"

#include <random>

#include "unit/packet/small_world.hpp"

namespace natc::packet::testing {
namespace {

TEST(Index, FindsWhatAScanFinds) {
    std::mt19937 random(3);
    const auto below = [&](std::uint32_t end) { return static_cast<std::uint32_t>(random() % end); };
    for (int round = 0; round < 200; ++round) {
        const std::size_t fields = 1 + below(4);
        const std::uint32_t top = round % 5 == 0 ? 0xFFFF'FFFF : 1 + below(60);
        const auto code = [&] { return round % 5 == 0 ? below(2) * (0xFFFF'FFFFU - 7) + below(8) : below(top + 1); };
        const auto interval = [&] {
            const std::uint32_t a = code();
            const std::uint32_t b = below(3) == 0 ? a : code();
            return Interval{std::min(a, b), std::max(a, b)};
        };
        std::vector<Box> list;
        const std::size_t count = below(round % 2 == 0 ? 40 : 300);
        for (std::size_t i = 0; i < count; ++i) {
            Box box;
            // Some fields that none names, and some that all do.
            for (FieldIndex field = 0; field < fields; ++field)
                if (field == 0 || (field < 3 && below(3) != 0)) box.push_back({field, interval()});
            list.push_back(box);
        }
        const Boxes boxes = together(list);
        const Index index(boxes);
        for (int question = 0; question < 30; ++question) {
            std::vector<Interval> fields_of_it;
            for (std::size_t field = 0; field < fields; ++field) fields_of_it.push_back(below(4) == 0 ? Interval{0, top} : interval());
            const Region region(std::move(fields_of_it));
            const std::size_t limit = below(3) == 0 ? below(static_cast<std::uint32_t>(count) + 2) : count;
            std::vector<std::uint32_t> expected;
            for (std::uint32_t number = 0; number < count && number < limit; ++number)
                if (overlaps(region, boxes[number])) expected.push_back(number);
            Budget budget(100'000);
            ASSERT_EQ(index.overlapping(region, limit, budget), expected);
        }
    }
}

TEST(Index, SpendsWhatItLooksAt) {
    std::vector<Box> list;
    for (std::uint32_t i = 0; i < 1000; ++i) list.push_back({{0, {i, i}}});
    const Boxes boxes = together(list);
    const Index index(boxes);
    Budget little(20);
    EXPECT_EQ(index.overlapping(Region({{500, 509}}), 1000, little).size(), 10U);
    EXPECT_FALSE(little.spent());
    EXPECT_TRUE(index.overlapping(Region({{100, 700}}), 1000, little).empty());
    EXPECT_TRUE(little.spent());
}

}  // namespace
}  // namespace natc::packet::testing

#include "base/lists.hpp"

#include <gtest/gtest.h>
#include <utility>
#include <vector>

#include "base/small_vector.hpp"

namespace natc {
namespace {

std::vector<int> values(std::span<const int> list) { return {list.begin(), list.end()}; }

TEST(Lists, GivesWhatWasAddedSinceTheLastOne) {
    Lists<int> lists;
    EXPECT_TRUE(lists.finish().empty());
    lists.add(1);
    lists.add(2);
    EXPECT_FALSE(lists.empty());
    const auto first = lists.finish();
    EXPECT_TRUE(lists.empty());
    lists.add(3);
    EXPECT_EQ(values(lists.finish()), std::vector{3});
    EXPECT_EQ(values(first), (std::vector{1, 2}));
}

TEST(Lists, StayWhereTheyAreHoweverManyFollow) {
    Lists<int> lists;
    std::vector<std::span<const int>> all;
    for (int i = 0; i < 3000; ++i) {
        // Some end with a piece, some reach over its end, and a few are longer than any.
        const int length = i % 500 == 499 ? 10'000 : i % 7;
        for (int k = 0; k < length; ++k) lists.add(i + k);
        all.push_back(lists.finish());
    }
    const Lists<int> moved = std::move(lists);
    for (int i = 0; i < 3000; ++i) {
        const auto list = all[static_cast<std::size_t>(i)];
        ASSERT_EQ(list.size(), static_cast<std::size_t>(i % 500 == 499 ? 10'000 : i % 7));
        for (std::size_t k = 0; k < list.size(); ++k) ASSERT_EQ(list[k], i + static_cast<int>(k));
    }
}

using Numbers = SmallVector<int, 2>;

Numbers numbers(int count) {
    Numbers list;
    for (int i = 0; i < count; ++i) list.push_back(i);
    return list;
}

TEST(SmallVector, HoldsFewAndMany) {
    for (int count = 0; count < 6; ++count) {
        const Numbers list = numbers(count);
        EXPECT_EQ(list.size(), static_cast<std::size_t>(count));
        EXPECT_EQ(list.empty(), count == 0);
        int i = 0;
        for (const int value : list) EXPECT_EQ(value, i++);
        EXPECT_EQ(i, count);
        if (count > 0) {
            EXPECT_EQ(list.front(), 0);
            EXPECT_EQ(list[static_cast<std::size_t>(count) - 1], count - 1);
        }
    }
}

TEST(SmallVector, CopiesAreOfTheirOwn) {
    for (const int count : {0, 1, 2, 3, 9}) {
        Numbers first = numbers(count);
        Numbers second = first;
        second.push_back(7);
        EXPECT_EQ(first, numbers(count));
        EXPECT_EQ(second.size(), first.size() + 1);
        first = second;
        EXPECT_EQ(first, second);
        first.push_back(8);
        EXPECT_NE(first, second);
        const Numbers third = std::move(second);
        EXPECT_EQ(third.size(), static_cast<std::size_t>(count) + 1);
    }
}

TEST(SmallVector, OrderIsThatOfTheElements) {
    EXPECT_LT(numbers(1), numbers(2));
    EXPECT_LT(numbers(2), numbers(3));
    Numbers large;
    large.push_back(5);
    EXPECT_LT(numbers(4), large);
}

}  // namespace
}  // namespace natc

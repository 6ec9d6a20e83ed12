#include "packet/interval_set.hpp"

#include <algorithm>

namespace natc::packet {

IntervalSet normal(IntervalSet set) {
    std::sort(set.begin(), set.end());
    IntervalSet result;
    for (const Interval& interval : set) {
        if (!result.empty() && interval.first <= std::uint64_t{result.back().last} + 1)
            result.back().last = std::max(result.back().last, interval.last);
        else
            result.push_back(interval);
    }
    return result;
}

IntervalSet complement(const IntervalSet& set, Interval whole) {
    IntervalSet rest;
    std::uint64_t from = whole.first;
    for (const Interval& interval : set) {
        if (interval.first > from) rest.push_back({static_cast<std::uint32_t>(from), interval.first - 1});
        from = std::uint64_t{interval.last} + 1;
    }
    if (from <= whole.last) rest.push_back({static_cast<std::uint32_t>(from), whole.last});
    return rest;
}

IntervalSet unite(const IntervalSet& a, const IntervalSet& b) {
    IntervalSet both = a;
    both.insert(both.end(), b.begin(), b.end());
    return normal(std::move(both));
}

IntervalSet meet(const IntervalSet& a, const IntervalSet& b) {
    IntervalSet both;
    for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();) {
        if (i->overlaps(*j)) both.push_back(i->meet(*j));
        if (i->last < j->last)
            ++i;
        else
            ++j;
    }
    return both;
}

}  // namespace natc::packet

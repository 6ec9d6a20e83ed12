// Sets of codes of one field.
#pragma once

#include <vector>

#include "packet/box.hpp"

namespace natc::packet {

/// Disjoint intervals that do not touch, ascending.
using IntervalSet = std::vector<Interval>;

/// Sorts, and makes one of those that overlap or touch.
[[nodiscard]] IntervalSet normal(IntervalSet set);
/// What is in `whole` and not in the set, which lies within it.
[[nodiscard]] IntervalSet complement(const IntervalSet& set, Interval whole);
[[nodiscard]] IntervalSet unite(const IntervalSet& a, const IntervalSet& b);
[[nodiscard]] IntervalSet meet(const IntervalSet& a, const IntervalSet& b);

}  // namespace natc::packet

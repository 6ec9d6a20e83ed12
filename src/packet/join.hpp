// Pieces of a set of packets, put together again for people to read.
#pragma once

#include <utility>
#include <vector>

#include "packet/box.hpp"
#include "packet/interval_set.hpp"

namespace natc::packet {

/// Packets that have, in each field named, a code of its set. Fields sorted, each once; what is not named is free.
using Product = std::vector<std::pair<FieldIndex, IntervalSet>>;

/// A region by the fields in which it is smaller than `whole`.
[[nodiscard]] Product product_of(const Region& region, const Region& whole);

/// The same packets in few products, which may overlap: each as wide as it goes. `never`: packets that do not exist, so that it
/// is all one whether they are in it. Where the budget ends, they are the same packets in more products.
[[nodiscard]] std::vector<Product> join(std::vector<Region> pieces, const Region& whole, const Boxes& never, Budget& budget);

}  // namespace natc::packet

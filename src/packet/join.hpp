// Pieces of a set of packets, put together again for people to read.
#pragma once

#include <cstddef>
#include <vector>

#include "packet/product.hpp"
#include "packet/region.hpp"

namespace natc::packet {

/// From so many products on, they are joined where they fit exactly, and not widened: nobody reads them all.
inline constexpr std::size_t most_widened = 400;

/// The same packets in few products, which may overlap: each as wide as it goes. `never`: packets that do not exist, so that it
/// is all one whether they are in it. Where the budget ends, they are the same packets in more products.
[[nodiscard]] std::vector<Product> join(const std::vector<Region>& pieces, const Region& whole, const Boxes& never, Budget& budget);

}  // namespace natc::packet

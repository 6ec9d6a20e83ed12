// Packets that stand for many.
#pragma once

#include <vector>

#include "packet/product.hpp"
#include "packet/region.hpp"
#include "semantics/space.hpp"

namespace natc::semantics {

/// For each of the products that packet::join made of the pieces, packets of it that were in a piece: a widened product may hold some that do not exist. New ones
/// of tcp, if there are any.
[[nodiscard]] std::vector<packet::Product> examples_of(const std::vector<packet::Product>& products, const std::vector<packet::Region>& pieces, const Space& space);

}  // namespace natc::semantics

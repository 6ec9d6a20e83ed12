// The packets that there can be.
#pragma once

#include <cstdint>
#include <vector>

#include "packet/region.hpp"
#include "semantics/space.hpp"

namespace natc::semantics {

/// Where packets come from.
enum class Origin : std::uint8_t { outside, host };

/// The packets that there can be, as disjoint regions: those of a connection that is not yet open have no translation, and neighbour discovery is
/// never tracked. Established ones stand with the addresses that the filter sees; whether they are translated was decided when their connection was opened.
[[nodiscard]] std::vector<packet::Region> possible_packets(const Space& space, Origin origin);

}  // namespace natc::semantics

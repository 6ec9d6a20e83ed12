// Of what the rules may do with a packet, what fits with where routing sends it.
#pragma once

#include <string>
#include <vector>

#include "explain/host.hpp"
#include "explain/placement.hpp"
#include "semantics/space.hpp"
#include "semantics/walk.hpp"

namespace natc::explain {

/// Leaves of the journeys of packets from `source` to `destination` those that routing lets be, by the interfaces that it sends them out by: the
/// bridge of the network that they go to, else the uplinks. What routing itself drops ends there, with a note.
[[nodiscard]] std::vector<semantics::Journey> likely(std::vector<semantics::Journey> journeys, const Placement& placement, const Source& source, const Destination& destination, const Host& host,
                                                     const semantics::Space& space, std::vector<std::string>& notes);

}  // namespace natc::explain

// The packets that a question is about, as regions of codes.
#pragma once

#include <vector>

#include "explain/placement.hpp"
#include "packet/region.hpp"
#include "semantics/space.hpp"

namespace natc::explain {

/// Packets that are alike in what is known of them ahead of all rules.
struct Start {
    packet::Region region;
    std::size_t source = 0, destination = 0;  ///< which of the placement's
};

/// One for each source and destination, each protocol and run of ports, each state. `notes`: what was taken for granted. Empty, with an error (N6001, N6002), if
/// there is no such packet, or there are too many kinds of them.
[[nodiscard]] std::vector<Start> starts(const PacketText& packet, const Placement& placement, const semantics::Space& space, Span text, std::vector<std::string>& notes, Diagnostics& diagnostics);

}  // namespace natc::explain

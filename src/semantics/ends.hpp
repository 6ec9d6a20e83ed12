// The ends that packets come to in two programs, put side by side. Inner header of src/semantics.
#pragma once

#include <vector>

#include "semantics/walk.hpp"

namespace natc::semantics {

/// What becomes of packets, each once; what a translation may choose stands in one piece where it can.
[[nodiscard]] std::vector<Fate> fates(const std::vector<const Journey*>& journeys);

/// Of a region whose packets meet different fates, the parts in which they do: a packet that is sent to the address that it was sent to
/// anyway is as well off without.
[[nodiscard]] std::vector<packet::Region> parts_that_differ(const std::vector<Fate>& before, const std::vector<Fate>& after, const packet::Region& region);

/// Whether packets may meet the same end after all: where a target decides that natc does not look into, or an address that it does not know, or
/// where the same was done to them in another order.
[[nodiscard]] bool is_unsure(const std::vector<Fate>& before, const std::vector<Fate>& after);

}  // namespace natc::semantics

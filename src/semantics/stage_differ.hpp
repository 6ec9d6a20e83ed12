// Where the lists of one hook decide differently. Inner header of src/semantics.
#pragma once

#include <vector>

#include "packet/region.hpp"
#include "semantics/walk.hpp"

namespace natc::semantics {

/// The packets, as they are at that hook, whom the two lists treat differently: disjoint where the lists have no
/// rules that change packets and let them go on, and always all of them. nullptr is a list that accepts.
[[nodiscard]] std::vector<packet::Region> stage_differ(const Rulings::Stage* before, const Rulings::Stage* after, const Space& space, packet::Budget& budget);

}  // namespace natc::semantics

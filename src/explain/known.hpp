// Matches that the analysis does not look into, and that one packet answers all the same.
#pragma once

#include "ir/program.hpp"
#include "packet/region.hpp"
#include "semantics/space.hpp"

namespace natc::explain {

/// Fills in what packets that set out as `region` answer to a part of a mark where rules ask for too many of them, and to where their connection was
/// opened to (`--ctorigdst`, `--ctorigdstport`), if it is a new one: there they are asked themselves.
void answer_known(packet::Region& region, const semantics::Space& space, const ir::Program& program);

}  // namespace natc::explain

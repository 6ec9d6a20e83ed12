// Which packets two programs treat differently.
#pragma once

#include <vector>

#include "ir/program.hpp"
#include "packet/box.hpp"
#include "packet/join.hpp"
#include "semantics/space.hpp"
#include "semantics/walk.hpp"

namespace natc::semantics {

/// Packets that meet one end in the first program and another in the second.
struct Difference {
    Origin origin = Origin::outside;
    Course before_course = Course::undecided, after_course = Course::undecided;
    /// Which packets: any of these, which may overlap; the widest first.
    std::vector<packet::Product> packets;
    std::vector<packet::Product> examples;  ///< some of each, that exist
    /// What becomes of them; several where a translation may choose.
    std::vector<Fate> before, after;
    /// The rules and policies that decide, where the two part.
    std::vector<Step> before_steps, after_steps;
    /// Whether it hangs on a match that one of the programs alone has, and that natc does not look into.
    bool unsure = false;
};

struct Differences {
    std::vector<Difference> classes;  ///< one for each pair of ends
    bool undecided = false;  ///< the budget was spent: there may be more
};

/// A program, and what is known of the host that it is for.
struct Situation {
    const ir::Program& program;
    Surroundings surroundings = {};
};

/// The differences in one family. `space` must be made for both, and with the names of all interfaces of their surroundings.
[[nodiscard]] Differences differ(const Situation& before, const Situation& after, const Space& space, packet::Budget& budget);

}  // namespace natc::semantics

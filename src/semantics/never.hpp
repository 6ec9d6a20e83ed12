// Rules that no packet ever meets.
#pragma once

#include <vector>

#include "base/progress.hpp"
#include "ir/program.hpp"
#include "net/address.hpp"
#include "packet/box.hpp"
#include "semantics/space.hpp"

namespace natc::semantics {

/// A rule that never matches, wherever its chain is called from; or a policy that is never reached.
struct Never {
    ir::TableName table;
    const ir::Chain* chain = nullptr;
    const ir::Rule* rule = nullptr;  ///< nullptr: the chain's policy
    bool contradicts_itself = false;  ///< its own clauses exclude each other, or all that its chain is called for
    /// The rules that take all of its packets, together; in the order in which a packet meets them. Among them are `return`s of its own chain.
    std::vector<const ir::Rule*> takers;
    /// Whether all of these do with its packets what it would have done: it is idle, and would not have decided otherwise.
    bool same_fate = false;
};

struct NeverMatches {
    std::vector<Never> rules;  ///< in the order of the program
    bool undecided = false;    ///< the budget was spent: there may be more
};

/// The rules of one family that never match, where none of the rules that end a packet's way lets any of its packets come so far. A rule whose match
/// natc does not know takes nothing for certain. Chains that nothing calls are looked at as if something did.
[[nodiscard]] NeverMatches never_match(const ir::Program& program, Family family, packet::Budget& budget, Progress& progress);

}  // namespace natc::semantics

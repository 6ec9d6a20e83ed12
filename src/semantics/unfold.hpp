// The rules that a hook of a table puts to a packet, as one list in which the first that matches decides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ir/program.hpp"
#include "packet/box.hpp"
#include "semantics/effects.hpp"
#include "semantics/space.hpp"

namespace natc::semantics {

/// A rule at one place of the list: chains that are called from several places stand in it several times.
struct Entry {
    const ir::Chain* chain = nullptr;
    const ir::Rule* rule = nullptr;  ///< nullptr: the policy
    Way way = Way::goes_on;
    bool changes = false;                 ///< it does something to packets besides deciding
    bool certain = true;                  ///< false: not all of its boxes' packets match, since what they ask for changes on the way
    bool contradicts_itself = false;      ///< no packet has all that it asks for, together with what its chain is called for
    std::uint32_t first = 0, last = 0;    ///< its boxes, half open: where its chain is called from and no `return` ahead of it applies
    std::vector<const ir::Rule*> returns;  ///< those that took packets from it; of a policy: the `goto` that sends them to it
};

struct List {
    ir::TableName table;
    ir::Hook hook;
    packet::Region whole;  ///< what passes this hook at all
    packet::Boxes boxes;
    std::vector<Entry> entries;
    /// A rule asks for what another one in the list changes: the mark; in raw, whether the packet is tracked. Boxes ahead and behind speak of two
    /// values. Behind a rule that sets marks, what the mark was when a chain was called, or returned from, is left out of the boxes.
    bool two_values = false;
};

/// Unfolds the chains of a hook along its jumps. `return` and `goto` leave a chain for what is not in the list any more: what follows them has
/// their packets taken out. Nothing if the budget is spent, or the table has no such hook.
[[nodiscard]] std::optional<List> unfold(const ir::Table& table, ir::Hook hook, const Space& space, packet::Budget& budget);

/// A chain that nothing calls, as if something did.
[[nodiscard]] std::optional<List> unfold_uncalled(const ir::Table& table, const ir::Chain& chain, const Space& space, packet::Budget& budget);

}  // namespace natc::semantics

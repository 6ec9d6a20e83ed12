// What is wrong with a model whose every part is right by itself. One file a check.
#pragma once

#include "base/diagnostic.hpp"
#include "model/model.hpp"

namespace natc {

/// Subnets that overlap, in one network or across. Errors: overlapping_subnets.
void check_subnets(const Model& model, Diagnostics& diagnostics);

/// Interfaces, addresses and MACs that two claim, uplinks that are members of a bridge. Errors: bridge_twice, address_twice, mac_twice;
/// warning: uplink_in_bridge.
void check_claims(const Model& model, Diagnostics& diagnostics);

/// Port-forwards that claim the same packet. Fills in `PortForward::repeated`. Errors: same_claim, too_many_rules;
/// warning: port_forward_twice.
void check_port_forwards(Model& model, Diagnostics& diagnostics);

/// What a network's own rules, and the top-level `forward`, may say of networks. Errors: missing_word, wrong_place, outside_subnet, crossing,
/// isolated_opened.
void check_policies(const Model& model, Diagnostics& diagnostics);

/// Chains by name and by what fills them, and jumps between them. Fills in `ChainBlock::hooks`. Errors: bad_chain_name, chain_filled_twice, policy_not_here, jump_loop,
/// jumps_too_deep.
void check_chains(Model& model, Diagnostics& diagnostics);

/// Verdicts and clauses where the kernel does not take them, or only to do nothing. Needs the hooks of chains. Errors: verdict_not_here,
/// clause_not_here.
void check_hooks(const Model& model, Diagnostics& diagnostics);

/// All of them, in an order in which none speaks of what another has said.
inline void check(Model& model, Diagnostics& diagnostics) {
    check_subnets(model, diagnostics);
    check_claims(model, diagnostics);
    check_port_forwards(model, diagnostics);
    check_policies(model, diagnostics);
    check_chains(model, diagnostics);
    check_hooks(model, diagnostics);
}

}  // namespace natc

// What is done to a rule program between lowering and emitting. Every pass takes a program and
// gives one that means the same. A rule with a spelling is left as it is: tools took it already.
#pragma once

#include "ir/program.hpp"

namespace natc {

/// The passes ahead of the iptables emitter, in their order: what makes rules fast, then `fit_iptables`.
[[nodiscard]] ir::Program for_iptables(ir::Program program);

/// The pass ahead of the nft emitter, which makes maps of rules by itself where they are few enough to compare: small maps become rules.
[[nodiscard]] ir::Program for_nft(ir::Program program);

/// Says what iptables has no room for in a rule by rules that it has room for. Whoever asks what rules mean takes these: the shapes that make them
/// fast mean the same.
[[nodiscard]] ir::Program fit_iptables(ir::Program program);

/// What looks a map up that has more entries than `ir::few_port_forwards` becomes a jump into a tree of chains over the ports: `natc-tcp`, which goes on
/// to `natc-tcp-1000-1255`, and so on to chains of a few entries. Smaller maps become rules.
[[nodiscard]] ir::Program grow_port_trees(ir::Program program);

/// A long row of rules that ask for one address or port each, the same field in all of them, becomes a rule with what they have in common, which leads to a
/// tree of chains over that field: `natc-by-1`, and below it `natc-by-1-17-32` for the 17th to the 32nd of them in the field's order. Rules that a packet may meet both of
/// stay together and in their order. `return` in a hook's chain becomes what its policy says.
[[nodiscard]] ir::Program branch(ir::Program program);

/// A long row of rules that ask the same, each of another interface, becomes a rule that asks it, and a chain `natc-once-1` of what is left: a hundred
/// networks' bridges are no work for a packet that none of the rules is about. `return` in a hook's chain becomes what its policy says.
[[nodiscard]] ir::Program ask_once(ir::Program program);

/// Takes what a rule excludes to a chain of its own, `natc-not-N`, where iptables has no room for
/// it in the rule: two interfaces on one side, or a great many addresses and ports. Packets with
/// such a feature leave that chain first; the rest meets the statement. Rules one after another
/// that exclude the same share a chain. Where the statement itself leaves the chain of the rule,
/// what follows there moves to `natc-rest-N`.
///
/// A limit is taken to stand behind the other matches of its rule.
[[nodiscard]] ir::Program fit_exclusions(ir::Program program);

/// Makes lists of ports fit multiport's 15 slots: a list becomes several rules, an excluded list
/// several matches of one rule. Both stay as they are where they are short enough.
[[nodiscard]] ir::Program fit_ports(ir::Program program);

}  // namespace natc

// What is done to a rule program between lowering and emitting. Every pass takes a program and
// gives one that means the same. A rule with a spelling is left as it is: tools took it already.
#pragma once

#include "ir/program.hpp"

namespace natc {

/// The passes ahead of the iptables emitter, in their order.
[[nodiscard]] ir::Program for_iptables(ir::Program program);

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

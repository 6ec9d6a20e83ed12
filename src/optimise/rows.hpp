// Rows of rules that move to chains of their own, and the rule that leads there in their place. Inner header of src/optimise.
#pragma once

#include <cstddef>
#include <vector>

#include "ir/program.hpp"

namespace natc {

/// Rows of no more rules stay as they are: people read them, and a packet hardly feels them. (A hundred networks with rules of their own cost an established
/// packet 0.35 us more than one does, some 3 ns a rule that does not match.)
inline constexpr std::size_t few_rules = 64;

/// The most matches of a rule that moves. Longer ones are lists of what is excluded, and fit_exclusions has chains for those.
inline constexpr std::size_t most_matches = 16;

/// Whether a rule does the same in a chain that its own chain jumps to. What leaves the chain itself does not, but where the chain is a hook's:
/// there, leaving is what the policy says. A rule that counts, or asks what natc does not look into, stays too: what it remembers goes by its place.
[[nodiscard]] bool movable(const ir::Rule& rule, bool of_hook);

/// Takes `count` rules from `begin` on out of a chain that is not going to have them any more; `return` becomes what the chain's policy says.
[[nodiscard]] std::vector<ir::Rule> take_rules(ir::Chain& chain, std::size_t begin, std::size_t count);

[[nodiscard]] bool contains(const std::vector<ir::Match>& matches, const ir::Match& match);

/// What all of the rules ask, and may leave to the one that leads to them: it does not count, and no rule of them changes what it asks for.
[[nodiscard]] std::vector<ir::Match> common_matches(const std::vector<ir::Rule>& rules);

/// The rule without what the one that leads to it has asked, but for protocol and flags: ports, targets and foreign matches go with them.
[[nodiscard]] ir::Rule without(ir::Rule rule, const std::vector<ir::Match>& common);

/// Which chains of a table may get what nests so many levels of chains below them, by their places: iptables-nft takes only so many chains in one
/// another. Those of hooks come first, since none of them calls another.
[[nodiscard]] std::vector<bool> room_for(const ir::Table& table, const std::vector<std::size_t>& levels);

/// The rule that leads to others.
[[nodiscard]] ir::Rule leads(FamilySet families, std::vector<ir::Match> matches, ir::Statement statement, std::vector<Span> origins);

}  // namespace natc

// Rows of rules that move to chains of their own, and the rule that leads there in their place. Inner header of src/optimise.
#pragma once

#include <cstddef>
#include <vector>

#include "ir/program.hpp"

namespace natc {

/// Rows of no more rules stay as they are: people read them, and a packet hardly feels them. An address or interface that does not match costs it
/// 3 to 4 ns, so that all of them cost a new connection less than a twentieth of what it costs anyway.
inline constexpr std::size_t few_rules = 64;

/// Whether a rule does the same in a chain that its own chain jumps to. What leaves the chain itself does not, but where the chain is a hook's:
/// there, leaving is what the policy says.
[[nodiscard]] bool movable(const ir::Rule& rule, bool of_hook);

/// Takes `count` rules from `begin` on out of a chain that is not going to have them any more.
[[nodiscard]] std::vector<ir::Rule> take_rules(ir::Chain& chain, std::size_t begin, std::size_t count);

[[nodiscard]] bool contains(const std::vector<ir::Match>& matches, const ir::Match& match);

/// What all of the rules ask, and may leave to the one that leads to them: it does not count, and no rule of them changes what it asks for.
[[nodiscard]] std::vector<ir::Match> common_matches(const std::vector<ir::Rule>& rules);

/// The rule without what the one that leads to it has asked, but for the protocol where something of it goes with that.
[[nodiscard]] ir::Rule without(ir::Rule rule, const std::vector<ir::Match>& common);

/// The rule that leads to others.
[[nodiscard]] ir::Rule leads(FamilySet families, std::vector<ir::Match> matches, ir::Statement statement, std::vector<Span> origins);

}  // namespace natc

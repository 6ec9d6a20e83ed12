// Networks: from words to values. Inner header of src/model.
#pragma once

#include <vector>

#include "model/resolve_rule.hpp"
#include "model/scope.hpp"

namespace natc {

/// Reads what a network itself is: bridge, subnets, guests. Names of others are looked up by `complete_network`.
[[nodiscard]] Network read_network(const syntax::Network& written, Scope& scope);

/// Reads what may speak of others: uplinks, services, ways out, rules.
void complete_network(const syntax::Network& written, std::size_t index, std::vector<Network>& networks,
                      const std::vector<InterfaceName>& file_uplinks, RuleResolver& rules, Scope& scope);

}  // namespace natc

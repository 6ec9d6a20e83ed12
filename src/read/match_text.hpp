// What may stand in `match "…"` of a .net file: `-m` words of iptables, as a dump has them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ir/match.hpp"

namespace natc {

/// Why a text is not one or more `-m MATCH` with their options, in plain words; empty if it is. Such a text goes
/// into a rule word for word, so that it must not end the rule, begin another one or say what natc says itself.
[[nodiscard]] std::string fault_of_match_text(std::string_view text);

/// What such a text asks, where natc knows all of it: nothing if it does not. Matches that go with a protocol are not looked into, since
/// the text does not say which one the rule has.
[[nodiscard]] std::vector<ir::Understood> understood(std::string_view text);

}  // namespace natc

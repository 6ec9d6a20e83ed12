// A single rule in the words of iptables.
#pragma once

#include <string>
#include <string_view>

#include "ir/program.hpp"
#include "net/address.hpp"

namespace natc {

/// `-A CHAIN …` and a newline: the words that the rule was read from, if it was; else options, matches
/// and their order as iptables-save prints them.
void append_iptables_rule(std::string& out, std::string_view chain, const ir::Rule& rule,
                          Family family);

}  // namespace natc

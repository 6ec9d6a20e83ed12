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

/// What the rules of a map's entries begin with: `-A natc-tcp-1-16 -p tcp -m tcp --dport `.
[[nodiscard]] std::string start_of_port_rules(std::string_view chain, const ir::PortMap& map);

/// The rule of one entry, whole: where thousands of them stand, nothing of it is worked out twice.
void append_port_rule(std::string& out, std::string_view start, const ir::PortMap::Entry& entry, Family family);

}  // namespace natc

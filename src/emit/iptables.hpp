// The rule program as text for iptables-restore and ip6tables-restore.
#pragma once

#include <string>

#include "ir/program.hpp"
#include "net/address.hpp"

namespace natc {

/// The tables of one family, in the order and spelling in which iptables-save prints them once they
/// are loaded, with remarks as comment lines. `program` must have been through `for_iptables`: no
/// longer list of ports than multiport takes, no two interfaces on one side of a rule.
[[nodiscard]] std::string emit_iptables(const ir::Program& program, Family family);

}  // namespace natc

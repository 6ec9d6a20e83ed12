// Lists of ports, and what iptables' multiport match takes of them.
#pragma once

#include <cstddef>
#include <vector>

#include "ir/program.hpp"
#include "net/port.hpp"

namespace natc {

using PortList = std::vector<PortRange>;

/// The source or destination ports that a match asks for; nullptr where it asks for none.
[[nodiscard]] const PortList* ports_of(const ir::Match& match);
/// How many slots a list takes in a multiport match: a range needs two.
[[nodiscard]] std::size_t slots(const PortList& list);
/// Whether one match takes the list.
[[nodiscard]] bool fits_multiport(const PortList& list);
/// The same ports in ascending order, with ranges that touch or overlap made one.
[[nodiscard]] PortList joined(PortList list);
/// The ports that are not in `list`.
[[nodiscard]] PortList all_but(const PortList& list);
/// The same ports as lists that have none in common, each of which fits a multiport match. A list
/// that fits already is left alone.
[[nodiscard]] std::vector<PortList> pieces(const PortList& list);

}  // namespace natc

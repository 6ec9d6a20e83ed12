// What rules do to the packets that they match: whether they end their way, and what else they change. Of targets that natc has no
// structure for, netfilter's own are known by name.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "ir/program.hpp"

namespace natc::semantics {

/// What becomes of a packet that a rule matches.
enum class Way : std::uint8_t { goes_on, ends, may_end };

/// Of the targets that natc does not look into, netfilter's own are known by name; any other may do either.
[[nodiscard]] Way way_of(const ir::Statement& statement);

/// Whether a rule changes the mark.
[[nodiscard]] bool changes_mark(const ir::Statement& statement);
/// Whether a target that natc does not look into gives packets a mark that nobody can tell.
[[nodiscard]] bool restores_mark(const ir::Foreign& foreign);

/// Whether a target that natc does not look into translates packets: where to, is not known.
[[nodiscard]] bool translates(const ir::Foreign& foreign);
/// Whether a rule of PREROUTING or OUTPUT translates packets.
[[nodiscard]] bool translates(const ir::Statement& statement);
/// Whether a translation that natc does not look into leaves the ports as they are.
[[nodiscard]] bool keeps_ports(const ir::Foreign& foreign);

/// Something that a rule does without deciding, which natc has only words for.
struct Doing {
    std::string_view words;  ///< `TTL --ttl-set 64`, `-m recent --name x --set`; they live as long as the rule
    bool lasting = false;    ///< it outlives the packet: a dropped one has done it too
    bool operator==(const Doing&) const = default;
};

/// All of it, in the order in which it is done. Logging and counting do nothing.
[[nodiscard]] std::vector<Doing> doings_of(const ir::Rule& rule);

/// Whether a rule changes what others can ask for, or what the packet is, or what is kept of it.
[[nodiscard]] bool changes_packet(const ir::Rule& rule);

}  // namespace natc::semantics

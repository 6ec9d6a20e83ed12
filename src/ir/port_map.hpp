// Port-forwards by the thousand: what a table keeps beside its rules, since a rule for each would cost every packet too much, and natc itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/source.hpp"
#include "ir/statement.hpp"
#include "net/address.hpp"
#include "net/port.hpp"
#include "net/protocol.hpp"

namespace natc::ir {

struct Program;

/// As many port-forwards as stand as plain rules, one after the other, at the most: that is what people write and read. With more, iptables gets a tree of
/// chains and nft a map. A rule that does not match costs a new connection some 15 ns, so that 16 of them are a twentieth of what it costs anyway.
inline constexpr std::size_t few_port_forwards = 16;

/// Where packets are translated to, by the port that they ask for. What a rule with the statement ByPort looks up.
struct PortMap {
    struct Entry {
        PortRange ports;
        std::uint32_t remark = 0;  ///< the place in `remarks`, counted from 1; 0: none
        Span origin;
        DestinationNat to;
    };

    std::string name;  ///< `natc-tcp`: of the map, or of the chain that stands in its place; at most 16 bytes, and no chain's
    Protocol protocol = tcp;
    Family family = Family::ipv4;
    std::vector<Entry> entries;        ///< by port; no two of them have one in common
    std::vector<std::string> remarks;  ///< what goes above an entry in the output, as above a rule

    /// Whether both translate the same packets to the same.
    [[nodiscard]] bool translates_as(const PortMap& o) const;
    [[nodiscard]] const std::string* remark_of(const Entry& entry) const { return entry.remark == 0 ? nullptr : &remarks[entry.remark - 1]; }
};

/// The same program with a rule an entry in the place of each rule that looks up a map with no more than `most` entries.
[[nodiscard]] Program as_rules(Program program, std::size_t most);

}  // namespace natc::ir

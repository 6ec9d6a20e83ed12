// What a rule does to a packet that it matches, in netfilter's words.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "net/address.hpp"
#include "net/port.hpp"

namespace natc::ir {

struct Accept {
    auto operator<=>(const Accept&) const = default;
};

struct Drop {
    auto operator<=>(const Drop&) const = default;
};

/// How a packet is refused. One list for both families; each emitter writes its family's nearest.
enum class RejectWith : std::uint8_t {
    port_unreachable,
    net_unreachable,     ///< IPv6: no-route
    host_unreachable,    ///< IPv6: addr-unreachable
    proto_unreachable,   ///< IPv6: port-unreachable
    net_prohibited,      ///< IPv6: adm-prohibited
    host_prohibited,     ///< IPv6: adm-prohibited
    admin_prohibited,    ///< IPv6: adm-prohibited
    no_route,            ///< IPv4: net-unreachable
    addr_unreachable,    ///< IPv4: host-unreachable
    policy_fail,         ///< IPv4: admin-prohibited
    reject_route,        ///< IPv4: admin-prohibited
    tcp_reset,           ///< for tcp alone
};

struct Reject {
    RejectWith with = RejectWith::port_unreachable;
    auto operator<=>(const Reject&) const = default;
};

/// Writes to the kernel's log and goes on.
struct Log {
    std::string prefix;  ///< at most 29 bytes
    auto operator<=>(const Log&) const = default;
};

/// Back to the calling chain; in a built-in chain, to its policy.
struct Return {
    auto operator<=>(const Return&) const = default;
};

/// On to the chain of that name in the same table, and back after its end.
struct Jump {
    std::string chain;
    auto operator<=>(const Jump&) const = default;
};

/// On to that chain, and after its end to where this chain would have returned.
struct Goto {
    std::string chain;
    auto operator<=>(const Goto&) const = default;
};

/// How the kernel chooses among several addresses or ports.
struct NatFlags {
    bool random = false;        ///< ports at random
    bool random_fully = false;  ///< and so that nobody can tell the next one
    bool persistent = false;    ///< the same address for every connection of a client
    auto operator<=>(const NatFlags&) const = default;
};

/// Source becomes the address of the interface that the packet leaves by.
struct Masquerade {
    std::optional<PortRange> ports = {};
    NatFlags flags = {};
    auto operator<=>(const Masquerade&) const = default;
};

struct SourceNat {
    std::optional<AddressRange> to;  ///< none: only the port changes
    std::optional<PortRange> ports = {};
    NatFlags flags = {};
    auto operator<=>(const SourceNat&) const = default;
};

struct DestinationNat {
    std::optional<AddressRange> to;  ///< none: only the port changes
    std::optional<PortRange> ports = {};
    /// The first of the ports that `ports` stands in place of: keeps the offset in a range that is moved.
    std::optional<std::uint16_t> base = {};
    NatFlags flags = {};
    auto operator<=>(const DestinationNat&) const = default;
};

/// To the host itself, on other ports where they are given.
struct Redirect {
    std::optional<PortRange> ports = {};
    NatFlags flags = {};
    auto operator<=>(const Redirect&) const = default;
};

/// Fills in a checksum that was left to the hardware.
struct FillChecksum {
    auto operator<=>(const FillChecksum&) const = default;
};

struct SetMark {
    std::uint32_t value = 0;
    std::uint32_t mask = 0xFFFF'FFFF;
    auto operator<=>(const SetMark&) const = default;
};

/// Lowers the MSS of a tcp connection to what its path takes.
struct ClampMss {
    auto operator<=>(const ClampMss&) const = default;
};

/// Keeps the packet from connection tracking.
struct NoTrack {
    auto operator<=>(const NoTrack&) const = default;
};

/// Nothing: the rule only counts, and packets go on.
struct Continue {
    auto operator<=>(const Continue&) const = default;
};

/// A target of iptables that natc does not look into, word for word as it stands behind `-j`:
/// `NFQUEUE --queue-num 1`. Whether it ends a packet's way is not known.
struct Foreign {
    std::string words;
    auto operator<=>(const Foreign&) const = default;
};

/// Translates as the entry says that has the packet's destination port, out of those from `begin` to `end` of the table's
/// `port_maps[map]`; where none has it, the packet goes on behind the rule, which asks for the map's protocol and family. Only between
/// lowering and emitting: whoever looks at meaning has port-forwards lowered as plain rules.
struct ByPort {
    std::uint32_t map = 0;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    auto operator<=>(const ByPort&) const = default;
};

using Statement =
    std::variant<Accept, Drop, Reject, Log, Return, Jump, Goto, Masquerade, SourceNat, DestinationNat,
                 Redirect, FillChecksum, SetMark, ClampMss, NoTrack, Continue, Foreign, ByPort>;

/// The chain that a statement sends packets to, or nullptr.
[[nodiscard]] inline const std::string* called_chain(const Statement& statement) {
    if (const auto* jump = std::get_if<Jump>(&statement)) return &jump->chain;
    if (const auto* go = std::get_if<Goto>(&statement)) return &go->chain;
    return nullptr;
}

}  // namespace natc::ir

// What a rule asks of a packet, in netfilter's words. All matches of a rule must hold.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "net/address.hpp"
#include "net/interface_name.hpp"
#include "net/mac.hpp"
#include "net/port.hpp"
#include "net/protocol.hpp"

namespace natc::ir {

/// The source address lies in `range` (or does not, if negated). A rule may have several, all of which hold.
struct SourceAddress {
    AddressRange range;
    bool negated = false;
    auto operator<=>(const SourceAddress&) const = default;
};

struct DestinationAddress {
    AddressRange range;
    bool negated = false;
    auto operator<=>(const DestinationAddress&) const = default;
};

/// The interface that the packet came in by. A rule may have several negated ones.
struct InInterface {
    InterfaceName name;
    bool negated = false;
    auto operator<=>(const InInterface&) const = default;
};

struct OutInterface {
    InterfaceName name;
    bool negated = false;
    auto operator<=>(const OutInterface&) const = default;
};

struct ProtocolIs {
    Protocol protocol;
    bool negated = false;
    auto operator<=>(const ProtocolIs&) const = default;
};

/// The port is in one of the ranges (or in none, if negated). Goes with a ProtocolIs that has ports.
struct SourcePorts {
    std::vector<PortRange> ranges;
    bool negated = false;
    auto operator<=>(const SourcePorts&) const = default;
};

struct DestinationPorts {
    std::vector<PortRange> ranges;
    bool negated = false;
    auto operator<=>(const DestinationPorts&) const = default;
};

/// Of the flags in `mask`, exactly those in `set` are set. Bits as in the TCP header: FIN is 1, SYN 2, RST 4,
/// PSH 8, ACK 16, URG 32.
struct TcpFlags {
    std::uint8_t mask = 0;
    std::uint8_t set = 0;
    bool negated = false;
    auto operator<=>(const TcpFlags&) const = default;
};

/// A packet that opens a connection: SYN without FIN, RST or ACK.
inline constexpr TcpFlags syn_packet{0x17, 0x02, false};
/// What the clamping of the MSS asks for: SYN without RST.
inline constexpr TcpFlags syn_without_rst{0x06, 0x02, false};

/// Goes with a ProtocolIs of the same ICMP.
struct IcmpTypeIs {
    IcmpType type;
    bool negated = false;
    auto operator<=>(const IcmpTypeIs&) const = default;
};

/// States of connection tracking, as a set of bits. SNAT and DNAT mean: the connection is translated.
enum class ConntrackState : std::uint8_t {
    invalid = 1,
    new_ = 2,
    related = 4,
    established = 8,
    untracked = 16,
    snat = 32,
    dnat = 64,
};

struct ConntrackStates {
    std::uint8_t bits = 0;
    constexpr ConntrackStates() = default;
    constexpr ConntrackStates(ConntrackState one) : bits(static_cast<std::uint8_t>(one)) {}  // NOLINT
    [[nodiscard]] constexpr bool contains(ConntrackState s) const {
        return (bits & static_cast<std::uint8_t>(s)) != 0;
    }
    constexpr ConntrackStates operator|(ConntrackStates o) const {
        ConntrackStates r;
        r.bits = bits | o.bits;
        return r;
    }
    auto operator<=>(const ConntrackStates&) const = default;
};

inline constexpr ConntrackStates established_or_related =
    ConntrackStates(ConntrackState::established) | ConntrackState::related;

/// What connection tracking knows of the packet's connection: every part that is given must hold.
struct Conntrack {
    ConntrackStates states;  ///< empty: whatever the state
    bool states_negated = false;
    std::optional<AddressRange> original_source;  ///< a prefix: who opened the connection
    bool original_source_negated = false;
    std::optional<AddressRange> reply_source;  ///< a prefix: who answers, after translation
    bool reply_source_negated = false;
    auto operator<=>(const Conntrack&) const = default;
};

struct SourceMac {
    Mac mac;
    bool negated = false;
    auto operator<=>(const SourceMac&) const = default;
};

enum class Period : std::uint8_t { second, minute, hour, day };

/// At most `count` matches in a period on average, after a first `burst`.
struct RateLimit {
    std::uint32_t count = 0;
    Period period = Period::second;
    std::uint32_t burst = 5;
    auto operator<=>(const RateLimit&) const = default;
};

struct MarkIs {
    std::uint32_t value = 0;
    std::uint32_t mask = 0xFFFF'FFFF;
    bool negated = false;
    auto operator<=>(const MarkIs&) const = default;
};

/// The source address is one of this host's own.
struct SourceIsLocal {
    bool negated = false;
    auto operator<=>(const SourceIsLocal&) const = default;
};

struct DestinationIsLocal {
    bool negated = false;
    auto operator<=>(const DestinationIsLocal&) const = default;
};

/// The source is not routed back through the interface that the packet came in by.
struct ForgedSource {
    auto operator<=>(const ForgedSource&) const = default;
};

/// What words of iptables can mean that natc knows whatever the rest of the rule.
using Understood = std::variant<SourceAddress, DestinationAddress, Conntrack, SourceMac, RateLimit, MarkIs, SourceIsLocal,
                                DestinationIsLocal, ForgedSource>;

/// Options of iptables, word for word: `-m recent --name x --rcheck`.
struct Verbatim {
    std::string options;
    /// All that they ask, where natc knows it. Empty: it does not look into them, and they may match or not.
    std::vector<Understood> meaning = {};
    auto operator<=>(const Verbatim&) const = default;
};

using Match = std::variant<SourceAddress, DestinationAddress, InInterface, OutInterface, ProtocolIs,
                           SourcePorts, DestinationPorts, TcpFlags, IcmpTypeIs, Conntrack, SourceMac,
                           RateLimit, MarkIs, SourceIsLocal, DestinationIsLocal, ForgedSource, Verbatim>;

/// Calls `f` with the match; with a Verbatim's meaning, part by part, in its place where natc knows it.
template <typename F>
void visit_meaning(const Match& match, F f) {
    const auto* verbatim = std::get_if<Verbatim>(&match);
    if (verbatim == nullptr || verbatim->meaning.empty()) return std::visit(f, match);
    for (const Understood& part : verbatim->meaning) std::visit(f, part);
}

}  // namespace natc::ir

// Protocols above IP, by their IANA numbers, and the types of ICMP.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/address.hpp"

namespace natc {

/// An IP protocol number. Both kinds of ICMP are protocols of their own here.
struct Protocol {
    std::uint8_t number = 0;
    auto operator<=>(const Protocol&) const = default;
};

inline constexpr Protocol icmp{1};
inline constexpr Protocol tcp{6};
inline constexpr Protocol udp{17};
inline constexpr Protocol icmpv6{58};
inline constexpr Protocol sctp{132};

/// Whether packets of it bear ports that the kernel's rules can name: tcp, udp, sctp, and also dccp
/// (33) and udplite (136).
[[nodiscard]] bool has_ports(Protocol protocol);
/// `tcp`, `udp`, `icmp`, `icmpv6`, `sctp`, otherwise the number.
[[nodiscard]] std::string to_string(Protocol protocol);
/// One of the five names. Nothing for any other text.
[[nodiscard]] std::optional<Protocol> protocol_named(std::string_view name);
/// What follows the word `proto`: a number from 1 to 255, or a name that the IANA gave (`gre`, `esp`, `ospf`, …,
/// those that iptables knows without /etc/protocols). Errors: bad_protocol.
[[nodiscard]] Result<Protocol> parse_protocol(std::string_view text);

/// A type of ICMP, with a code where it matters.
struct IcmpType {
    Family family = Family::ipv4;  ///< whose ICMP
    std::uint8_t type = 0;
    std::optional<std::uint8_t> code;
    auto operator<=>(const IcmpType&) const = default;
};

/// What a name of an ICMP type means in each family (`echo-request`: 8 in IPv4, 128 in IPv6). Names are
/// those of iptables' icmp and ip6tables' icmp6 match.
struct IcmpName {
    std::string_view name;
    std::optional<IcmpType> ipv4;
    std::optional<IcmpType> ipv6;
};

/// Nothing where no family knows the name.
[[nodiscard]] const IcmpName* icmp_named(std::string_view name);
/// All of them, for help with a misspelt one.
[[nodiscard]] std::span<const IcmpName> icmp_names();
/// `8` or `3/1` as a type of that family's ICMP. Errors: bad_icmp_type.
[[nodiscard]] Result<IcmpType> parse_icmp_number(std::string_view text, Family family);

}  // namespace natc

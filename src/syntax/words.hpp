// The words that statements begin with and that rules are made of: the one list of them, for reading
// and for the help with a misspelt one.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "syntax/ast.hpp"

namespace natc::syntax::words {

inline constexpr std::string_view top[] = {"include", "define", "service", "uplink",  "network",
                                           "port-forward", "input", "output", "forward", "chain"};

inline constexpr std::string_view network[] = {"bridge", "subnet", "uplink", "domain", "dhcp-range", "guest",
                                               "serve", "masquerade", "snat", "route", "isolated", "forward",
                                               "port-forward"};

inline constexpr std::string_view verdict[] = {
    "accept", "drop", "reject", "log", "return", "jump", "goto", "masquerade", "snat", "dnat", "redirect",
    "checksum-fill", "set-mark", "clamp-mss", "notrack"};

/// What may follow the verdict of a rule, services aside.
inline constexpr std::string_view part[] = {
    "established", "new", "invalid", "state", "tcp", "udp", "icmp", "icmpv6", "sctp", "proto", "sport", "with",
    "outbound", "inbound", "internal", "rest", "in", "out", "from", "to", "mac", "limit", "burst", "mark",
    "to-local", "ipv4", "ipv6", "comment", "match", "ports"};

/// What a statement that begins with a word may be, as bits.
enum Kind : std::uint8_t {
    of_file = 1,
    of_network = 2,
    of_policy = 4,
    with_block = 8,  ///< it has a block, wherever it stands
};
/// 0 for any other word.
[[nodiscard]] std::uint8_t kinds_of(std::string_view word);

inline constexpr std::string_view direction[] = {"outbound", "inbound", "internal", "rest"};

inline constexpr std::string_view port_forward[] = {"in", "on", "from", "hairpin"};

[[nodiscard]] constexpr bool has(std::span<const std::string_view> list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

/// Where `word` stands in `list`, whose order is that of the enumeration `E`.
template <typename E>
[[nodiscard]] constexpr std::optional<E> as(std::span<const std::string_view> list, std::string_view word) {
    const auto at = std::find(list.begin(), list.end(), word);
    if (at == list.end()) return std::nullopt;
    return static_cast<E>(at - list.begin());
}

/// Whether a service may not be called so, because a rule would read the word otherwise.
[[nodiscard]] constexpr bool belongs_to_rules(std::string_view word) {
    return has(part, word) || has(verdict, word);
}

}  // namespace natc::syntax::words

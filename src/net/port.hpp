// Ports of transport protocols, and runs of them.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace natc {

/// Ports from `first` to `last`, both in it. Port 0 exists in no range that was parsed.
struct PortRange {
    std::uint16_t first = 0;
    std::uint16_t last = 0;

    [[nodiscard]] constexpr bool single() const { return first == last; }
    [[nodiscard]] constexpr unsigned size() const { return static_cast<unsigned>(last) - first + 1U; }
    [[nodiscard]] constexpr bool overlaps(PortRange o) const {
        return first <= o.last && o.first <= last;
    }
    constexpr auto operator<=>(const PortRange&) const = default;
};

/// What Linux gives to those who open a connection and ask for no port (net.ipv4.ip_local_port_range).
inline constexpr PortRange ephemeral_ports{32768, 60999};

/// `22` or `1024-65535`. Errors: bad_port (0, 70000, no number), backward_range (with a fix).
[[nodiscard]] Result<PortRange> parse_ports(std::string_view text);

/// `22` or `1024-65535`.
[[nodiscard]] std::string to_string(PortRange ports);

}  // namespace natc

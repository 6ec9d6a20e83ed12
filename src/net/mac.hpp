// Ethernet addresses.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace natc {

struct Mac {
    std::array<std::uint8_t, 6> bytes{};
    auto operator<=>(const Mac&) const = default;
};

/// `02:ff:0a:0a:06:05` in either case. Errors: bad_mac.
[[nodiscard]] Result<Mac> parse_mac(std::string_view text);
/// In lower case, as `ip link` prints it.
[[nodiscard]] std::string to_string(const Mac& mac);

}  // namespace natc

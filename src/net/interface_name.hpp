// Names of network interfaces, as the kernel allows them.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace natc {

/// The name of an interface, at most 15 bytes (IFNAMSIZ less its NUL); with a trailing `+`, every
/// interface whose name begins so. Stored in place.
class InterfaceName {
public:
    InterfaceName() = default;

    [[nodiscard]] std::string_view text() const { return {bytes_.data(), size_}; }
    [[nodiscard]] bool wildcard() const { return size_ != 0 && bytes_[size_ - 1U] == '+'; }
    /// The name without its `+`.
    [[nodiscard]] std::string_view stem() const { return text().substr(0, size_ - (wildcard() ? 1U : 0U)); }
    /// Whether every interface that `o` means is one that this means.
    [[nodiscard]] bool covers(const InterfaceName& o) const;
    /// Whether some interface is meant by both.
    [[nodiscard]] bool overlaps(const InterfaceName& o) const { return covers(o) || o.covers(*this); }

    auto operator<=>(const InterfaceName&) const = default;

private:
    friend Result<InterfaceName> parse_interface(std::string_view text);
    std::array<char, 15> bytes_{};
    std::uint8_t size_ = 0;
};

/// Errors: bad_interface (empty, over 15 bytes, `/`, `:`, blank, `.` or `..`, `%`, a `+` that is not at the
/// end, or nothing but a `+`, a leading `!` or `-`, or a byte that is not printable ASCII).
[[nodiscard]] Result<InterfaceName> parse_interface(std::string_view text);

}  // namespace natc

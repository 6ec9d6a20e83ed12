#include "net/mac.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "net/digits.hpp"

namespace natc {
namespace {

constexpr std::size_t text_size = 17;

std::optional<Mac> read_mac(std::string_view text) {
    if (text.size() != text_size) return {};
    Mac mac;
    for (std::size_t i = 0; i < mac.bytes.size(); ++i) {
        const int high = hex_value(text[3 * i]);
        const int low = hex_value(text[3 * i + 1]);
        if (high < 0 || low < 0 || (i != 0 && text[3 * i - 1] != ':')) return {};
        mac.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return mac;
}

/// The same address in the spellings of other systems: `02-FF-0A-0A-06-05`, `02ff.0a0a.0605`,
/// `2:ff:a:a:6:5`, or without anything between.
std::optional<Mac> read_loosely(std::string_view text) {
    if (hex_value(text.back()) < 0) return {};
    const bool pairs = text.find_first_of(":-") != std::string_view::npos;
    std::string digits;
    for (std::string_view rest = text; !rest.empty();) {
        const auto end = std::min(rest.find_first_of(pairs ? ":-" : "."), rest.size());
        if (pairs && end == 1) digits += '0';
        if (pairs && (end == 0 || end > 2)) return {};
        digits += rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (digits.size() > 12) return {};
    }
    if (digits.size() != 12) return {};
    for (std::size_t at = 10; at > 0; at -= 2) digits.insert(at, ":");
    return read_mac(digits);
}

}  // namespace

Result<Mac> parse_mac(std::string_view text) {
    if (const auto mac = read_mac(text)) return *mac;
    if (text.empty()) return BadValue{Code::bad_mac, "a MAC address is missing", {}, {}};
    if (const auto meant = read_loosely(text)) {
        std::string plain = to_string(*meant);
        return BadValue{Code::bad_mac,
                        fmt::format("{} is not how a MAC address is written here", text),
                        "write " + plain, std::move(plain)};
    }
    return BadValue{Code::bad_mac,
                    fmt::format("{} is no MAC address: it has six pairs of hexadecimal digits, "
                                "with `:` between",
                                text),
                    {},
                    {}};
}

std::string to_string(const Mac& mac) {
    std::string text(text_size, ':');
    for (std::size_t i = 0; i < mac.bytes.size(); ++i) {
        text[3 * i] = "0123456789abcdef"[mac.bytes[i] >> 4U];
        text[3 * i + 1] = "0123456789abcdef"[mac.bytes[i] & 0xFU];
    }
    return text;
}

}  // namespace natc

#include "net/port.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "net/digits.hpp"

namespace natc {
namespace {

constexpr unsigned highest = 65535;

/// Takes a port off the beginning of a text; 0 if there is none, or one with a leading zero.
std::uint16_t take_port(std::string_view& text) {
    if (text.empty() || text[0] == '0') return 0;
    unsigned port = 0;
    std::size_t digits = 0;
    for (; digits < text.size() && is_digit(text[digits]); ++digits) {
        port = port * 10 + static_cast<unsigned>(text[digits] - '0');
        if (port > highest) return 0;
    }
    text.remove_prefix(digits);
    return static_cast<std::uint16_t>(port);
}

std::optional<std::uint16_t> read_port(std::string_view text) {
    const std::uint16_t port = take_port(text);
    if (port == 0 || !text.empty()) return {};
    return port;
}

std::optional<PortRange> read_ports(std::string_view text) {
    const std::uint16_t first = take_port(text);
    if (first == 0) return {};
    if (text.empty()) return PortRange{first, first};
    if (text[0] != '-') return {};
    const auto last = read_port(text.substr(1));
    if (!last || *last < first) return {};
    return PortRange{first, *last};
}

BadValue bad_port(std::string message, std::string help = {}, std::string fix = {}) {
    return {Code::bad_port, std::move(message), std::move(help), std::move(fix)};
}

BadValue clear(Code code, std::string message, std::string text) {
    return {code, std::move(message), "write " + text, std::move(text)};
}

/// A number without its leading zeros.
std::string_view stripped(std::string_view digits) {
    return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
}

/// What is wrong with one port. `meant` is what stands in the place of all ports, one or a range,
/// once that is put right; it may be wrong still.
BadValue explain_port(std::string_view text, const std::string& meant) {
    if (!only_digits(text))
        return bad_port(
            fmt::format("{} is no port: ports are numbers from 1 to {}", text, highest));
    const bool good = read_ports(meant).has_value();
    if (stripped(text).empty())
        return bad_port("port 0 cannot be named: ports begin at 1", good ? "write " + meant : "");
    if (!read_port(stripped(text)))
        return bad_port(fmt::format("{} is no port: ports end at {}", text, highest));
    std::string message = fmt::format("{} has a leading zero", text);
    if (!good) return bad_port(std::move(message));
    return clear(Code::bad_port, std::move(message), meant);
}

BadValue explain_ports(std::string_view text) {
    if (text.empty()) return bad_port("a port is missing");
    if (const auto colon = text.find(':'); colon != std::string_view::npos) {
        const auto before = text.substr(0, colon);
        const auto after = text.substr(colon + 1);
        // iptables lets an end open: `1024:`.
        const auto meant =
            fmt::format("{}-{}", before.empty() ? "1" : before, after.empty() ? "65535" : after);
        if (read_ports(meant))
            return clear(Code::bad_port,
                         fmt::format("{} has a colon: a range of ports is written with `-`", text),
                         meant);
    }
    const auto hyphen = text.find('-');
    if (hyphen == std::string_view::npos) return explain_port(text, std::string(stripped(text)));
    const auto first = text.substr(0, hyphen);
    const auto last = text.substr(hyphen + 1);
    // A word with a hyphen in it, or a negative number, is no range for that alone.
    if (!only_digits(first) && !(first.empty() && only_digits(last) && last != "0"))
        return bad_port(
            fmt::format("{} is no port: ports are numbers from 1 to {}", text, highest));
    if (first.empty()) return bad_port(fmt::format("{} does not say where it begins", text));
    if (last.empty()) return bad_port(fmt::format("{} does not say where it ends", text));
    if (read_port(first) && read_port(last))
        return clear(Code::backward_range, fmt::format("{} ends before it begins", text),
                     fmt::format("{}-{}", last, first));
    const auto from = stripped(first);
    const auto meant = fmt::format("{}-{}", from.empty() ? "1" : from, stripped(last));
    return explain_port(read_port(first) ? last : first, meant);
}

}  // namespace

Result<PortRange> parse_ports(std::string_view text) {
    if (const auto ports = read_ports(text)) return *ports;
    return explain_ports(text);
}

std::string to_string(PortRange ports) {
    std::string out = std::to_string(ports.first);
    if (!ports.single()) out.append(1, '-').append(std::to_string(ports.last));
    return out;
}

}  // namespace natc

#include "emit/iptables_words.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <iterator>
#include <utility>

#include <fmt/compile.h>
#include <fmt/format.h>

namespace natc {

namespace {

/// The protocols that iptables itself knows by name, and prints so on every host. Of any other it
/// knows the name only from /etc/protocols: where that is missing, only the number loads.
constexpr std::pair<std::uint8_t, std::string_view> protocol_names[] = {
    {1, "icmp"},      {6, "tcp"},        {17, "udp"},   {50, "esp"},
    {51, "ah"},       {58, "ipv6-icmp"}, {132, "sctp"}, {135, "mobility-header"},
    {136, "udplite"},
};

struct RejectName {
    ir::RejectWith with;
    std::string_view ipv4;
    std::string_view ipv6;
};

using enum ir::RejectWith;
constexpr RejectName reject_names[] = {
    {port_unreachable, "icmp-port-unreachable", "icmp6-port-unreachable"},
    {net_unreachable, "icmp-net-unreachable", "icmp6-no-route"},
    {host_unreachable, "icmp-host-unreachable", "icmp6-addr-unreachable"},
    {proto_unreachable, "icmp-proto-unreachable", "icmp6-port-unreachable"},
    {net_prohibited, "icmp-net-prohibited", "icmp6-adm-prohibited"},
    {host_prohibited, "icmp-host-prohibited", "icmp6-adm-prohibited"},
    {admin_prohibited, "icmp-admin-prohibited", "icmp6-adm-prohibited"},
    {no_route, "icmp-net-unreachable", "icmp6-no-route"},
    {addr_unreachable, "icmp-host-unreachable", "icmp6-addr-unreachable"},
    {policy_fail, "icmp-admin-prohibited", "icmp6-policy-fail"},
    {reject_route, "icmp-admin-prohibited", "icmp6-reject-route"},
    {tcp_reset, "tcp-reset", "tcp-reset"},
};

/// The set bits of `bits` by the names of the bits, least first, with commas.
template <std::size_t n>
void append_names(std::string& out, unsigned bits, const std::array<std::string_view, n>& names) {
    bool first = true;
    for (std::size_t bit = 0; bit < n; ++bit) {
        if ((bits >> bit & 1U) == 0) continue;
        if (!std::exchange(first, false)) out += ',';
        out += names[bit];
    }
}

void append_escaped(std::string& out, std::string_view text, std::string_view escaped) {
    // A line break here would make a rule of what follows it.
    assert(text.find_first_of(std::string_view("\n\0", 2)) == std::string_view::npos);
    out += '"';
    for (const char c : text) {
        if (escaped.find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    out += '"';
}

}  // namespace

void append_number(std::string& out, unsigned number) {
    const fmt::format_int text(number);
    out.append(text.data(), text.size());
}

void append_hex(std::string& out, std::uint32_t number) {
    fmt::format_to(std::back_inserter(out), FMT_COMPILE("{:#x}"), number);
}

void append_ports(std::string& out, PortRange ports) {
    append_number(out, ports.first);
    if (ports.single()) return;
    out += ':';
    append_number(out, ports.last);
}

void append_protocol(std::string& out, Protocol protocol) {
    const auto* const at =
        std::find_if(std::begin(protocol_names), std::end(protocol_names),
                     [&](const auto& entry) { return entry.first == protocol.number; });
    if (at != std::end(protocol_names))
        out += at->second;
    else
        append_number(out, protocol.number);
}

void append_quoted(std::string& out, std::string_view text) {
    constexpr std::string_view plain =
        "_-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos)
        out += text;
    else
        append_escaped(out, text, "\"\\'");
}

void append_interface(std::string& out, std::string_view name) {
    // iptables-save forgets the quotes, but without them the name would be another one.
    if (name.find('"') == std::string_view::npos)
        out += name;
    else
        append_escaped(out, name, "\"\\");
}

void append_tcp_flags(std::string& out, std::uint8_t flags) {
    constexpr std::array<std::string_view, 6> names{"FIN", "SYN", "RST", "PSH", "ACK", "URG"};
    assert(flags < 1U << names.size());
    if (flags == 0)
        out += "NONE";
    else
        append_names(out, flags, names);
}

void append_states(std::string& out, ir::ConntrackStates states) {
    constexpr std::array<std::string_view, 7> names{"INVALID",   "NEW",  "RELATED", "ESTABLISHED",
                                                    "UNTRACKED", "SNAT", "DNAT"};
    append_names(out, states.bits, names);
}

void append_rate(std::string& out, const ir::RateLimit& limit) {
    // What libxt_limit.c does when it reads a rate and when it prints it.
    struct Unit {
        std::uint32_t length;
        std::string_view name;
    };
    constexpr std::uint32_t second = 10'000;  // in its ticks
    constexpr std::array<Unit, 4> units{
        {{second, "sec"}, {60 * second, "min"}, {3600 * second, "hour"}, {86400 * second, "day"}}};
    assert(limit.count != 0);
    const std::uint32_t each = units[static_cast<std::size_t>(limit.period)].length / limit.count;
    assert(each != 0);  // faster than iptables takes
    // The longest unit that has a whole number of them, or nearly so; else the one above it.
    std::size_t unit = units.size() - 1;
    while (unit > 0 && each <= units[unit - 1].length &&
           units[unit - 1].length / each >= units[unit - 1].length % each)
        --unit;
    append_number(out, units[unit].length / each);
    out += '/';
    out += units[unit].name;
}

std::string_view reject_name(ir::RejectWith with, Family family) {
    const auto index = static_cast<std::size_t>(with);
    assert(index < std::size(reject_names) && reject_names[index].with == with);
    return family == Family::ipv4 ? reject_names[index].ipv4 : reject_names[index].ipv6;
}

}  // namespace natc

#include "net/protocol.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/nearest.hpp"
#include "net/digits.hpp"

namespace natc {
namespace {

struct Named {
    std::string_view name;
    std::uint8_t number;
};

/// The words of rules.
constexpr std::array words{Named{"icmp", icmp.number}, Named{"icmpv6", icmpv6.number},
                           Named{"sctp", sctp.number}, Named{"tcp", tcp.number},
                           Named{"udp", udp.number}};

/// The IANA's names (and what iptables calls some of them besides) for what the kernel hands on as
/// a protocol. A table of natc's own: /etc/protocols differs between machines, and output must not.
constexpr std::array protocols{
    Named{"ah", 51},
    Named{"dccp", 33},
    Named{"egp", 8},
    Named{"eigrp", 88},
    Named{"encap", 98},
    Named{"esp", 50},
    Named{"etherip", 97},
    Named{"ethernet", 143},
    Named{"fc", 133},
    Named{"ggp", 3},
    Named{"gre", 47},
    Named{"hip", 139},
    Named{"hmp", 20},
    Named{"icmp", 1},
    Named{"icmpv6", 58},
    Named{"idpr-cmtp", 38},
    Named{"idrp", 45},
    Named{"igmp", 2},
    Named{"igp", 9},
    Named{"ipcomp", 108},
    Named{"ipencap", 4},
    Named{"ipip", 94},
    Named{"ipv6", 41},
    Named{"ipv6-frag", 44},
    Named{"ipv6-icmp", 58},
    Named{"ipv6-mh", 135},
    Named{"ipv6-nonxt", 59},
    Named{"ipv6-opts", 60},
    Named{"ipv6-route", 43},
    Named{"isis", 124},
    Named{"l2tp", 115},
    Named{"manet", 138},
    Named{"mh", 135},
    Named{"mobility-header", 135},
    Named{"mpls-in-ip", 137},
    Named{"ospf", 89},
    Named{"pim", 103},
    Named{"pup", 12},
    Named{"rdp", 27},
    Named{"rohc", 142},
    Named{"rspf", 73},
    Named{"rsvp", 46},
    Named{"sctp", 132},
    Named{"shim6", 140},
    Named{"skip", 57},
    Named{"st", 5},
    Named{"tcp", 6},
    Named{"udp", 17},
    Named{"udplite", 136},
    Named{"vmtp", 81},
    Named{"vrrp", 112},
    Named{"wesp", 141},
    Named{"xns-idp", 22},
    Named{"xtp", 36},
};

/// Names of number 0: all of them mean "any" to iptables.
constexpr std::array<std::string_view, 4> everything{"all", "any", "hopopt", "ip"};

constexpr IcmpType v4(std::uint8_t type, std::optional<std::uint8_t> code = {}) {
    return {Family::ipv4, type, code};
}
constexpr IcmpType v6(std::uint8_t type, std::optional<std::uint8_t> code = {}) {
    return {Family::ipv6, type, code};
}
constexpr std::nullopt_t none = std::nullopt;

/// What iptables 1.8.9 calls them, without `any`, which is no type.
constexpr std::array icmp_table{
    IcmpName{"TOS-host-redirect", v4(5, 3), none},
    IcmpName{"TOS-host-unreachable", v4(3, 12), none},
    IcmpName{"TOS-network-redirect", v4(5, 2), none},
    IcmpName{"TOS-network-unreachable", v4(3, 11), none},
    IcmpName{"address-mask-reply", v4(18), none},
    IcmpName{"address-mask-request", v4(17), none},
    IcmpName{"address-unreachable", none, v6(1, 3)},
    IcmpName{"bad-header", none, v6(4, 0)},
    IcmpName{"beyond-scope", none, v6(1, 2)},
    IcmpName{"communication-prohibited", v4(3, 13), v6(1, 1)},
    IcmpName{"destination-unreachable", v4(3), v6(1)},
    IcmpName{"echo-reply", v4(0), v6(129)},
    IcmpName{"echo-request", v4(8), v6(128)},
    IcmpName{"failed-policy", none, v6(1, 5)},
    IcmpName{"fragmentation-needed", v4(3, 4), none},
    IcmpName{"host-precedence-violation", v4(3, 14), none},
    IcmpName{"host-prohibited", v4(3, 10), none},
    IcmpName{"host-redirect", v4(5, 1), none},
    IcmpName{"host-unknown", v4(3, 7), none},
    IcmpName{"host-unreachable", v4(3, 1), none},
    IcmpName{"ip-header-bad", v4(12, 0), none},
    IcmpName{"neighbor-advertisement", none, v6(136)},
    IcmpName{"neighbor-solicitation", none, v6(135)},
    IcmpName{"neighbour-advertisement", none, v6(136)},
    IcmpName{"neighbour-solicitation", none, v6(135)},
    IcmpName{"network-prohibited", v4(3, 9), none},
    IcmpName{"network-redirect", v4(5, 0), none},
    IcmpName{"network-unknown", v4(3, 6), none},
    IcmpName{"network-unreachable", v4(3, 0), none},
    IcmpName{"no-route", none, v6(1, 0)},
    IcmpName{"packet-too-big", none, v6(2)},
    IcmpName{"parameter-problem", v4(12), v6(4)},
    IcmpName{"ping", v4(8), v6(128)},
    IcmpName{"pong", v4(0), v6(129)},
    IcmpName{"port-unreachable", v4(3, 3), v6(1, 4)},
    IcmpName{"precedence-cutoff", v4(3, 15), none},
    IcmpName{"protocol-unreachable", v4(3, 2), none},
    IcmpName{"redirect", v4(5), v6(137)},
    IcmpName{"reject-route", none, v6(1, 6)},
    IcmpName{"required-option-missing", v4(12, 1), none},
    IcmpName{"router-advertisement", v4(9), v6(134)},
    IcmpName{"router-solicitation", v4(10), v6(133)},
    IcmpName{"source-quench", v4(4), none},
    IcmpName{"source-route-failed", v4(3, 5), none},
    IcmpName{"time-exceeded", v4(11), v6(3)},
    IcmpName{"timestamp-reply", v4(14), none},
    IcmpName{"timestamp-request", v4(13), none},
    IcmpName{"ttl-exceeded", v4(11), v6(3)},
    IcmpName{"ttl-zero-during-reassembly", v4(11, 1), v6(3, 1)},
    IcmpName{"ttl-zero-during-transit", v4(11, 0), v6(3, 0)},
    IcmpName{"unknown-header-type", none, v6(4, 1)},
    IcmpName{"unknown-option", none, v6(4, 2)},
};

// Looked up by halving.
static_assert(std::ranges::is_sorted(words, {}, &Named::name));
static_assert(std::ranges::is_sorted(protocols, {}, &Named::name));
static_assert(std::ranges::is_sorted(icmp_table, {}, &IcmpName::name));

template <typename Table>
auto find(const Table& table, std::string_view name) -> const typename Table::value_type* {
    using Row = typename Table::value_type;
    const auto at = std::ranges::lower_bound(table, name, {}, &Row::name);
    return at != table.end() && at->name == name ? &*at : nullptr;
}

/// Digits alone; what is beyond a byte stands as 256.
std::optional<unsigned> read_digits(std::string_view text) {
    if (!only_digits(text)) return {};
    unsigned number = 0;
    for (const char c : text) number = std::min(256U, number * 10 + static_cast<unsigned>(c - '0'));
    return number;
}

bool leading_zero(std::string_view digits) { return digits.size() > 1 && digits[0] == '0'; }

}  // namespace

bool has_ports(Protocol protocol) {
    constexpr std::array<std::uint8_t, 5> with_ports{tcp.number, udp.number, 33, sctp.number, 136};
    return std::ranges::find(with_ports, protocol.number) != with_ports.end();
}

std::string to_string(Protocol protocol) {
    for (const auto& word : words)
        if (word.number == protocol.number) return std::string(word.name);
    return std::to_string(protocol.number);
}

std::optional<Protocol> protocol_named(std::string_view name) {
    if (const auto* word = find(words, name)) return Protocol{word->number};
    return {};
}

Result<Protocol> parse_protocol(std::string_view text) {
    const auto bad = [](std::string message, std::string help = {}, std::string fix = {}) {
        return BadValue{Code::bad_protocol, std::move(message), std::move(help), std::move(fix)};
    };
    if (const auto* protocol = find(protocols, text)) return Protocol{protocol->number};
    if (const auto number = read_digits(text)) {
        if (*number == 0)
            return bad("0 is no protocol: it means every protocol to iptables", "leave it out");
        if (*number > 255) return bad(fmt::format("{} is no protocol: they end at 255", text));
        if (leading_zero(text)) {
            std::string plain = std::to_string(*number);
            return bad(fmt::format("{} has a leading zero", text), "write " + plain, plain);
        }
        return Protocol{static_cast<std::uint8_t>(*number)};
    }
    if (text.empty()) return bad("a protocol is missing");
    if (std::ranges::find(everything, text) != everything.end())
        return bad(fmt::format("{} is no protocol: it means every protocol to iptables", text),
                   "leave it out");
    std::vector<std::string_view> names;
    for (const auto& protocol : protocols) names.push_back(protocol.name);
    const auto meant = nearest(text, names);
    return bad(fmt::format("{} is no protocol", text),
               meant.empty() ? "write its number, from 1 to 255" : fmt::format("write {}", meant));
}

const IcmpName* icmp_named(std::string_view name) { return find(icmp_table, name); }

std::span<const IcmpName> icmp_names() { return icmp_table; }

Result<IcmpType> parse_icmp_number(std::string_view text, Family family) {
    const auto bad = [](std::string message, std::string help = {}, std::string fix = {}) {
        return BadValue{Code::bad_icmp_type, std::move(message), std::move(help), std::move(fix)};
    };
    if (text.empty()) return bad("a type of ICMP is missing");
    const auto slash = text.find('/');
    const bool has_code = slash != std::string_view::npos;
    const auto type_text = text.substr(0, slash);
    const auto code_text = has_code ? text.substr(slash + 1) : std::string_view();
    const auto type = read_digits(type_text);
    const auto code = read_digits(code_text);
    if (!type || (has_code && !code && !code_text.empty()))
        return bad(fmt::format("{} is no type of ICMP", text));
    if (has_code && !code) return bad(fmt::format("{} has no code after its `/`", text));
    if (*type > 255) return bad(fmt::format("{} is no type of ICMP: types end at 255", type_text));
    if (code.value_or(0) > 255)
        return bad(fmt::format("{} is no code of ICMP: codes end at 255", code_text));
    // The kernel's match takes IPv4's 255 for "any type".
    if (*type == 255 && family == Family::ipv4)
        return bad("255 is no type of ICMP: it means every type to iptables", "leave it out");
    if (leading_zero(type_text) || leading_zero(code_text)) {
        std::string plain = std::to_string(*type);
        if (code) plain += fmt::format("/{}", *code);
        return bad(fmt::format("{} has a leading zero", text), "write " + plain, plain);
    }
    IcmpType result{family, static_cast<std::uint8_t>(*type), {}};
    if (code) result.code = static_cast<std::uint8_t>(*code);
    return result;
}

}  // namespace natc

#include "syntax/foreign.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>

namespace natc::syntax {

namespace {

using enum Foreign::Place;

constexpr std::string_view verdict_first = "a rule begins with its verdict: `accept tcp 22`";
constexpr std::string_view rules_in_blocks = "rules begin with `accept`, `drop` or `reject`, and stand in `input { … }`, `output { … }` or `forward { … }`";
constexpr std::string_view port_forward = "what leads from the outside to a guest is a `port-forward`: `port-forward tcp 2222 to GUEST:22`";
constexpr std::string_view state_alone = "states stand by themselves, as `new`, `established` or `invalid`; several are `state new,untracked`";
constexpr std::string_view leave_out = "leave it out: what a rule does not ask for may be anything";
constexpr std::string_view leave_side_out = "leave the clause out: what a rule does not ask for may be anything";
constexpr std::string_view both_families = "leave it out: `from` and `to` take addresses of both families";

constexpr Foreign table[] = {
    {file, "nat", {}, "a network says how it reaches out: `masquerade` or `snat to ADDRESS` in its block"},
    {file, "dnat", {}, port_forward},
    {file, "redirect", {}, port_forward},
    {file, "forward-port", "port-forward", {}},
    {file, "policy", {}, "a policy stands ahead of its rules: `input policy drop { … }`"},
    {file, "default", {}, "a policy stands ahead of its rules: `input policy drop { … }`"},
    {file, "prerouting", {}, "a chain of its own has it: `chain nat PREROUTING { … }`"},
    {file, "postrouting", {}, "a chain of its own has it: `chain nat POSTROUTING { … }`"},
    {file, "wan", "uplink", {}},
    {file, "external", "uplink", {}},
    {file, "var", "define", {}},
    {file, "set", "define", {}},
    {file, "alias", "define", {}},
    {file, "host", {}, "guests stand in their network: `guest NAME ADDRESS`"},
    {file, "vm", {}, "guests stand in their network: `guest NAME ADDRESS`"},
    {file, "allow", {}, rules_in_blocks},
    {file, "permit", {}, rules_in_blocks},
    {file, "pass", {}, rules_in_blocks},
    {file, "deny", {}, rules_in_blocks},
    {file, "block", {}, rules_in_blocks},

    {network, "nat", {}, "write `masquerade`, for the uplink's own address, or `snat to ADDRESS`"},
    {network, "dnat", {}, port_forward},
    {network, "redirect", {}, port_forward},
    {network, "forward-port", "port-forward", {}},
    {network, "interface", "bridge", {}},
    {network, "iface", "bridge", {}},
    {network, "dev", "bridge", {}},
    {network, "device", "bridge", {}},
    {network, "address", {}, "write `subnet PREFIX`, with `gateway ADDRESS` after it if that is the host's own"},
    {network, "addr", {}, "write `subnet PREFIX`, with `gateway ADDRESS` after it if that is the host's own"},
    {network, "ip", {}, "write `subnet PREFIX`, with `gateway ADDRESS` after it if that is the host's own"},
    {network, "cidr", "subnet", {}},
    {network, "prefix", "subnet", {}},
    {network, "gateway", {}, "it stands after its subnet: `subnet PREFIX gateway ADDRESS`"},
    {network, "stp", {}, "it stands after the bridge: `bridge IFACE stp on`"},
    {network, "members", {}, "they stand after the bridge: `bridge IFACE members IFACE`"},
    {network, "host", "guest", {}},
    {network, "vm", "guest", {}},
    {network, "machine", "guest", {}},
    {network, "wan", "uplink", {}},
    {network, "external", "uplink", {}},
    {network, "dhcp", {}, "write `serve dhcp`; `dhcp-range ADDRESS-ADDRESS` says what is handed out"},
    {network, "dns", {}, "write `serve dns`"},
    {network, "allow", {}, "rules stand in `forward { … }`, and services of the host that guests may reach after `serve`"},
    {network, "permit", {}, "rules stand in `forward { … }`, and services of the host that guests may reach after `serve`"},
    {network, "deny", {}, "rules stand in `forward { … }`"},
    {network, "block", {}, "rules stand in `forward { … }`"},

    {head, "default", "policy", {}},
    {head, "reject", {}, "write `policy drop`, with `reject` as the last rule"},
    {head, "deny", {}, "write `policy drop`"},
    {policy, "reject", {}, "write `policy drop`, with `reject` as the last rule"},
    {policy, "allow", "accept", {}},
    {policy, "permit", "accept", {}},
    {policy, "deny", "drop", {}},
    {policy, "block", "drop", {}},

    {verdict, "allow", "accept", {}},
    {verdict, "permit", "accept", {}},
    {verdict, "pass", "accept", {}},
    {verdict, "deny", "drop", {}},
    {verdict, "block", "drop", {}},
    {verdict, "discard", "drop", {}},
    {verdict, "nat", {}, "a network has `masquerade` or `snat`, and what leads to a guest is a `port-forward`"},
    {verdict, "policy", {}, "a policy stands ahead of the rules: `input policy drop { … }`"},
    {verdict, "default", {}, "a policy stands ahead of the rules: `input policy drop { … }`"},
    {verdict, "tcp", {}, verdict_first},
    {verdict, "udp", {}, verdict_first},
    {verdict, "icmp", {}, verdict_first},
    {verdict, "icmpv6", {}, verdict_first},
    {verdict, "proto", {}, verdict_first},
    {verdict, "from", {}, verdict_first},
    {verdict, "to", {}, verdict_first},
    {verdict, "in", {}, verdict_first},
    {verdict, "out", {}, verdict_first},
    {verdict, "ct", {}, verdict_first},
    {verdict, "ip", {}, verdict_first},
    {verdict, "ip6", {}, verdict_first},
    {verdict, "meta", {}, verdict_first},
    {verdict, "iif", {}, verdict_first},
    {verdict, "oif", {}, verdict_first},
    {verdict, "iifname", {}, verdict_first},
    {verdict, "oifname", {}, verdict_first},
    {verdict, "src", {}, verdict_first},
    {verdict, "dst", {}, verdict_first},
    {verdict, "established", {}, "a rule begins with its verdict: `accept established`"},
    {verdict, "related", {}, "a rule begins with its verdict: `accept established`"},
    {verdict, "new", {}, verdict_first},
    {verdict, "invalid", {}, "a rule begins with its verdict: `drop invalid`"},
    {verdict, "state", {}, verdict_first},

    {part, "src", "from", {}},
    {part, "source", "from", {}},
    {part, "saddr", "from", {}},
    {part, "-s", "from", {}},
    {part, "--source", "from", {}},
    {part, "dst", "to", {}},
    {part, "dest", "to", {}},
    {part, "destination", "to", {}},
    {part, "daddr", "to", {}},
    {part, "-d", "to", {}},
    {part, "--destination", "to", {}},
    {part, "iif", "in", {}},
    {part, "iifname", "in", {}},
    {part, "-i", "in", {}},
    {part, "oif", "out", {}},
    {part, "oifname", "out", {}},
    {part, "-o", "out", {}},
    {part, "iface", {}, "write `in IFACE` or `out IFACE`"},
    {part, "interface", {}, "write `in IFACE` or `out IFACE`"},
    {part, "via", {}, "write `in IFACE` or `out IFACE`"},
    {part, "on", {}, "write `in IFACE` or `out IFACE`"},
    {part, "related", "established", {}},
    {part, "ct", {}, state_alone},
    {part, "conntrack", {}, state_alone},
    {part, "ctstate", {}, state_alone},
    {part, "--ctstate", {}, state_alone},
    {part, "--state", {}, state_alone},
    {part, "untracked", {}, "write `state untracked`"},
    {part, "any", {}, leave_out},
    {part, "all", {}, leave_out},
    {part, "anything", {}, leave_out},
    {part, "everything", {}, leave_out},
    {part, "counter", {}, leave_out},
    {part, "ip", {}, both_families},
    {part, "ip6", {}, both_families},
    {part, "meta", {}, "natc's words are `in`, `out`, `mark` and `proto`"},
    {part, "protocol", "proto", {}},
    {part, "-p", {}, "the protocol stands by itself: `tcp 22`"},
    {part, "--dport", {}, "ports are written after their protocol: `tcp 22`"},
    {part, "--dports", {}, "ports are written after their protocol: `tcp 22,80`"},
    {part, "--sport", {}, "ports are written after their protocol: `tcp sport 1024-65535`"},
    {part, "-m", {}, "what natc has no word for is written match \"-m …\""},
    {part, "-j", {}, "a rule begins with its verdict: `accept tcp 22`"},
    {part, "prefix", {}, "the prefix follows `log` as a text: log \"in: \""},
    {part, "rate", "limit", {}},
    {part, "not", {}, "`!` stands right ahead of what is excluded: `from ! 10.0.0.1`"},
    {part, "tcp-reset", {}, "write `reject tcp with tcp-reset`"},

    {side, "any", {}, leave_side_out},
    {side, "all", {}, leave_side_out},
    {side, "anywhere", {}, leave_side_out},
    {side, "everywhere", {}, leave_side_out},
    {side, "everyone", {}, leave_side_out},
    {side, "everything", {}, leave_side_out},
    {side, "*", {}, leave_side_out},
    {side, "0/0", {}, leave_side_out},
    {side, "outside", {}, "name the interface toward it: `in IFACE` or `out IFACE`"},
    {side, "internet", {}, "name the interface toward it: `in IFACE` or `out IFACE`"},
    {side, "host", {}, "the host itself is what `input` and `output` are about; its own addresses are `to-local`"},
    {side, "localhost", {}, "write 127.0.0.1 or ::1, or `in lo`"},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_ports(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789-") == std::string_view::npos && text.front() != '-';
}

bool is_protocol_with_ports(std::string_view text) { return text == "tcp" || text == "udp" || text == "sctp"; }

constexpr std::string_view blanks = " \t\r";

std::string_view without_blanks(std::string_view line) {
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    line.remove_suffix(line.size() - std::min(line.find_last_not_of(blanks) + 1, line.size()));
    return line;
}

/// Takes the first word off a line.
std::string_view take_word(std::string_view& line) {
    line = without_blanks(line);
    const std::string_view word = line.substr(0, line.find_first_of(" \t{"));
    line.remove_prefix(word.size());
    return word;
}

constexpr std::array<std::string_view, 8> nft_commands{"add", "create", "insert", "replace", "delete", "destroy", "flush", "list"};
constexpr std::array<std::string_view, 7> shell_commands{"iptables", "ip6tables", "iptables-restore", "ip6tables-restore", "nft", "ufw", "firewall-cmd"};

/// A number below 64 that few words share.
constexpr std::uint64_t mark(std::string_view word) { return std::uint64_t{1} << ((static_cast<unsigned char>(word.front()) * 5U + word.size()) & 63U); }

/// The marks of the words that a line of another language begins with.
constexpr std::uint64_t marks = [] {
    std::uint64_t all = mark("table") | mark("sudo");
    for (const std::string_view word : nft_commands) all |= mark(word);
    for (const std::string_view word : shell_commands) all |= mark(word);
    return all;
}();

/// False for nearly every line of natc's own, which may be many.
bool may_tell(std::string_view line) {
    static constexpr std::array<bool, 256> ends = [] {
        std::array<bool, 256> signs{};
        for (const char c : {' ', '\t', '{', '/'}) signs[static_cast<unsigned char>(c)] = true;
        return signs;
    }();
    std::size_t size = 0;
    while (size < line.size() && !ends[static_cast<unsigned char>(line[size])]) ++size;
    if (size < line.size() && line[size] == '/') return true;  // a path
    return size > 0 && (mark(line.substr(0, size)) & marks) != 0;
}

/// Whether a line is what only a script for nft has: `table inet filter {`, `add rule ip …`, `flush ruleset`.
bool is_of_nft(std::string_view line) {
    constexpr std::array<std::string_view, 6> families{"ip", "ip6", "inet", "arp", "bridge", "netdev"};
    constexpr std::array<std::string_view, 8> objects{"table", "chain", "rule", "ruleset", "set", "map", "element", "flowtable"};
    const auto among = [](const auto& list, std::string_view word) { return std::ranges::find(list, word) != list.end(); };
    const std::string_view first = take_word(line);
    if (among(nft_commands, first)) return among(objects, take_word(line));
    if (first != "table") return false;
    const std::string_view second = take_word(line);
    if (second.empty()) return false;
    if (without_blanks(line).starts_with('{')) return true;
    return among(families, second) && !take_word(line).empty();
}

/// Whether a line is a command that changes a firewall.
bool is_of_shell(std::string_view line) {
    std::string_view first = take_word(line);
    if (first == "sudo") first = take_word(line);
    if (const auto slash = first.rfind('/'); slash != std::string_view::npos) first.remove_prefix(slash + 1);
    return std::ranges::find(shell_commands, first) != shell_commands.end() && !without_blanks(line).empty();
}

}  // namespace

const Foreign* foreign(Foreign::Place place, std::string_view word) {
    const auto* at = std::ranges::find_if(table, [&](const Foreign& entry) {
        return entry.place == place && std::ranges::equal(entry.word, word, {}, {}, lower);
    });
    return at == std::end(table) ? nullptr : at;
}

std::string foreign_help(Foreign::Place place, std::string_view word) {
    const Foreign* entry = foreign(place, word);
    if (entry == nullptr) return {};
    return entry->meant.empty() ? std::string(entry->help) : fmt::format("did you mean `{}`?", entry->meant);
}

std::string port_with_protocol(std::string_view word) {
    const auto slash = word.find('/');
    if (slash == std::string_view::npos) return {};
    const std::string_view left = word.substr(0, slash);
    const std::string_view right = word.substr(slash + 1);
    if (is_ports(left) && is_protocol_with_ports(right)) return fmt::format("{} {}", right, left);
    if (is_ports(right) && is_protocol_with_ports(left)) return fmt::format("{} {}", left, right);
    return {};
}

OtherLanguage other_language(std::string_view text) {
    bool first = true;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::size_t begin = at;
        while (begin < end && (text[begin] == ' ' || text[begin] == '\t' || text[begin] == '\r')) ++begin;
        at = end + 1;
        if (begin == end) continue;
        const std::string_view whole = text.substr(begin, end - begin);
        const bool shebang = begin == 0 && whole.starts_with("#!");
        if ((whole.front() == '#' && !shebang) || !(first || may_tell(whole))) continue;
        const std::string_view line = without_blanks(whole);
        if (shebang && line.find("nft") != std::string_view::npos)
            return {"a script for nft", "such a script is loaded with `nft -f`; natc reads its own short description of networks", begin, line.size()};
        if (shebang) continue;
        if (first && line.starts_with('<'))
            return {"XML", "natc reads its own short description of networks; of a network of libvirt, the bridge, its subnet and the guests are what to write there",
                    begin, line.size()};
        first = false;
        if (is_of_shell(line)) return {"a shell script", "natc reads its own short description of networks, and writes such rules from it", begin, line.size()};
        if (is_of_nft(line))
            return {"a script for nft", "such a script is loaded with `nft -f`; natc reads its own short description of networks", begin, line.size()};
    }
    return {};
}

}  // namespace natc::syntax

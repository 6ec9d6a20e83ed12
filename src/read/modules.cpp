#include "read/modules.hpp"

#include <algorithm>
#include <iterator>

namespace natc::read {

namespace {

using enum ModuleKind;

/// A match or target stands here if natc reads all of its options, be it to pass some on word for word.
constexpr KnownOption known_options[] = {
    {match, "tcp", "--sport", "--sport", 1},
    {match, "tcp", "--source-port", "--sport", 1},
    {match, "tcp", "--dport", "--dport", 1},
    {match, "tcp", "--destination-port", "--dport", 1},
    {match, "tcp", "--tcp-flags", "--tcp-flags", 2},
    {match, "tcp", "--syn", "--syn", 0},
    {match, "tcp", "--tcp-option", "--tcp-option", 1},
    {match, "udp", "--sport", "--sport", 1},
    {match, "udp", "--source-port", "--sport", 1},
    {match, "udp", "--dport", "--dport", 1},
    {match, "udp", "--destination-port", "--dport", 1},
    {match, "sctp", "--sport", "--sport", 1},
    {match, "sctp", "--source-port", "--sport", 1},
    {match, "sctp", "--dport", "--dport", 1},
    {match, "sctp", "--destination-port", "--dport", 1},
    {match, "sctp", "--chunk-types", "--chunk-types", 2},
    {match, "dccp", "--sport", "--sport", 1},
    {match, "dccp", "--source-port", "--sport", 1},
    {match, "dccp", "--dport", "--dport", 1},
    {match, "dccp", "--destination-port", "--dport", 1},
    {match, "dccp", "--dccp-types", "--dccp-types", 1},
    {match, "dccp", "--dccp-option", "--dccp-option", 1},
    {match, "multiport", "--sports", "--sports", 1},
    {match, "multiport", "--source-ports", "--sports", 1},
    {match, "multiport", "--dports", "--dports", 1},
    {match, "multiport", "--destination-ports", "--dports", 1},
    {match, "multiport", "--ports", "--ports", 1},
    {match, "icmp", "--icmp-type", "--icmp-type", 1},
    {match, "icmp6", "--icmpv6-type", "--icmpv6-type", 1},
    {match, "conntrack", "--ctstate", "--ctstate", 1},
    {match, "conntrack", "--ctproto", "--ctproto", 1},
    {match, "conntrack", "--ctorigsrc", "--ctorigsrc", 1},
    {match, "conntrack", "--ctorigdst", "--ctorigdst", 1},
    {match, "conntrack", "--ctreplsrc", "--ctreplsrc", 1},
    {match, "conntrack", "--ctrepldst", "--ctrepldst", 1},
    {match, "conntrack", "--ctorigsrcport", "--ctorigsrcport", 1},
    {match, "conntrack", "--ctorigdstport", "--ctorigdstport", 1},
    {match, "conntrack", "--ctreplsrcport", "--ctreplsrcport", 1},
    {match, "conntrack", "--ctrepldstport", "--ctrepldstport", 1},
    {match, "conntrack", "--ctstatus", "--ctstatus", 1},
    {match, "conntrack", "--ctexpire", "--ctexpire", 1},
    {match, "conntrack", "--ctdir", "--ctdir", 1},
    {match, "state", "--state", "--state", 1},
    {match, "mac", "--mac-source", "--mac-source", 1},
    {match, "limit", "--limit", "--limit", 1},
    {match, "limit", "--limit-burst", "--limit-burst", 1},
    {match, "mark", "--mark", "--mark", 1},
    {match, "addrtype", "--src-type", "--src-type", 1},
    {match, "addrtype", "--dst-type", "--dst-type", 1},
    {match, "addrtype", "--limit-iface-in", "--limit-iface-in", 0},
    {match, "addrtype", "--limit-iface-out", "--limit-iface-out", 0},
    {match, "rpfilter", "--loose", "--loose", 0},
    {match, "rpfilter", "--validmark", "--validmark", 0},
    {match, "rpfilter", "--accept-local", "--accept-local", 0},
    {match, "rpfilter", "--invert", "--invert", 0},
    {match, "iprange", "--src-range", "--src-range", 1},
    {match, "iprange", "--dst-range", "--dst-range", 1},
    {match, "comment", "--comment", "--comment", 1},
    {target, "REJECT", "--reject-with", "--reject-with", 1},
    {target, "LOG", "--log-prefix", "--log-prefix", 1},
    {target, "LOG", "--log-level", "--log-level", 1},
    {target, "LOG", "--log-tcp-sequence", "--log-tcp-sequence", 0},
    {target, "LOG", "--log-tcp-options", "--log-tcp-options", 0},
    {target, "LOG", "--log-ip-options", "--log-ip-options", 0},
    {target, "LOG", "--log-uid", "--log-uid", 0},
    {target, "LOG", "--log-macdecode", "--log-macdecode", 0},
    {target, "MASQUERADE", "--to-ports", "--to-ports", 1},
    {target, "MASQUERADE", "--random", "--random", 0},
    {target, "MASQUERADE", "--random-fully", "--random-fully", 0},
    {target, "SNAT", "--to-source", "--to", 1},
    {target, "SNAT", "--random", "--random", 0},
    {target, "SNAT", "--random-fully", "--random-fully", 0},
    {target, "SNAT", "--persistent", "--persistent", 0},
    {target, "DNAT", "--to-destination", "--to", 1},
    {target, "DNAT", "--random", "--random", 0},
    {target, "DNAT", "--persistent", "--persistent", 0},
    {target, "REDIRECT", "--to-ports", "--to-ports", 1},
    {target, "REDIRECT", "--random", "--random", 0},
    {target, "CHECKSUM", "--checksum-fill", "--checksum-fill", 0},
    {target, "MARK", "--set-xmark", "--set-xmark", 1},
    {target, "MARK", "--set-mark", "--set-mark", 1},
    {target, "MARK", "--and-mark", "--and-mark", 1},
    {target, "MARK", "--or-mark", "--or-mark", 1},
    {target, "MARK", "--xor-mark", "--xor-mark", 1},
    {target, "TCPMSS", "--set-mss", "--set-mss", 1},
    {target, "TCPMSS", "--clamp-mss-to-pmtu", "--clamp-mss-to-pmtu", 0},
};

constexpr std::string_view own_options[] = {
    "--append", "--check", "--delete", "--destination", "--dst", "--exact", "--flush", "--fragments", "--goto",
    "--help", "--in-interface", "--insert", "--ipv4", "--ipv6", "--jump", "--line-numbers", "--list",
    "--list-rules", "--match", "--modprobe", "--new-chain", "--numeric", "--out-interface", "--policy", "--proto",
    "--protocol", "--rename-chain", "--replace", "--set-counters", "--source", "--src", "--table", "--verbose",
    "--version", "--wait", "--zero"};

}  // namespace

const Option* Module::find(std::string_view option) const {
    const auto at = std::find_if(options.begin(), options.end(), [&](const Option& one) { return one.name == option; });
    return at == options.end() ? nullptr : &*at;
}

bool is_known(ModuleKind kind, std::string_view module) {
    return std::any_of(std::begin(known_options), std::end(known_options), [&](const KnownOption& one) { return one.kind == kind && one.module == module; });
}

const KnownOption* known_option(ModuleKind kind, std::string_view module, std::string_view spelling) {
    const auto* const at = std::find_if(std::begin(known_options), std::end(known_options), [&](const KnownOption& one) {
        return one.kind == kind && one.module == module && one.spelling == spelling;
    });
    return at == std::end(known_options) ? nullptr : at;
}

bool is_own_option(std::string_view word) {
    word = word.substr(0, word.find('='));
    // Options of a match (recent's --set, policy's --pol) that begin as one of these do: an exact name comes first.
    if (word == "--set" || word == "--pol") return false;
    return std::any_of(std::begin(own_options), std::end(own_options), [&](std::string_view option) { return option.starts_with(word); });
}

std::string cut(std::string_view text, std::size_t most) {
    if (text.size() <= most) return std::string(text);
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
    return std::string(text.substr(0, most));
}

}  // namespace natc::read

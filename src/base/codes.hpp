// The codes of all diagnostics: the one list of them. A code never changes its meaning and is never
// used again for another. N1: text and syntax, N2: single values, N3: names and networks, N4: rules,
// N5: dumps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace natc {

enum class Severity : std::uint8_t { error, warning, note };

// X(number, identifier, severity, what it says in general)
#define NATC_CODES(X)                                                                        \
    X(1001, not_utf8, error, "the file is not UTF-8 text")                                   \
    X(1002, control_character, error, "a byte that no text has")                             \
    X(1003, unknown_word, error, "a word that does not exist at its place")                  \
    X(1004, missing_word, error, "something is missing from a statement")                    \
    X(1005, unclosed_brace, error, "a block without its `}`")                                \
    X(1006, stray_brace, error, "a brace where none belongs")                                \
    X(1007, bad_string, error, "a quoted text without its end, or with an unknown escape")   \
    X(1008, too_deep, error, "blocks within blocks without end")                             \
    X(1009, wrong_place, error, "a statement in a block where it does not belong")           \
    X(1010, part_twice, error, "a part of a statement that is written twice")                \
    X(1011, extra_word, error, "words after the end of a statement")                         \
    X(1012, misplaced_sign, error, "a sign (`!`, `,`, `=`) where none belongs")              \
    X(1013, cannot_include, error, "an included file that cannot be read")                   \
    X(1014, include_loop, error, "files that include each other")                            \
    X(1015, too_large, error, "a file that is too large to be one")                          \
    X(1018, other_language, error, "a file in another language than natc's")                 \
    X(1019, lookalike, error, "a character that looks like another one, or like nothing")    \
    X(2001, bad_address, error, "no address, prefix or range")                               \
    X(2002, bad_prefix_length, error, "a prefix longer than its addresses")                  \
    X(2003, host_bits, error, "a prefix with bits set beyond its length")                    \
    X(2004, backward_range, error, "a range that ends before it begins")                     \
    X(2005, bad_port, error, "no port, or none that exists")                                 \
    X(2006, bad_interface, error, "no name of an interface")                                 \
    X(2007, bad_mac, error, "no MAC address")                                                \
    X(2008, bad_protocol, error, "no protocol")                                              \
    X(2009, bad_icmp_type, error, "no type of ICMP")                                         \
    X(2010, bad_name, error, "no name")                                                      \
    X(2011, bad_end_point, error, "no end point")                                            \
    X(2012, bad_number, error, "no number, or one out of range")                             \
    X(2013, too_long, error, "a text that is longer than the kernel keeps")                  \
    X(2014, wrong_kind, error, "a define of another kind than its place needs")              \
    X(2015, wrong_family, error, "IPv4 where IPv6 must be, or the other way round")          \
    X(2016, public_space, warning, "addresses of the public internet where private ones are meant") \
    X(2017, mapped_address, warning, "an IPv4-mapped IPv6 address, which no packet bears")   \
    X(2018, odd_mac, warning, "a MAC address that a guest is not given")                     \
    X(2019, whole_family, warning, "a clause that takes every address of one family")        \
    X(3001, unknown_name, error, "a name that nothing bears")                                \
    X(3002, name_twice, error, "a name that two things bear")                                \
    X(3003, circular_define, error, "a define that refers to itself")                        \
    X(3004, written_twice, error, "a statement that stands once and is written twice")       \
    X(3005, incomplete_network, error, "a network without bridge or subnet")                 \
    X(3006, overlapping_subnets, error, "subnets that overlap")                              \
    X(3007, bridge_twice, error, "an interface that two things claim")                       \
    X(3008, outside_subnet, error, "an address outside of the subnets that it belongs to")   \
    X(3009, reserved_address, error, "a guest at an address that is not a guest's")          \
    X(3010, address_twice, error, "an address that two guests have")                         \
    X(3011, mac_twice, error, "a MAC address that two interfaces have")                      \
    X(3012, egress_missing, warning, "a network that does not say how it reaches out")       \
    X(3013, egress_twice, error, "two ways out for one family of one network")               \
    X(3014, uplink_in_bridge, warning, "an uplink that is a member of a bridge")             \
    X(3015, same_claim, error, "two port-forwards that claim the same packet")               \
    X(3016, port_forward_twice, warning, "the same port-forward twice")                      \
    X(3017, unequal_ranges, error, "ports and target ports that are not equally many")       \
    X(3018, bad_target, error, "a port-forward to where it cannot lead")                     \
    X(3019, isolated_opened, error, "something that would open an isolated network")         \
    X(3020, crossing, error, "a network's own rule that speaks of another network")          \
    X(3021, no_room, warning, "a subnet without room for guests")                            \
    X(3022, dhcp_range_taken, warning, "a dhcp-range that holds an address that is taken")   \
    X(3023, idle_exemption, warning, "an exempt block that changes nothing")                 \
    X(3024, nothing_translated, warning, "exempt blocks that leave nothing to translate")    \
    X(3025, held_by_another, warning, "an element of a define that another one holds")       \
    X(3026, unused, warning, "a define, service or chain that nothing uses")                 \
    X(3027, no_guest, warning, "a port-forward to an address that no guest has")             \
    X(3028, unnamed_target, warning, "port-forwards into a network that names no guest")     \
    X(4001, ports_without_protocol, error, "ports with a protocol that has none")            \
    X(4002, reset_without_tcp, error, "tcp-reset for something other than tcp")              \
    X(4003, verdict_not_here, error, "a verdict that the kernel does not take in a chain")   \
    X(4004, clause_not_here, error, "a clause that the kernel does not take in a chain")     \
    X(4005, jump_loop, error, "chains that jump to each other")                              \
    X(4006, jumps_too_deep, error, "more chains within chains than the kernel takes")        \
    X(4007, bad_chain_name, error, "a name that no chain can have")                          \
    X(4008, chain_filled_twice, error, "a chain block beside something that fills its chain") \
    X(4009, policy_not_here, error, "a policy where there can be none")                      \
    X(4010, never_matches, error, "a rule whose parts exclude each other")                   \
    X(4011, bad_match_text, error, "a match \"...\" that is not one or more -m options")     \
    X(4012, too_many_rules, error, "a rule that multiplies into too many")                   \
    X(4013, no_nft_counterpart, error, "a match of iptables that nft has no counterpart of")     \
    X(5001, outside_table, error, "a line of a dump that belongs into a table, and stands in none")   \
    X(5002, no_commit, error, "a table of a dump without its COMMIT")                                 \
    X(5003, unknown_table, error, "a table that netfilter does not have")                             \
    X(5004, unknown_option, error, "an option that a match or target of iptables does not have")      \
    X(5005, unknown_command, error, "a line that iptables-save does not print")                       \
    X(5006, too_long_to_restore, error, "more in a line than iptables-restore takes")                 \
    X(5007, family_unknown, error, "a dump of which nothing tells the family")                        \
    X(5008, two_families, error, "a dump with rules of both families, or of another than was asked for") \
    X(6001, no_such_packet, error, "a packet that there cannot be")                          \
    X(6002, too_wide_packet, error, "so many kinds of packets that one answer cannot be for all of them") \
    X(4014, shadowed, error, "a rule whose packets earlier ones take, and which would do something else with them") \
    X(4015, idle, warning, "a rule whose packets earlier ones take, and do the same with")    \
    X(4016, policy_unreached, warning, "a policy that no packet comes to")                    \
    X(4017, review_undecided, note, "rules that are too entangled to be looked through")      \
    X(4018, partly_shadowed, warning, "a rule of which earlier ones take what it names")      \
    X(4019, forward_refused, warning, "a port-forward whose packets are refused further on")  \
    X(4020, own_service_taken, warning, "a port-forward that takes the packets of a service of the host") \
    X(4021, serve_refused, warning, "a service of a network that `input` refuses")            \
    X(4022, replies_refused, warning, "an `input` that refuses what belongs to established connections") \
    X(4023, uplink_refused, warning, "an uplink that nothing of its network gets out by")     \
    X(4024, guests_unserved, warning, "guests that ask the host for an address, which `input` refuses") \
    X(4025, ssh_refused, warning, "an `input` that lets others in, but nobody by ssh")         \
    X(4102, checksum_by_tc, warning, "checksums that nft cannot fill in")                     \
    X(4101, load_both, note, "the other family's rules must be loaded as well")

enum class Code : std::uint16_t {
#define X(number, identifier, severity, title) identifier = number,
    NATC_CODES(X)
#undef X
};

struct CodeEntry {
    Code code;
    Severity severity;
    std::string_view title;
};

inline constexpr CodeEntry code_entries[] = {
#define X(number, identifier, severity, title) {Code::identifier, Severity::severity, title},
    NATC_CODES(X)
#undef X
};

[[nodiscard]] constexpr Severity severity_of(Code code) {
    for (const auto& entry : code_entries)
        if (entry.code == code) return entry.severity;
    return Severity::error;
}

[[nodiscard]] constexpr std::string_view title_of(Code code) {
    for (const auto& entry : code_entries)
        if (entry.code == code) return entry.title;
    return {};
}

/// `N3006`
[[nodiscard]] inline std::string spelled(Code code) { return "N" + std::to_string(static_cast<unsigned>(code)); }

/// `error`
[[nodiscard]] constexpr std::string_view word_of(Severity severity) {
    switch (severity) {
    case Severity::error: return "error";
    case Severity::warning: return "warning";
    case Severity::note: return "note";
    }
    return {};
}

}  // namespace natc

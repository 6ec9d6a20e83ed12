// The statements of the language as they were written: nothing is looked up, no value is worked out yet.
// Values are places in the text (`Word`); what they say is read when they are resolved.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/lists.hpp"
#include "base/source.hpp"
#include "net/address.hpp"

namespace natc::syntax {

/// A word, or a quoted text with its quotes.
struct Word {
    Span span;
    bool quoted = false;
    [[nodiscard]] bool known() const { return span.known(); }
};

/// Words of a list, which the Input keeps.
using Words = std::span<const Word>;

/// What a clause takes: a list, any of which matches, or none of which with a `!`.
struct Values {
    Words words;
    bool negated = false;
    Span span;
    [[nodiscard]] bool known() const { return !words.empty(); }
};

struct Define {
    Span span;
    Word name;
    Values values;
};

/// Protocols with what is asked of them: `tcp 80 sport 1024-65535`, `icmp echo-request`, `proto 47`, `ssh`.
struct Traffic {
    Words protocols;
    bool numbered = false;  ///< written with `proto`
    Values ports;           ///< or types, for icmp and icmpv6
    Values source_ports;
    Words services;  ///< in place of all of the above
    Span span;
};

struct Service {
    Word name;
    std::vector<Traffic> traffic;
};

enum class VerdictKind : std::uint8_t {
    accept, drop, reject, log, return_, jump, goto_,
    masquerade, snat, dnat, redirect, checksum_fill, set_mark, clamp_mss, notrack,
};

struct Verdict {
    VerdictKind kind = VerdictKind::accept;
    Word word;
    Word argument;  ///< chain, prefix of the log, end point, addresses, ports or mark
    Word ports;     ///< of masquerade and snat
    Word with;      ///< of reject
};

enum class StateKind : std::uint8_t { any, established, new_, invalid, exactly };
enum class Direction : std::uint8_t { none, outbound, inbound, internal, rest };

struct Rule {
    Span span;
    Verdict verdict;
    StateKind state = StateKind::any;
    Word state_word;
    Words states;  ///< of `state A,B`
    std::optional<Traffic> what;
    Direction direction = Direction::none;
    Word direction_word;
    Values in, out, from, to, mac;
    Word limit, burst, mark, to_local, family, comment, match;
    Word limit_word, in_word, out_word, from_word, to_word, mac_word, mark_word, match_word;  ///< the words that begin the clauses
};

struct Policy {
    Span head;    ///< `input`, `chain filter WEB`
    Word policy;  ///< accept or drop, if it is written
    std::vector<Rule> rules;
    bool damaged = false;  ///< a rule in it could not be read
};

struct ChainBlock {
    Word table;
    Word name;
    Policy body;
};

struct PortForward {
    Span span;
    Words protocols;
    Values ports;
    Word service;  ///< in place of both
    Word target;
    Values in, from;
    Word on;
    Word hairpin;
};

/// masquerade, snat, route or isolated: how a network reaches out.
enum class EgressKind : std::uint8_t { masquerade, snat, route, isolated };

struct Egress {
    EgressKind kind = EgressKind::route;
    Span span;
    Word family;  ///< `ipv4` or `ipv6`, if it is written
    Word to;      ///< of snat
    Word ports;
    Words except;
    Word except_none;
};

struct Guest {
    Span span;
    Word name;
    Words addresses;
    Word mac;
    Word tap;
};

struct Subnet {
    Word prefix;
    Word gateway;
};

struct Bridge {
    Word name;
    Word mac;
    Words members;
    Word stp;
};

struct DhcpRange {
    Word range;
};

struct Network {
    Span head;  ///< `network NAME`
    Word name;
    std::optional<Bridge> bridge;
    std::vector<Subnet> subnets;
    Words uplinks;
    Word uplink_word;
    Word domain;
    std::vector<Word> dhcp_ranges;
    std::vector<Guest> guests;
    std::vector<Word> services;  ///< of `serve`
    Span serve;
    std::vector<Egress> egress;
    std::optional<Policy> forward;
    std::vector<PortForward> port_forwards;
    bool damaged = false;  ///< a statement in it could not be read: what is missing may have been in it
    bool subnet_lost = false;  ///< and it may have been a subnet
};

/// All statements of all files of one run, in the order in which they were read.
struct Input {
    Lists<Word> lists;  ///< what the lists of statements are places in
    std::vector<Define> defines;
    std::vector<Service> services;
    std::vector<Word> uplinks;
    std::vector<Network> networks;
    std::vector<PortForward> port_forwards;
    std::optional<Policy> input, output, forward;
    std::vector<ChainBlock> chains;
    /// Words of statements that could not be read: a name among them may have been defined there, so
    /// that nobody is told that it is unknown.
    std::unordered_set<std::string> lost_words;
    bool damaged = false;     ///< some statement could not be read
    bool incomplete = false;  ///< a file could not be read: any name may have been defined in it
};

}  // namespace natc::syntax

#include "emit/iptables_rule.hpp"

#include <algorithm>
#include <cassert>
#include <fmt/format.h>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "emit/iptables_words.hpp"
#include "ir/match.hpp"
#include "ir/statement.hpp"

namespace natc {

namespace {

void append_not(std::string& out, bool negated) {
    if (negated) out += " !";
}

constexpr Protocol dccp{33};

/// Whether a protocol has a match of its own for single ports. udplite has none, multiport knows
/// it.
bool has_own_match(Protocol protocol) {
    return protocol == tcp || protocol == udp || protocol == sctp || protocol == dccp;
}

/// Multiport's job are lists, and all ports: `--dport 0:65535` is lost on the way to the kernel.
template <typename Ports> bool fits_own_match(const Ports& ports) {
    return ports.ranges.size() == 1 && ports.ranges.front().size() <= 0xFFFF;
}

/// What a rule can have only once, and what therefore becomes an option of the rule itself or of
/// its protocol's match. Other matches of these kinds have a match extension each.
struct Once {
    const ir::SourceAddress* source = nullptr;
    const ir::DestinationAddress* destination = nullptr;
    const ir::InInterface* in = nullptr;
    const ir::OutInterface* out = nullptr;
    const ir::ProtocolIs* protocol = nullptr;
    const ir::SourcePorts* source_ports = nullptr;
    const ir::DestinationPorts* destination_ports = nullptr;
    const ir::TcpFlags* flags = nullptr;
};

/// A positive address is better there than a negated one: most packets are then done with.
template <typename Address> void choose_address(const Address*& chosen, const Address& address) {
    if (!address.range.prefix_length()) return;
    // `! -s 0.0.0.0/0` is lost, or does not load.
    if (address.negated && address.range.prefix_length() == 0) return;
    if (chosen == nullptr || (chosen->negated && !address.negated)) chosen = &address;
}

template <typename T> void choose_only(const T*& chosen, const T& match) {
    assert(chosen == nullptr);  // fit_exclusions leaves one interface a side
    chosen = &match;
}

template <typename Ports> void choose_ports(const Ports*& chosen, const Ports& ports) {
    if (chosen == nullptr && fits_own_match(ports)) chosen = &ports;
}

Once choose(const ir::Rule& rule) {
    Once once;
    for (const ir::Match& match : rule.matches) {
        if (const auto* source = std::get_if<ir::SourceAddress>(&match))
            choose_address(once.source, *source);
        else if (const auto* destination = std::get_if<ir::DestinationAddress>(&match))
            choose_address(once.destination, *destination);
        else if (const auto* in = std::get_if<ir::InInterface>(&match))
            choose_only(once.in, *in);
        else if (const auto* out = std::get_if<ir::OutInterface>(&match))
            choose_only(once.out, *out);
        else if (const auto* protocol = std::get_if<ir::ProtocolIs>(&match))
            choose_only(once.protocol, *protocol);
        else if (const auto* source_ports = std::get_if<ir::SourcePorts>(&match))
            choose_ports(once.source_ports, *source_ports);
        else if (const auto* destination_ports = std::get_if<ir::DestinationPorts>(&match))
            choose_ports(once.destination_ports, *destination_ports);
        else if (const auto* flags = std::get_if<ir::TcpFlags>(&match); flags && !once.flags)
            once.flags = flags;
    }
    if (once.protocol == nullptr || !has_own_match(once.protocol->protocol))
        once.source_ports = nullptr, once.destination_ports = nullptr;
    return once;
}

/// ` -s 10.1.1.0/24`
template <typename Address>
void append_address(std::string& out, std::string_view option, const Address* address) {
    if (address == nullptr) return;
    const int length = *address->range.prefix_length();
    if (length == 0) return;  // every address, and iptables-save does not say it
    append_not(out, address->negated);
    out += option;
    append(out, address->range.first());
    out += '/';
    append_number(out, static_cast<unsigned>(length));
}

template <typename Interface>
void append_side(std::string& out, std::string_view option, const Interface* interface) {
    if (interface == nullptr) return;
    append_not(out, interface->negated);
    out += option;
    append_interface(out, interface->name.text());
}

/// ` --dport 22:30`
template <typename Ports>
void append_own_ports(std::string& out, std::string_view option, const Ports* ports) {
    if (ports == nullptr) return;
    append_not(out, ports->negated);
    out += option;
    append_ports(out, ports->ranges.front());
}

void append_flags(std::string& out, const ir::TcpFlags& flags) {
    append_not(out, flags.negated);
    out += " --tcp-flags ";
    append_tcp_flags(out, flags.mask);
    out += ' ';
    append_tcp_flags(out, flags.set);
}

/// ` -m tcp --sport 1 --dport 2 --tcp-flags SYN,RST SYN`: one match, since iptables-nft takes two
/// of them for one and forgets options that both have.
void append_own_match(std::string& out, const Once& once) {
    if (!once.source_ports && !once.destination_ports && !once.flags) return;
    out += " -m ";
    if (once.protocol->protocol == dccp)
        out += "dccp";  // matches go by name, though -p may not
    else
        append_protocol(out, once.protocol->protocol);
    append_own_ports(out, " --sport ", once.source_ports);
    append_own_ports(out, " --dport ", once.destination_ports);
    if (once.flags != nullptr) append_flags(out, *once.flags);
}

/// Matches that belong to a protocol, but are extensions of their own. They stand behind the
/// protocol's match, wherever the rule has them.
class ProtocolMatches {
public:
    ProtocolMatches(std::string& out, const Once& once) : out_(out), once_(once) {}

    void operator()(const ir::SourcePorts& ports) const {
        if (&ports != once_.source_ports) append_multiport(" --sports ", ports);
    }
    void operator()(const ir::DestinationPorts& ports) const {
        if (&ports != once_.destination_ports) append_multiport(" --dports ", ports);
    }
    void operator()(const ir::TcpFlags& flags) const {
        if (&flags == once_.flags) return;
        out_ += " -m tcp";
        append_flags(out_, flags);
    }
    void operator()(const ir::IcmpTypeIs& is) const {
        const bool ipv4 = is.type.family == Family::ipv4;
        out_ += ipv4 ? " -m icmp" : " -m icmp6";
        append_not(out_, is.negated);
        out_ += ipv4 ? " --icmp-type " : " --icmpv6-type ";
        if (ipv4 && is.type.type == 255) {  // the kernel's word for every type
            out_ += "any";
            return;
        }
        append_number(out_, is.type.type);
        if (!is.type.code) return;
        out_ += '/';
        append_number(out_, *is.type.code);
    }
    void operator()(const auto&) const {}

private:
    template <typename Ports>
    void append_multiport(std::string_view option, const Ports& ports) const {
        out_ += " -m multiport";
        append_not(out_, ports.negated);
        out_ += option;
        [[maybe_unused]] std::size_t slots = 0;
        for (const PortRange& range : ports.ranges) {
            slots += range.single() ? 1U : 2U;
            append_ports(out_, range);
            out_ += ',';
        }
        assert(slots != 0 && slots <= 15);  // fit_ports
        out_.pop_back();
    }

    std::string& out_;
    const Once& once_;
};

/// All other matches, in the rule's order. A kind without an overload does not compile.
class OtherMatches {
public:
    OtherMatches(std::string& out, const Once& once) : out_(out), once_(once) {}

    void operator()(const ir::SourceAddress& source) const {
        if (&source != once_.source) append_range("--src-range ", source);
    }
    void operator()(const ir::DestinationAddress& destination) const {
        if (&destination != once_.destination) append_range("--dst-range ", destination);
    }
    void operator()(const ir::Conntrack& conntrack) const {
        const bool states = conntrack.states.bits != 0;
        if (!states && !conntrack.original_source && !conntrack.reply_source) return;
        out_ += " -m conntrack";
        if (states) {
            append_not(out_, conntrack.states_negated);
            out_ += " --ctstate ";
            append_states(out_, conntrack.states);
        }
        append_tracked(" --ctorigsrc ", conntrack.original_source,
                       conntrack.original_source_negated);
        append_tracked(" --ctreplsrc ", conntrack.reply_source, conntrack.reply_source_negated);
    }
    void operator()(const ir::SourceMac& source) const {
        out_ += " -m mac";
        append_not(out_, source.negated);
        out_ += " --mac-source ";
        out_ += to_string(source.mac);
    }
    void operator()(const ir::RateLimit& limit) const {
        out_ += " -m limit --limit ";
        append_rate(out_, limit);
        if (limit.burst == 5) return;
        out_ += " --limit-burst ";
        append_number(out_, limit.burst);
    }
    void operator()(const ir::MarkIs& mark) const {
        out_ += " -m mark";
        append_not(out_, mark.negated);
        out_ += " --mark ";
        append_hex(out_, mark.value);
        if (mark.mask == 0xFFFF'FFFF) return;
        out_ += '/';
        append_hex(out_, mark.mask);
    }
    void operator()(const ir::SourceIsLocal& local) const {
        out_ += " -m addrtype";
        append_not(out_, local.negated);
        out_ += " --src-type LOCAL";
    }
    void operator()(const ir::DestinationIsLocal& local) const {
        out_ += " -m addrtype";
        append_not(out_, local.negated);
        out_ += " --dst-type LOCAL";
    }
    void operator()(const ir::ForgedSource&) const { out_ += " -m rpfilter --invert"; }
    void operator()(const ir::Verbatim& verbatim) const {
        assert(verbatim.options.find('\n') == std::string::npos);
        out_ += ' ';
        out_ += verbatim.options;
    }

    // Written already: options of the rule, and what belongs to its protocol.
    void operator()(const ir::InInterface&) const {}
    void operator()(const ir::OutInterface&) const {}
    void operator()(const ir::ProtocolIs&) const {}
    void operator()(const ir::SourcePorts&) const {}
    void operator()(const ir::DestinationPorts&) const {}
    void operator()(const ir::TcpFlags&) const {}
    void operator()(const ir::IcmpTypeIs&) const {}

private:
    template <typename Address>
    void append_range(std::string_view option, const Address& address) const {
        out_ += " -m iprange";
        append_not(out_, address.negated);
        out_ += ' ';
        out_ += option;
        append(out_, address.range.first());
        out_ += '-';
        append(out_, address.range.last());
    }
    /// Unlike `-s`, conntrack is shown without the length where it is one address.
    void append_tracked(std::string_view option, const std::optional<AddressRange>& range,
                        bool negated) const {
        if (!range) return;
        append_not(out_, negated);
        out_ += option;
        append(out_, *range);
    }

    std::string& out_;
    const Once& once_;
};

class StatementText {
public:
    StatementText(std::string& out, Family family) : out_(out), family_(family) {}

    void operator()(const ir::Accept&) const { out_ += " -j ACCEPT"; }
    void operator()(const ir::Drop&) const { out_ += " -j DROP"; }
    void operator()(const ir::Reject& reject) const {
        out_ += " -j REJECT --reject-with ";
        out_ += reject_name(reject.with, family_);
    }
    void operator()(const ir::Log& log) const {
        out_ += " -j LOG";
        if (log.prefix.empty()) return;
        out_ += " --log-prefix ";
        append_quoted(out_, log.prefix);
    }
    void operator()(const ir::Return&) const { out_ += " -j RETURN"; }
    void operator()(const ir::Jump& jump) const {
        out_ += " -j ";
        out_ += jump.chain;
    }
    void operator()(const ir::Goto& go) const {
        out_ += " -g ";
        out_ += go.chain;
    }
    void operator()(const ir::Masquerade& masquerade) const {
        out_ += " -j MASQUERADE";
        append_to_ports(masquerade.ports);
        append_flags(masquerade.flags);
    }
    void operator()(const ir::SourceNat& snat) const {
        out_ += " -j SNAT --to-source ";
        append_end_point(snat.to, snat.ports);
        append_flags(snat.flags);
    }
    void operator()(const ir::DestinationNat& dnat) const {
        out_ += " -j DNAT --to-destination ";
        append_end_point(dnat.to, dnat.ports);
        // Behind a single port iptables takes no base, and it needs none.
        if (dnat.ports && !dnat.ports->single() && dnat.base) {
            out_ += '/';
            append_number(out_, *dnat.base);
        }
        append_flags(dnat.flags);
    }
    void operator()(const ir::Redirect& redirect) const {
        out_ += " -j REDIRECT";
        append_to_ports(redirect.ports);
        append_flags(redirect.flags);
    }
    void operator()(const ir::FillChecksum&) const { out_ += " -j CHECKSUM --checksum-fill"; }
    void operator()(const ir::SetMark& mark) const {
        out_ += " -j MARK --set-xmark ";
        append_hex(out_, mark.value);
        out_ += '/';
        append_hex(out_, mark.mask);
    }
    void operator()(const ir::ClampMss&) const { out_ += " -j TCPMSS --clamp-mss-to-pmtu"; }
    void operator()(const ir::NoTrack&) const { out_ += " -j CT --notrack"; }
    void operator()(const ir::Continue&) const {}
    void operator()(const ir::ByPort&) const { assert(false && "append_port_rule writes what it stands for"); }
    void operator()(const ir::Foreign& foreign) const {
        assert(foreign.words.find('\n') == std::string::npos);
        out_ += " -j ";
        out_ += foreign.words;
    }

private:
    /// Ports that a packet gets are written with `-`, those that it is asked for with `:`.
    void append_new_ports(PortRange ports) const {
        append_number(out_, ports.first);
        if (ports.single()) return;
        out_ += '-';
        append_number(out_, ports.last);
    }
    void append_to_ports(const std::optional<PortRange>& ports) const {
        if (!ports) return;
        out_ += " --to-ports ";
        append_new_ports(*ports);
    }
    void append_flags(ir::NatFlags flags) const {
        if (flags.random) out_ += " --random";
        if (flags.random_fully) out_ += " --random-fully";
        if (flags.persistent) out_ += " --persistent";
    }
    void append_end_point(const std::optional<AddressRange>& to,
                          const std::optional<PortRange>& ports) const {
        assert(to || ports);
        if (to) append_addresses(*to, ports && family_ == Family::ipv6);
        if (!ports) return;
        out_ += ':';
        append_new_ports(*ports);
    }
    void append_addresses(const AddressRange& to, bool brackets) const {
        assert(to.family() == family_);
        if (brackets) out_ += '[';
        append(out_, to.first());
        if (!to.single()) {
            out_ += '-';
            append(out_, to.last());
        }
        if (brackets) out_ += ']';
    }

    std::string& out_;
    Family family_;
};

}  // namespace

void append_iptables_rule(std::string& out, std::string_view chain, const ir::Rule& rule,
                          Family family) {
    out += "-A ";
    out += chain;
    if (!rule.spelling.empty()) {
        assert(rule.spelling.find('\n') == std::string::npos);
        out += ' ';
        out += rule.spelling;
        out += '\n';
        return;
    }
    const Once once = choose(rule);
    append_address(out, " -s ", once.source);
    append_address(out, " -d ", once.destination);
    append_side(out, " -i ", once.in);
    append_side(out, " -o ", once.out);
    if (once.protocol != nullptr) {
        assert(once.protocol->protocol.number != 0);  // to iptables that is any protocol
        append_not(out, once.protocol->negated);
        out += " -p ";
        append_protocol(out, once.protocol->protocol);
        append_own_match(out, once);
        for (const ir::Match& match : rule.matches) std::visit(ProtocolMatches(out, once), match);
    }
    for (const ir::Match& match : rule.matches) std::visit(OtherMatches(out, once), match);
    if (!rule.comment.empty()) {
        out += " -m comment --comment ";
        append_quoted(out, rule.comment);
    }
    std::visit(StatementText(out, family), rule.statement);
    out += '\n';
}

std::string start_of_port_rules(std::string_view chain, const ir::PortMap& map) {
    std::string start("-A ");
    start += chain;
    start += " -p ";
    append_protocol(start, map.protocol);
    start += " -m ";
    append_protocol(start, map.protocol);
    start += " --dport ";
    return start;
}

namespace {

/// A text that is put together where it is known how long it may become.
template <std::size_t room>
class Piece {
public:
    void put(char c) { *end_++ = c; }
    void put(std::string_view text) { end_ = std::copy(text.begin(), text.end(), end_); }
    void put(unsigned number) {
        const fmt::format_int digits(number);
        put(std::string_view(digits.data(), digits.size()));
    }
    void put(Address address) { end_ = write(end_, address); }
    void put(PortRange ports, char between) {
        put(unsigned{ports.first});
        if (ports.single()) return;
        put(between);
        put(unsigned{ports.last});
    }
    [[nodiscard]] std::string_view text() const { return {text_, static_cast<std::size_t>(end_ - text_)}; }

private:
    char text_[room];
    char* end_ = text_;
};

}  // namespace

void append_port_rule(std::string& out, std::string_view start, const ir::PortMap::Entry& entry, Family family) {
    const ir::DestinationNat& dnat = entry.to;
    assert(dnat.to && dnat.to->single() && dnat.to->family() == family && dnat.flags == ir::NatFlags{});
    constexpr std::size_t port = 5;
    Piece<(2 * port + 1) + 25 + (longest_address + 2) + (3 * port + 3) + 1> piece;
    piece.put(entry.ports, ':');
    piece.put(" -j DNAT --to-destination ");
    const bool brackets = family == Family::ipv6 && dnat.ports;
    if (brackets) piece.put('[');
    piece.put(dnat.to->first());
    if (brackets) piece.put(']');
    if (dnat.ports) {
        piece.put(':');
        piece.put(*dnat.ports, '-');
        // Behind a single port iptables takes no base, and it needs none.
        if (!dnat.ports->single() && dnat.base) {
            piece.put('/');
            piece.put(unsigned{*dnat.base});
        }
    }
    piece.put('\n');
    out += start;
    out += piece.text();
}

}  // namespace natc

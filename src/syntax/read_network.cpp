#include <algorithm>
#include <fmt/format.h>

#include "syntax/foreign.hpp"
#include "syntax/reader.hpp"
#include "syntax/words.hpp"

namespace natc::syntax {

namespace {

/// Says that a part of a statement stands there twice; true if it does not.
bool once(Cursor& cursor, const Word& earlier) {
    if (!earlier.known()) return true;
    cursor.fail(Code::part_twice, cursor.span(), fmt::format("`{}` stands here twice", cursor.peek()))
        .see(earlier.span, "it stands here already");
    return false;
}

void take_part(Cursor& cursor, Word& into, std::string_view what) {
    if (!once(cursor, into)) return;
    cursor.take();
    into = cursor.expect(what);
}

}  // namespace

Bridge Reader::read_bridge(Cursor& cursor) {
    static constexpr std::string_view parts[] = {"stp", "mac", "members"};
    Bridge bridge;
    bridge.name = cursor.expect("the name of an interface");
    while (!cursor.at_end()) {
        const std::string_view word = cursor.peek();
        if (word == "stp") {
            take_part(cursor, bridge.stp, "`on` or `off`");
            const std::string_view value = cursor.text(bridge.stp);
            static constexpr std::string_view values[] = {"on", "off"};
            if (!cursor.bad() && !words::has(values, value)) cursor.unknown(bridge.stp.span, "`on` or `off`", values);
        } else if (word == "mac") {
            take_part(cursor, bridge.mac, "a MAC address");
        } else if (word == "members") {
            if (!bridge.members.empty()) {
                const Word first = bridge.members.front();
                once(cursor, first);
                break;
            }
            cursor.take();
            bridge.members = cursor.expect_list("the name of an interface");
        } else {
            cursor.unknown("`stp`, `mac` or `members`, which may follow a bridge", parts);
        }
    }
    return bridge;
}

Guest Reader::read_guest(Cursor& cursor) {
    static constexpr std::string_view parts[] = {"mac", "tap"};
    Guest guest;
    guest.span = cursor.statement_span();
    guest.name = cursor.expect("the name of the guest");
    guest.addresses = cursor.expect_list("the guest's address");
    while (!cursor.at_end()) {
        const std::string_view word = cursor.peek();
        if (word == "mac") {
            take_part(cursor, guest.mac, "a MAC address");
        } else if (word == "tap") {
            take_part(cursor, guest.tap, "the name of an interface");
        } else {
            cursor.unknown("`mac` or `tap`, which may follow a guest's address", parts);
        }
    }
    return guest;
}

Egress Reader::read_egress(Cursor& cursor, EgressKind kind) {
    Egress egress;
    egress.kind = kind;
    egress.span = cursor.statement_span();
    if (kind == EgressKind::snat) {
        cursor.expect_word("to", "an address");
        egress.to = cursor.expect("an address");
    }
    const bool translates = kind == EgressKind::masquerade || kind == EgressKind::snat;
    while (!cursor.at_end()) {
        const std::string_view word = cursor.peek();
        if ((word == "ipv4" || word == "ipv6") && kind != EgressKind::snat) {
            if (once(cursor, egress.family)) egress.family = cursor.take();
        } else if (word == "ports" && translates) {
            take_part(cursor, egress.ports, "a range of ports");
        } else if (word == "except" && translates) {
            const Word earlier = egress.except.empty() ? egress.except_none : egress.except.front();
            if (!once(cursor, earlier)) break;
            cursor.take();
            if (cursor.peek() == "none") {
                egress.except_none = cursor.take();
            } else {
                egress.except = cursor.expect_list("a prefix");
            }
        } else if (word == "ipv4" || word == "ipv6") {
            cursor.fail(Code::unknown_word, cursor.span(), fmt::format("`{}` has no place here: the address of `snat` tells the family", word)).advise("leave it out");
        } else if (translates) {
            static constexpr std::string_view parts[] = {"ipv4", "ipv6", "ports", "except"};
            auto& diagnostic = kind == EgressKind::snat ? cursor.unknown("`ports` or `except`", std::span(parts).subspan(2)) : cursor.unknown("`ipv4`, `ipv6`, `ports` or `except`", parts);
            if (!word.empty() && word.front() >= '0' && word.front() <= '9' && word.find('.') == std::string_view::npos)
                diagnostic.advise(fmt::format("write `ports {}`", word));
        } else {
            static constexpr std::string_view parts[] = {"ipv4", "ipv6"};
            cursor.unknown("`ipv4` or `ipv6`", parts);
        }
    }
    return egress;
}

PortForward Reader::read_port_forward(Cursor& cursor) {
    PortForward forward;
    forward.span = cursor.statement_span();
    const std::string_view first = cursor.peek();
    if (first == "tcp" || first == "udp" || first == "icmp" || first == "icmpv6" || first == "sctp" || first == "proto") {
        Traffic traffic = read_traffic(cursor);
        const auto other = std::ranges::find_if(traffic.protocols, [&](const Word& protocol) {
            return traffic.numbered || (cursor.text(protocol) != "tcp" && cursor.text(protocol) != "udp");
        });
        if (other != traffic.protocols.end()) {
            cursor.fail(Code::ports_without_protocol, other->span, "only ports of tcp and udp can be forwarded");
        } else if (traffic.source_ports.known()) {
            cursor.fail(Code::unknown_word, traffic.span, "a port-forward takes `tcp`, `udp` or `tcp,udp` with ports, or a service");
        } else if (!traffic.ports.known() && !cursor.at_end() && cursor.peek() != "to") {
            cursor.fail(Code::unknown_word, cursor.span(), fmt::format("a port must stand here, not `{}`", sources_.text(cursor.span())));
        } else if (!traffic.ports.known()) {
            cursor.fail(Code::missing_word, {traffic.span.end, traffic.span.end}, "a port must follow here");
        }
        forward.protocols = std::move(traffic.protocols);
        forward.ports = std::move(traffic.ports);
    } else {
        if (const std::string meant = port_with_protocol(first); !meant.empty()) {
            cursor.fail(Code::unknown_word, cursor.span(), "the protocol stands ahead of its ports").advise(fmt::format("write `{}`", meant)).replace(cursor.span(), meant);
        } else if (!first.empty() && first.front() >= '0' && first.front() <= '9') {
            cursor.fail(Code::unknown_word, cursor.span(), fmt::format("the number `{}` stands here without a protocol", first))
                .advise(fmt::format("write `tcp {}` or `udp {}`", first, first));
        }
        forward.service = cursor.expect("`tcp`, `udp` or the name of a service");
        static constexpr std::string_view protocols[] = {"tcp", "udp"};
        const std::string_view next = cursor.peek();
        if (!next.empty() && next.front() >= '0' && next.front() <= '9')
            cursor.unknown(forward.service.span, "`tcp` or `udp`", protocols);
    }
    cursor.expect_word("to", "a guest or an address");
    forward.target = cursor.expect("a guest or an address, with a port perhaps,");
    Word in_word;
    Word from_word;
    while (!cursor.at_end()) {
        const std::string_view word = cursor.peek();
        if (word == "in") {
            if (once(cursor, in_word)) in_word = cursor.take(), forward.in = cursor.expect_values("an interface");
        } else if (word == "on") {
            take_part(cursor, forward.on, "an address of the host");
        } else if (word == "from") {
            if (once(cursor, from_word))
                from_word = cursor.take(), forward.from = cursor.expect_values("an address, a guest or a network");
        } else if (word == "hairpin") {
            if (once(cursor, forward.hairpin)) forward.hairpin = cursor.take();
        } else {
            cursor.unknown("`in`, `on`, `from` or `hairpin`, which may follow a port-forward", words::port_forward);
        }
    }
    return forward;
}

void Reader::read_in_network(const Statement& statement, Network& network) {
    const std::string_view word = head(statement, Place::network);
    if (word.empty()) {
        // A statement of the file's that ended up in a block without `}` takes nothing away from the network.
        network.damaged = true;
        network.subnet_lost = true;
        return;
    }
    const bool may_be_the_files = word == "port-forward" || (word == "forward" && statement.block != nullptr && !speaks_of_directions(statement));
    if (shape_->unclosed && may_be_the_files) {
        // A `}` that is missing may have put it in here; at the top it has less to answer to.
        strays_.push_back(&statement);
        return;
    }
    Cursor cursor(statement, sources_, diagnostics_, input_.lists);
    const Word begin = cursor.take();
    const auto written_twice = [&](Span earlier, std::string_view what) {
        cursor.fail(Code::written_twice, begin.span, fmt::format("`{}` stands once in a network", what))
            .see(earlier, "it stands here already");
    };
    if (word == "forward") {
        if (network.forward) written_twice(network.forward->head, word);
        read_policy_block(cursor, statement, network.forward);
        if (statement.block == nullptr) forward_without_block_ = &*network.forward;
    } else if (!no_block(cursor, statement)) {
    } else if (word == "bridge") {
        if (network.bridge) written_twice(network.bridge->name.span, word);
        Bridge bridge = read_bridge(cursor);
        if (!cursor.bad()) network.bridge = std::move(bridge);
    } else if (word == "subnet") {
        Subnet subnet;
        subnet.prefix = cursor.expect("a prefix, such as 10.1.1.0/24,");
        while (!cursor.at_end()) {
            static constexpr std::string_view parts[] = {"gateway"};
            if (cursor.peek() == "gateway") {
                take_part(cursor, subnet.gateway, "an address");
            } else {
                cursor.unknown("`gateway`, which may follow a subnet", parts);
            }
        }
        if (!cursor.bad()) network.subnets.push_back(subnet);
    } else if (word == "uplink") {
        if (network.uplink_word.known()) written_twice(network.uplink_word.span, word);
        auto list = cursor.expect_list("the name of an interface");
        cursor.finish();
        if (!cursor.bad()) {
            network.uplink_word = begin;
            network.uplinks = std::move(list);
        }
    } else if (word == "domain") {
        if (network.domain.known()) written_twice(network.domain.span, word);
        const Word domain = cursor.expect("the name of a domain");
        cursor.finish();
        if (!cursor.bad()) network.domain = domain;
    } else if (word == "dhcp-range") {
        const Word range = cursor.expect("a range of addresses");
        cursor.finish();
        if (!cursor.bad()) network.dhcp_ranges.push_back(range);
    } else if (word == "guest") {
        Guest guest = read_guest(cursor);
        if (!cursor.bad()) network.guests.push_back(std::move(guest));
    } else if (word == "serve") {
        auto list = cursor.expect_list("the name of a service");
        cursor.finish();
        if (!cursor.bad()) {
            network.serve = network.serve.known() ? network.serve : cursor.statement_span();
            network.services.insert(network.services.end(), list.begin(), list.end());
        }
    } else if (word == "port-forward") {
        PortForward forward = read_port_forward(cursor);
        if (!cursor.bad()) network.port_forwards.push_back(std::move(forward));
    } else {
        const EgressKind kind = word == "masquerade" ? EgressKind::masquerade
                                : word == "snat"     ? EgressKind::snat
                                : word == "route"    ? EgressKind::route
                                                     : EgressKind::isolated;
        Egress egress = read_egress(cursor, kind);
        if (!cursor.bad()) network.egress.push_back(std::move(egress));
    }
    if (cursor.bad()) {
        network.damaged = true;
        network.subnet_lost = network.subnet_lost || word == "subnet";
        lose(statement);
    }
}

void Reader::read_network(Cursor& cursor, const Statement& statement) {
    Network network;
    network.name = cursor.expect("the name of the network");
    cursor.finish();
    network.head = cursor.statement_span();
    // Without a block it is known by its name, and what follows it may be read as its own.
    with_block(cursor, statement, "bridge, subnet and the rest of it");
    network.damaged = cursor.bad();
    network.subnet_lost = cursor.bad();
    forward_without_block_ = nullptr;
    if (statement.block != nullptr)
        for (const Statement& inner : statement.block->statements) read_in_network(inner, network);
    forward_without_block_ = nullptr;
    // A network without a name is read for the errors in it, and for nothing else.
    if (network.name.known()) {
        input_.networks.push_back(std::move(network));
    } else {
        lose(statement);
    }
}

}  // namespace natc::syntax

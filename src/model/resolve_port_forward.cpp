#include "model/resolve_port_forward.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "model/end_point.hpp"

namespace natc {

namespace {

/// Where a network says that it is isolated; its head where it does not, and a warning says that it is.
Span isolated_at(const Network& network, Family family) {
    const Egress& egress = network.egress_of(family);
    return egress.span.known() ? egress.span : network.head;
}

/// The ports of a port-forward with the ports that they become.
bool read_moves(const syntax::PortForward& written, const std::optional<PortRange>& target, Scope& scope, PortForward& forward) {
    auto& diagnostics = scope.diagnostics();
    const auto add = [&](Protocol protocol, PortRange ports) { forward.moves.push_back({protocol, ports, target.value_or(ports)}); };
    if (written.service.known()) {
        static constexpr std::string_view protocols[] = {"tcp", "udp"};
        const Service* service = scope.service(written.service, protocols);
        if (service == nullptr) return false;
        for (const Traffic& one : service->traffic) {
            const bool plain = one.protocol && (*one.protocol == tcp || *one.protocol == udp) && !one.ports.empty() && !one.ports_negated;
            if (!plain || !one.source_ports.empty()) {
                diagnostics.add(Code::ports_without_protocol, written.service.span,
                                one.protocol && one.ports.empty() ? fmt::format("service `{}` is more than ports of tcp and udp", scope.text(written.service))
                                                                  : "only ports of tcp and udp can be forwarded");
                return false;
            }
            for (const PortRange range : one.ports) add(*one.protocol, range);
        }
    } else {
        if (written.ports.negated) {
            diagnostics.add(Code::misplaced_sign, written.ports.span, "a port-forward names the ports that it takes; `!` cannot stand here");
            return false;
        }
        SmallVector<PortRange, 2> ports;
        if (!scope.port_list(written.ports.words, ports)) return false;
        for (const syntax::Word& word : written.protocols)
            for (const PortRange range : ports) add(scope.text(word) == "tcp" ? tcp : udp, range);
    }
    if (!target) return true;
    for (std::size_t i = 0; i < forward.moves.size(); ++i) {
        const PortMove& move = forward.moves[i];
        const bool several = std::count_if(forward.moves.begin(), forward.moves.end(),
                                           [&](const PortMove& o) { return o.protocol == move.protocol; }) > 1;
        if (move.ports.size() == target->size() && !several) continue;
        auto& diagnostic = diagnostics.add(
            Code::unequal_ranges, written.target.span,
            several || target->single() ? fmt::format("several ports cannot become the port{} {}", target->single() ? "" : "s", to_string(*target))
            : move.ports.single()     ? fmt::format("one port cannot become the ports {}", to_string(*target))
                                        : fmt::format("{} ports cannot become {}: the ranges must be equally long", move.ports.size(), target->size()));
        diagnostic.see(written.ports.known() ? written.ports.span : written.service.span, "these ports");
        if (several) {
            diagnostic.advise("leave the target's port out, or write a port-forward for each");
        } else if (move.ports.single()) {
            diagnostic.advise(fmt::format("write one of them, such as {}", target->first));
        } else if (target->first + move.ports.size() - 1 <= 65535) {
            diagnostic.advise(fmt::format(
                "as many ports from {} on are {}-{}", target->first, target->first, target->first + move.ports.size() - 1));
        }
        return false;
    }
    return true;
}

bool read_targets(const syntax::PortForward& written, const EndPoint& to, std::optional<std::size_t> owner,
                  const std::vector<Network>& networks, const SubnetIndex& subnets, Scope& scope, PortForward& forward) {
    auto& diagnostics = scope.diagnostics();
    const auto bad = [&](std::string message) -> Diagnostic& {
        return diagnostics.add(Code::bad_target, written.target.span, std::move(message));
    };
    for (const AddressRange& range : to.addresses) {
        const Address address = range.first();
        for (const Address earlier : forward.targets)
            if (earlier.family() == address.family()) {
                bad(fmt::format("this guest has two {} addresses", name(address.family())))
                    .advise(fmt::format("write the address, such as {}", to_string(earlier)));
                return false;
            }
        forward.targets.push_back(address);
    }
    if (forward.targets.empty()) return false;
    for (const Address address : forward.targets) {
        const SubnetIndex::Entry* at = subnets.find(address);
        if (at == nullptr) {
            // Said of the guest already, if it is one.
            if (!to.guest && !scope.input().damaged)
                bad(fmt::format("{} lies in no network's subnet: natc would not let what it forwards there pass", to_string(address)));
            return false;
        }
        forward.network = at->network;
        const Network& there = networks[at->network];
        const Subnet& subnet = there.subnets[at->subnet];
        if (there.isolated(address.family())) {
            bad(fmt::format("network `{}` is isolated, and {} lies in it", there.name, to_string(address)))
                .see(isolated_at(there, address.family()), "isolated here");
            return false;
        }
        const bool reserved = address_bits(address.family()) - subnet.length >= 2 &&
                              (address == subnet.range.first() || (address.family() == Family::ipv4 && address == subnet.range.last()));
        // Of a guest's own address it was said where the guest stands.
        if (to.guest && (reserved || address == subnet.gateway)) return false;
        if (address == subnet.gateway) {
            bad(fmt::format("{} is the gateway of network `{}`, which is the host itself", to_string(address), there.name))
                .advise("a port of the host is opened in `input`");
            return false;
        }
        if (reserved) {
            bad(fmt::format("{} is no guest's address, but the {} address of subnet {}", to_string(address),
                            address == subnet.range.first() ? "first" : "broadcast", to_string(subnet.range)));
            return false;
        }
    }
    if (owner && *owner != forward.network) {
        bad(fmt::format("this stands in network `{}` and leads to network `{}`", networks[*owner].name, networks[forward.network].name))
            .advise("put it outside of the networks, or into the other one");
        return false;
    }
    return true;
}

}  // namespace

bool read_port_forward(const syntax::PortForward& written, std::optional<std::size_t> owner, const std::vector<Network>& networks,
                       const SubnetIndex& subnets, Scope& scope, PortForward& forward) {
    auto& diagnostics = scope.diagnostics();
    forward.span = written.span;
    forward.remark = scope.remark_above(written.span);
    forward.hairpin = written.hairpin.known();
    const auto to = read_end_point(written.target, scope, networks, false);
    bool ok = to.has_value();
    ok = read_moves(written, to ? to->ports : std::nullopt, scope, forward) && ok;
    if (to) ok = read_targets(written, *to, owner, networks, subnets, scope, forward) && ok;
    std::vector<std::size_t> in_networks;
    if (written.in.known()) ok = scope.interface_list(written.in.words, forward.in, &in_networks, networks) && ok;
    forward.in_negated = written.in.negated;
    if (written.from.known()) ok = scope.side_list(written.from.words, forward.from, networks) && ok;
    forward.from_negated = written.from.negated;
    if (written.on.known()) {
        forward.on = scope.address(written.on);
        ok = forward.on.has_value() && ok;
    }
    if (!ok) return false;

    for (const std::size_t network : in_networks)
        if (!forward.in_negated && networks[network].isolated_families() == FamilySet::both()) {
            diagnostics.add(Code::isolated_opened, written.in.span,
                            fmt::format("network `{}` is isolated, and nothing is forwarded from it", networks[network].name))
                .see(isolated_at(networks[network], Family::ipv4), "isolated here");
            return false;
        }
    for (const Side& side : forward.from)
        if (!forward.from_negated && side.network && networks[*side.network].isolated(side.addresses.family())) {
            diagnostics.add(Code::isolated_opened, written.from.span,
                            fmt::format("network `{}` is isolated, and nothing is forwarded from it", networks[*side.network].name))
                .see(isolated_at(networks[*side.network], side.addresses.family()), "isolated here");
            return false;
        }
    // Of a guest's addresses, those count that what the statement names besides can meet.
    FamilySet families = FamilySet::both();
    if (forward.on) families &= forward.on->family();
    FamilySet from;
    for (const Side& side : forward.from) from |= side.addresses.family();
    if (!forward.from.empty()) families &= from;
    if (families == FamilySet::both()) return true;
    SmallVector<Address, 2> left;
    for (const Address target : forward.targets)
        if (families.contains(target.family())) left.push_back(target);
    forward.targets = left;
    if (forward.targets.empty()) {
        const Span span = written.on.known() ? written.on.span : written.from.span;
        if (families.empty()) {
            diagnostics.add(Code::wrong_family, span, "`on` and `from` are of different families, and no packet is of both");
        } else {
            const std::string_view family = name(families.contains(Family::ipv4) ? Family::ipv4 : Family::ipv6);
            diagnostics.add(Code::wrong_family, span,
                            fmt::format("{} is {}, and the target {} has no {} address", scope.sources().text(span), family,
                                        scope.plain(written.target), family));
        }
        return false;
    }
    return true;
}

}  // namespace natc

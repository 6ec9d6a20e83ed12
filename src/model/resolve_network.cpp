#include "model/resolve_network.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace natc {

namespace {

using syntax::Word;

/// Whether a subnet is large enough to have addresses that are no host's: the first and, in IPv4, the last one.
bool has_reserved(const Subnet& subnet) { return address_bits(subnet.range.family()) - subnet.length >= 2; }

/// The host's own address in a subnet that does not say it.
Address usual_gateway(const Subnet& subnet) {
    const Address first = subnet.range.first();
    return has_reserved(subnet) ? Address(first.family(), first.value() + 1) : first;
}

/// Why an address is not for a host of this subnet; empty if it is.
std::string reserved_as(const Subnet& subnet, Address address) {
    if (!has_reserved(subnet)) return {};
    if (address == subnet.range.first())
        return subnet.range.family() == Family::ipv4 ? "the address of the subnet itself" : "the subnet's router anycast address";
    if (subnet.range.family() == Family::ipv4 && address == subnet.range.last()) return "the broadcast address of the subnet";
    return {};
}

void read_subnet(const syntax::Subnet& written, Network& network, Scope& scope) {
    auto& diagnostics = scope.diagnostics();
    const std::string text = scope.plain(written.prefix);
    const auto prefix = parse_interface_address(text);
    if (!prefix) {
        if (parse_addresses(text) && text.find('-') != std::string::npos) {
            diagnostics.add(Code::bad_address, written.prefix.span, fmt::format("{} is a range, and a subnet is a prefix, such as 10.1.1.0/24", text));
        } else {
            diagnostics.add(written.prefix.span, prefix.error());
        }
        return;
    }
    Subnet subnet;
    subnet.span = written.prefix.span;
    subnet.range = prefix->network();
    subnet.length = prefix->length;
    if (prefix->has_host_bits()) {
        const std::string meant = to_string(prefix->network());
        auto& diagnostic = diagnostics.add(Code::host_bits, written.prefix.span, fmt::format("{} has host bits set", text));
        if (written.gateway.known()) {
            diagnostic.advise(fmt::format("write {}", meant)).replace(written.prefix.span, meant);
        } else {
            // Where the host's own address is the first one anyway, both mean the same.
            if (prefix->address == usual_gateway(subnet)) diagnostic.replace(written.prefix.span, meant);
            const std::string both = fmt::format("{} gateway {}", meant, to_string(prefix->address));
            diagnostic.advise(fmt::format("write {}, or `subnet {}` if that is the host's own address", meant, both));
        }
        return;
    }
    const Address first = subnet.range.first();
    subnet.gateway = usual_gateway(subnet);
    if (written.gateway.known()) {
        const auto gateway = scope.address(written.gateway);
        if (!gateway) return;
        if (gateway->family() != first.family()) {
            diagnostics.add(Code::wrong_family, written.gateway.span,
                            fmt::format("{} is {}, and the subnet {} is {}", to_string(*gateway), name(gateway->family()),
                                        to_string(subnet.range), name(first.family())));
            return;
        }
        if (!subnet.range.contains(*gateway)) {
            diagnostics.add(Code::outside_subnet, written.gateway.span,
                            fmt::format("the gateway {} lies outside of its subnet {}", to_string(*gateway), to_string(subnet.range)));
            return;
        }
        if (const std::string reserved = reserved_as(subnet, *gateway); !reserved.empty()) {
            diagnostics.add(Code::reserved_address, written.gateway.span, fmt::format("{} is {}, and no gateway's", to_string(*gateway), reserved));
            return;
        }
        subnet.gateway = *gateway;
    }
    network.add(subnet);
}

/// Whether a guest, or a dhcp range, may have these addresses.
void check_inside(const Network& network, const AddressRange& addresses, Span span, bool guest, Scope& scope) {
    const Subnet* subnet = network.subnet_of(addresses);
    if (subnet == nullptr) {
        auto& diagnostic = scope.diagnostics().add(
            Code::outside_subnet, span,
            fmt::format("{} {} the subnets of network `{}`", to_string(addresses), network.outside(addresses), network.name));
        constexpr std::size_t most_told = 4;
        for (std::size_t i = 0; i < std::min(network.subnets.size(), most_told); ++i) diagnostic.see(network.subnets[i].span, "a subnet of it");
        return;
    }
    if (!guest) return;
    std::string reserved = reserved_as(*subnet, addresses.first());
    if (addresses.first() == subnet->gateway) reserved = "the gateway's, which is the host itself";
    if (!reserved.empty())
        scope.diagnostics()
            .add(Code::reserved_address, span, fmt::format("{} cannot be a guest's: it is {}", to_string(addresses), reserved))
            .see(subnet->span, "the subnet");
}

void read_guest(const syntax::Guest& written, Network& network, Scope& scope) {
    if (!scope.name(written.name, "a guest")) return;
    Guest guest;
    guest.span = written.name.span;
    guest.name = scope.text(written.name);
    for (const Word& word : written.addresses) {
        const auto address = scope.address(word);
        if (!address) continue;
        if (network.subnets_known) check_inside(network, *address, word.span, true, scope);
        guest.addresses.push_back(*address);
    }
    if (written.mac.known()) guest.mac = scope.mac(written.mac);
    guest.mac_span = written.mac.span;
    if (written.tap.known()) guest.tap = scope.interface(written.tap, true);
    network.guests.push_back(std::move(guest));
}

}  // namespace

Network read_network(const syntax::Network& written, Scope& scope) {
    Network network;
    auto& diagnostics = scope.diagnostics();
    network.span = written.name.span;
    network.head = written.head;
    network.name = scope.name(written.name, "a network") ? std::string(scope.text(written.name)) : std::string();
    network.remark = scope.remark_above(written.head);
    if (written.bridge) {
        const auto bridge = scope.interface(written.bridge->name, true);
        if (bridge) network.bridge = *bridge;
        network.bridge_span = written.bridge->name.span;
        if (written.bridge->mac.known()) network.mac = scope.mac(written.bridge->mac);
        for (const Word& word : written.bridge->members)
            if (const auto member = scope.interface(word, true)) network.members.push_back(*member);
    } else if (!written.damaged) {
        diagnostics.add(Code::incomplete_network, written.head, fmt::format("network `{}` has no bridge", scope.text(written.name)))
            .advise("write `bridge IFACE`: the interface that its guests are plugged into");
    }
    for (const syntax::Subnet& subnet : written.subnets) read_subnet(subnet, network, scope);
    if (written.subnets.empty() && !written.damaged)
        diagnostics.add(Code::incomplete_network, written.head, fmt::format("network `{}` has no subnet", scope.text(written.name)))
            .advise("write `subnet PREFIX`, such as `subnet 192.168.100.0/24`");
    network.subnets_known = !written.subnet_lost && network.subnets.size() == written.subnets.size() && !network.subnets.empty();
    for (const syntax::Guest& guest : written.guests) read_guest(guest, network, scope);
    for (const Word& word : written.dhcp_ranges) {
        const auto range = scope.addresses(word);
        if (!range) continue;
        if (network.subnets_known) check_inside(network, *range, word.span, false, scope);
        network.dhcp_ranges.push_back({word.span, *range});
    }
    if (written.domain.known() && scope.name(written.domain, "a domain")) network.domain = scope.text(written.domain);
    return network;
}

namespace {

void read_egress(const syntax::Egress& written, Network& network, Scope& scope) {
    auto& diagnostics = scope.diagnostics();
    Egress egress;
    egress.kind = written.kind;
    egress.span = written.span;
    egress.remark = scope.remark_above(written.span);
    // A value that is wrong leaves it a way out all the same: nobody is told that there is none.
    FamilySet families = FamilySet::both();
    if (written.family.known()) families = scope.text(written.family) == "ipv4" ? Family::ipv4 : Family::ipv6;
    if (written.kind == EgressKind::snat) {
        const auto to = scope.addresses(written.to);
        if (to) {
            egress.to = *to;
            families = to->family();
        }
    }
    if (written.ports.known()) egress.ports = scope.ports(written.ports);
    egress.exempts_nothing = written.except_none.known();
    for (const Word& word : written.except) {
        const std::size_t before = egress.except.size();
        (void)scope.address_list(std::span(&word, 1), egress.except);
        for (std::size_t i = before; i < egress.except.size(); ++i) {
            const Family family = egress.except[i].family();
            if (families.contains(family)) continue;
            diagnostics.add(Code::wrong_family, word.span, fmt::format("{} is {}, and this is for {} alone", to_string(egress.except[i]),
                                                                       name(family), name(other(family))));
            break;
        }
    }
    for (const Family family : all_families) {
        if (!families.contains(family)) continue;
        Egress& there = network.egress_of(family);
        if (there.span.known()) {
            diagnostics.add(Code::egress_twice, written.span, fmt::format("network `{}` has a way out for {} already", network.name, name(family)))
                .see(there.span, "this one");
            return;
        }
        there = egress;
    }
}

/// Fills in what a network does not say about its way out.
void default_egress(const syntax::Network& written, Network& network, Scope& scope) {
    FamilySet silent;
    for (const Family family : all_families)
        if (!network.egress_of(family).span.known()) silent |= family;
    if (silent.empty()) return;
    // What could not be read may have been the way out: nobody is told of an isolated network then.
    const bool open = written.forward || written.damaged;
    for (const Family family : all_families)
        if (silent.contains(family)) network.egress_of(family).kind = open ? EgressKind::route : EgressKind::isolated;
    if (open) return;
    const bool nothing_said = silent == FamilySet::both();
    // A family that the network has no subnet of needs no way out.
    const FamilySet missed = nothing_said ? silent : silent & network.families();
    if (missed.empty()) return;
    // Without a subnet it is incomplete, which was said.
    if (written.subnets.empty()) return;
    const Family one = missed.contains(Family::ipv4) ? Family::ipv4 : Family::ipv6;
    const std::string what = nothing_said ? "" : fmt::format(" in {}", name(one));
    const std::string_view word = nothing_said ? "" : one == Family::ipv4 ? " ipv4" : " ipv6";
    scope.diagnostics()
        .add(Code::egress_missing, written.head, fmt::format("network `{}` does not say how it reaches out{}: it is isolated", network.name, what))
        .advise(fmt::format("write `masquerade{}`, `route{}` or `isolated{}`", word, word, word));
}

Rule default_rule(ir::Statement verdict, Direction direction, FamilySet families, Span span) {
    Rule rule;
    rule.span = span;
    rule.verdict = std::move(verdict);
    rule.direction = direction;
    rule.families = families;
    return rule;
}

/// The policy of a network that writes none, in the families that `like` is the way out of.
void default_policy(const Network& network, const Egress& like, FamilySet families, Policy& policy) {
    const Span span = like.span.known() ? like.span : network.head;
    const auto add = [&](ir::Statement verdict, Direction direction) -> Rule& {
        return policy.rules.emplace_back(default_rule(std::move(verdict), direction, families, span));
    };
    if (like.kind == EgressKind::isolated) {
        // What comes in or goes out was rejected ahead of all other rules.
        add(ir::Accept{}, Direction::internal);
        return;
    }
    Rule& inbound = add(ir::Accept{}, Direction::inbound);
    if (like.translates()) inbound.states = ir::established_or_related;
    // What connection tracking does not know would leave with the guest's own address.
    if (like.translates() && !network.uplinks.empty()) add(ir::Drop{}, Direction::outbound).states = ir::ConntrackState::invalid;
    add(ir::Accept{}, Direction::outbound);
    add(ir::Accept{}, Direction::internal);
    add(ir::Reject{}, Direction::rest);
}

void fill_policy(Network& network) {
    Policy policy;
    policy.head = network.head;
    const Egress& first = network.egress_of(Family::ipv4);
    const Egress& second = network.egress_of(Family::ipv6);
    const auto shape = [](const Egress& egress) { return egress.translates() ? EgressKind::masquerade : egress.kind; };
    if (shape(first) == shape(second)) {
        default_policy(network, first, FamilySet::both(), policy);
    } else {
        default_policy(network, first, Family::ipv4, policy);
        default_policy(network, second, Family::ipv6, policy);
    }
    network.forward = std::move(policy);
}

}  // namespace

void complete_network(const syntax::Network& written, std::size_t index, std::vector<Network>& networks,
                      const std::vector<InterfaceName>& file_uplinks, RuleResolver& rules, Scope& scope) {
    Network& network = networks[index];
    network.uplinks = file_uplinks;
    if (!written.uplinks.empty()) {
        network.uplinks.clear();
        (void)scope.interface_list(written.uplinks, network.uplinks, nullptr, networks);
    }
    network.serve_span = written.serve;
    if (written.serve.known()) network.serve_remark = scope.remark_above(written.serve);
    for (const Word& word : written.services)
        if (const Service* service = scope.service(word)) network.serves.push_back({word.span, service->name, service->traffic});
    for (const syntax::Egress& egress : written.egress) read_egress(egress, network, scope);
    default_egress(written, network, scope);
    if (written.forward) {
        if (network.isolated_families() == FamilySet::both() && network.egress_of(Family::ipv4).span.known())
            scope.diagnostics()
                .add(Code::isolated_opened, written.forward->head, fmt::format("network `{}` is isolated, and has nothing to forward", network.name))
                .see(network.egress_of(Family::ipv4).span, "isolated here");
        network.forward = rules.policy(*written.forward, ir::TableName::filter);
    } else {
        fill_policy(network);
    }
}

}  // namespace natc

// INPUT and OUTPUT: what networks serve, and what IPv6 does not work without.

#include <algorithm>
#include <vector>

#include "lower/make_rule.hpp"
#include "lower/tables.hpp"

namespace natc {

namespace {

/// Neighbour discovery, and multicast listeners: without the latter, a host behind a switch that snoops vanishes from it
/// after a while. RFC 4890 has both among what must not be dropped.
constexpr std::uint8_t icmpv6_needed[] = {133, 134, 135, 136, 130, 131, 132, 143};

void accept_needed_icmpv6(const Policy& policy, ir::Chain& chain) {
    for (const std::uint8_t type : icmpv6_needed)
        chain << MakeRule(Family::ipv6, policy.head)
                     .protocol(icmpv6)
                     .match(ir::IcmpTypeIs{{Family::ipv6, type, std::nullopt}, false})
                     .then(ir::Accept{});
}

/// What a network serves, ports of one protocol together, in the order in which they are named.
void serve(const Network& network, ir::Chain& chain, Diagnostics& diagnostics) {
    struct Group {
        Traffic traffic;
        Span origin;
    };
    std::vector<Group> groups;
    for (const Served& served : network.serves)
        for (const Traffic& traffic : served.traffic) {
            const bool simple = traffic.source_ports.empty() && !traffic.ports.empty() && !traffic.ports_negated;
            const auto same = std::find_if(groups.begin(), groups.end(), [&](const Group& g) {
                return simple && g.traffic.protocol == traffic.protocol && !g.traffic.ports.empty() && g.traffic.source_ports.empty() &&
                       !g.traffic.ports_negated;
            });
            if (same == groups.end()) {
                groups.push_back({traffic, served.span});
                continue;
            }
            for (const PortRange range : traffic.ports)
                if (std::find(same->traffic.ports.begin(), same->traffic.ports.end(), range) == same->traffic.ports.end())
                    same->traffic.ports.push_back(range);
        }
    const std::size_t before = chain.rules.size();
    for (const Group& group : groups) {
        Rule rule;
        rule.span = network.serve_span;
        rule.verdict = ir::Accept{};
        rule.families = network.families();
        rule.what = {group.traffic};
        rule.in = {network.bridge};
        if ((rule.families & group.traffic.families).empty()) continue;
        lower_rule(rule, View{true, false}, chain, diagnostics);
    }
    put_remark(network.serve_remark, chain, before);
    // Nothing of a network comes before this in the output.
    put_remark(network.remark, chain, before);
}

/// Puts natc's own rules right ahead of a policy's closing run: those of networks, then what the policy needs because it closes.
template <typename OfNetworks, typename IfItCloses>
void fill(const std::optional<Policy>& policy, View view, ir::Chain& chain, Diagnostics& diagnostics, const OfNetworks& of_networks,
          const IfItCloses& if_it_closes) {
    if (!policy) {
        of_networks();
        return;
    }
    if (policy->policy) chain.policy = *policy->policy;
    const std::size_t closing = closing_run(*policy);
    const std::size_t before = chain.rules.size();
    for (std::size_t i = 0; i < closing; ++i) lower_rule(policy->rules[i], view, chain, diagnostics);
    const FamilySet commented = put_remark(policy->remark, chain, before);
    of_networks();
    const std::size_t after = chain.rules.size();
    if (closes(*policy)) if_it_closes();
    for (std::size_t i = closing; i < policy->rules.size(); ++i) lower_rule(policy->rules[i], view, chain, diagnostics);
    put_remark(policy->remark, chain, after, complement(commented));
}

constexpr std::uint16_t dhcp_server = 67;
constexpr std::uint16_t dhcp_client = 68;
constexpr std::uint16_t dhcpv6_server = 547;
constexpr std::uint16_t dhcpv6_client = 546;

/// Connection tracking knows a DHCP reply as NEW: its request came from another address than the reply goes to.
void accept_dhcp_replies(const Network& network, ir::Chain& chain) {
    const auto reply = [&](Family family, std::uint16_t server, std::uint16_t client) {
        if (serves_dhcp(network, family))
            chain << MakeRule(family, network.serve_span).out(network.bridge).protocol(udp).source_port(server).port(client).then(ir::Accept{});
    };
    reply(Family::ipv4, dhcp_server, dhcp_client);
    reply(Family::ipv6, dhcpv6_server, dhcpv6_client);
}

}  // namespace

FamilySet served_families(const Network& network) {
    FamilySet families;
    for (const Served& served : network.serves)
        for (const Traffic& traffic : served.traffic) families |= traffic.families;
    return families & network.families();
}

bool serves_dhcp(const Network& network, Family family) {
    const std::uint16_t server = family == Family::ipv4 ? dhcp_server : dhcpv6_server;
    if (!network.families().contains(family)) return false;
    for (const Served& served : network.serves)
        for (const Traffic& traffic : served.traffic)
            if (traffic.protocol == udp && !traffic.ports_negated &&
                std::any_of(traffic.ports.begin(), traffic.ports.end(), [&](PortRange r) { return r.first <= server && server <= r.last; }))
                return true;
    return false;
}

void lower_input(const Model& model, ir::Table& filter, Diagnostics& diagnostics) {
    ir::Chain& chain = filter.at(ir::Hook::input);
    fill(
        model.input, View{true, false}, chain, diagnostics,
        [&] {
            for (const Network& network : model.networks) serve(network, chain, diagnostics);
        },
        [&] { accept_needed_icmpv6(*model.input, chain); });
}

void lower_output(const Model& model, ir::Table& filter, Diagnostics& diagnostics) {
    ir::Chain& chain = filter.at(ir::Hook::output);
    fill(model.output, View{false, true}, chain, diagnostics, [] {}, [&] {
        accept_needed_icmpv6(*model.output, chain);
        for (const Network& network : model.networks) accept_dhcp_replies(network, chain);
        // What the host sends to a guest under its own address leaves translated. The interface is not asked for: it is
        // settled anew only after this chain.
        for (const HairpinTarget& target : hairpin_targets(model))
            chain << MakeRule(FamilySet::both(), target.origin).to(target.subnet).state(ir::ConntrackState::dnat).then(ir::Accept{});
    });
}

}  // namespace natc

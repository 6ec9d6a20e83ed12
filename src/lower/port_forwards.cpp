// Port-forwards in nat: what is translated on its way in, and what `hairpin` adds.

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "lower/arrivals.hpp"
#include "lower/make_rule.hpp"
#include "lower/port_groups.hpp"
#include "lower/tables.hpp"

namespace natc {

namespace {

/// With more pairs of subnets on one bridge than this, `hairpin` has a chain for those that it leads to.
constexpr std::size_t most_pairs_in_line = 4;

/// Ports of a port-forward that one rule translates.
struct Claimed {
    Protocol protocol;
    std::vector<PortRange> ports;
    std::optional<PortRange> target;
    std::optional<std::uint16_t> base;
};

/// Those that keep their number go into one rule; of those that are moved, each has its own.
std::vector<Claimed> claims_of(const PortForward& forward) {
    std::vector<Claimed> result;
    for (const PortMove& move : forward.moves) {
        const bool kept = move.ports == move.target;
        const auto same = std::find_if(result.begin(), result.end(), [&](const Claimed& c) { return kept && c.protocol == move.protocol && !c.target; });
        if (same != result.end()) {
            same->ports.push_back(move.ports);
            continue;
        }
        Claimed claimed{move.protocol, {move.ports}, std::nullopt, std::nullopt};
        if (!kept) {
            claimed.target = move.target;
            // Without the base, the kernel hands out the ports of the range one after the other.
            if (!move.target.single()) claimed.base = move.ports.first;
        }
        result.push_back(std::move(claimed));
    }
    // A single port reads better with its number on both sides.
    for (Claimed& claimed : result)
        if (!claimed.target && claimed.ports.size() == 1 && claimed.ports.front().single()) claimed.target = claimed.ports.front();
    return result;
}

class PortForwardRules {
public:
    PortForwardRules(const Model& model, ir::Table& nat, PortForwards as) : model_(model), nat_(nat), gathers_(as == PortForwards::as_maps && count_ports(model) > ir::few_port_forwards) {}

    void all() {
        outside_ = make_chain_from_outside(model_);
        outside_.families = FamilySet();
        if (gathers_) arriving_by_port();
        for (const PortForward& forward : model_.port_forwards) {
            if (forward.repeated || (gathers_ && takes_all(forward))) continue;
            for (const Address target : forward.targets) {
                remark_ = forward.remark;
                arriving(forward, target);
            }
        }
        remark_.clear();
        if (!outside_.families.empty()) nat_.chains.push_back(std::move(outside_));
        hairpin();
    }

private:
    ir::Chain& prerouting() { return nat_.at(ir::Hook::prerouting); }

    /// The part of a rule that all kinds of arrival share, and what it does.
    ir::Rule finish(MakeRule rule, const Claimed& claimed, Address target, bool local) {
        rule.protocol(claimed.protocol).ports(claimed.ports);
        if (local) rule.match(ir::DestinationIsLocal{});
        rule.remark(std::exchange(remark_, {}));
        return rule.then(ir::DestinationNat{target, claimed.target, claimed.base});
    }

    /// What a rule asks of a way in, ahead of protocol and ports.
    MakeRule way_in(const PortForward& forward, const Arrival& arrival, Family family) const {
        MakeRule rule(family, forward.span);
        for (const AddressRange& range : arrival.from) rule.from(range, arrival.from_negated);
        if (forward.on) rule.to(*forward.on);
        for (const InterfaceName& name : arrival.in) rule.in(name, arrival.in_negated);
        if (arrival.not_by_bridge && outside_in_the_rule(model_)) rule.in(model_.networks.front().bridge, true);
        return rule;
    }

    /// The chain that such a rule stands in.
    ir::Chain& chain_of(const PortForward& forward, const Arrival& arrival, Family family) {
        if (!arrival.not_by_bridge || outside_in_the_rule(model_)) return prerouting();
        if (!outside_.families.contains(family)) {
            outside_.families |= family;
            prerouting() << MakeRule(family, forward.span).then(ir::Jump{chain_from_outside});
        }
        return outside_;
    }

    void arriving(const PortForward& forward, Address target) {
        const Family family = target.family();
        for (const Arrival& arrival : arrivals(forward, model_, family))
            for (const Claimed& claimed : claims_of(forward))
                chain_of(forward, arrival, family) << finish(way_in(forward, arrival, family), claimed, target, !forward.on);
    }

    /// All that ask for nothing but a port: what is looked up once is told for many.
    void arriving_by_port() {
        // Networks that share their uplinks share the maps.
        std::map<std::vector<InterfaceName>, std::size_t> ways;
        std::vector<std::size_t> way_of;  // by network
        for (const Network& network : model_.networks) way_of.push_back(ways.try_emplace(network.uplinks, ways.size()).first->second);
        for (const PortForward& forward : model_.port_forwards)
            if (!forward.repeated && takes_all(forward))
                for (const Address target : forward.targets) groups_.add(PortUse::arriving, way_of[forward.network], forward, target, true);
        for (PortGroups::Group& group : groups_.take()) {
            const Family family = group.map.family;
            const std::uint32_t place = place_of(std::move(group.map));
            for (const Arrival& arrival : arrivals(*group.first, model_, family))
                chain_of(*group.first, arrival, family) << look_up(way_in(*group.first, arrival, family), place);
        }
    }

    /// The place of a map in the table, which one that says the same has already, maybe: what guests reach by `hairpin` is often all that others do.
    std::uint32_t place_of(ir::PortMap map) {
        auto& maps = nat_.port_maps;
        const auto same = std::find_if(maps.begin(), maps.end(), [&](const ir::PortMap& other) { return other.translates_as(map); });
        const auto place = static_cast<std::uint32_t>(same - maps.begin());
        if (same == maps.end()) {
            groups_.name(map);
            maps.push_back(std::move(map));
        }
        return place;
    }

    ir::Rule look_up(MakeRule rule, std::uint32_t place) const {
        const ir::PortMap& map = nat_.port_maps[place];
        rule.protocol(map.protocol).match(ir::DestinationIsLocal{});
        return rule.then(ir::ByPort{place, 0, static_cast<std::uint32_t>(map.entries.size())});
    }

    /// Ahead of the hairpin rules proper: what the host's own services answer on keeps its meaning for guests.
    /// An address of link scope is the host's own on each bridge, as a gateway is.
    static void pass_gateways(const Model& model, FamilySet families, Span origin, ir::Chain& chain) {
        const AddressRange link = AddressRange::prefix(Address(Family::ipv6, uint128{0xFE80} << 112U), 10);
        if (families.contains(Family::ipv6)) chain << MakeRule(families, origin).to(link).then(ir::Return{});
        for (const Network& network : model.networks)
            for (const Subnet& subnet : network.subnets)
                if (families.contains(subnet.range.family()))
                    chain << MakeRule(families, subnet.span).to(subnet.gateway).then(ir::Return{});
    }

    void hairpin() {
        ir::Chain by_bridge;
        by_bridge.name = "natc-hairpin";
        ir::Chain own;
        own.name = "natc-hairpin-host";
        FamilySet families;
        Span origin;  // of the first of them, for the rules that all share
        for (const PortForward& forward : model_.port_forwards)
            if (forward.hairpin && !forward.repeated && !forward.on) {
                if (!origin.known()) origin = forward.span;
                for (const Address target : forward.targets) families |= target.family();
            }
        if (!families.empty()) {
            pass_gateways(model_, families, origin, by_bridge);
            const AddressRange loopbacks[] = {AddressRange::prefix(Address(Family::ipv4, 0x7F000000U), 8), Address(Family::ipv6, 1)};
            for (const AddressRange& loopback : loopbacks)
                if (families.contains(loopback.family())) own << MakeRule(families, origin).to(loopback).then(ir::Return{});
            pass_gateways(model_, families, origin, own);
        }
        if (gathers_ && !families.empty()) hairpin_by_port(by_bridge, own);
        for (const PortForward& forward : model_.port_forwards) {
            if (!forward.hairpin || forward.repeated || (gathers_ && !forward.on)) continue;
            for (const Address target : forward.targets)
                for (const Claimed& claimed : claims_of(forward)) {
                    MakeRule bridged(target.family(), forward.span);
                    MakeRule hosts(target.family(), forward.span);
                    if (forward.on) {
                        bridged.to(*forward.on);
                        hosts.to(*forward.on);
                    }
                    bridged.in(model_.networks[forward.network].bridge);
                    (forward.on ? prerouting() : by_bridge) << finish(std::move(bridged), claimed, target, !forward.on);
                    (forward.on ? nat_.at(ir::Hook::output) : own) << finish(std::move(hosts), claimed, target, !forward.on);
                }
        }
        if (!families.empty()) {
            by_bridge.families = own.families = families;
            prerouting() << MakeRule(families, origin).then(ir::Jump{by_bridge.name});
            nat_.at(ir::Hook::output) << MakeRule(families, origin).then(ir::Jump{own.name});
            nat_.chains.push_back(std::move(by_bridge));
            nat_.chains.push_back(std::move(own));
        }
        masquerade_hairpin();
    }

    void hairpin_by_port(ir::Chain& by_bridge, ir::Chain& own) {
        for (const PortForward& forward : model_.port_forwards) {
            if (!forward.hairpin || forward.repeated || forward.on) continue;
            for (const Address target : forward.targets) {
                groups_.add(PortUse::by_bridge, forward.network, forward, target, false);
                groups_.add(PortUse::own, 0, forward, target, false);
            }
        }
        for (PortGroups::Group& group : groups_.take()) {
            MakeRule rule(group.map.family, group.first->span);
            if (group.use == PortUse::by_bridge) rule.in(model_.networks[group.first->network].bridge);
            (group.use == PortUse::by_bridge ? by_bridge : own) << look_up(std::move(rule), place_of(std::move(group.map)));
        }
    }

    /// Both must see answers come from where they sent to: through the host.
    void masquerade_hairpin() {
        ir::Chain& postrouting = nat_.at(ir::Hook::postrouting);
        const auto targets = hairpin_targets(model_);
        // Which targets a network's subnets of a family reach, by the network's place and the family.
        std::map<std::pair<const Network*, Family>, std::vector<const HairpinTarget*>> of_network;
        for (const HairpinTarget& target : targets) of_network[{target.network, target.subnet.family()}].push_back(&target);
        ir::Chain shared;
        shared.name = "natc-hairpin-back";
        shared.families = FamilySet();
        for (const HairpinTarget& target : targets) {
            const Family family = target.subnet.family();
            const auto& siblings = of_network[{target.network, family}];
            const bool first = &target == siblings.front();
            const bool few = siblings.size() <= most_pairs_in_line;
            std::vector<AddressRange> sources;
            if (first || few)
                for (const Subnet& from : target.network->subnets)
                    if (from.range.family() == family) sources.push_back(from.range);
            const auto from = [&](const AddressRange& source) {
                MakeRule rule(family, target.origin);
                rule.from(source);
                return rule;
            };
            if (siblings.size() == 1 || (few && sources.size() * siblings.size() <= most_pairs_in_line)) {
                for (const AddressRange& source : sources)
                    postrouting << from(source).to(target.subnet).out(target.network->bridge).state(ir::ConntrackState::dnat).then(ir::Masquerade{});
                continue;
            }
            // Rules grow with the number of subnets, not with its square.
            if (first)
                for (const AddressRange& source : sources)
                    postrouting << from(source).out(target.network->bridge).state(ir::ConntrackState::dnat).then(ir::Jump{shared.name});
            shared.families |= family;
            shared << MakeRule(family, target.origin).to(target.subnet).out(target.network->bridge).then(ir::Masquerade{});
        }
        if (!shared.families.empty()) nat_.chains.push_back(std::move(shared));
        // Chains may have moved.
        for (const HairpinTarget& target : targets)
            nat_.at(ir::Hook::postrouting) << MakeRule(FamilySet::both(), target.origin).to(target.subnet).out(target.network->bridge)
                                                  .match(ir::SourceIsLocal{}).state(ir::ConntrackState::dnat).then(ir::Masquerade{});
    }

    const Model& model_;
    ir::Table& nat_;
    bool gathers_;       // into maps, what asks for a port alone
    PortGroups groups_;
    ir::Chain outside_;  // for what arrives by no network's bridge
    std::string remark_;  // of the port-forward at hand, until its first rule has it
};

}  // namespace

std::vector<HairpinTarget> hairpin_targets(const Model& model) {
    std::vector<HairpinTarget> targets;
    std::set<AddressRange> seen;
    for (const PortForward& forward : model.port_forwards) {
        if (!forward.hairpin || forward.repeated) continue;
        const Network& network = model.networks[forward.network];
        for (const Address target : forward.targets) {
            const AddressRange& subnet = network.subnet_of(target)->range;
            if (seen.insert(subnet).second) targets.push_back({&network, subnet, forward.span});
        }
    }
    return targets;
}

void lower_port_forwards(const Model& model, ir::Table& nat, PortForwards as) { PortForwardRules(model, nat, as).all(); }

}  // namespace natc

#include "explain/host.hpp"

#include <algorithm>

#include "semantics/space.hpp"

namespace natc::explain {

namespace {

AddressRange of_the_link() { return AddressRange::prefix(Address(Family::ipv6, uint128{0xFE80} << 112U), 10); }

const Model& nothing() {
    static const Model model;
    return model;
}

}  // namespace

Host::Host(const Model* model) : model_(model == nullptr ? nothing() : *model) {
    for (const Network& network : model_.networks)
        for (const Subnet& subnet : network.subnets) {
            own_.insert(subnet.gateway);
            // Unless it has no more than two addresses (fib_add_ifaddr() of the kernel).
            if (subnet.range.family() == Family::ipv4 && subnet.length <= 30) broadcasts_.insert(subnet.range.last());
            subnets_.emplace(subnet.range.last(), Subnetwork{subnet.range, &network});
        }
    for (const PortForward& forward : model_.port_forwards)
        if (forward.on) own_.insert(*forward.on);
}

semantics::Surroundings Host::surroundings() const {
    semantics::Surroundings result;
    for (const auto& [last, subnet] : subnets_) result.add_link(subnet.range, subnet.network->bridge);
    for (const Address address : own_) result.add_own(address);
    result.close();
    return result;
}

std::map<Address, Host::Subnetwork>::const_iterator Host::subnet_from(Address address) const { return subnets_.lower_bound(address); }

Whose Host::whose(Address address, const Network* network) const {
    if (own_.contains(address)) return Whose::own;
    if (broadcasts_.contains(address)) return Whose::many;
    if (network != nullptr) return Whose::guests;
    if (address.value() == 0) return Whose::nobody;
    if (semantics::loopbacks(address.family()).contains(address)) return Whose::loopback;
    if (of_the_link().contains(address)) return Whose::link;
    const auto many = semantics::addresses_of_many(address.family());
    return std::any_of(many.begin(), many.end(), [&](const AddressRange& range) { return range.contains(address); }) ? Whose::many : Whose::others;
}

std::vector<Part> Host::parts(const AddressRange& addresses) const {
    const Family family = addresses.family();
    // Where a part may begin: at one of these, or behind it.
    std::set<Address> begins{addresses.first()};
    const auto cut = [&](const AddressRange& range) {
        if (!range.overlaps(addresses)) return;
        if (range.first() > addresses.first()) begins.insert(range.first());
        if (range.last() < addresses.last()) begins.insert({family, range.last().value() + 1});
    };
    cut(semantics::loopbacks(family));
    cut(Address(family, 0));
    cut(of_the_link());
    for (const AddressRange& many : semantics::addresses_of_many(family)) cut(many);
    std::size_t cuts = 0;
    for (const auto* points : {&own_, &broadcasts_}) {
        cuts = 0;
        for (auto at = points->lower_bound(addresses.first()); at != points->end() && *at <= addresses.last() && cuts < most_parts; ++at, ++cuts) cut(*at);
    }
    cuts = 0;
    for (auto at = subnet_from(addresses.first()); at != subnets_.end() && at->second.range.overlaps(addresses) && cuts < most_parts; ++at, ++cuts) cut(at->second.range);

    std::vector<Part> result;
    for (auto at = begins.begin(); at != begins.end() && result.size() < most_parts; ++at) {
        const auto next = std::next(at);
        const auto subnet = subnet_from(*at);
        const Network* network = subnet != subnets_.end() && subnet->second.range.contains(*at) ? subnet->second.network : nullptr;
        result.push_back({{*at, next == begins.end() ? addresses.last() : Address(family, next->value() - 1)}, whose(*at, network), network});
    }
    return result;
}

std::optional<InterfaceName> Host::bridge_of(const AddressRange& addresses) const {
    const auto at = subnet_from(addresses.first());
    if (at == subnets_.end() || !at->second.range.contains(addresses)) return std::nullopt;
    return at->second.network->bridge;
}

std::vector<InterfaceName> Host::uplinks_of(const Network* from) const {
    if (from != nullptr) return from->uplinks;
    std::vector<InterfaceName> uplinks = model_.uplinks;
    for (const Network& network : model_.networks)
        for (const InterfaceName& uplink : network.uplinks)
            if (std::find(uplinks.begin(), uplinks.end(), uplink) == uplinks.end()) uplinks.push_back(uplink);
    return uplinks;
}

std::vector<InterfaceName> Host::interfaces() const {
    std::vector<InterfaceName> all = model_.uplinks;
    for (const Network& network : model_.networks) {
        all.push_back(network.bridge);
        all.insert(all.end(), network.uplinks.begin(), network.uplinks.end());
    }
    return all;
}

bool Host::asks_for(const InterfaceName& name) const {
    const auto in = [&](const std::vector<InterfaceName>& names) { return std::any_of(names.begin(), names.end(), [&](const InterfaceName& one) { return one.covers(name); }); };
    const auto in_rules = [&](const Policy& policy) { return std::any_of(policy.rules.begin(), policy.rules.end(), [&](const Rule& rule) { return in(rule.in) || in(rule.out); }); };
    for (const auto* policy : {&model_.input, &model_.output, &model_.forward})
        if (*policy && in_rules(**policy)) return true;
    return std::any_of(model_.chains.begin(), model_.chains.end(), [&](const ChainBlock& chain) { return in_rules(chain.body); }) ||
           std::any_of(model_.port_forwards.begin(), model_.port_forwards.end(), [&](const PortForward& forward) { return in(forward.in); });
}

const Network* Host::network_behind(const InterfaceName& bridge) const {
    const auto at = std::find_if(model_.networks.begin(), model_.networks.end(), [&](const Network& network) { return network.bridge == bridge; });
    return at == model_.networks.end() ? nullptr : &*at;
}

const Network* Host::network_of_port(const InterfaceName& port) const {
    for (const Network& network : model_.networks) {
        if (std::find(network.members.begin(), network.members.end(), port) != network.members.end()) return &network;
        if (std::any_of(network.guests.begin(), network.guests.end(), [&](const Guest& guest) { return guest.tap == port; })) return &network;
    }
    return nullptr;
}

const Guest* Host::guest_at(Address address) const {
    for (const Network& network : model_.networks)
        for (const Guest& guest : network.guests)
            if (std::find(guest.addresses.begin(), guest.addresses.end(), address) != guest.addresses.end()) return &guest;
    return nullptr;
}

std::optional<bool> Host::forged(const Part& source, const std::optional<AddressRange>& destination, const InterfaceName& in) const {
    if (in.text() == "lo") return false;
    const Family family = source.addresses.family();
    if (source.whose == Whose::own && family == Family::ipv4) return true;
    if (source.whose == Whose::guests || (source.whose == Whose::own && source.network != nullptr)) return source.network->bridge != in;
    const Network* behind = network_behind(in);
    if (behind == nullptr) return false;
    if (source.whose == Whose::link) return false;
    if (source.whose == Whose::nobody) {
        const bool to_all = destination && (*destination == AddressRange(Address(Family::ipv4, 0xFFFF'FFFFU)) || AddressRange::prefix(Address(Family::ipv4, 0xE000'0000U), 24).contains(*destination));
        if (family == Family::ipv6 || to_all) return false;
    }
    if (behind->families().contains(family)) return true;
    return std::nullopt;
}

}  // namespace natc::explain

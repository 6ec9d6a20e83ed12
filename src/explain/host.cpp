#include "explain/host.hpp"

#include <algorithm>

namespace natc::explain {

bool Host::owns(Address address) const {
    if (!known()) return false;
    return std::any_of(model_->networks.begin(), model_->networks.end(), [&](const Network& network) {
        return std::any_of(network.subnets.begin(), network.subnets.end(), [&](const Subnet& subnet) { return subnet.gateway == address; });
    });
}

semantics::Surroundings Host::surroundings() const {
    semantics::Surroundings result;
    if (known()) {
        for (const Network& network : model_->networks)
            for (const Subnet& subnet : network.subnets) {
                result.add_link(subnet.range, network.bridge);
                result.add_own(subnet.gateway);
            }
        for (const PortForward& forward : model_->port_forwards)
            if (forward.on) result.add_own(*forward.on);
    }
    result.close();
    return result;
}

bool Host::is_broadcast(Address address) const {
    // The last of a subnet, unless it has no more than two (fib_add_ifaddr() of the kernel).
    constexpr int longest = 30;
    return known() && address.family() == Family::ipv4 && std::any_of(model_->networks.begin(), model_->networks.end(), [&](const Network& network) {
        return std::any_of(network.subnets.begin(), network.subnets.end(), [&](const Subnet& subnet) { return subnet.range.last() == address && subnet.length <= longest; });
    });
}

const Network* Host::network_of(const AddressRange& addresses) const {
    if (!known()) return nullptr;
    for (const Network& network : model_->networks)
        if (network.subnet_of(addresses) != nullptr) return &network;
    return nullptr;
}

std::optional<InterfaceName> Host::bridge_of(const AddressRange& addresses) const {
    const Network* network = network_of(addresses);
    return network == nullptr ? std::nullopt : std::optional(network->bridge);
}

std::vector<InterfaceName> Host::uplinks_of(const std::optional<AddressRange>& source) const {
    std::vector<InterfaceName> uplinks;
    if (!known()) return uplinks;
    const Network* network = source ? network_of(*source) : nullptr;
    if (network != nullptr) return network->uplinks;
    uplinks = model_->uplinks;
    for (const Network& other : model_->networks)
        for (const InterfaceName& uplink : other.uplinks)
            if (std::find(uplinks.begin(), uplinks.end(), uplink) == uplinks.end()) uplinks.push_back(uplink);
    return uplinks;
}

std::vector<InterfaceName> Host::interfaces() const {
    std::vector<InterfaceName> all;
    if (!known()) return all;
    all = model_->uplinks;
    for (const Network& network : model_->networks) {
        all.push_back(network.bridge);
        all.insert(all.end(), network.uplinks.begin(), network.uplinks.end());
    }
    return all;
}

bool Host::is_bridge(const InterfaceName& name) const {
    return known() && std::any_of(model_->networks.begin(), model_->networks.end(), [&](const Network& network) { return network.bridge == name; });
}

std::optional<bool> Host::forged(const AddressRange& source, const std::optional<AddressRange>& destination, const InterfaceName& in) const {
    if (!known()) return false;
    const Network* network = network_of(source);
    if (network != nullptr) return network->bridge != in;
    if (!is_bridge(in)) return false;
    if (source.family() == Family::ipv4) {
        const bool to_all = destination && (*destination == AddressRange(Address(Family::ipv4, 0xFFFF'FFFFU)) ||
                                            AddressRange::prefix(Address(Family::ipv4, 0xE000'0000U), 24).contains(*destination));
        if (to_all && AddressRange::prefix(Address(Family::ipv4, 0), 8).contains(source)) return false;
    } else if (source == AddressRange(Address(Family::ipv6, 0)) || AddressRange::prefix(Address(Family::ipv6, uint128{0xFE80} << 112U), 10).contains(source)) {
        return false;
    }
    for (const Network& other : model_->networks)
        if (other.bridge == in && std::any_of(other.subnets.begin(), other.subnets.end(), [&](const Subnet& subnet) { return subnet.range.family() == source.family(); })) return true;
    return std::nullopt;
}

}  // namespace natc::explain

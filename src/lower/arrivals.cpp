#include "lower/arrivals.hpp"

#include "lower/make_rule.hpp"

namespace natc {

std::vector<Arrival> arrivals(const PortForward& forward, const Model& model, Family family) {
    struct Source {
        std::vector<AddressRange> addresses;
        std::optional<InterfaceName> bridge;
    };
    std::vector<Source> sources;
    if (forward.from.empty()) sources.emplace_back();
    if (forward.from_negated) {
        sources.emplace_back();
        for (const Side& side : forward.from)
            if (side.addresses.family() == family) sources.back().addresses.push_back(side.addresses);
    } else {
        for (const Side& side : forward.from)
            if (side.addresses.family() == family) sources.push_back({{side.addresses}, side.bridge});
    }

    const auto& by = forward.in.empty() ? model.networks[forward.network].uplinks : forward.in;
    std::vector<Arrival> result;
    for (const Source& source : sources) {
        Arrival arrival;
        arrival.from = source.addresses;
        arrival.from_negated = forward.from_negated;
        if (forward.in.empty() && source.bridge) {
            // Guests of another network come in by their bridge, whatever the uplink.
            arrival.in = {*source.bridge};
            result.push_back(std::move(arrival));
        } else if (by.empty()) {
            arrival.not_by_bridge = true;
            result.push_back(std::move(arrival));
        } else if (forward.in_negated) {
            arrival.in = by;
            arrival.in_negated = true;
            result.push_back(std::move(arrival));
        } else {
            for (const InterfaceName& name : by) {
                arrival.in = {name};
                result.push_back(arrival);
            }
        }
    }
    return result;
}

ir::Chain make_chain_from_outside(const Model& model) {
    ir::Chain chain;
    chain.name = chain_from_outside;
    for (const Network& network : model.networks)
        chain << MakeRule(FamilySet::both(), network.bridge_span).in(network.bridge).then(ir::Return{});
    return chain;
}

}  // namespace natc

// How packets that a port-forward claims come in. Inner header of src/lower.
#pragma once

#include <optional>
#include <vector>

#include "model/model.hpp"

namespace natc {

/// One way in. Sources and interfaces that are negated hold together.
struct Arrival {
    std::vector<InterfaceName> in;  ///< one, or those that it is not
    bool in_negated = false;
    bool not_by_bridge = false;  ///< by an interface that is no network's bridge: no uplink is known
    std::vector<AddressRange> from;
    bool from_negated = false;

    [[nodiscard]] bool same_way(const Arrival& o) const {
        return in == o.in && in_negated == o.in_negated && not_by_bridge == o.not_by_bridge;
    }
};

/// In the order in which interfaces and sources are named.
[[nodiscard]] std::vector<Arrival> arrivals(const PortForward& forward, const Model& model, Family family);

/// The chain that is asked, in nat and in filter, what comes in by no network's bridge: where several networks are,
/// their bridges are passed by once and not once a rule.
inline constexpr const char* chain_from_outside = "natc-outside";

/// A chain of that name that begins with a way back for each bridge.
[[nodiscard]] ir::Chain make_chain_from_outside(const Model& model);

/// Whether "not by a bridge" is written into the rule itself.
[[nodiscard]] inline bool outside_in_the_rule(const Model& model) { return model.networks.size() == 1; }

}  // namespace natc

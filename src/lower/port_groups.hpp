// Port-forwards that ask for nothing but a protocol and a port, gathered into maps. Inner header of src/lower.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ir/program.hpp"
#include "model/model.hpp"

namespace natc {

/// Which of the rules that a port-forward causes a map is for.
enum class PortUse : std::uint8_t { arriving, by_bridge, own };

/// No packet is claimed by two port-forwards (the check that raises same_claim sees to it), so that what they become has no order.
class PortGroups {
public:
    /// What shares a map: the same use, way in, family and protocol.
    struct Group {
        PortUse use = PortUse::arriving;
        const PortForward* first = nullptr;  ///< the first of those that are in it
        ir::PortMap map;
    };

    /// Adds all ports of a port-forward. `way`: a number of what rules ask for besides family, protocol and port.
    void add(PortUse use, std::size_t way, const PortForward& forward, Address target, bool with_remark);

    /// The groups in the order in which they were begun, their entries by port. What is added later begins anew.
    [[nodiscard]] std::vector<Group> take();

    /// Gives a map a name that no other one has: `natc-tcp`, `natc-tcp6`, `natc-tcp.2`.
    void name(ir::PortMap& map);

private:
    Group& group(PortUse use, std::size_t way, Family family, Protocol protocol, const PortForward& forward);

    std::vector<Group> groups_;
    std::unordered_map<std::uint64_t, std::size_t> places_;  // in `groups_`, by what they have in common
    std::map<std::pair<Family, Protocol>, std::size_t> named_;  // how many maps have a name
    std::uint64_t last_key_ = ~std::uint64_t{0};             // neighbours are mostly of one group
    std::size_t last_ = 0;
};

/// Whether a port-forward takes all that is addressed to the host, whoever sends it by the network's uplinks.
[[nodiscard]] inline bool takes_all(const PortForward& forward) { return forward.from.empty() && forward.in.empty() && !forward.on; }

/// How many entries the port-forwards of a file have together.
[[nodiscard]] std::size_t count_ports(const Model& model);

}  // namespace natc

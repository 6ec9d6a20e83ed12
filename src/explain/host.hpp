// What a file tells of the host: which addresses are its own, what lies behind which interface.
#pragma once

#include <optional>
#include <vector>

#include "model/model.hpp"
#include "net/address.hpp"
#include "net/interface_name.hpp"
#include "semantics/surroundings.hpp"

namespace natc::explain {

/// For dumps, which tell nothing of it, without a model.
class Host {
public:
    explicit Host(const Model* model) : model_(model) {}

    [[nodiscard]] bool known() const { return model_ != nullptr; }
    /// What the rules' meaning hangs on: the networks' subnets and gateways, and what port-forwards stand `on`.
    [[nodiscard]] semantics::Surroundings surroundings() const;
    /// The gateway of a network.
    [[nodiscard]] bool owns(Address address) const;
    /// Whether it is a network's broadcast address.
    [[nodiscard]] bool is_broadcast(Address address) const;
    /// The bridge of the network that an address lies in.
    [[nodiscard]] std::optional<InterfaceName> bridge_of(const AddressRange& addresses) const;
    /// The uplinks that a packet from `source` may leave by: those of its network, else the file's and all networks'.
    [[nodiscard]] std::vector<InterfaceName> uplinks_of(const std::optional<AddressRange>& source) const;
    /// All bridges and uplinks.
    [[nodiscard]] std::vector<InterfaceName> interfaces() const;
    [[nodiscard]] bool is_bridge(const InterfaceName& name) const;
    /// Whether routing would not send an answer to `source` back by `in`: it lies in a network, and `in` is not its bridge; or it lies in none,
    /// and `in` is a bridge. Not what has no address yet (and asks all at `destination` for one), or one of the link alone. Nothing where
    /// the file does not tell: it has no addresses of the family behind that bridge.
    [[nodiscard]] std::optional<bool> forged(const AddressRange& source, const std::optional<AddressRange>& destination, const InterfaceName& in) const;

private:
    [[nodiscard]] const Network* network_of(const AddressRange& addresses) const;

    const Model* model_;
};

}  // namespace natc::explain

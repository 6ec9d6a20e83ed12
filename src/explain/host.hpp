// What a file tells of the host: which addresses are its own, what lies behind which interface.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/model.hpp"
#include "net/address.hpp"
#include "net/interface_name.hpp"
#include "semantics/surroundings.hpp"

namespace natc::explain {

/// Whose an address is, as far as the file tells.
enum class Whose : std::uint8_t {
    others,    ///< somebody's outside; or one of the host's that the file does not tell
    own,       ///< the host's: a network's gateway, or what a port-forward stands `on`
    guests,    ///< in a network
    many,      ///< multicast, and the broadcasts of networks too
    loopback,  ///< 127.0.0.0/8, ::1
    link,      ///< fe80::/10: IPv4's 169.254.0.0/16 Linux routes as any other
    nobody,    ///< 0.0.0.0, ::
};

/// Addresses that are all alike in this.
struct Part {
    AddressRange addresses;
    Whose whose = Whose::others;
    const Network* network = nullptr;  ///< of guests
};

/// For dumps, which tell nothing of it, without a model.
class Host {
public:
    explicit Host(const Model* model);

    /// What the rules' meaning hangs on: the networks' subnets and gateways, and what port-forwards stand `on`.
    [[nodiscard]] semantics::Surroundings surroundings() const;

    /// Disjoint, ascending; the first `most_parts` of them, if there are more.
    [[nodiscard]] std::vector<Part> parts(const AddressRange& addresses) const;
    static constexpr std::size_t most_parts = 64;
    [[nodiscard]] Part part(Address address) const { return parts(address).front(); }
    /// The bridge of the network that an address lies in.
    [[nodiscard]] std::optional<InterfaceName> bridge_of(const AddressRange& addresses) const;
    /// The uplinks that a packet may leave by: those of the network that it comes from, else the file's and all networks'.
    [[nodiscard]] std::vector<InterfaceName> uplinks_of(const Network* from) const;
    /// All bridges and uplinks.
    [[nodiscard]] std::vector<InterfaceName> interfaces() const;
    /// Whether a rule or a port-forward of the file asks for it.
    [[nodiscard]] bool asks_for(const InterfaceName& name) const;
    /// The network whose bridge it is, or nullptr.
    [[nodiscard]] const Network* network_behind(const InterfaceName& bridge) const;
    /// The network that it is a port of (a guest's tap, a member of the bridge), or nullptr.
    [[nodiscard]] const Network* network_of_port(const InterfaceName& port) const;
    /// The only guest that has an address, or nullptr.
    [[nodiscard]] const Guest* guest_at(Address address) const;
    /// Whether routing would not send an answer to `source` back by `in`: it lies in a network, and `in` is not its bridge; or it lies in none,
    /// and `in` is a bridge; or it is the host's own. Not what has no address yet (and asks all at `destination` for one), or one of the link alone.
    /// Nothing where the file does not tell: it has no addresses of the family behind that bridge.
    [[nodiscard]] std::optional<bool> forged(const Part& source, const std::optional<AddressRange>& destination, const InterfaceName& in) const;

private:
    struct Subnetwork {
        AddressRange range;
        const Network* network;
    };
    [[nodiscard]] Whose whose(Address address, const Network* network) const;
    /// The subnet that holds the address, or the next one behind it.
    [[nodiscard]] std::map<Address, Subnetwork>::const_iterator subnet_from(Address address) const;

    const Model& model_;
    std::set<Address> own_, broadcasts_;
    std::map<Address, Subnetwork> subnets_;  ///< by their last address
};

}  // namespace natc::explain

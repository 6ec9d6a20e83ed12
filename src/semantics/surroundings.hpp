// What is known of the host besides its rules.
#pragma once

#include <optional>
#include <vector>

#include "net/address.hpp"
#include "net/interface_name.hpp"

namespace natc::semantics {

/// Addresses of which it is known where they are. Of all others, an address may be the host's own, or lie behind any interface.
class Surroundings {
public:
    /// What lies behind an interface, but for the host's own addresses there. No two of them overlap.
    void add_link(const AddressRange& addresses, const InterfaceName& interface) { links_.push_back({addresses, interface}); }
    /// An address of the host's own.
    void add_own(Address address) { own_.push_back(address); }
    /// To be told of all, before anything is asked.
    void close();

    /// Whether all of the addresses are the host's own, or none of them. Nothing where that is not known.
    [[nodiscard]] std::optional<bool> own(const AddressRange& addresses) const;
    /// The interface that all of the addresses lie behind, if it is known and one; nullptr if not.
    [[nodiscard]] const InterfaceName* link_of(const AddressRange& addresses) const;

private:
    struct Link {
        AddressRange addresses;
        InterfaceName interface;
    };

    std::vector<Link> links_;    ///< sorted once closed
    std::vector<Address> own_;
};

}  // namespace natc::semantics

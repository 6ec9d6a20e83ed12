// Where a packet stands: which way it comes and goes, and whose its addresses are. What its text does not say is taken as usual.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "explain/host.hpp"
#include "explain/packet_text.hpp"
#include "packet/box.hpp"
#include "semantics/walk.hpp"

namespace natc::explain {

/// Where a packet may come from.
struct Source {
    AddressRange addresses;
    Whose whose = Whose::others;
    const Network* network = nullptr;
    bool forged = false;
};

/// Where it may be sent to.
struct Destination {
    AddressRange addresses;
    Whose whose = Whose::others;
    packet::Interval local;              ///< whether that is an address of the host: codes of Field::destination_local
    std::optional<InterfaceName> out{};  ///< by which it leaves, where that is known ahead of all translation
    bool maybe_own = false;              ///< taken for somebody's outside, and may be the host's: the file tells not all of its addresses
};

struct Placement {
    Family family = Family::ipv4;
    semantics::Origin origin = semantics::Origin::outside;
    std::optional<InterfaceName> in;  ///< nothing: of a packet of the host's own
    std::vector<Source> sources;            ///< disjoint, at least one
    std::vector<Destination> destinations;  ///< disjoint, at least one
    std::optional<Mac> mac;
    std::vector<std::string> notes;  ///< what was taken for granted
};

/// Errors: N1004 where nothing tells the way, N2015, N6001 and N6002. `families`: those that the rules are of.
[[nodiscard]] std::optional<Placement> place(const PacketText& packet, const Host& host, FamilySet families, Span text, Diagnostics& diagnostics);

/// Why routing drops what comes from `source` to `destination`, the rules of INPUT and FORWARD unasked; empty if it does not. Both are what the
/// packet has behind PREROUTING.
[[nodiscard]] std::string routing_drops(const Source& source, const AddressRange& destination, semantics::Course course, const InterfaceName& in);

}  // namespace natc::explain

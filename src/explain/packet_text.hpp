// The packet that `natc explain` is asked about.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/source.hpp"
#include "ir/match.hpp"
#include "model/model.hpp"
#include "net/address.hpp"
#include "net/interface_name.hpp"
#include "net/mac.hpp"
#include "net/port.hpp"
#include "net/protocol.hpp"

namespace natc::explain {

/// One side of the packet: `lxdev01:22`, `[fd00::5]:22`, a prefix.
struct End {
    std::string name;                     ///< as it was written, without the ports
    std::vector<AddressRange> addresses;  ///< of a guest or network: all that it has, of both families maybe
    std::optional<PortRange> ports;
    Span span;

    /// The families of the addresses.
    [[nodiscard]] FamilySet families() const;
};

/// What the text says; what it does not say is not there.
struct PacketText {
    std::vector<Traffic> what;  ///< any of these: a service may be several, and `icmp` is that of either family, as in a rule
    std::optional<End> from, to;
    std::optional<InterfaceName> in, out;
    std::optional<ir::ConntrackStates> states;
    std::optional<Mac> mac;
    std::optional<std::uint32_t> mark;
    bool to_local = false;
    std::optional<Family> family;

    /// Where its parts stand.
    struct Places {
        Span what, states, mac, family;
    } at;
};

/// Reads `tcp from 203.0.113.9:40000 to 203.0.113.1:2222 in enp5s0`: the words of a rule, but ports stand with the addresses. Names of guests,
/// networks and services are those of the model; `dump`: it has natc's own services alone. Errors: N1003, N1004, N1010, N2xxx, N3001, N4001, with
/// places in `text`.
[[nodiscard]] PacketText read_packet(Span text, const Sources& sources, const Model& model, bool dump, Diagnostics& diagnostics);

}  // namespace natc::explain

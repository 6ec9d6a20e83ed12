// What a file says once every name is looked up, every value read and every default filled in: networks, who
// reaches whom, and the user's own rules. Names of the user's (network, guest, uplink) end here; src/lower makes
// netfilter's words of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/small_vector.hpp"
#include "base/source.hpp"
#include "ir/match.hpp"
#include "ir/program.hpp"
#include "ir/statement.hpp"
#include "net/address.hpp"
#include "net/interface_name.hpp"
#include "net/mac.hpp"
#include "net/port.hpp"
#include "net/protocol.hpp"
#include "syntax/ast.hpp"

namespace natc {

using syntax::Direction;
using syntax::EgressKind;

/// Packets of one protocol. An empty list asks for nothing.
struct Traffic {
    std::optional<Protocol> protocol;
    std::vector<PortRange> ports, source_ports;
    bool ports_negated = false;
    bool source_ports_negated = false;
    std::vector<IcmpType> icmp_types;
    bool types_negated = false;
    FamilySet families = FamilySet::both();
};

struct Service {
    std::string name;
    std::vector<Traffic> traffic;
    Span span;
    bool used = false;  ///< something of the input names it
};

/// What a `define` of the input holds itself, by kind; guests, networks and other defines in it are left out.
struct Define {
    template <typename Value>
    struct Element {
        Value value;
        Span span;
    };

    std::string name;
    Span span;          ///< of its name
    bool used = false;  ///< something names it, by way of other defines maybe
    std::vector<Element<AddressRange>> addresses;
    std::vector<Element<PortRange>> ports;
    std::vector<Element<InterfaceName>> interfaces;
};

/// One side of a packet's way: addresses, and the bridge that they lie behind if a guest or a network was named.
struct Side {
    AddressRange addresses;
    std::optional<InterfaceName> bridge;
    std::optional<std::size_t> network;  ///< of that guest or network
    bool operator==(const Side&) const = default;
};

/// The user's rule. Lists are alternatives; an empty one asks for nothing.
struct Rule {
    Span span;
    std::string remark;  ///< the comment above it
    ir::Statement verdict;
    std::optional<ir::ConntrackStates> states;
    bool opens_connection = false;  ///< tcp only with SYN: `accept new`
    std::vector<Traffic> what;
    Direction direction = Direction::none;
    std::vector<InterfaceName> in, out;
    bool in_negated = false;
    bool out_negated = false;
    std::vector<std::size_t> in_networks, out_networks;  ///< whose bridges stand in `in` and `out`
    std::vector<Side> from, to;
    bool from_negated = false;
    bool to_negated = false;
    std::vector<Mac> macs;
    bool mac_negated = false;
    std::optional<ir::RateLimit> limit;
    std::optional<ir::MarkIs> mark;
    bool to_local = false;
    FamilySet families = FamilySet::both();
    std::string comment;
    std::string verbatim;  ///< the text of `match`
    std::vector<ir::Understood> understood;  ///< all that it asks, if natc knows it

    /// Where its parts stand, for diagnostics.
    struct Places {
        Span verdict, with, state, what, in, out, from, to, mac, to_local, direction, match;
    } at;
};

struct Policy {
    Span head;
    std::string remark;
    std::optional<ir::Policy> policy;
    Span policy_word;
    std::vector<Rule> rules;
};

struct ChainBlock {
    Span span;  ///< of the name
    ir::TableName table = ir::TableName::filter;
    std::string name;
    std::optional<ir::Hook> hook;  ///< of a built-in chain
    Policy body;
    /// The hooks that packets come from, bit by bit as in ir::Hook: its own, or of the chains that jump here.
    std::uint8_t hooks = 0;
};

struct Guest {
    Span span;
    std::string name;
    std::vector<Address> addresses;
    std::optional<Mac> mac;
    Span mac_span;  ///< of what the file spells it as
    std::optional<InterfaceName> tap;
};

struct Subnet {
    Span span;
    AddressRange range;
    int length = 0;
    Address gateway;  ///< the host's own address there
};

struct DhcpRange {
    Span span;
    AddressRange addresses;
};

struct Egress {
    EgressKind kind = EgressKind::isolated;
    Span span;  ///< unknown where the file does not say
    std::string remark;
    std::optional<PortRange> ports;
    AddressRange to;  ///< of snat
    std::vector<AddressRange> except;
    bool exempts_nothing = false;  ///< `except none`

    [[nodiscard]] bool translates() const {
        return kind == EgressKind::masquerade || kind == EgressKind::snat;
    }
};

/// A service that guests reach on the host.
struct Served {
    Span span;
    std::string name;
    std::vector<Traffic> traffic;
};

struct Network {
    Span span;  ///< of its name
    Span head;
    std::string name;
    std::string remark;
    InterfaceName bridge;
    Span bridge_span;
    std::optional<Mac> mac;
    std::vector<InterfaceName> members;
    std::vector<Subnet> subnets;  ///< by `add`
    bool subnets_known = true;  ///< false where one could not be read: nobody can say then what lies outside
    std::vector<InterfaceName> uplinks;  ///< its own, or else the file's; empty where none is known
    std::string domain;
    std::vector<DhcpRange> dhcp_ranges;
    std::vector<Guest> guests;
    std::vector<Served> serves;
    Span serve_span;
    std::string serve_remark;
    Egress egress[2];  ///< by family
    std::optional<Policy> forward;

    [[nodiscard]] const Egress& egress_of(Family family) const { return egress[static_cast<std::size_t>(family)]; }
    [[nodiscard]] Egress& egress_of(Family family) { return egress[static_cast<std::size_t>(family)]; }
    [[nodiscard]] bool isolated(Family family) const { return egress_of(family).kind == EgressKind::isolated; }
    [[nodiscard]] FamilySet isolated_families() const;
    /// The families that it has subnets of.
    [[nodiscard]] FamilySet families() const;
    void add(const Subnet& subnet);
    /// The first that holds all of the addresses, or nullptr.
    [[nodiscard]] const Subnet* subnet_of(const AddressRange& addresses) const;
    /// How addresses lie that no subnet holds all of, in words.
    [[nodiscard]] std::string_view outside(const AddressRange& addresses) const;

private:
    std::map<AddressRange, std::size_t> places_;  // in `subnets`
    std::set<int> lengths_[2];                    // of prefixes among them, by family: few
};

/// Ports that are forwarded, and the ports that they become: equally many, or just one of these.
struct PortMove {
    Protocol protocol;
    PortRange ports;
    PortRange target;
    auto operator<=>(const PortMove&) const = default;
};

struct PortForward {
    Span span;
    std::string remark;
    SmallVector<PortMove, 1> moves;
    SmallVector<Address, 2> targets;  ///< at most one of each family
    std::size_t network = 0;       ///< that the targets lie in
    std::vector<InterfaceName> in;
    std::vector<Side> from;
    std::optional<Address> on;
    bool in_negated = false;
    bool from_negated = false;
    bool hairpin = false;
    bool repeated = false;  ///< the same one stands above it: it causes no rules of its own
};


struct Model {
    std::vector<InterfaceName> uplinks;
    std::vector<Network> networks;
    std::vector<PortForward> port_forwards;
    std::optional<Policy> input, output, forward;
    std::vector<ChainBlock> chains;
    std::vector<Define> defines;
    std::vector<Service> services;  ///< of the input's own

    /// The input's own, or else natc's; nullptr for nothing of that name.
    [[nodiscard]] const Service* service(std::string_view name) const;
    [[nodiscard]] const ChainBlock* chain(ir::TableName table, std::string_view name) const;
};

/// The places of all rules and port-forwards that the file writes, sorted: what else there is in a program, it did not write.
[[nodiscard]] std::vector<Span> written_rules(const Model& model);

/// Whether the last word of a policy's rules is no: it ends in drop or reject (log rules aside), or its policy is
/// drop.
[[nodiscard]] bool closes(const Policy& policy);

/// Where a policy's closing run begins: the last unbroken run of drop, reject and log rules that are about no address, MAC,
/// interface, port, type of ICMP or mark, nor have a `match` of their own. The number of rules where there is none.
[[nodiscard]] std::size_t closing_run(const Policy& policy);

}  // namespace natc

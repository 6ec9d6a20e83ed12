// What a file promises, straight from its model and as plainly as it can be said: a list of packet sets and verdicts for each hook, first
// match. Nothing here comes from src/lower or src/optimise, and nothing is made short: every list is multiplied out, walls between networks
// are a rule a pair. The sentences quoted are those of the language's contract.
#pragma once

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ir/placement.hpp"
#include "ir/program.hpp"
#include "model/model.hpp"
#include "net/address.hpp"

namespace natc::validation {

/// Matches that all hold.
using Conditions = std::vector<ir::Match>;
/// Ways to match, any of which does.
using Ways = std::vector<Conditions>;

inline const Ways anything{{}};

inline Ways operator*(const Ways& a, const Ways& b) {
    Ways all;
    for (const Conditions& x : a)
        for (const Conditions& y : b) {
            all.push_back(x);
            all.back().insert(all.back().end(), y.begin(), y.end());
        }
    return all;
}
inline Ways operator+(Ways a, const Ways& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

inline Ways in(const InterfaceName& name, bool negated = false) { return {{ir::InInterface{name, negated}}}; }
inline Ways out(const InterfaceName& name, bool negated = false) { return {{ir::OutInterface{name, negated}}}; }
inline Ways from(const AddressRange& range, bool negated = false) { return {{ir::SourceAddress{range, negated}}}; }
inline Ways to(const AddressRange& range, bool negated = false) { return {{ir::DestinationAddress{range, negated}}}; }
inline Ways in_state(ir::ConntrackStates states) { return {{ir::Conntrack{states, false, {}, false, {}, false}}}; }
inline Ways of(Protocol protocol) { return {{ir::ProtocolIs{protocol, false}}}; }
inline Ways of(Protocol protocol, PortRange ports) { return {{ir::ProtocolIs{protocol, false}, ir::DestinationPorts{{ports}, false}}}; }

/// A file's promises in one family.
class Reference {
public:
    /// `replies`: whether natc's own rule on replies stands in FORWARD. "replies where no rule accepts them": what needs them is proved apart.
    Reference(const Model& model, Family family, bool replies) : model_(model), family_(family), replies_(replies) {
        for (const ir::TableName table : {ir::TableName::filter, ir::TableName::mangle, ir::TableName::nat}) program_.tables.push_back(ir::empty_table(table));
        if (std::any_of(model.chains.begin(), model.chains.end(), [](const ChainBlock& block) { return block.table == ir::TableName::raw; }))
            program_.tables.push_back(ir::empty_table(ir::TableName::raw));
        forged();
        blocks();
        forward();
        input();
        output();
        checksums();
        port_forwards();
        egress();
    }
    [[nodiscard]] ir::Program take() { return std::move(program_); }

    /// "where the policy closes: ends in drop or reject, or has policy drop"
    static bool closes(const Policy& policy) {
        const auto last = std::find_if(policy.rules.rbegin(), policy.rules.rend(), [](const Rule& rule) { return !std::holds_alternative<ir::Log>(rule.verdict); });
        const bool no = last != policy.rules.rend() && (std::holds_alternative<ir::Drop>(last->verdict) || std::holds_alternative<ir::Reject>(last->verdict));
        return no || policy.policy == ir::Policy::drop;
    }
    /// Where a policy's closing run begins: "its last unbroken run of drop, reject and log rules that name no address, MAC or interface"; nor a service: what
    /// such a rule refuses is meant, and `serve` must not overrule it.
    static std::size_t run_of(const Policy& policy) {
        std::size_t first = policy.rules.size();
        while (first > 0 && general_no(policy.rules[first - 1])) --first;
        return first;
    }

private:
    static bool general_no(const Rule& rule) {
        const bool no = std::holds_alternative<ir::Drop>(rule.verdict) || std::holds_alternative<ir::Reject>(rule.verdict) || std::holds_alternative<ir::Log>(rule.verdict);
        const bool service = std::any_of(rule.what.begin(), rule.what.end(), [](const Traffic& t) { return !t.ports.empty() || !t.source_ports.empty() || !t.icmp_types.empty(); });
        return no && !service && rule.from.empty() && rule.to.empty() && rule.in.empty() && rule.out.empty() && rule.macs.empty() && !rule.mark && !rule.to_local && rule.verbatim.empty();
    }

    ir::Chain& chain(ir::TableName table, ir::Hook hook) { return program_.find(table)->at(hook); }
    void add(ir::Chain& chain, const Ways& ways, const ir::Statement& statement) const {
        for (const Conditions& conditions : ways) {
            ir::Rule rule;
            rule.matches = conditions;
            rule.statement = statement;
            rule.families = family_;
            chain << std::move(rule);
        }
    }
    void add(ir::TableName table, ir::Hook hook, const Ways& ways, const ir::Statement& statement) { add(chain(table, hook), ways, statement); }

    [[nodiscard]] std::vector<AddressRange> subnets(const Network& network) const {
        std::vector<AddressRange> list;
        for (const Subnet& subnet : network.subnets)
            if (subnet.range.family() == family_) list.push_back(subnet.range);
        return list;
    }

    // ---- Rules of the user's

    /// What a rule is about: protocols, ports, types. "`new` (conntrack NEW; in an accept of tcp, a SYN as well: without a protocol, that makes two rules)"
    [[nodiscard]] Ways what(const std::vector<Traffic>& list, bool opens) const {
        const Ways syn{{ir::ProtocolIs{tcp, false}, ir::syn_packet}};
        const Ways other{{ir::ProtocolIs{tcp, true}}};
        if (list.empty()) return opens ? syn + other : anything;
        Ways ways;
        for (const Traffic& traffic : list) {
            if (!traffic.families.contains(family_)) continue;
            Ways one = anything;
            if (traffic.protocol) one = of(*traffic.protocol);
            if (!traffic.ports.empty()) one = one * Ways{{ir::DestinationPorts{traffic.ports, traffic.ports_negated}}};
            if (!traffic.source_ports.empty()) one = one * Ways{{ir::SourcePorts{traffic.source_ports, traffic.source_ports_negated}}};
            if (!traffic.icmp_types.empty()) {
                Ways types;
                Conditions none;
                for (const IcmpType& type : traffic.icmp_types) {
                    types.push_back({ir::IcmpTypeIs{type, false}});
                    none.push_back(ir::IcmpTypeIs{type, true});
                }
                one = one * (traffic.types_negated ? Ways{none} : types);
            }
            if (opens && traffic.protocol == tcp) one = one * Ways{{ir::syn_packet}};
            if (opens && !traffic.protocol) one = one * (syn + other);
            ways = ways + one;
        }
        return ways;
    }

    template <typename Match>
    static Ways interfaces(const std::vector<InterfaceName>& list, bool negated) {
        if (list.empty()) return anything;
        Ways ways;
        Conditions none;
        for (const InterfaceName& name : list) {
            ways.push_back({Match{name, false}});
            none.push_back(Match{name, true});
        }
        return negated ? Ways{none} : ways;
    }

    /// "a guest (its addresses, and its network's bridge) or a network (its subnets, and its bridge), the bridge where the chain sees that side; after `!` the
    /// addresses alone"; "A rule with an address, negated too, belongs to that family"
    template <typename AddressMatch, typename InterfaceMatch>
    [[nodiscard]] Ways sides(const std::vector<Side>& list, bool negated, bool sees) const {
        if (list.empty()) return anything;
        Ways ways;
        Conditions none;
        for (const Side& side : list) {
            if (side.addresses.family() != family_) continue;
            ways.push_back({AddressMatch{side.addresses, false}});
            if (side.bridge && sees) ways.back().push_back(InterfaceMatch{*side.bridge, false});
            none.push_back(AddressMatch{side.addresses, true});
        }
        if (none.empty()) return {};
        return negated ? Ways{none} : ways;
    }

    /// All that a rule asks, but for the words of a network's policy.
    [[nodiscard]] Ways clauses(const Rule& rule, bool sees_in, bool sees_out, bool with_from = true, bool with_to = true) const {
        if (!rule.families.contains(family_)) return {};
        if (const auto* snat = std::get_if<ir::SourceNat>(&rule.verdict); snat != nullptr && snat->to && snat->to->family() != family_) return {};
        if (const auto* dnat = std::get_if<ir::DestinationNat>(&rule.verdict); dnat != nullptr && dnat->to && dnat->to->family() != family_) return {};
        Ways ways = what(rule.what, rule.opens_connection) * interfaces<ir::InInterface>(rule.in, rule.in_negated) * interfaces<ir::OutInterface>(rule.out, rule.out_negated);
        if (with_from) ways = ways * sides<ir::SourceAddress, ir::InInterface>(rule.from, rule.from_negated, sees_in);
        if (with_to) ways = ways * sides<ir::DestinationAddress, ir::OutInterface>(rule.to, rule.to_negated, sees_out);
        if (rule.states) ways = ways * in_state(*rule.states);
        if (!rule.macs.empty()) {
            Ways macs;
            Conditions none;
            for (const Mac& mac : rule.macs) {
                macs.push_back({ir::SourceMac{mac, false}});
                none.push_back(ir::SourceMac{mac, true});
            }
            ways = ways * (rule.mac_negated ? Ways{none} : macs);
        }
        if (rule.mark) ways = ways * Ways{{*rule.mark}};
        if (rule.to_local) ways = ways * Ways{{ir::DestinationIsLocal{}}};
        if (!rule.verbatim.empty()) ways = ways * Ways{{ir::Verbatim{rule.verbatim, rule.understood}}};
        if (rule.limit) ways = ways * Ways{{*rule.limit}};
        // "`clamp-mss` (which implies `--tcp-flags SYN,RST SYN`)"
        if (std::holds_alternative<ir::ClampMss>(rule.verdict)) ways = ways * Ways{{ir::ProtocolIs{tcp, false}, ir::syn_without_rst}};
        return ways;
    }

    void add_rules(ir::Chain& chain, const Policy& policy, std::size_t begin, std::size_t end, bool sees_in, bool sees_out) const {
        for (std::size_t i = begin; i < end; ++i) add(chain, clauses(policy.rules[i], sees_in, sees_out), policy.rules[i].verdict);
    }

    /// "`chain TABLE NAME [policy accept|drop] { RULES }`: a chain, rule by rule", "in other built-in chains its rules come first"
    void blocks() {
        for (const ChainBlock& block : model_.chains) {
            ir::Table& table = *program_.find(block.table);
            ir::Chain* chain = table.find(block.name);
            if (chain == nullptr) {
                table.chains.push_back({block.name, {}, ir::Policy::accept, FamilySet::both(), {}});
                chain = &table.chains.back();
            }
            const bool sees_in = block.hooks != 0 && (block.hooks & ~ir::sees_in) == 0;
            const bool sees_out = block.hooks != 0 && (block.hooks & ~ir::sees_out) == 0;
            add_rules(*chain, block.body, 0, block.body.rules.size(), sees_in, sees_out);
            if (block.body.policy) chain->policy = *block.body.policy;
        }
    }

    // ---- mangle

    /// "with two networks or more, what enters by a bridge with a source that is not routed back through it is dropped before all else"
    void forged() {
        if (model_.networks.size() < 2) return;
        // Link-local addresses are nobody's network: they are left alone.
        const Ways routed = from(AddressRange::all(Family::ipv4)) + from(*parse_addresses("fe80::/10"), true);
        for (const Network& network : model_.networks) add(ir::TableName::mangle, ir::Hook::prerouting, in(network.bridge) * routed * Ways{{ir::ForgedSource{}}}, ir::Drop{});
    }

    [[nodiscard]] static bool serves(const Network& network, std::uint16_t port) {
        for (const Served& served : network.serves)
            for (const Traffic& traffic : served.traffic)
                if (traffic.protocol == udp && std::any_of(traffic.ports.begin(), traffic.ports.end(), [&](PortRange ports) { return ports.first <= port && port <= ports.last; })) return true;
        return false;
    }

    /// "`serve dhcp` fills in the checksum of DHCP replies to guests too (IPv4: CHECKSUM in mangle …)"
    void checksums() {
        if (family_ != Family::ipv4) return;
        for (const Network& network : model_.networks)
            if (serves(network, 67) && !subnets(network).empty()) add(ir::TableName::mangle, ir::Hook::postrouting, out(network.bridge) * of(udp, {68, 68}), ir::FillChecksum{});
    }

    // ---- filter FORWARD

    void forward() {
        ir::Chain& chain = this->chain(ir::TableName::filter, ir::Hook::forward);
        using State = ir::ConntrackState;
        const bool several = std::count_if(model_.networks.begin(), model_.networks.end(), [&](const Network& network) { return !network.isolated(family_); }) >= 2;
        // "An isolated network's rules stand ahead of those on established connections"; "nothing is forwarded in or out"
        for (const Network& network : model_.networks)
            if (network.isolated(family_)) add(chain, in(network.bridge) * out(network.bridge, true) + in(network.bridge, true) * out(network.bridge), ir::Reject{});
        // "first match, top to bottom", up to where natc's own stand: "Right ahead of [the closing run]"
        const Policy none;
        const Policy& policy = model_.forward ? *model_.forward : none;
        const std::size_t run = run_of(policy);
        add_rules(chain, policy, 0, run, true, true);
        // "what an accepted connection sends back is accepted, whichever networks and uplinks it crosses"
        if (replies_) {
            add(chain, in_state(State::established), ir::Accept{});
            // "No guest passes for one of another network": an error message that leaves a network is about a connection of that network. What an isolated one
            // may send has been said.
            if (several)
                for (const Network& network : model_.networks)
                    if (!network.isolated(family_)) add(chain, about_others(network), ir::Drop{});
            add(chain, in_state(State::related), ir::Accept{});
        }
        // "What it translated is accepted in FORWARD, after the rules of the top-level `forward`: arriving as above, to its network's subnet, out by its bridge, in
        // conntrack state DNAT"
        for (const PortForward& port_forward : model_.port_forwards)
            for (const Address target : port_forward.targets) {
                if (!holds(port_forward, target)) continue;
                const Network& network = model_.networks[port_forward.network];
                const Ways there = to(subnet_of(target, network)) * out(network.bridge) * in_state(State::dnat);
                add(chain, arrivals(port_forward, false) * there, ir::Accept{});
                if (port_forward.hairpin) add(chain, in(network.bridge) * there, ir::Accept{});
            }
        // "Two networks do not reach each other unless a top-level `forward` rule says so, whatever their order in the file"
        for (const Network& a : model_.networks)
            for (const Network& b : model_.networks)
                if (&a != &b) add(chain, in(a.bridge) * out(b.bridge), ir::Reject{});
        for (const Network& network : model_.networks) own_rules(chain, network);
        add_rules(chain, policy, run, policy.rules.size(), true, true);
        if (policy.policy) chain.policy = *policy.policy;
    }

    /// RELATED packets that leave a network by its bridge, about a connection that none of its guests opened or answers. What stays within it reaches nobody else's guests.
    [[nodiscard]] Ways about_others(const Network& network) const {
        Ways ways = in(network.bridge) * out(network.bridge, true) * in_state(ir::ConntrackState::related);
        for (const AddressRange& subnet : subnets(network)) ways = ways * Ways{{ir::Conntrack{{}, false, subnet, true, {}, false}, ir::Conntrack{{}, false, {}, false, subnet, true}}};
        return ways;
    }

    /// The words of a network's policy: `outbound` … with what an address on the network's own side, which "stands in [the subnets'] place", makes of them.
    [[nodiscard]] Ways direction(const Network& network, Direction direction, const Rule* rule) const {
        const Ways arriving = in(network.bridge);
        const Ways leaving = out(network.bridge);
        Ways side;
        switch (direction) {
            case Direction::outbound:
                // "from the subnets, arriving on the bridge (and leaving by the uplink, where one is known)"
                if (rule != nullptr && !rule->from.empty() && !rule->from_negated)
                    side = sides<ir::SourceAddress, ir::InInterface>(rule->from, false, false);
                else
                    for (const AddressRange& subnet : subnets(network)) side = side + from(subnet);
                if (rule != nullptr && rule->from_negated) side = side * sides<ir::SourceAddress, ir::InInterface>(rule->from, true, false);
                return side * arriving * interfaces<ir::OutInterface>(network.uplinks, false);
            case Direction::inbound:
                // "to the subnets, leaving by the bridge (and arriving by the uplink, where one is known)"
                if (rule != nullptr && !rule->to.empty() && !rule->to_negated)
                    side = sides<ir::DestinationAddress, ir::OutInterface>(rule->to, false, false);
                else
                    for (const AddressRange& subnet : subnets(network)) side = side + to(subnet);
                if (rule != nullptr && rule->to_negated) side = side * sides<ir::DestinationAddress, ir::OutInterface>(rule->to, true, false);
                return side * leaving * interfaces<ir::InInterface>(network.uplinks, false);
            case Direction::internal: return arriving * leaving;  // "in and out by the bridge"
            case Direction::rest: return arriving + leaving;      // "in by the bridge, then out by it"
            case Direction::none: break;
        }
        return anything;
    }

    void own_rules(ir::Chain& chain, const Network& network) const {
        using State = ir::ConntrackState;
        // "within the bridge all is [forwarded]"
        if (network.isolated(family_)) return add(chain, direction(network, Direction::internal, nullptr), ir::Accept{});
        if (network.forward) {
            for (const Rule& rule : network.forward->rules) {
                const Ways ways = direction(network, rule.direction, &rule) * clauses(rule, true, true, rule.direction != Direction::outbound, rule.direction != Direction::inbound);
                add(chain, ways, rule.verdict);
            }
            return;
        }
        // "accept inbound established (`route`: accept inbound)", "with `drop outbound invalid` ahead of `accept outbound` where it translates and an uplink is known"
        const Ways inbound = direction(network, Direction::inbound, nullptr);
        const Ways outbound = direction(network, Direction::outbound, nullptr);
        const bool routes = network.egress_of(family_).kind == EgressKind::route;
        add(chain, routes ? inbound : inbound * in_state(ir::established_or_related), ir::Accept{});
        if (network.egress_of(family_).translates() && !network.uplinks.empty()) add(chain, outbound * in_state(State::invalid), ir::Drop{});
        add(chain, outbound, ir::Accept{});
        add(chain, direction(network, Direction::internal, nullptr), ir::Accept{});
        add(chain, direction(network, Direction::rest, nullptr), ir::Reject{});
    }

    // ---- filter INPUT and OUTPUT

    /// "what IPv6 does not work without (ICMPv6 133 to 136, and 130 to 132 and 143) where the policy closes"
    void icmpv6_needs(ir::Chain& chain) const {
        if (family_ != Family::ipv6) return;
        for (const std::uint8_t type : std::initializer_list<std::uint8_t>{133, 134, 135, 136, 130, 131, 132, 143}) add(chain, Ways{{ir::ProtocolIs{icmpv6, false}, ir::IcmpTypeIs{{Family::ipv6, type, {}}, false}}}, ir::Accept{});
    }

    void input() {
        ir::Chain& chain = this->chain(ir::TableName::filter, ir::Hook::input);
        const Policy none;
        const Policy& policy = model_.input ? *model_.input : none;
        const std::size_t run = run_of(policy);
        add_rules(chain, policy, 0, run, true, false);
        // "accepts on the host, from the bridge, each service named, in the families of the subnets"
        if (model_.chain(ir::TableName::filter, "INPUT") == nullptr) {
            for (const Network& network : model_.networks)
                for (const Served& served : network.serves)
                    if (network.families().contains(family_)) add(chain, in(network.bridge) * what(served.traffic, false), ir::Accept{});
            if (closes(policy)) icmpv6_needs(chain);
        }
        add_rules(chain, policy, run, policy.rules.size(), true, false);
        if (policy.policy) chain.policy = *policy.policy;
    }

    void output() {
        ir::Chain& chain = this->chain(ir::TableName::filter, ir::Hook::output);
        const Policy none;
        const Policy& policy = model_.output ? *model_.output : none;
        const std::size_t run = run_of(policy);
        add_rules(chain, policy, 0, run, false, true);
        if (closes(policy)) {
            icmpv6_needs(chain);
            // "in OUTPUT likewise, and replies of `serve dhcp` (NEW to conntrack)"
            const bool ipv4 = family_ == Family::ipv4;
            const PortRange server = ipv4 ? PortRange{67, 67} : PortRange{547, 547};
            const PortRange client = ipv4 ? PortRange{68, 68} : PortRange{546, 546};
            for (const Network& network : model_.networks)
                if (serves(network, server.first) && network.families().contains(family_)) add(chain, out(network.bridge) * of(udp, client) * Ways{{ir::SourcePorts{{server}, false}}}, ir::Accept{});
            // "A closing `output` lets them pass": what the host itself sends by way of a hairpin.
            for (const PortForward& port_forward : model_.port_forwards)
                for (const Address target : port_forward.targets)
                    if (port_forward.hairpin && target.family() == family_)
                        add(chain, to(subnet_of(target, model_.networks[port_forward.network])) * in_state(ir::ConntrackState::dnat), ir::Accept{});
        }
        add_rules(chain, policy, run, policy.rules.size(), false, true);
        if (policy.policy) chain.policy = *policy.policy;
    }

    // ---- nat

    static AddressRange subnet_of(Address target, const Network& network) {
        for (const Subnet& subnet : network.subnets)
            if (subnet.range.contains(target)) return subnet.range;
        return target;  // an error of the input, which has none
    }

    /// "arriving by `in`, else by the network's or the file's uplink; without any, by an interface that is no network's bridge"; from a guest or a network, by the
    /// bridge that it lies behind: "X is … a guest (its addresses, and its network's bridge) or a network". With or without the senders' addresses.
    [[nodiscard]] Ways arrivals(const PortForward& port_forward, bool with_senders) const {
        Ways ways;
        const auto of_sender = [&](const Conditions& addresses, const std::optional<InterfaceName>& bridge) {
            const Ways by = !port_forward.in.empty() ? interfaces<ir::InInterface>(port_forward.in, port_forward.in_negated) : bridge ? in(*bridge) : from_outside(model_.networks[port_forward.network]);
            ways = ways + by * (with_senders ? Ways{addresses} : anything);
        };
        if (port_forward.from.empty()) of_sender({}, {});
        Conditions none;
        for (const Side& side : port_forward.from) {
            if (side.addresses.family() != family_) continue;
            none.push_back(ir::SourceAddress{side.addresses, true});
            if (!port_forward.from_negated) of_sender({ir::SourceAddress{side.addresses, false}}, side.bridge);
        }
        if (port_forward.from_negated && !none.empty()) of_sender(none, {});
        return ways;
    }
    [[nodiscard]] Ways from_outside(const Network& network) const {
        if (!network.uplinks.empty()) return interfaces<ir::InInterface>(network.uplinks, false);
        std::vector<InterfaceName> bridges;
        for (const Network& one : model_.networks) bridges.push_back(one.bridge);
        return interfaces<ir::InInterface>(bridges, true);
    }

    /// Whether it does anything in this family, to this target. "A rule with an address, negated too, belongs to that family"
    [[nodiscard]] bool holds(const PortForward& port_forward, Address target) const {
        if (target.family() != family_ || (port_forward.on && port_forward.on->family() != family_)) return false;
        return port_forward.from.empty() || std::any_of(port_forward.from.begin(), port_forward.from.end(), [&](const Side& side) { return side.addresses.family() == family_; });
    }

    void port_forwards() {
        ir::Chain& arriving = chain(ir::TableName::nat, ir::Hook::prerouting);
        ir::Chain& own = chain(ir::TableName::nat, ir::Hook::output);
        ir::Chain& leaving = chain(ir::TableName::nat, ir::Hook::postrouting);
        for (const PortForward& port_forward : model_.port_forwards)
            for (const Address target : port_forward.targets) {
                if (!holds(port_forward, target)) continue;
                const Network& network = model_.networks[port_forward.network];
                // "It claims only what is addressed to the host itself (`addrtype LOCAL`, or `on ADDRESS`)"
                const Ways claimed = port_forward.on ? to(*port_forward.on) : Ways{{ir::DestinationIsLocal{}}};
                // "under the host's addresses, other than 127.0.0.0/8, ::1 and a network's gateway; or under `on`"
                Conditions exempt;
                if (!port_forward.on)
                    for (const Network& one : model_.networks)
                        for (const Subnet& subnet : one.subnets)
                            if (subnet.range.family() == family_) exempt.push_back(ir::DestinationAddress{subnet.gateway, true});
                // Of IPv6, a gateway has a second address, which nobody writes down.
                if (!port_forward.on && family_ == Family::ipv6) exempt.push_back(ir::DestinationAddress{AddressRange::prefix(Address(Family::ipv6, uint128{0xFE80} << 112U), 10), true});
                Conditions loopback;
                if (!port_forward.on)
                    loopback.push_back(ir::DestinationAddress{family_ == Family::ipv4 ? AddressRange::prefix(Address(Family::ipv4, 0x7F00'0000U), 8) : AddressRange(Address(Family::ipv6, 1)), true});
                for (const PortMove& move : port_forward.moves) {
                    ir::DestinationNat translation;
                    translation.to = target;
                    if (move.ports != move.target) {
                        translation.ports = move.target;
                        if (!move.target.single()) translation.base = move.ports.first;
                    }
                    const Ways packets = claimed * of(move.protocol, move.ports);
                    add(arriving, arrivals(port_forward, true) * packets, translation);
                    if (!port_forward.hairpin) continue;
                    // "the guests of the same network (arriving by its bridge) and the host reach it too"; "`in` and `from` do not limit these"
                    add(arriving, in(network.bridge) * packets * Ways{exempt}, translation);
                    add(own, packets * Ways{exempt} * Ways{loopback}, translation);
                }
                if (!port_forward.hairpin) continue;
                // "MASQUERADE ahead of the exempt blocks, for what the bridge brought and takes out again in state DNAT, and for the host's own"
                const Ways there = to(subnet_of(target, network)) * out(network.bridge) * in_state(ir::ConntrackState::dnat);
                for (const AddressRange& subnet : subnets(network)) add(leaving, from(subnet) * there, ir::Masquerade{});
                add(leaving, Ways{{ir::SourceIsLocal{}}} * there, ir::Masquerade{});
            }
    }

    /// "**masquerade** becomes, for each subnet S (with `-o UPLINK` on each rule where an uplink is known): a RETURN from S to each exempt block, then MASQUERADE from S
    /// to all but S: for tcp and udp with the ports where they are given, then for the rest."
    void egress() {
        ir::Chain& leaving = chain(ir::TableName::nat, ir::Hook::postrouting);
        for (const Network& network : model_.networks) {
            const Egress& egress = network.egress_of(family_);
            if (!egress.translates()) continue;
            const Ways away = interfaces<ir::OutInterface>(network.uplinks, false);
            for (const AddressRange& subnet : subnets(network)) {
                for (const AddressRange& block : exempt(network, egress)) add(leaving, from(subnet) * to(block) * away, ir::Return{});
                const Ways packets = from(subnet) * to(subnet, true) * away;
                if (egress.ports) add(leaving, packets * (of(tcp) + of(udp)), source_translation(egress, egress.ports));
                add(leaving, packets, source_translation(egress, {}));
            }
        }
    }
    [[nodiscard]] static ir::Statement source_translation(const Egress& egress, std::optional<PortRange> ports) {
        if (egress.kind == EgressKind::masquerade) return ir::Masquerade{ports, {}};
        return ir::SourceNat{egress.to, ports, {}};
    }
    /// "Exempt are always 224.0.0.0/24 and 255.255.255.255/32 (ff02::/16 in IPv6), first of all every other subnet of the file where no uplink is known, and what
    /// `except` adds; `except none` exempts nothing."
    [[nodiscard]] std::vector<AddressRange> exempt(const Network& network, const Egress& egress) const {
        std::vector<AddressRange> blocks;
        if (egress.exempts_nothing) return blocks;
        if (network.uplinks.empty())
            for (const Network& other : model_.networks)
                for (const AddressRange& subnet : subnets(other)) blocks.push_back(subnet);
        if (family_ == Family::ipv4) {
            blocks.push_back(AddressRange::prefix(Address(Family::ipv4, 0xE000'0000U), 24));
            blocks.emplace_back(Address(Family::ipv4, 0xFFFF'FFFFU));
        } else {
            blocks.push_back(AddressRange::prefix(Address(Family::ipv6, uint128{0xFF02} << 112U), 16));
        }
        for (const AddressRange& block : egress.except)
            if (block.family() == family_) blocks.push_back(block);
        return blocks;
    }

    const Model& model_;
    Family family_;
    bool replies_;
    ir::Program program_;
};

}  // namespace natc::validation

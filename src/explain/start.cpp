#include "explain/start.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "packet/interval_set.hpp"

namespace natc::explain {

using packet::Interval;
using packet::IntervalSet;
using packet::Region;
using semantics::Field;

namespace {

/// More kinds of packets than this are refused.
constexpr std::size_t most_starts = 2048;

IntervalSet codes_of(const std::vector<PortRange>& ports, bool negated) {
    IntervalSet set;
    for (const PortRange& range : ports) set.push_back({range.first, range.last});
    set = packet::normal(std::move(set));
    return negated ? packet::complement(set, {0, 65535}) : set;
}

/// What both the protocol's part and the address's say of a port; `usual` where neither says anything.
IntervalSet ports_of(const std::vector<PortRange>& ports, bool negated, const std::optional<End>& end, Interval usual) {
    IntervalSet set{usual};
    if (!ports.empty()) set = codes_of(ports, negated);
    if (!end || !end->ports) return set;
    const IntervalSet said{{end->ports->first, end->ports->last}};
    return ports.empty() ? said : packet::meet(set, said);
}

/// The state that a packet usually has. Of ICMP, only what asks for an answer opens a connection (nf_conntrack_proto_icmp.c, nf_conntrack_proto_icmpv6.c).
ir::ConntrackState usual_state(const PacketText& packet, Family family, std::optional<std::uint32_t> icmp_type) {
    using enum ir::ConntrackState;
    if (packet.states && (packet.states->contains(dnat) || packet.states->contains(snat))) return established;
    if (!icmp_type) return new_;
    const std::uint32_t type = *icmp_type;
    if (family == Family::ipv4) {
        if (type == 3 || type == 4 || type == 5 || type == 11 || type == 12) return related;
        if (type == 0 || type == 14 || type == 16 || type == 18) return established;
        return type == 8 || type == 13 || type == 15 || type == 17 ? new_ : invalid;
    }
    if ((type >= 1 && type <= 4) || type == 137) return related;
    if ((type >= 130 && type <= 136) || type == 143) return untracked;
    if (type == 129 || type == 140) return established;
    return type == 128 || type == 139 ? new_ : invalid;
}

class Making {
public:
    Making(const PacketText& packet, const Placement& placement, const semantics::Space& space, std::vector<std::string>& notes) : packet_(packet), placement_(placement), space_(space), notes_(notes) {}

    std::vector<Region> of(const Source& source, const Destination& destination) {
        Region region = space_.whole();
        if (placement_.in) region[+Field::in] = space_.codes(*placement_.in);
        if (destination.out) region[+Field::out] = space_.codes(*destination.out);
        region[+Field::source] = space_.codes(source.addresses);
        region[+Field::destination] = space_.codes(destination.addresses);
        const auto marks = space_.codes_of_mark(packet_.mark.value_or(0), 0xFFFF'FFFF);
        if (!marks.empty()) region[+Field::mark] = marks.front();
        const bool own = placement_.origin == semantics::Origin::host || source.whose == Whose::own || (placement_.in && placement_.in->text() == "lo");
        region[+Field::source_local] = own ? Interval{1, 1} : Interval{0, 0};
        region[+Field::forged] = source.forged ? Interval{1, 1} : Interval{0, 0};
        if (placement_.mac) region[+Field::mac] = space_.codes_of_mac(*placement_.mac);
        region[+Field::destination_local] = destination.local;
        // What rules translate to is another host's, as people have it, where the file does not say otherwise.
        region[+Field::new_destination_local] = {0, 0};
        made_.clear();
        if (packet_.what.empty()) with_states(region, std::nullopt);
        for (const Traffic& traffic : packet_.what)
            if (traffic.families.contains(placement_.family)) with_traffic(region, traffic);
        return std::move(made_);
    }

private:
    void with_traffic(Region region, const Traffic& traffic) {
        const Protocol protocol = *traffic.protocol;
        region[+Field::protocol] = {protocol.number, protocol.number};
        if (protocol == icmp || protocol == icmpv6) {
            std::vector<IcmpType> types = traffic.icmp_types;
            if (types.empty()) types.push_back({placement_.family, static_cast<std::uint8_t>(protocol == icmp ? 8 : 128), std::nullopt});
            for (const IcmpType& type : types) {
                const std::uint32_t code = type.type * 256U + type.code.value_or(0);
                region[+Field::destination_port] = {code, code};
                with_states(region, type.type);
            }
            return;
        }
        if (!has_ports(protocol)) return with_states(region, std::nullopt);
        for (const Interval from : ports_of(traffic.source_ports, traffic.source_ports_negated, packet_.from, Interval{ephemeral_ports.first, ephemeral_ports.last}))
            for (const Interval to : ports_of(traffic.ports, traffic.ports_negated, packet_.to, {0, 65535})) {
                region[+Field::source_port] = from;
                region[+Field::destination_port] = to;
                with_states(region, std::nullopt);
            }
    }

    void with_states(Region region, std::optional<std::uint32_t> icmp_type) {
        using enum ir::ConntrackState;
        ir::ConntrackStates states = packet_.states.value_or(ir::ConntrackStates{});
        constexpr std::uint8_t plain = 31;
        if ((states.bits & plain) == 0) {
            const ir::ConntrackState usual = usual_state(packet_, placement_.family, icmp_type);
            states = states | usual;
            if (usual == related) note("taken for an answer to a known connection between the two: state related");
            if (usual == established) note("taken for a packet of a known connection: state established");
        }
        region[+Field::dnat] = states.contains(dnat) ? Interval{1, 1} : Interval{0, 0};
        region[+Field::snat] = states.contains(snat) ? Interval{1, 1} : Interval{0, 0};
        const bool is_tcp = region[+Field::protocol] == Interval{tcp.number, tcp.number};
        for (const auto& [state, code] : {std::pair(new_, semantics::state_new), {established, semantics::state_established}, {related, semantics::state_related}, {invalid, semantics::state_invalid}, {untracked, semantics::state_untracked}}) {
            if (!states.contains(state)) continue;
            Region one = region;
            one[+Field::state] = {code, code};
            if (is_tcp && state == new_) one[+Field::tcp_flags] = space_.codes_of_flags(0x02);
            if (is_tcp && (state == established || state == related)) one[+Field::tcp_flags] = space_.codes_of_flags(0x10);
            // Of the connection: one between the two. Who of them opened it, is not said.
            if (state == established || state == related) {
                one[+Field::original_source] = one[+Field::source];
                one[+Field::reply_source] = one[+Field::destination];
                made_.push_back(one);
                one[+Field::original_source] = one[+Field::destination];
                one[+Field::reply_source] = one[+Field::source];
            }
            made_.push_back(std::move(one));
        }
    }

    void note(const char* text) {
        if (std::find(notes_.begin(), notes_.end(), text) == notes_.end()) notes_.emplace_back(text);
    }

    const PacketText& packet_;
    const Placement& placement_;
    const semantics::Space& space_;
    std::vector<std::string>& notes_;
    std::vector<Region> made_;
};

}  // namespace

std::vector<Start> starts(const PacketText& packet, const Placement& placement, const semantics::Space& space, Span text, std::vector<std::string>& notes, Diagnostics& diagnostics) {
    std::vector<Start> all;
    Making making(packet, placement, space, notes);
    for (std::size_t source = 0; source < placement.sources.size(); ++source)
        for (std::size_t destination = 0; destination < placement.destinations.size(); ++destination) {
            for (Region& region : making.of(placement.sources[source], placement.destinations[destination])) all.push_back({std::move(region), source, destination});
            if (all.size() <= most_starts) continue;
            diagnostics.add(Code::too_wide_packet, text, "these are too many kinds of packets to answer for all of them").advise("ask for one network, or one address, of each side");
            return {};
        }
    if (all.empty()) diagnostics.add(Code::no_such_packet, packet.at.what, "these ports and those that stand with the addresses exclude each other").advise("leave one of them out");
    return all;
}

}  // namespace natc::explain

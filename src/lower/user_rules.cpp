#include "lower/user_rules.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "lower/make_rule.hpp"

namespace natc {

namespace {

/// The interfaces that both mean, or nothing.
std::optional<InterfaceName> meet(const InterfaceName& a, const InterfaceName& b) {
    if (a.covers(b)) return b;
    if (b.covers(a)) return a;
    return std::nullopt;
}

/// One way to fulfil one side (source or destination) of a rule: all of these together.
struct SideChoice {
    std::optional<InterfaceName> bridge;
    std::vector<AddressRange> excluded;
    std::optional<AddressRange> addresses;
    FamilySet families = FamilySet::both();
};

std::vector<SideChoice> choices(const std::vector<Side>& sides, bool negated) {
    std::vector<SideChoice> result;
    if (sides.empty()) return {SideChoice{}};
    if (!negated) {
        for (const Side& side : sides) {
            SideChoice choice;
            choice.bridge = side.bridge;
            choice.addresses = side.addresses;
            choice.families = side.addresses.family();
            result.push_back(std::move(choice));
        }
        return result;
    }
    for (const Family family : all_families) {
        SideChoice choice;
        choice.families = family;
        for (const Side& side : sides)
            if (side.addresses.family() == family) choice.excluded.push_back(side.addresses);
        if (!choice.excluded.empty()) result.push_back(std::move(choice));
    }
    return result;
}

/// One way to fulfil what a rule asks of interfaces on one side.
struct InterfaceChoice {
    std::optional<InterfaceName> name;
    std::vector<InterfaceName> excluded;
};

std::vector<InterfaceChoice> choices(const std::vector<InterfaceName>& names, bool negated) {
    if (names.empty()) return {InterfaceChoice{}};
    if (negated) return {InterfaceChoice{std::nullopt, names}};
    std::vector<InterfaceChoice> result;
    for (const InterfaceName& name : names) result.push_back({name, {}});
    return result;
}

/// Holds a choice to one more interface; false if nothing is left.
bool narrow(InterfaceChoice& choice, const std::optional<InterfaceName>& to) {
    if (!to) return true;
    if (choice.name) {
        choice.name = meet(*choice.name, *to);
        return choice.name.has_value();
    }
    if (std::any_of(choice.excluded.begin(), choice.excluded.end(), [&](const InterfaceName& n) { return n.covers(*to); }))
        return false;
    // What is excluded and not among them says nothing more.
    std::erase_if(choice.excluded, [&](const InterfaceName& n) { return !n.overlaps(*to); });
    choice.name = to;
    return true;
}

/// One kind of packets, with a SYN where `accept new` asks for one.
struct Kind {
    const Traffic* traffic = nullptr;
    bool syn = false;
    bool not_tcp = false;
};

std::vector<Kind> kinds(const Rule& rule) {
    std::vector<Kind> result;
    for (const Traffic& traffic : rule.what) result.push_back({&traffic, rule.opens_connection && traffic.protocol == tcp, false});
    if (!result.empty()) return result;
    if (!rule.opens_connection) return {Kind{}};
    static const Traffic all_tcp = [] {
        Traffic traffic;
        traffic.protocol = tcp;
        return traffic;
    }();
    return {Kind{&all_tcp, true, false}, Kind{nullptr, false, true}};
}

class Expansion {
public:
    Expansion(const Rule& rule, View view, ir::Chain& into, Diagnostics& diagnostics)
        : rule_(rule), view_(view), into_(into), diagnostics_(diagnostics), kinds_(kinds(rule)) {
        if (rule.macs.empty()) {
            macs_.emplace_back();
        } else if (rule.mac_negated) {
            macs_.push_back(rule.macs);
        } else {
            for (const Mac& mac : rule.macs) macs_.push_back({mac});
        }
        for (const Kind& kind : kinds_)
            rules_of_kinds_ += kind.traffic == nullptr ? 1.0 : of_traffic(*kind.traffic);
        // What is excluded costs each rule a part of one.
        for (const auto& [negated, size] : {std::pair(rule.from_negated, rule.from.size()), {rule.to_negated, rule.to.size()}, {rule.in_negated, rule.in.size()},
                                            {rule.out_negated, rule.out.size()}, {rule.mac_negated, rule.macs.size()}})
            if (negated) excluded_ += size;
    }

    /// Whether that many frames would be too much; says so.
    [[nodiscard]] bool too_many(std::size_t frames) const {
        const auto ways = [](const auto& list, bool negated) { return negated ? 1.0 : std::max(1.0, static_cast<double>(list.size())); };
        // No whole number: the product of long lists would not fit one.
        const double made = static_cast<double>(frames) * ways(rule_.from, rule_.from_negated) * ways(rule_.to, rule_.to_negated) * ways(rule_.in, rule_.in_negated) *
                            ways(rule_.out, rule_.out_negated) * ways(rule_.macs, rule_.mac_negated) * rules_of_kinds_ *
                            static_cast<double>(excluded_ / 16 + 1);
        if (made > static_cast<double>(most_rules)) {
            diagnostics_.add(Code::too_many_rules, rule_.span, fmt::format("this becomes more than {} rules", most_rules));
            return true;
        }
        // Lists that many rules share, by a define, are as many again with each.
        if (made + static_cast<double>(into_.rules.size()) <= static_cast<double>(most_rules)) return false;
        diagnostics_.add(Code::too_many_rules, rule_.span, fmt::format("this and what stands above it become more than {} rules of one chain", most_rules));
        return true;
    }

    void within(const Frame& frame) {
        std::vector<SideChoice> from = choices(rule_.from, rule_.from_negated);
        std::vector<SideChoice> to = choices(rule_.to, rule_.to_negated);
        const auto in = choices(rule_.in, rule_.in_negated);
        const auto out = choices(rule_.out, rule_.out_negated);
        hold(from, frame.from);
        hold(to, frame.to);
        for (const SideChoice& f : from)
            for (const SideChoice& t : to)
                for (const InterfaceChoice& i : in)
                    for (const InterfaceChoice& o : out) {
                        InterfaceChoice in_choice = i;
                        InterfaceChoice out_choice = o;
                        const bool possible = narrow(in_choice, frame.in) && narrow(out_choice, frame.out) &&
                                              (!view_.in || narrow(in_choice, f.bridge)) && (!view_.out || narrow(out_choice, t.bridge));
                        if (possible) one(f, t, in_choice, out_choice);
                    }
    }

    [[nodiscard]] bool empty() const { return first_; }

private:
    static double of_traffic(const Traffic& traffic) {
        const std::size_t types = traffic.types_negated ? 1 : std::max<std::size_t>(traffic.icmp_types.size(), 1);
        return static_cast<double>(rules_of_ports(traffic.ports.size()) * rules_of_ports(traffic.source_ports.size()) * types);
    }

    /// Holds a side to the network's own subnet. An address in it, which the rule names, stands in its place.
    static void hold(std::vector<SideChoice>& sides, const std::optional<AddressRange>& frame) {
        if (!frame) return;
        std::erase_if(sides, [&](SideChoice& side) {
            if (!side.families.contains(frame->family())) return true;
            side.families = frame->family();
            if (!side.addresses) {
                side.addresses = frame;
                // Only what lies in the subnet can be excluded from it.
                std::erase_if(side.excluded, [&](const AddressRange& r) { return !r.overlaps(*frame); });
                return false;
            }
            return !frame->contains(*side.addresses);
        });
    }

    void one(const SideChoice& from, const SideChoice& to, const InterfaceChoice& in, const InterfaceChoice& out) {
        for (const auto& macs : macs_)
            for (const Kind& kind : kinds_) {
                FamilySet families = rule_.families & from.families & to.families;
                if (kind.traffic != nullptr) families &= kind.traffic->families;
                if (const auto* snat = std::get_if<ir::SourceNat>(&rule_.verdict)) families &= snat->to->family();
                if (const auto* dnat = std::get_if<ir::DestinationNat>(&rule_.verdict)) families &= dnat->to->family();
                if (!families.empty()) add(families, from, to, in, out, macs, kind);
            }
    }

    void add(FamilySet families, const SideChoice& from, const SideChoice& to, const InterfaceChoice& in,
             const InterfaceChoice& out, const std::vector<Mac>& macs, const Kind& kind) {
        ir::Rule made;
        made.families = families;
        made.origins.push_back(rule_.span);
        made.statement = rule_.verdict;
        made.comment = rule_.comment;
        first_ = false;
        auto& matches = made.matches;
        if (from.addresses) matches.emplace_back(ir::SourceAddress{*from.addresses, false});
        for (const AddressRange& range : from.excluded) matches.emplace_back(ir::SourceAddress{range, true});
        if (to.addresses) matches.emplace_back(ir::DestinationAddress{*to.addresses, false});
        for (const AddressRange& range : to.excluded) matches.emplace_back(ir::DestinationAddress{range, true});
        if (in.name) matches.emplace_back(ir::InInterface{*in.name, false});
        for (const InterfaceName& name : in.excluded) matches.emplace_back(ir::InInterface{name, true});
        if (out.name) matches.emplace_back(ir::OutInterface{*out.name, false});
        for (const InterfaceName& name : out.excluded) matches.emplace_back(ir::OutInterface{name, true});
        add_kind(kind, families, matches, made);
        for (const Mac& mac : macs) matches.emplace_back(ir::SourceMac{mac, rule_.mac_negated});
        if (rule_.to_local) matches.emplace_back(ir::DestinationIsLocal{});
        if (rule_.states) {
            ir::Conntrack conntrack;
            conntrack.states = *rule_.states;
            matches.emplace_back(conntrack);
        }
        if (rule_.mark) matches.emplace_back(*rule_.mark);
        if (!rule_.verbatim.empty()) matches.emplace_back(ir::Verbatim{rule_.verbatim, rule_.understood});
        // Counts what it matches, so it must be asked last.
        if (rule_.limit) matches.emplace_back(*rule_.limit);
        split_types(kind, std::move(made));
    }

    void add_kind(const Kind& kind, FamilySet, std::vector<ir::Match>& matches, const ir::Rule& made) const {
        const bool clamp = std::holds_alternative<ir::ClampMss>(made.statement);
        if (kind.not_tcp) matches.emplace_back(ir::ProtocolIs{tcp, true});
        if (kind.traffic == nullptr) {
            if (clamp) matches.insert(matches.end(), {ir::Match(ir::ProtocolIs{tcp, false}), ir::Match(ir::syn_without_rst)});
            return;
        }
        const Traffic& traffic = *kind.traffic;
        if (traffic.protocol) matches.emplace_back(ir::ProtocolIs{*traffic.protocol, false});
        if (!traffic.source_ports.empty()) matches.emplace_back(ir::SourcePorts{traffic.source_ports, traffic.source_ports_negated});
        if (!traffic.ports.empty()) matches.emplace_back(ir::DestinationPorts{traffic.ports, traffic.ports_negated});
        if (kind.syn) matches.emplace_back(ir::syn_packet);
        if (clamp) matches.emplace_back(ir::syn_without_rst);
    }

    /// The kernel takes one type of ICMP a match: several are several rules, none of several is several matches.
    void split_types(const Kind& kind, ir::Rule made) {
        if (kind.traffic == nullptr || kind.traffic->icmp_types.empty()) {
            into_ << std::move(made);
            return;
        }
        const auto at = std::find_if(made.matches.begin(), made.matches.end(), [](const ir::Match& m) { return std::holds_alternative<ir::ProtocolIs>(m); });
        const auto after = at - made.matches.begin() + 1;
        if (kind.traffic->types_negated) {
            std::vector<ir::Match> types;
            for (const IcmpType& type : kind.traffic->icmp_types) types.emplace_back(ir::IcmpTypeIs{type, true});
            made.matches.insert(made.matches.begin() + after, types.begin(), types.end());
            into_ << std::move(made);
            return;
        }
        for (const IcmpType& type : kind.traffic->icmp_types) {
            ir::Rule typed = made;
            typed.matches.insert(typed.matches.begin() + after, ir::IcmpTypeIs{type, false});
            into_ << std::move(typed);
        }
    }

    const Rule& rule_;
    View view_;
    ir::Chain& into_;
    Diagnostics& diagnostics_;
    std::vector<Kind> kinds_;
    std::vector<std::vector<Mac>> macs_;
    double rules_of_kinds_ = 0;
    std::size_t excluded_ = 0;
    bool first_ = true;
};

}  // namespace

void lower_rule(const Rule& rule, View view, std::span<const Frame> frames, ir::Chain& into, Diagnostics& diagnostics) {
    Expansion expansion(rule, view, into, diagnostics);
    const std::size_t before = into.rules.size();
    if (expansion.too_many(frames.size())) return;
    for (const Frame& frame : frames) expansion.within(frame);
    put_remark(rule.remark, into, before);
    // Without frames there is nothing that it could be about: a network's rule in a family that it has no subnet of.
    if (expansion.empty() && !frames.empty())
        diagnostics.add(Code::never_matches, rule.span, "this rule never matches: its parts exclude each other");
}

void lower_rule(const Rule& rule, View view, ir::Chain& into, Diagnostics& diagnostics) {
    static const Frame everything[1] = {};
    lower_rule(rule, view, everything, into, diagnostics);
}

void lower_network_rule(const Rule& rule, const Network& network, ir::Chain& into, Diagnostics& diagnostics) {
    std::vector<Frame> frames;
    std::vector<std::optional<InterfaceName>> uplinks(network.uplinks.begin(), network.uplinks.end());
    if (uplinks.empty()) uplinks.emplace_back();
    switch (rule.direction) {
        case Direction::outbound:
        case Direction::inbound:
            for (const Subnet& subnet : network.subnets) {
                if (!rule.families.contains(subnet.range.family())) continue;
                for (const auto& uplink : uplinks) {
                    Frame frame;
                    if (rule.direction == Direction::outbound) {
                        frame.from = subnet.range;
                        frame.in = network.bridge;
                        frame.out = uplink;
                    } else {
                        frame.to = subnet.range;
                        frame.in = uplink;
                        frame.out = network.bridge;
                    }
                    frames.push_back(frame);
                }
            }
            break;
        case Direction::internal: frames.push_back({{}, {}, network.bridge, network.bridge}); break;
        case Direction::rest:
            frames.push_back({{}, {}, network.bridge, {}});
            frames.push_back({{}, {}, {}, network.bridge});
            break;
        case Direction::none: break;
    }
    lower_rule(rule, View{}, frames, into, diagnostics);
}

}  // namespace natc

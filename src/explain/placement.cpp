#include "explain/placement.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/nearest.hpp"

namespace natc::explain {

using packet::Interval;
using semantics::Origin;

namespace {

constexpr Interval no{semantics::destination_elsewhere, semantics::destination_elsewhere}, yes{semantics::destination_own, semantics::destination_own};
constexpr Interval either{semantics::destination_elsewhere, semantics::destination_own}, broadcast{semantics::destination_broadcast, semantics::destination_broadcast};

std::vector<AddressRange> of_family(const std::optional<End>& end, Family family) {
    std::vector<AddressRange> result;
    if (end)
        for (const AddressRange& range : end->addresses)
            if (range.family() == family) result.push_back(range);
    return result;
}

class Placing {
public:
    Placing(const PacketText& packet, const Host& host, Span text, Diagnostics& diagnostics) : packet_(packet), host_(host), text_(text), diagnostics_(diagnostics) {}

    std::optional<Placement> run(FamilySet families) {
        if (!choose_family(families)) return std::nullopt;
        if (!sort(packet_.from, from_) || !sort(packet_.to, to_) || !choose_way_in()) return std::nullopt;
        if (!choose_sources() || !choose_destinations() || !choose_mac()) return std::nullopt;
        return std::move(placement_);
    }

private:
    std::nullopt_t refuse(Code code, Span span, std::string message, std::string help = {}) {
        Diagnostic& diagnostic = diagnostics_.add(code, span, std::move(message));
        if (!help.empty()) diagnostic.advise(std::move(help));
        return std::nullopt;
    }
    void note(std::string text) { placement_.notes.push_back(std::move(text)); }

    // --- family --------------------------------------------------------------------------------------------------------
    /// Cuts down what is left of the families, or says what excludes what.
    bool choose_family(FamilySet families) {
        FamilySet left = FamilySet::both();
        std::string by;
        const auto narrow = [&](FamilySet to, Span span, const std::string& what) {
            if (to == FamilySet::both()) return true;
            const std::string is = fmt::format("{} is {}", what, name(to.contains(Family::ipv4) ? Family::ipv4 : Family::ipv6));
            if ((left & to).empty()) {
                refuse(Code::wrong_family, span, fmt::format("{}, and {}: no packet is both", is, by));
                return false;
            }
            if (left == FamilySet::both()) by = is;
            left &= to;
            return true;
        };
        if (packet_.family) {
            left = *packet_.family;
            by = *packet_.family == Family::ipv4 ? "the packet is said to be `ipv4`" : "the packet is said to be `ipv6`";
        }
        if (!packet_.what.empty()) {
            FamilySet what;
            for (const Traffic& traffic : packet_.what) what |= traffic.families;
            if (!narrow(what, packet_.at.what, "this ICMP")) return false;
        }
        for (const auto* end : {&packet_.from, &packet_.to})
            if (*end && !narrow((*end)->families(), (*end)->span, (*end)->name)) return false;
        if ((left & families).empty()) {
            refuse(Code::wrong_family, text_, fmt::format("the packet is of {}, and the rules are of {}", name(left.contains(Family::ipv4) ? Family::ipv4 : Family::ipv6), name(families.contains(Family::ipv4) ? Family::ipv4 : Family::ipv6)));
            return false;
        }
        left &= families;
        placement_.family = left.contains(Family::ipv4) ? Family::ipv4 : Family::ipv6;
        if (left == FamilySet::both()) note("taken for an IPv4 packet: say `ipv6` for the other");
        return true;
    }

    // --- the way it comes ----------------------------------------------------------------------------------------------
    bool sort(const std::optional<End>& end, std::vector<Part>& parts) {
        for (const AddressRange& range : of_family(end, placement_.family))
            for (const Part& part : host_.parts(range)) parts.push_back(part);
        if (parts.size() < Host::most_parts) return true;
        refuse(Code::too_wide_packet, end->span, fmt::format("{} lies in too many networks to answer for all of it", end->name), "ask for one network, or one address");
        return false;
    }

    [[nodiscard]] bool comes_from(std::initializer_list<Whose> whose) const {
        return !from_.empty() && std::all_of(from_.begin(), from_.end(), [&](const Part& part) { return std::find(whose.begin(), whose.end(), part.whose) != whose.end(); });
    }

    /// An interface, or the host itself.
    bool choose_way_in() {
        auto& in = placement_.in;
        in = packet_.in;
        if (in) {
            check_interface(*in);
            if (const Network* network = host_.network_of_port(*in); network != nullptr && host_.network_behind(*in) == nullptr && !host_.asks_for(*in)) {
                note(fmt::format("{} is a port of {}, and that is what rules see it arrive by", in->text(), network->bridge.text()));
                in = network->bridge;
            }
            return true;
        }
        if (comes_from({Whose::own, Whose::loopback})) {
            placement_.origin = Origin::host;
            return true;
        }
        // Only one network's: its gateway and its broadcast among them do not count.
        const Network* network = nullptr;
        bool one = comes_from({Whose::guests, Whose::own, Whose::many});
        for (const Part& part : from_) {
            if (part.network == nullptr) continue;
            one = one && (network == nullptr || network == part.network);
            network = part.network;
        }
        if (one && network != nullptr) in = network->bridge;
        if (!in && comes_from({Whose::others}) && !packet_.out) {
            const auto uplinks = host_.uplinks_of(nullptr);
            if (uplinks.size() == 1 && !uplinks.front().wildcard()) in = uplinks.front();
        }
        if (in) {
            note(fmt::format("taken to arrive by {}", in->text()));
            return true;
        }
        if ((packet_.out && !comes_from({Whose::nobody, Whose::guests})) || from_.empty()) {
            placement_.origin = Origin::host;
            note("taken for a packet of the host's own: say `in` and the interface that it arrives by, if it does");
            return true;
        }
        refuse(Code::missing_word, packet_.from->span, "nothing tells which interface the packet arrives by", "say `in` and the interface; or only `out`, if the host itself sends it");
        return false;
    }

    void check_interface(const InterfaceName& name) {
        const auto known = host_.interfaces();
        const auto is_known = [&](const InterfaceName& one) { return one.covers(name); };
        // Without uplinks, the outside is every interface.
        if (host_.uplinks_of(nullptr).empty() || name.text() == "lo" || std::any_of(known.begin(), known.end(), is_known) || host_.network_of_port(name) != nullptr || host_.asks_for(name)) return;
        std::vector<std::string_view> names;
        for (const InterfaceName& one : known) names.push_back(one.text());
        const std::string_view near = nearest(name.text(), names);
        note(fmt::format("{} is no interface that the file names{}", name.text(), near.empty() ? "" : fmt::format(": did you mean {}?", near)));
    }

    // --- whose its addresses are ---------------------------------------------------------------------------------------
    bool choose_sources() {
        const bool own = placement_.origin == Origin::host;
        const Family family = placement_.family;
        std::vector<Part> from = from_;
        if (from.empty() && !own)
            if (const Network* network = host_.network_behind(*placement_.in))
                for (const Subnet& subnet : network->subnets)
                    if (subnet.range.family() == family)
                        for (const Part& part : host_.parts(subnet.range)) from.push_back(part);
        if (from.empty()) {
            placement_.sources = {{AddressRange::all(family), own ? Whose::own : Whose::others, nullptr, false}};
            return true;
        }
        const auto to = of_family(packet_.to, family);
        std::vector<Source> usual, others;
        for (const Part& part : from) {
            const auto forged = own ? false : host_.forged(part, to.size() == 1 ? std::optional(to.front()) : std::nullopt, *placement_.in);
            if (!forged) note(fmt::format("{} is taken to lie behind {}, of which the file tells no {} addresses", to_string(part.addresses), placement_.in->text(), name(family)));
            const bool strange = forged.value_or(false) || (!own && placement_.in->text() != "lo" && (part.whose == Whose::own || part.whose == Whose::many || part.whose == Whose::loopback));
            (strange ? others : usual).push_back({part.addresses, own ? Whose::own : part.whose, part.network, forged.value_or(false)});
        }
        // Of many, those that answers find back to.
        placement_.sources = usual.empty() ? others : usual;
        if (!usual.empty()) return true;
        const Source& first = others.front();
        if (family == Family::ipv6 && (first.whose == Whose::many || first.whose == Whose::loopback)) {
            refuse(Code::no_such_packet, packet_.from->span, fmt::format("the kernel takes no packet from {} that arrives by {}", packet_.from->name, placement_.in->text()));
            return false;
        }
        if (first.forged)
            note(first.whose == Whose::own ? fmt::format("its source is forged: {} is the host's own address", to_string(first.addresses))
                                           : fmt::format("its source is forged: routing sends nothing for {} out by {}", to_string(first.addresses), placement_.in->text()));
        return true;
    }

    bool choose_destinations() {
        if (packet_.out && packet_.out != packet_.in) check_interface(*packet_.out);
        std::vector<Part> to = to_;
        if (to.empty()) to = {{AddressRange::all(placement_.family), Whose::others, nullptr}};
        const bool single = to_.size() == 1 && to_.front().addresses.single();
        for (const Part& part : to) {
            if (part.whose == Whose::loopback && placement_.origin == Origin::outside && placement_.family == Family::ipv6 && placement_.in->text() != "lo") {
                if (to.size() > 1) continue;
                refuse(Code::no_such_packet, packet_.to->span, fmt::format("the kernel takes no packet to {} that arrives by {}", packet_.to->name, placement_.in->text()), "say `in lo`, if the host sends it to itself");
                return false;
            }
            placement_.destinations.push_back(placement_.origin == Origin::host ? sent_by_host(part, single) : arriving(part, single));
        }
        return true;
    }

    [[nodiscard]] Destination arriving(const Part& part, bool single) {
        Destination to{part.addresses, part.whose, no, packet_.out, false};
        const bool by_bridge = host_.network_behind(*placement_.in) != nullptr;
        if (packet_.to_local || part.whose == Whose::own || part.whose == Whose::loopback) {
            to.local = yes;
        } else if (part.whose == Whose::many && part.network != nullptr) {
            to.local = broadcast;
        } else if (part.whose == Whose::many || part.whose == Whose::guests || (part.whose == Whose::link && packet_.out)) {
            to.local = no;
        } else if (part.whose == Whose::link) {
            to.local = yes;  // routers do not forward them
            taken_for_own(part);
        } else if (packet_.out || !single) {
            to.local = either;  // addressed to the host and translated, or not: see likely()
        } else if (by_bridge) {
            to.maybe_own = true;
        } else {
            to.local = yes;
            taken_for_own(part);
        }
        return to;
    }
    void taken_for_own(const Part& part) {
        note(fmt::format("{} is taken for an address of this host: say {}`out` and an interface, if it is forwarded", to_string(part.addresses), packet_.in ? "" : fmt::format("`in {}`, and ", placement_.in->text())));
    }

    [[nodiscard]] Destination sent_by_host(const Part& part, bool single) {
        Destination to{part.addresses, part.whose, no, packet_.out, false};
        const auto loopback = *parse_interface("lo");
        const bool to_itself = single && from_.size() == 1 && from_.front().addresses == part.addresses;
        if (packet_.to_local || part.whose == Whose::own || part.whose == Whose::loopback || to_itself || packet_.out == loopback) {
            to.local = yes;
            if (!to.out) to.out = loopback;
            if (to.out == loopback) note("what the host sends to itself comes in again: ask with `in lo` what INPUT says of it");
        } else if (!to.out && part.network != nullptr) {
            to.out = part.network->bridge;
            if (part.whose == Whose::many) to.local = broadcast;
        } else if (!to.out && (part.whose == Whose::many || part.whose == Whose::link)) {
            // Those who are spoken to as the gateway are behind its bridge.
            if (from_.size() == 1 && from_.front().network != nullptr) to.out = from_.front().network->bridge;
        } else if (part.whose == Whose::others) {
            const auto uplinks = host_.uplinks_of(nullptr);
            if (!to.out && uplinks.size() == 1) to.out = uplinks.front();
            to.maybe_own = single;
        }
        return to;
    }

    // --- what else -----------------------------------------------------------------------------------------------------
    /// That of the guest that it comes from.
    bool choose_mac() {
        placement_.mac = packet_.mac;
        if (placement_.origin == Origin::host) {
            if (!packet_.mac) return true;
            refuse(Code::no_such_packet, packet_.at.mac, "what the host itself sends has no MAC address that it came from", "say `in` and the interface, if it arrives");
            return false;
        }
        if (placement_.mac || placement_.sources.size() != 1 || !placement_.sources.front().addresses.single() || placement_.sources.front().forged) return true;
        const Guest* guest = host_.guest_at(placement_.sources.front().addresses.first());
        if (guest != nullptr) placement_.mac = guest->mac;
        return true;
    }

    const PacketText& packet_;
    const Host& host_;
    Span text_;
    Diagnostics& diagnostics_;
    Placement placement_;
    std::vector<Part> from_, to_;
};

}  // namespace

std::optional<Placement> place(const PacketText& packet, const Host& host, FamilySet families, Span text, Diagnostics& diagnostics) {
    return Placing(packet, host, text, diagnostics).run(families);
}

// As ip_route_input_slow and ip6_forward of the kernel have it.
std::string routing_drops(const Source& source, const AddressRange& destination, semantics::Course course, const InterfaceName& in) {
    if (in.text() == "lo") return {};
    if (source.addresses.family() == Family::ipv6) {
        const bool stays = source.whose == Whose::link || source.whose == Whose::nobody;
        return stays && course == semantics::Course::through_host ? fmt::format("what comes from {} is not forwarded, whatever the rules", to_string(source.addresses)) : std::string();
    }
    const AddressRange everybody = Address(Family::ipv4, 0xFFFF'FFFFU);
    if (source.whose == Whose::own || source.whose == Whose::loopback || source.whose == Whose::many)
        return fmt::format("routing drops what arrives by {} from {}, whatever the rules of INPUT and FORWARD", in.text(), to_string(source.addresses));
    if (source.whose == Whose::nobody && destination != everybody && !AddressRange::prefix(Address(Family::ipv4, 0xE000'0000U), 24).contains(destination))
        return fmt::format("routing drops what comes from {} to one address alone, whatever the rules of INPUT and FORWARD", to_string(source.addresses));
    if (course == semantics::Course::to_host && AddressRange::prefix(Address(Family::ipv4, 0x7F00'0000U), 8).contains(destination))
        return fmt::format("routing drops what arrives by {} for {}, unless net.ipv4.conf.*.route_localnet is set, whatever the rules of INPUT", in.text(), to_string(destination));
    return {};
}

}  // namespace natc::explain

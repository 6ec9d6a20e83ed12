#include "explain/explain.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "packet/join.hpp"
#include "semantics/budget.hpp"
#include "semantics/words.hpp"

namespace natc::explain {

using packet::Interval;
using packet::Region;
using semantics::Course;
using semantics::Field;
using semantics::Journey;
using semantics::Origin;

namespace {

/// The ports that Linux gives to those who do not ask for one (net.ipv4.ip_local_port_range).
constexpr Interval ephemeral_ports{32768, 60999};

std::optional<AddressRange> address_of(const std::optional<End>& end, Family family) {
    if (end)
        for (const AddressRange& range : end->addresses)
            if (range.family() == family) return range;
    return std::nullopt;
}

class Question {
public:
    Question(const ir::Program& program, const Host& host, const PacketText& packet, Span text, Diagnostics& diagnostics)
        : program_(program), host_(host), packet_(packet), text_(text), diagnostics_(diagnostics) {}

    std::optional<Answer> run(FamilySet families) {
        if (!choose_family(families)) return std::nullopt;
        source_ = address_of(packet_.from, answer_.family);
        destination_ = address_of(packet_.to, answer_.family);
        if (!choose_way_in()) return std::nullopt;
        make_space();
        Region region = answer_.space->whole();
        fill(region);
        packet::Budget budget(semantics::steps);
        const semantics::Rulings rulings(program_, *answer_.space, budget, host_.surroundings());
        std::vector<Journey> journeys;
        for (const Region& possible : semantics::possible_packets(*answer_.space, answer_.origin)) {
            Region start = region;
            if (!packet::meet(start, packet::sides_of(possible, answer_.space->whole()))) continue;
            for (Journey& journey : semantics::follow(rulings, *answer_.space, answer_.origin, start, true, budget)) journeys.push_back(std::move(journey));
        }
        answer_.undecided = budget.spent();
        if (answer_.undecided) return std::move(answer_);
        if (journeys.empty()) {
            diagnostics_.add(Code::no_such_packet, text_, "there is no such packet: connection tracking never gives it that state");
            return std::nullopt;
        }
        keep_likely(journeys);
        gather(std::move(journeys), region);
        return std::move(answer_);
    }

private:
    bool choose_family(FamilySet families) {
        FamilySet said = FamilySet::both();
        if (packet_.family) said &= *packet_.family;
        for (const auto* end : {&packet_.from, &packet_.to}) {
            if (!*end) continue;
            FamilySet own;
            for (const AddressRange& range : (*end)->addresses) own |= range.family();
            said &= own;
        }
        if (packet_.protocols == std::vector{icmpv6}) said &= Family::ipv6;
        if (packet_.typed)
            for (const Family family : all_families)
                if (!packet_.type[static_cast<std::size_t>(family)]) said &= other(family);
        if (said.empty()) {
            diagnostics_.add(Code::wrong_family, text_, "no packet is of both families");
            return false;
        }
        said &= families;
        if (said.empty()) {
            diagnostics_.add(Code::wrong_family, text_, fmt::format("the packet is of {}, and the rules are of {}", families.contains(Family::ipv4) ? "IPv6" : "IPv4", families.contains(Family::ipv4) ? "IPv4" : "IPv6"));
            return false;
        }
        answer_.family = said.contains(Family::ipv4) ? Family::ipv4 : Family::ipv6;
        if (said == FamilySet::both()) answer_.notes.emplace_back("taken for an IPv4 packet: say `ipv6` for the other");
        return true;
    }

    /// Where it comes from: an interface, or the host itself.
    bool choose_way_in() {
        in_ = packet_.in;
        if (in_) return true;
        if (source_ && source_->single() && host_.owns(source_->first())) {
            answer_.origin = Origin::host;
            return true;
        }
        if (source_) in_ = host_.bridge_of(*source_);
        if (!in_ && source_ && !packet_.out && host_.known()) {
            const auto uplinks = host_.uplinks_of(std::nullopt);
            if (uplinks.size() == 1 && !uplinks.front().wildcard()) in_ = uplinks.front();
        }
        if (in_) {
            answer_.notes.push_back(fmt::format("taken to arrive by {}", in_->text()));
            return true;
        }
        if (packet_.out || !source_) {
            answer_.origin = Origin::host;
            answer_.notes.emplace_back("taken for a packet of the host's own: say `in` and the interface that it arrives by, if it does");
            return true;
        }
        diagnostics_.add(Code::missing_word, text_, "nothing tells which interface the packet arrives by").advise("say `in` and the interface; or only `out`, if the host itself sends it");
        return false;
    }

    void make_space() {
        std::vector<AddressRange> further;
        for (const auto& range : {source_, destination_})
            if (range) further.push_back(*range);
        std::vector<InterfaceName> names = host_.interfaces();
        for (const auto& name : {in_, packet_.out})
            if (name) names.push_back(*name);
        const std::vector<const ir::Program*> programs{&program_};
        answer_.space = std::make_unique<semantics::Space>(answer_.family, programs, further, names, packet_.mac);
    }

    void fill(Region& region) {
        const semantics::Space& space = *answer_.space;
        const auto set = [&](Field field, Interval interval) { region[+field] = interval; };
        if (in_) set(Field::in, space.codes(*in_));
        if (packet_.out) set(Field::out, space.codes(*packet_.out));
        if (source_) set(Field::source, space.codes(*source_));
        if (destination_) set(Field::destination, space.codes(*destination_));
        fill_traffic(region);
        fill_state(region);
        const std::uint32_t mark = packet_.mark.value_or(0);
        const auto marks = space.codes_of_mark(mark, 0xFFFF'FFFF);
        if (!marks.empty()) set(Field::mark, marks.front());
        set(Field::source_local, answer_.origin == Origin::host ? Interval{1, 1} : Interval{0, 0});
        const std::optional<bool> forged = source_ && in_ ? host_.forged(*source_, destination_, *in_) : false;
        set(Field::forged, forged.value_or(false) ? Interval{1, 1} : Interval{0, 0});
        if (!forged) answer_.notes.push_back(fmt::format("{} is taken to lie behind {}, of which the file tells no {} addresses", to_string(*source_), in_->text(), answer_.family == Family::ipv4 ? "IPv4" : "IPv6"));
        if (forged.value_or(false)) answer_.notes.push_back(fmt::format("its source is forged: routing sends nothing for {} out by {}", to_string(*source_), in_->text()));
        if (packet_.mac) set(Field::mac, space.codes_of_mac(*packet_.mac));
        fill_destination_local(region);
        if (destination_ && destination_->single() && host_.is_broadcast(destination_->first())) set(Field::destination_local, {semantics::destination_broadcast, semantics::destination_broadcast});
        // What rules translate to is another host's, as people have it, where the file does not say otherwise.
        set(Field::new_destination_local, {0, 0});
    }

    void fill_traffic(Region& region) {
        if (packet_.protocols.empty()) return;
        const bool ipv4 = answer_.family == Family::ipv4;
        const Protocol protocol = packet_.protocols.size() == 2 ? (ipv4 ? icmp : icmpv6) : packet_.protocols.front();
        region[+Field::protocol] = {protocol.number, protocol.number};
        if (has_ports(protocol)) {
            region[+Field::source_port] = ephemeral_ports;
            if (packet_.from && packet_.from->ports) region[+Field::source_port] = {packet_.from->ports->first, packet_.from->ports->last};
            const auto& ports = packet_.to && packet_.to->ports ? packet_.to->ports : packet_.ports;
            if (ports) region[+Field::destination_port] = {ports->first, ports->last};
        }
        if (protocol == icmp || protocol == icmpv6) {
            const IcmpType echo{answer_.family, static_cast<std::uint8_t>(ipv4 ? 8 : 128), std::nullopt};
            type_ = packet_.type[static_cast<std::size_t>(answer_.family)].value_or(echo);
            region[+Field::destination_port] = {type_->type * 256U + type_->code.value_or(0), type_->type * 256U + type_->code.value_or(0)};
        }
    }

    void fill_state(Region& region) {
        using enum ir::ConntrackState;
        ir::ConntrackStates states = packet_.states.value_or(ir::ConntrackStates{});
        constexpr std::uint8_t plain = 31;
        if ((states.bits & plain) == 0) {
            const ir::ConntrackState usual = usual_state();
            states = states | usual;
            if (usual == related) answer_.notes.emplace_back("taken for an answer to a known connection: state related");
            if (usual == established) answer_.notes.emplace_back("taken for a packet of a known connection: state established");
        }
        std::uint32_t first = semantics::state_established;
        std::uint32_t last = semantics::state_invalid;
        for (const auto& [state, code] : {std::pair(invalid, semantics::state_invalid), {untracked, semantics::state_untracked}, {new_, semantics::state_new}, {related, semantics::state_related}, {established, semantics::state_established}})
            if (states.contains(state)) {
                first = std::min<std::uint32_t>(first, code);
                last = std::max<std::uint32_t>(last, code);
            }
        region[+Field::state] = {first, last};
        const bool tcp_packet = region[+Field::protocol] == Interval{tcp.number, tcp.number};
        if (tcp_packet && first == last && first == semantics::state_new) region[+Field::tcp_flags] = answer_.space->codes_of_flags(0x02);
        if (tcp_packet && first >= semantics::state_related) region[+Field::tcp_flags] = answer_.space->codes_of_flags(0x10);
        region[+Field::dnat] = states.contains(dnat) ? Interval{1, 1} : Interval{0, 0};
        region[+Field::snat] = states.contains(snat) ? Interval{1, 1} : Interval{0, 0};
        if (first == semantics::state_established) {
            region[+Field::original_source] = region[+Field::source];
            region[+Field::reply_source] = region[+Field::destination];
        }
    }

    [[nodiscard]] ir::ConntrackState usual_state() const {
        using enum ir::ConntrackState;
        if (packet_.states && (packet_.states->contains(dnat) || packet_.states->contains(snat))) return established;
        if (!type_) return new_;
        const std::uint8_t type = type_->type;
        if (answer_.family == Family::ipv4) {
            if (type == 3 || type == 4 || type == 5 || type == 11 || type == 12) return related;
            return type == 0 || type == 14 || type == 16 || type == 18 ? established : new_;
        }
        if (type >= 1 && type <= 4) return related;
        if ((type >= 130 && type <= 136) || type == 143) return untracked;
        return type == 129 || type == 140 ? established : new_;
    }

    [[nodiscard]] static bool to_many(const AddressRange& addresses) {
        const auto all = semantics::addresses_of_many(addresses.family());
        return std::any_of(all.begin(), all.end(), [&](const AddressRange& many) { return many.contains(addresses); });
    }

    /// Whether it is addressed to the host itself. A file tells its own addresses in its networks alone.
    void fill_destination_local(Region& region) {
        Interval local{0, 1};
        const bool own = answer_.origin == Origin::host;
        if (own && packet_.out && packet_.out->text() == "lo") {
            local = {1, 1};
        } else if (packet_.to_local || (destination_ && destination_->single() && host_.owns(destination_->first()))) {
            local = {1, 1};
        } else if (destination_ && to_many(*destination_)) {
            local = {0, 0};
        } else if (destination_ && host_.bridge_of(*destination_)) {
            local = {0, 0};
        } else if (own) {
            local = {0, packet_.out ? 0U : 1U};  // what the host sends to itself goes by lo
        } else if (packet_.out) {
            local = {0, 1};  // addressed to the host and translated, or not: keep_likely()
        } else if (in_ && host_.is_bridge(*in_)) {
            local = {0, 0};
        } else if (destination_) {
            local = {1, 1};
            answer_.notes.push_back(fmt::format("{} is taken for an address of this host: say `out` and an interface, if it is forwarded", to_string(*destination_)));
        }
        region[+Field::destination_local] = local;
    }

    /// Of what may come of it, what fits with where routing sends it.
    void keep_likely(std::vector<Journey>& journeys) {
        const semantics::Space& space = *answer_.space;
        if (answer_.origin == Origin::host) return;
        if (packet_.out) {
            const auto through = [](const Journey& journey) { return journey.course == Course::through_host; };
            if (std::any_of(journeys.begin(), journeys.end(), through)) std::erase_if(journeys, [&](const Journey& journey) { return journey.course == Course::to_host; });
            const auto local = [&](const Journey& journey) { return journey.course == Course::through_host && journey.first[+Field::destination_local].first == 1; };
            // What is translated to a guest leaves by the bridge that the guest is behind.
            const auto astray = [&](const Journey& journey) {
                const auto bridge = host_.bridge_of(space.addresses(journey.now[+Field::destination]));
                return local(journey) && bridge && *bridge != *packet_.out;
            };
            if (!std::all_of(journeys.begin(), journeys.end(), astray)) std::erase_if(journeys, astray);
            if (std::any_of(journeys.begin(), journeys.end(), local)) std::erase_if(journeys, [&](const Journey& journey) { return journey.course == Course::through_host && !local(journey); });
            return;
        }
        std::vector<Journey> kept;
        for (const Journey& journey : journeys) {
            if (journey.course != Course::through_host) {
                kept.push_back(journey);
                continue;
            }
            const AddressRange to = space.addresses(journey.now[+Field::destination]);
            std::vector<InterfaceName> outs;
            if (const auto bridge = host_.bridge_of(to))
                outs.push_back(*bridge);
            else if (host_.known())
                outs = host_.uplinks_of(source_);
            if (outs.empty()) kept.push_back(journey);
            for (const InterfaceName& out : outs) {
                const packet::Side side{+Field::out, space.codes(out)};
                Journey narrowed = journey;
                if (packet::meet(narrowed.now, packet::BoxView(&side, 1)) && packet::meet(narrowed.first, packet::BoxView(&side, 1))) kept.push_back(std::move(narrowed));
            }
        }
        if (!kept.empty()) journeys = std::move(kept);
    }

    /// One outcome a fate, each with what must hold for it.
    void gather(std::vector<Journey> journeys, const Region& asked) {
        const auto same_end = [](const Journey& a, const Journey& b) { return a.fate == b.fate && a.course == b.course; };
        for (Journey& journey : journeys) {
            const auto at = std::find_if(answer_.outcomes.begin(), answer_.outcomes.end(), [&](const Outcome& outcome) { return same_end(outcome.journey, journey); });
            if (at == answer_.outcomes.end()) answer_.outcomes.push_back({journey, {}});
        }
        if (answer_.outcomes.size() < 2) return;
        packet::Budget budget(semantics::steps);
        for (Outcome& outcome : answer_.outcomes) {
            std::vector<Region> pieces;
            for (const Journey& journey : journeys)
                if (same_end(journey, outcome.journey)) pieces.push_back(journey.first);
            for (Region& piece : pieces)
                for (packet::FieldIndex field = 0; field < piece.size(); ++field) {
                    if (field >= semantics::known_fields && piece[field] != answer_.space->whole()[field]) answer_.by_unknown = true;
                    // What was asked for need not be said again.
                    if (piece[field] == asked[field]) piece[field] = answer_.space->whole()[field];
                }
            for (const packet::Product& product : packet::join(std::move(pieces), answer_.space->whole(), {}, budget))
                outcome.condition += (outcome.condition.empty() ? "" : ", or ") + semantics::words(product, *answer_.space);
        }
        for (const Outcome& outcome : answer_.outcomes) answer_.by_unknown = answer_.by_unknown || !outcome.journey.fate.certain;
    }

    const ir::Program& program_;
    const Host& host_;
    const PacketText& packet_;
    Span text_;
    Diagnostics& diagnostics_;
    Answer answer_;
    std::optional<InterfaceName> in_;
    std::optional<AddressRange> source_, destination_;
    std::optional<IcmpType> type_;
};

}  // namespace

std::optional<Answer> explain(const ir::Program& program, FamilySet families, const Host& host, const PacketText& packet, Span text, Diagnostics& diagnostics) {
    return Question(program, host, packet, text, diagnostics).run(families);
}

}  // namespace natc::explain

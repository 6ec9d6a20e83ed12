#include "semantics/walk.hpp"

#include <algorithm>
#include <cassert>
#include <set>
#include <utility>

#include "emit/iptables_words.hpp"
#include "packet/remainder.hpp"

namespace natc::semantics {

using packet::FieldIndex;
using packet::Interval;
using packet::Region;

Rulings::Rulings(const ir::Program& program, const Space& space, packet::Budget& budget, const Surroundings& surroundings)
    : program_(program), surroundings_(surroundings), asked_(space.whole().size() - known_fields) {
    for (const ir::Table& table : program.tables)
        for (const ir::Hook hook : ir::hooks_of(table.table)) {
            std::optional<List> list = unfold(table, hook, space, budget);
            if (!list) continue;
            Stage& stage = stages_[{table.table, hook}];
            stage.list = std::move(*list);
            for (std::uint32_t i = 0; i < stage.list.entries.size(); ++i) stage.owner.resize(stage.list.entries[i].last, i);
            for (std::size_t i = 0; i < stage.list.boxes.size(); ++i)
                for (const packet::Side& side : stage.list.boxes[i])
                    if (side.field >= known_fields) ++asked_[side.field - known_fields];
            stage.index = std::make_unique<packet::Index>(stage.list.boxes);
            if (stage.list.two_values) stage.chains = chains_of(table);
            for (const ir::Chain& chain : table.chains)
                if (chain.hook == hook && chain.families.contains(space.family())) stage.chain = &chain;
            stage.path = space.unknowns().root(*stage.chain);
            if (stage.list.two_values) follow_chains(stage, space, budget);
        }
}

/// The boxes of all rules that packets may come to.
void Rulings::follow_chains(Stage& stage, const Space& space, packet::Budget& budget) const {
    std::set<std::pair<const ir::Chain*, Path>> known;
    std::vector<std::pair<const ir::Chain*, Path>> next{{stage.chain, stage.path}};
    while (!next.empty()) {
        const auto [chain, path] = next.back();
        next.pop_back();
        if (!known.emplace(chain, path).second) continue;
        for (const ir::Rule& rule : chain->rules) {
            if (!rule.families.contains(space.family())) continue;
            stage.boxes_of[{path, &rule}] = space.boxes_of(rule, path, budget);
            if (const std::string* called = ir::called_chain(rule.statement)) next.emplace_back(stage.chains.at(*called), space.unknowns().called(path, rule));
        }
    }
}

const Rulings::Stage* Rulings::stage(ir::TableName table, ir::Hook hook) const {
    const auto at = stages_.find({table, hook});
    return at == stages_.end() ? nullptr : &at->second;
}

// The order of priorities: raw -300, mangle -150, nat's destination -100, filter 0, security 50, nat's source 100.
const std::vector<Stop>& before_routing() {
    using enum ir::TableName;
    static const std::vector<Stop> stops{{raw, ir::Hook::prerouting}, {mangle, ir::Hook::prerouting}, {nat, ir::Hook::prerouting}};
    return stops;
}
const std::vector<Stop>& to_the_host() {
    using enum ir::TableName;
    static const std::vector<Stop> stops{{mangle, ir::Hook::input}, {filter, ir::Hook::input}, {security, ir::Hook::input}, {nat, ir::Hook::input}};
    return stops;
}
const std::vector<Stop>& through_the_host() {
    using enum ir::TableName;
    static const std::vector<Stop> stops{
        {mangle, ir::Hook::forward}, {filter, ir::Hook::forward}, {security, ir::Hook::forward}, {mangle, ir::Hook::postrouting}, {nat, ir::Hook::postrouting}};
    return stops;
}
const std::vector<Stop>& from_the_host() {
    using enum ir::TableName;
    static const std::vector<Stop> stops{{raw, ir::Hook::output},    {mangle, ir::Hook::output},      {nat, ir::Hook::output},     {filter, ir::Hook::output},
                                         {security, ir::Hook::output}, {mangle, ir::Hook::postrouting}, {nat, ir::Hook::postrouting}};
    return stops;
}

std::vector<Region> possible_packets(const Space& space, Origin origin) {
    Region all = space.whole();
    const Interval none{Interfaces::none, Interfaces::none};
    all[+Field::in] = origin == Origin::host ? none : space.real_interface();
    all[+Field::out] = space.real_interface();
    std::vector<Region> result;
    const auto tracked = [&](const Region& kind) {
        Region fresh = kind;
        fresh[+Field::state] = {state_new, state_new};
        fresh[+Field::dnat] = fresh[+Field::snat] = {0, 0};
        result.push_back(fresh);
        Region lost = fresh;
        lost[+Field::state] = {state_invalid, state_invalid};
        result.push_back(lost);
        Region known = kind;
        known[+Field::state] = {state_related, state_established};
        result.push_back(known);
    };
    if (space.family() == Family::ipv4) {
        tracked(all);
        return result;
    }
    constexpr std::uint32_t icmp_number = 58;
    Region other = all;
    other[+Field::protocol] = {0, icmp_number - 1};
    tracked(other);
    other[+Field::protocol] = {icmp_number + 1, 255};
    tracked(other);
    other[+Field::protocol] = {icmp_number, icmp_number};
    // Types that nf_conntrack_proto_icmpv6.c leaves untracked: multicast listeners and neighbour discovery, 130 to 136 and 143.
    for (const Interval types : {Interval{0, 129}, Interval{137, 142}, Interval{144, 255}}) {
        other[+Field::destination_port] = {types.first * 256, types.last * 256 + 255};
        tracked(other);
    }
    other[+Field::destination_port] = {256 * 256, 65535};
    for (const Interval types : {Interval{130, 136}, Interval{143, 143}}) {
        Region untracked = other;
        untracked[+Field::destination_port] = {types.first * 256, types.last * 256 + 255};
        untracked[+Field::state] = {state_untracked, state_untracked};
        untracked[+Field::dnat] = untracked[+Field::snat] = {0, 0};
        result.push_back(untracked);
    }
    return result;
}

namespace {

/// A rule of a chain that packets have come to.
struct Place {
    const ir::Chain* chain = nullptr;
    Path path = 0;
    std::size_t rule = 0;
};

/// Packets on their way.
struct Traveller {
    Journey journey;
    const std::vector<Stop>* stops = nullptr;
    std::size_t at = 0;        ///< which of the stops
    std::uint32_t box = 0;     ///< from which box of its list on
    std::uint32_t met = 0;     ///< one more than the last entry met there: an entry's boxes may overlap
    std::uint32_t loose = 0;   ///< the fields, as bits, whose value now is not that on arrival
    bool translated = false;   ///< to another address
    bool restored = false;     ///< its mark is one that nobody knows
    std::optional<Interval> tracked_state;  ///< in raw, the state that connection tracking will give it
    std::vector<Place> places;  ///< where a list is followed chain by chain: in each of the chains that called each other, the rule that is next
};

static_assert(known_fields <= 32);

/// Steps that stand for the memory of one more of them: one for some bytes.
std::uint64_t one_more(const Traveller& t) {
    constexpr std::uint64_t bytes = 8;
    const auto of_region = [](const Region& region) { return region.plain().size_bytes() + region.answers().size_bytes(); };
    const auto of_deeds = t.journey.fate.deeds.size() * (sizeof(Deed) + 32);  // with their words
    return (sizeof(Traveller) + of_region(t.journey.first) + of_region(t.journey.now) + of_deeds + t.journey.steps.size() * sizeof(Step) + t.places.size() * sizeof(Place)) / bytes;
}

class Walk {
public:
    Walk(const Rulings& rulings, const Space& space, Origin origin, bool thorough, packet::Budget& budget)
        : rulings_(rulings), space_(space), thorough_(thorough), budget_(budget), start_(origin == Origin::host ? &from_the_host() : &before_routing()) {}

    std::vector<Journey> run(Region region) {
        Traveller traveller;
        traveller.journey.first = region;
        traveller.journey.now = std::move(region);
        traveller.stops = start_;
        asked_ = traveller.journey.first;
        if (start_ == &from_the_host())
            traveller.journey.course = Course::from_host;
        else  // known once it is routed
            overwrite(traveller, Field::out, {Interfaces::none, Interfaces::none});
        under_way_.push_back(std::move(traveller));
        while (!under_way_.empty() && !budget_.spent()) {
            Traveller next = std::move(under_way_.back());
            under_way_.pop_back();
            travel(std::move(next));
        }
        return std::move(arrived_);
    }

private:
    void travel(Traveller t) {
        while (budget_.spend(1)) {
            if (t.at == t.stops->size()) {
                if (t.stops != &before_routing()) return arrive(std::move(t));
                route(t);
                continue;
            }
            const Stop stop = (*t.stops)[t.at];
            const Rulings::Stage* stage = rulings_.stage(stop.table, stop.hook);
            if (stage != nullptr && stop.table == ir::TableName::raw && !t.tracked_state) {
                t.tracked_state = t.journey.now[+Field::state];
                overwrite(t, Field::state, {state_invalid, state_invalid});
            }
            if (stop.hook == ir::Hook::postrouting && t.translated && t.journey.course == Course::from_host && !is_loose(t, +Field::out)) reroute(t);
            if (stage != nullptr && stop.table == ir::TableName::nat) {
                // Asked for the first packet of a connection.
                if (!Interval{state_new, state_new}.overlaps(t.journey.now[+Field::state])) stage = nullptr;
                else part(t, +Field::state, {state_new, state_new});
            }
            if (stage == nullptr)
                next_stop(t);
            else if (!pass(t, *stage))
                return;
        }
    }

    static void next_stop(Traveller& t) {
        if (t.tracked_state && !t.journey.fate.untracked) {
            t.journey.now[+Field::state] = *t.tracked_state;
            t.loose &= ~(1U << +Field::state);
        }
        t.tracked_state.reset();
        ++t.at;
        t.box = t.met = 0;
        t.places.clear();
    }

    [[nodiscard]] static bool is_loose(const Traveller& t, FieldIndex field) { return field < known_fields && (t.loose >> field & 1U) != 0; }

    /// Cuts a traveller down to an interval of a field.
    static void narrow(Traveller& t, FieldIndex field, Interval interval) {
        t.journey.now[field] = interval;
        if (field == +Field::destination_port && t.journey.fate.shift != 0) {
            const auto back = [&](std::uint32_t port) { return static_cast<std::uint32_t>(static_cast<std::int64_t>(port) - t.journey.fate.shift); };
            t.journey.first[field] = {back(interval.first), back(interval.last)};
        } else if (!is_loose(t, field)) {
            t.journey.first[field] = interval;
        }
    }

    /// Another one that stands where `t` does. nullptr if the budget does not last.
    Traveller* send_off(const Traveller& t) { return budget_.spend(one_more(t)) ? &under_way_.emplace_back(t) : nullptr; }

    /// Leaves in `t` what is in the interval, which must be some of it, and sends off the rest from where it stands.
    void part(Traveller& t, FieldIndex field, Interval interval) {
        const Interval all = t.journey.now[field];
        packet::outside(all, interval, [&](Interval rest) {
            if (Traveller* other = send_off(t)) narrow(*other, field, rest);
        });
        if (all != all.meet(interval)) narrow(t, field, all.meet(interval));
    }

    /// Puts the list of a stage to the traveller. False if its way has ended, or goes on elsewhere in `under_way_`.
    bool pass(Traveller& t, const Rulings::Stage& stage) {
        const List& list = stage.list;
        if (list.two_values) return pass_chains(t, stage);
        std::vector<std::uint32_t> boxes = stage.index->overlapping(t.journey.now, list.boxes.size(), budget_);
        for (auto at = std::lower_bound(boxes.begin(), boxes.end(), t.box); at != boxes.end(); ++at) {
            const Entry& entry = list.entries[stage.owner[*at]];
            if (stage.owner[*at] + 1 == t.met) continue;
            const bool idle = entry.way == Way::goes_on && !entry.changes;
            if (idle && !thorough_) continue;
            if (!packet::overlaps(t.journey.now, list.boxes[*at])) continue;
            t.box = *at + 1;
            // Whether an idle rule matches matters to nobody, where that hangs on what it alone asks.
            for (const packet::Side& side : list.boxes[*at])
                if (!idle || !rulings_.asked_once(side.field)) part(t, side.field, side.interval);
            t.box = *at;
            part_for(t, entry);
            t.box = *at + 1;
            t.met = stage.owner[*at] + 1;
            if (!meet(t, list, entry)) return entry.way == Way::ends || entry.way == Way::may_end ? end(t, entry) : travel_on(std::move(t));
        }
        // The budget is spent.
        next_stop(t);
        return true;
    }

    /// The same along its chains.
    bool pass_chains(Traveller& t, const Rulings::Stage& stage) {
        if (t.places.empty()) t.places.push_back({stage.chain, stage.path, 0});
        while (budget_.spend(1)) {
            if (t.places.empty()) {
                const Entry policy{stage.chain, nullptr, Way::ends, false, true, false, 0, 0, {}};
                (void)meet(t, stage.list, policy);
                return end(t, policy);
            }
            const Place place = t.places.back();
            const auto leave = [&] {
                t.places.pop_back();
                t.box = 0;
            };
            if (place.rule == place.chain->rules.size()) {
                leave();
                continue;
            }
            const ir::Rule& rule = place.chain->rules[place.rule];
            const auto boxes = stage.boxes_of.find({place.path, &rule});
            while (boxes != stage.boxes_of.end() && t.box < boxes->second.size() && budget_.spend(1) && !packet::overlaps(t.journey.now, boxes->second[t.box])) ++t.box;
            if (budget_.spent()) return false;
            if (boxes == stage.boxes_of.end() || t.box >= boxes->second.size()) {
                ++t.places.back().rule;
                t.box = 0;
                continue;
            }
            const packet::Box& box = boxes->second[t.box];
            ++t.box;
            for (const packet::Side& side : box) part(t, side.field, side.interval);
            --t.box;
            Entry entry{place.chain, &rule, way_of(rule.statement), changes_packet(rule), true, false, 0, 0, {}};
            const bool returns = std::holds_alternative<ir::Return>(rule.statement);
            if (returns && place.chain == stage.chain) entry.way = Way::ends;
            part_for(t, entry);
            ++t.places.back().rule;
            t.box = 0;
            if (returns || std::holds_alternative<ir::Goto>(rule.statement)) leave();
            if (const std::string* called = ir::called_chain(rule.statement)) t.places.push_back({stage.chains.at(*called), space_.unknowns().called(place.path, rule), 0});
            const bool goes_on = entry.way == Way::goes_on;
            if (goes_on && !thorough_ && !entry.changes) continue;
            if (!meet(t, stage.list, entry) && !goes_on) return end(t, entry);
        }
        return false;
    }

    /// A traveller that matches an entry. False where its way goes another way than to the next entry.
    bool meet(Traveller& t, const List& list, const Entry& entry) {
        t.journey.steps.push_back({list.table, list.hook, entry.chain, entry.rule, entry.way != Way::goes_on});
        if (entry.changes) note_deeds(t, *entry.rule);
        if (entry.way == Way::may_end)
            if (Traveller* onward = send_off(t)) onward->journey.steps.back().ends = false;
        if (entry.way != Way::goes_on) return false;
        return !(entry.changes && change(t, *entry.rule));
    }

    /// Writes down what a rule does that natc has only words for.
    static void note_deeds(Traveller& t, const ir::Rule& rule) {
        Fate& fate = t.journey.fate;
        const auto is_mss = [](const Deed& deed) { return deed.words.starts_with("TCPMSS "); };
        const ir::Hook hook = t.journey.steps.back().hook;
        for (const Doing& doing : doings_of(rule)) {
            Deed deed{std::string(doing.words), doing.lasting, hook, t.translated, {}};
            // What is kept for the connection, or on the copy.
            if (doing.lasting && !t.restored && fate.mark && fate.mark->single()) deed.mark = fate.mark;
            if (is_mss(deed) && fate.clamped) deed.words += " behind --clamp-mss-to-pmtu";
            fate.deeds.push_back(std::move(deed));
        }
        // The other way round.
        if (std::holds_alternative<ir::ClampMss>(rule.statement) && std::any_of(fate.deeds.begin(), fate.deeds.end(), is_mss)) fate.deeds.push_back({"TCPMSS --clamp-mss-to-pmtu", false, hook, t.translated, {}});
    }

    /// Where a translation does several things, leaves in `t` those that get one of them. The others come back to the same place.
    void part_for(Traveller& t, const Entry& entry) {
        if (entry.rule == nullptr) return;
        part_for_ports(t, entry.rule->statement);
        if (t.journey.course == Course::from_host) part_for_place(t, entry.rule->statement);
    }

    /// Where the host's own packets are translated to an address that may be the host's own, or not.
    void part_for_place(Traveller& t, const ir::Statement& statement) {
        const auto* dnat = std::get_if<ir::DestinationNat>(&statement);
        const auto* foreign = std::get_if<ir::Foreign>(&statement);
        const bool somewhere = foreign != nullptr && translates(*foreign);
        if (!somewhere && (dnat == nullptr || !dnat->to)) return;
        if (dnat != nullptr && (t.journey.now[+Field::destination] == space_.codes(*dnat->to) || own(space_.codes(*dnat->to)))) return;
        (void)is(t, Field::new_destination_local);
    }

    void part_for_ports(Traveller& t, const ir::Statement& statement) {
        if (const auto* redirect = std::get_if<ir::Redirect>(&statement); redirect != nullptr && redirect->ports) part_icmp(t);
        if (const auto* foreign = std::get_if<ir::Foreign>(&statement); foreign != nullptr && translates(*foreign)) part_icmp(t);
        const auto* dnat = std::get_if<ir::DestinationNat>(&statement);
        if (dnat == nullptr) return;
        if (dnat->ports) part_icmp(t);
        if (moves(*dnat) && !is_icmp(t)) {
            const std::uint32_t first = t.journey.now[+Field::destination_port].first;
            part(t, +Field::destination_port, {first, last_of_shift(*dnat, first)});
        }
        // What is translated to what it is already, is not: it has no `--ctstate DNAT`.
        if (dnat->to && !dnat->to->single()) return;
        const Interval to = dnat->to ? space_.codes(*dnat->to) : t.journey.now[+Field::destination];
        if (!to.overlaps(t.journey.now[+Field::destination])) return;
        part(t, +Field::destination, to);
        if (dnat->ports && dnat->ports->single() && !is_icmp(t) && t.journey.now[+Field::destination_port].overlaps({dnat->ports->first, dnat->ports->last}))
            part(t, +Field::destination_port, {dnat->ports->first, dnat->ports->last});
    }

    /// Ports of ICMP are its identifier, which no rule asks for: where others are translated too, they go apart.
    void part_icmp(Traveller& t) {
        const Interval number{icmp_number(), icmp_number()};
        const Interval now = t.journey.now[+Field::protocol];
        if (now != number && now.overlaps(number)) part(t, +Field::protocol, number);
    }
    [[nodiscard]] std::uint32_t icmp_number() const { return space_.family() == Family::ipv4 ? icmp.number : icmpv6.number; }
    [[nodiscard]] bool is_icmp(const Traveller& t) const { return t.journey.now[+Field::protocol].contains(icmp_number()); }

    static bool moves(const ir::DestinationNat& dnat) { return dnat.ports && dnat.base && !dnat.ports->single(); }
    // A range of ports that keeps the offset: `(port - base) % size`, of 16 bits (nf_nat_core.c).
    static std::uint32_t offset(const ir::DestinationNat& dnat, std::uint32_t port) { return (port - *dnat.base) & 0xFFFFU; }
    /// The last port that is moved as far as `port` is.
    static std::uint32_t last_of_shift(const ir::DestinationNat& dnat, std::uint32_t port) {
        const std::uint32_t last = port + dnat.ports->size() - 1 - offset(dnat, port) % dnat.ports->size();
        return std::min({last, port < *dnat.base ? *dnat.base - 1U : 0xFFFFU, std::uint32_t{0xFFFF}});
    }
    /// How far the traveller's ports are moved; not 0 where that is not one number.
    static std::int32_t shift(const Traveller& t, const ir::DestinationNat& dnat) {
        if (!moves(dnat)) return 1;
        const std::uint32_t first = t.journey.now[+Field::destination_port].first;
        return static_cast<std::int32_t>(dnat.ports->first + offset(dnat, first) % dnat.ports->size()) - static_cast<std::int32_t>(first);
    }

    /// What it is now may overlap other boxes than before: it starts anew where it stands.
    bool travel_on(Traveller t) {
        under_way_.push_back(std::move(t));
        return false;
    }

    void overwrite(Traveller& t, Field field, Interval value) {
        t.loose |= 1U << +field;
        t.journey.now[+field] = value;
    }

    /// What a rule does that lets the packet go on. True if it changed what rules can ask for.
    bool change(Traveller& t, const ir::Rule& rule) {
        if (std::holds_alternative<ir::ClampMss>(rule.statement)) t.journey.fate.clamped = true;
        if (std::holds_alternative<ir::FillChecksum>(rule.statement)) t.journey.fate.filled = true;
        if (std::holds_alternative<ir::NoTrack>(rule.statement)) {
            t.journey.fate.untracked = true;
            overwrite(t, Field::state, {state_untracked, state_untracked});
            overwrite(t, Field::dnat, {0, 0});
            overwrite(t, Field::snat, {0, 0});
        }
        if (const auto* foreign = std::get_if<ir::Foreign>(&rule.statement); foreign != nullptr && restores_mark(*foreign)) {
            overwrite(t, Field::mark, space_.whole()[+Field::mark]);
            t.restored = true;
            t.journey.fate.mark = t.journey.now[+Field::mark];
            t.journey.fate.mark_changes.clear();
            return true;
        }
        const auto* set = std::get_if<ir::SetMark>(&rule.statement);
        if (set == nullptr) return std::holds_alternative<ir::NoTrack>(rule.statement);
        const Interval mark = t.journey.now[+Field::mark];
        if (set->mask == 0xFFFF'FFFF) t.restored = false;
        if (set->mask == 0xFFFF'FFFF || mark.single()) {
            const std::uint32_t code = space_.set_mark(mark.first, *set);
            overwrite(t, Field::mark, {code, code});
            t.journey.fate.mark_changes.clear();
        } else if (space_.few_marks() || mark.last - mark.first < 64) {
            // One by one: each value becomes one.
            for (std::uint32_t code = mark.last; code > mark.first; --code) {
                Traveller* other = send_off(t);
                if (other == nullptr) break;
                narrow(*other, +Field::mark, {code, code});
                const std::uint32_t next = space_.set_mark(code, *set);
                overwrite(*other, Field::mark, {next, next});
                other->journey.fate.mark = other->journey.now[+Field::mark];
            }
            narrow(t, +Field::mark, {mark.first, mark.first});
            const std::uint32_t next = space_.set_mark(mark.first, *set);
            overwrite(t, Field::mark, {next, next});
        } else {
            overwrite(t, Field::mark, space_.whole()[+Field::mark]);
            t.journey.fate.mark_changes.push_back(*set);
        }
        t.journey.fate.mark = t.journey.now[+Field::mark];
        return true;
    }

    /// A rule or policy that ends the way through this list. False if it ends the whole way.
    bool end(Traveller& t, const Entry& entry) {
        Fate& fate = t.journey.fate;
        const auto refuse = [&](Fate::Kind kind, std::string words = {}, bool certain = true) {
            Fate kept;
            for (Deed& deed : fate.deeds)
                if (deed.lasting) kept.deeds.push_back(std::move(deed));
            if (fate.to && (fate.unknown_target || !fate.to->single())) kept.to = t.journey.now[+Field::destination];
            if (fate.to_ports && (fate.unknown_target || !fate.to_ports->single())) kept.to_ports = t.journey.now[+Field::destination_port];
            kept.unknown_target = fate.unknown_target;
            fate = std::move(kept);
            fate.kind = kind;
            fate.words = std::move(words);
            fate.certain = certain;
            arrived_.push_back(std::move(t.journey));
            return false;
        };
        const auto go_on = [&] {
            next_stop(t);
            return true;
        };
        if (entry.rule == nullptr || std::holds_alternative<ir::Return>(entry.rule->statement)) {
            // `return` leaves a built-in chain for its policy.
            return entry.chain->policy == ir::Policy::accept ? go_on() : refuse(Fate::Kind::drop);
        }
        const ir::Statement& statement = entry.rule->statement;
        if (std::holds_alternative<ir::Accept>(statement)) return go_on();
        if (std::holds_alternative<ir::Drop>(statement)) return refuse(Fate::Kind::drop);
        if (const auto* reject = std::get_if<ir::Reject>(&statement)) return refuse(Fate::Kind::reject, std::string(reject_name(reject->with, space_.family())));
        const auto* foreign = std::get_if<ir::Foreign>(&statement);
        if (foreign != nullptr && translates(*foreign)) {
            translate_somewhere(t, *foreign);
            return go_on();
        }
        if (foreign != nullptr) return refuse(Fate::Kind::elsewhere, foreign->words, entry.way == Way::ends);
        translate(t, statement);
        return go_on();
    }

    void translate(Traveller& t, const ir::Statement& statement) {
        Fate& fate = t.journey.fate;
        if (const auto* masquerade = std::get_if<ir::Masquerade>(&statement)) {
            fate.masqueraded = true;
            fate.from_ports = masquerade->ports;
        } else if (const auto* snat = std::get_if<ir::SourceNat>(&statement)) {
            if (snat->to) fate.from = space_.codes(*snat->to);
            fate.from_ports = snat->ports;
        } else if (const auto* dnat = std::get_if<ir::DestinationNat>(&statement)) {
            const Interval destination = t.journey.now[+Field::destination];
            const Interval port = t.journey.now[+Field::destination_port];
            bool same = true;
            if (dnat->to) {
                const Interval to = space_.codes(*dnat->to);
                same = to.single() && destination == to;
                overwrite(t, Field::destination, to);
                fate.to = to;
                t.translated = !same;
                if (!same && t.journey.course == Course::from_host) place_anew(t);
            }
            if (dnat->ports && !is_icmp(t)) {
                new_ports(t, *dnat);
                same = same && port == t.journey.now[+Field::destination_port] && (port.single() || moves(*dnat));
            }
            overwrite(t, Field::dnat, same ? Interval{0, 0} : Interval{1, 1});
        } else if (const auto* redirect = std::get_if<ir::Redirect>(&statement)) {
            t.translated = true;
            fate.redirected = true;
            overwrite(t, Field::destination, t.journey.course == Course::from_host ? space_.codes(Address(space_.family(), space_.family() == Family::ipv4 ? 0x7F00'0001U : 1U)) : space_.whole()[+Field::destination]);
            overwrite(t, Field::destination_local, {1, 1});
            if (redirect->ports && !is_icmp(t)) {
                overwrite(t, Field::destination_port, {redirect->ports->first, redirect->ports->last});
                fate.to_ports = t.journey.now[+Field::destination_port];
            }
            overwrite(t, Field::dnat, {1, 1});
        }
    }

    /// A translation that natc does not look into.
    void translate_somewhere(Traveller& t, const ir::Foreign& foreign) {
        const ir::Hook hook = t.journey.steps.back().hook;
        if (hook == ir::Hook::postrouting || hook == ir::Hook::input) return;  // the source: no rule behind it asks for that
        Fate& fate = t.journey.fate;
        t.translated = fate.unknown_target = true;
        overwrite(t, Field::destination, space_.whole()[+Field::destination]);
        fate.to = t.journey.now[+Field::destination];
        overwrite(t, Field::dnat, {0, 1});
        if (t.journey.course == Course::from_host) place_anew(t);
        if (keeps_ports(foreign) || is_icmp(t)) return;
        overwrite(t, Field::destination_port, space_.whole()[+Field::destination_port]);
        fate.to_ports = t.journey.now[+Field::destination_port];
    }

    /// Whether what packets are translated to is the host's own, where that is known.
    [[nodiscard]] std::optional<bool> own(Interval destination) const {
        const AddressRange to = space_.addresses(destination);
        if (is_loopback(to)) return true;
        return rulings_.surroundings().own(to);
    }

    /// A packet of the host's own that was translated: see part_for().
    void place_anew(Traveller& t) {
        const auto known = own(t.journey.now[+Field::destination]);
        overwrite(t, Field::destination_local, known ? Interval{*known, *known} : t.journey.now[+Field::new_destination_local]);
    }

    /// Behind a translation of the host's own packets, routing is asked again (ip_route_me_harder): the rules of OUTPUT still see the interface of before.
    void reroute(Traveller& t) {
        Interval out = space_.real_interface();
        if (t.journey.now[+Field::destination_local].first == 1)
            out = space_.codes(*parse_interface("lo"));
        else if (const InterfaceName* link = rulings_.surroundings().link_of(space_.addresses(t.journey.now[+Field::destination])))
            out = space_.codes(*link);
        overwrite(t, Field::out, out);
    }

    [[nodiscard]] static bool is_loopback(const AddressRange& to) {
        return to.family() == Family::ipv4 ? AddressRange::prefix(Address(Family::ipv4, 0x7F00'0000U), 8).contains(to) : to.last().value() == 1 && to.single();
    }

    void new_ports(Traveller& t, const ir::DestinationNat& dnat) {
        Fate& fate = t.journey.fate;
        if (moves(dnat)) {
            fate.shift = shift(t, dnat);
            const Interval now = t.journey.now[+Field::destination_port];
            t.journey.now[+Field::destination_port] = {static_cast<std::uint32_t>(static_cast<std::int32_t>(now.first) + fate.shift), static_cast<std::uint32_t>(static_cast<std::int32_t>(now.last) + fate.shift)};
            return;
        }
        overwrite(t, Field::destination_port, {dnat.ports->first, dnat.ports->last});
        fate.to_ports = t.journey.now[+Field::destination_port];
    }

    /// Where routing sends it: to the host, or on. Where that may be either, the others come back to the same place.
    void route(Traveller& t) {
        bool to_host = t.journey.fate.redirected;
        if (!t.translated) {
            to_host = comes_to_host(t);
        } else if (!to_host) {
            const auto known = own(t.journey.now[+Field::destination]);
            to_host = known ? *known : is(t, Field::new_destination_local);
            overwrite(t, Field::destination_local, to_host ? Interval{1, 1} : Interval{0, 0});
        }
        if (!to_host) {
            t.journey.now[+Field::out] = t.journey.first[+Field::out];
            t.loose &= ~(1U << +Field::out);
        }
        t.journey.course = to_host ? Course::to_host : Course::through_host;
        t.stops = to_host ? &to_the_host() : &through_the_host();
        t.at = 0;
        t.box = t.met = 0;
    }

    /// Whether it has a property; where some have and others not, those that have.
    bool is(Traveller& t, Field field) {
        if (t.journey.now[+field].last == 1) part(t, +field, {1, 1});
        return t.journey.now[+field].first == 1;
    }

    /// Of a packet as it was sent: to an address of the host's, to many, or to all on a link.
    bool comes_to_host(Traveller& t) {
        const Interval all = t.journey.now[+Field::destination_local];
        if (all.last > destination_elsewhere) part(t, +Field::destination_local, {destination_own, all.last});
        if (t.journey.now[+Field::destination_local].first > destination_elsewhere) return true;
        for (const AddressRange& range : addresses_of_many(space_.family())) {
            const Interval many = space_.codes(range);
            if (!many.overlaps(t.journey.now[+Field::destination])) continue;
            part(t, +Field::destination, many);
            return true;
        }
        return false;
    }

    void arrive(Traveller t) {
        Fate& fate = t.journey.fate;
        const Region& now = t.journey.now;
        // A later rule may have told apart what the translation chose among.
        if (fate.to) fate.to = now[+Field::destination];
        if (fate.to_ports) fate.to_ports = now[+Field::destination_port];
        if (fate.mark) fate.mark = now[+Field::mark];
        leave_out_unchanged(fate, asked_);
        arrived_.push_back(std::move(t.journey));
    }

    const Rulings& rulings_;
    const Space& space_;
    bool thorough_;
    packet::Budget& budget_;
    Region asked_;  ///< all that set out
    const std::vector<Stop>* start_;
    std::vector<Traveller> under_way_;
    std::vector<Journey> arrived_;
};

}  // namespace

void leave_out_unchanged(Fate& fate, const Region& packets) {
    // Of one that is refused, where it was translated to is said to tell it from others: see Fate::to.
    const auto leave_out = [&](std::optional<Interval>& value, Field field) {
        if (fate.kind == Fate::Kind::accept && value && value->single() && packets[+field] == *value) value.reset();
    };
    leave_out(fate.to, Field::destination);
    leave_out(fate.to_ports, Field::destination_port);
    leave_out(fate.mark, Field::mark);
    leave_out(fate.from, Field::source);
    for (Deed& deed : fate.deeds)
        if (deed.mark && packets[+Field::mark] == *deed.mark) deed.mark.reset();
}

std::vector<Journey> follow(const Rulings& rulings, const Space& space, Origin origin, Region region, bool thorough, packet::Budget& budget) {
    return Walk(rulings, space, origin, thorough, budget).run(std::move(region));
}

}  // namespace natc::semantics

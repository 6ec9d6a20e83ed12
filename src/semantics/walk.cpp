#include "semantics/walk.hpp"

#include <algorithm>
#include <utility>

#include "emit/iptables_words.hpp"
#include "semantics/translation.hpp"

namespace natc::semantics {

using packet::FieldIndex;
using packet::Interval;
using packet::Region;

namespace {

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
        travellers_.add(std::move(traveller));
        while (!travellers_.empty() && !budget_.spent()) travel(travellers_.take());
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
            if (stop.hook == ir::Hook::postrouting && t.translated && t.journey.course == Course::from_host && !is_loose(t, +Field::out)) translation_.reroute(t);
            if (stage != nullptr && stop.table == ir::TableName::nat) {
                // Asked for the first packet of a connection.
                if (!Interval{state_new, state_new}.overlaps(t.journey.now[+Field::state])) stage = nullptr;
                else travellers_.part(t, +Field::state, {state_new, state_new});
            }
            if (stage == nullptr)
                next_stop(t);
            else if (!pass(t, *stage))
                return;
        }
    }

    static void next_stop(Traveller& t) {
        // Routing looks at the mark: behind PREROUTING, and once more behind OUTPUT's mangle where rules changed it.
        const Stop stop = (*t.stops)[t.at];
        const bool routed = stop == before_routing().back() || (stop.table == ir::TableName::mangle && stop.hook == ir::Hook::output);
        if (routed && !t.restored && t.journey.fate.mark && t.journey.fate.mark->single()) t.journey.fate.routed = t.journey.fate.mark;
        if (t.tracked_state && !t.journey.fate.untracked) {
            t.journey.now[+Field::state] = *t.tracked_state;
            t.loose &= ~(1U << +Field::state);
        }
        t.tracked_state.reset();
        ++t.at;
        t.box = t.met = 0;
        t.places.clear();
    }

    /// Puts the list of a stage to the traveller. False if its way has ended, or goes on elsewhere among `travellers_`.
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
                if (!idle || !rulings_.asked_once(side.field)) travellers_.part(t, side.field, side.interval);
            t.box = *at;
            translation_.part_for(t, entry);
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
            for (const packet::Side& side : box) travellers_.part(t, side.field, side.interval);
            --t.box;
            Entry entry{place.chain, &rule, way_of(rule.statement), changes_packet(rule), true, false, 0, 0, {}};
            const bool returns = std::holds_alternative<ir::Return>(rule.statement);
            if (returns && place.chain == stage.chain) entry.way = Way::ends;
            translation_.part_for(t, entry);
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
            if (Traveller* onward = travellers_.send_off(t)) onward->journey.steps.back().ends = false;
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

    /// What it is now may overlap other boxes than before: it starts anew where it stands.
    bool travel_on(Traveller t) {
        travellers_.add(std::move(t));
        return false;
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
                Traveller* other = travellers_.send_off(t);
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
            translation_.translate_somewhere(t, *foreign);
            return go_on();
        }
        if (foreign != nullptr) return refuse(Fate::Kind::elsewhere, foreign->words, entry.way == Way::ends);
        translation_.translate(t, statement);
        return go_on();
    }

    /// Where routing sends it: to the host, or on. Where that may be either, the others come back to the same place.
    void route(Traveller& t) {
        bool to_host = t.journey.fate.redirected;
        if (!t.translated) {
            to_host = comes_to_host(t);
        } else if (!to_host) {
            const auto known = translation_.own(t.journey.now[+Field::destination]);
            to_host = known ? *known : travellers_.is(t, Field::new_destination_local);
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

    /// Of a packet as it was sent: to an address of the host's, to many, or to all on a link.
    bool comes_to_host(Traveller& t) {
        const Interval all = t.journey.now[+Field::destination_local];
        if (all.last > destination_elsewhere) travellers_.part(t, +Field::destination_local, {destination_own, all.last});
        if (t.journey.now[+Field::destination_local].first > destination_elsewhere) return true;
        for (const AddressRange& range : addresses_of_many(space_.family())) {
            const Interval many = space_.codes(range);
            if (!many.overlaps(t.journey.now[+Field::destination])) continue;
            travellers_.part(t, +Field::destination, many);
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
    Travellers travellers_{budget_};
    Translation translation_{rulings_.surroundings(), space_, travellers_};
    Region asked_;  ///< all that set out
    const std::vector<Stop>* start_;
    std::vector<Journey> arrived_;
};

}  // namespace

std::vector<Journey> follow(const Rulings& rulings, const Space& space, Origin origin, Region region, bool thorough, packet::Budget& budget) {
    return Walk(rulings, space, origin, thorough, budget).run(std::move(region));
}

}  // namespace natc::semantics

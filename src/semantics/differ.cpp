#include "semantics/differ.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "packet/join.hpp"
#include "packet/remainder.hpp"
#include "semantics/examples.hpp"
#include "semantics/ends.hpp"
#include "semantics/stage_differ.hpp"

namespace natc::semantics {

using packet::Boxes;
using packet::Interval;
using packet::Region;

namespace {

/// What the packets that differ have in common, besides what they are.
struct Kind {
    Origin origin;
    Course before_course, after_course;
    std::vector<Fate> before, after;
    bool unsure;
    bool translated;
    auto operator<=>(const Kind&) const = default;
};

/// Joining classes only makes shorter what people read: where this is spent, it is as true and longer.
constexpr std::uint64_t steps_of_joining = 10'000'000;

/// Steps that stand for the memory of a piece.
constexpr std::uint64_t one_piece = 64;

/// Steps that stand for the work on a step of a journey.
constexpr std::uint64_t one_step = 4;

/// So many translations are looked at, to say a class in fewer words.
constexpr std::size_t most_translations = 64;

/// Steps in the order in which they were found, each once.
class Steps {
public:
    void add(const std::vector<Step>& steps) {
        for (const Step& step : steps)
            if (known_.emplace(step.table, step.hook, step.chain, step.rule).second) steps_.push_back(step);
    }
    std::vector<Step> take() { return std::move(steps_); }

private:
    std::vector<Step> steps_;
    std::set<std::tuple<ir::TableName, ir::Hook, const ir::Chain*, const ir::Rule*>> known_;
};

struct Found {
    std::vector<Region> pieces;
    Steps before_steps, after_steps;
};

template <typename Wanted>
bool has_statement(const ir::Program& program, Wanted wanted) {
    for (const ir::Table& table : program.tables)
        for (const ir::Chain& chain : table.chains)
            for (const ir::Rule& rule : chain.rules)
                if (wanted(rule.statement)) return true;
    return false;
}

bool untracks(const ir::Statement& statement) { return std::holds_alternative<ir::NoTrack>(statement); }

class Differ {
public:
    Differ(const Situation& before, const Situation& after, const Space& space, packet::Budget& budget)
        : space_(space), budget_(budget), before_(before.program, space, budget, before.surroundings), after_(after.program, space, budget, after.surroundings),
          marks_(has_statement(before.program, changes_mark) || has_statement(after.program, changes_mark)), untracked_(has_statement(before.program, untracks) || has_statement(after.program, untracks)) {}

    Differences run() {
        for (const Origin origin : {Origin::outside, Origin::host}) compare(origin);
        Differences result;
        result.undecided = budget_.spent();
        merge_courses();
        for (auto& [kind, found] : found_) add(kind, found, result);
        return result;
    }

private:
    void compare(Origin origin) {
        done_ = Boxes();
        std::vector<const std::vector<Stop>*> ways{&from_the_host()};
        if (origin == Origin::outside) ways = {&before_routing(), &to_the_host(), &through_the_host()};
        for (const auto* way : ways)
            for (std::size_t at = 0; at < way->size(); ++at) {
                const Stop stop = (*way)[at];
                for (const Region& region : stage_differ(before_.stage(stop.table, stop.hook), after_.stage(stop.table, stop.hook), space_, budget_)) {
                    if (budget_.spent()) return;
                    for (const Region& start : starts(region, origin, way, stop)) try_out(start, origin);
                }
            }
    }

    /// The packets, as they are on arrival, that may be in `region` when they come to `stop`.
    [[nodiscard]] std::vector<Region> starts(Region region, Origin origin, const std::vector<Stop>* way, Stop stop) const {
        const auto free = [&](Region& r, Field field) { r[+field] = space_.whole()[+field]; };
        if (marks_) free(region, Field::mark);
        if (untracked_ || stop.table == ir::TableName::raw) free(region, Field::state);
        region[+Field::in] = origin == Origin::host ? Interval{Interfaces::none, Interfaces::none} : region[+Field::in];
        if (region[+Field::in].last == Interfaces::none && origin == Origin::outside) return {};
        // What arrives has not been sent out yet; what leaves keeps to the interface that it was sent to.
        if (way != &through_the_host() && origin == Origin::outside) free(region, Field::out);
        std::vector<Region> result;
        const Stop translation{ir::TableName::nat, origin == Origin::host ? ir::Hook::output : ir::Hook::prerouting};
        const bool behind = origin == Origin::host ? std::find(way->begin(), way->end(), stop) > std::find(way->begin(), way->end(), translation) : way != &before_routing();
        if (behind && region[+Field::dnat].contains(1U))
            for (const Rulings* rulings : {&before_, &after_})
                if (const auto* stage = rulings->stage(translation.table, translation.hook)) translated_into(region, *stage, stop.hook == ir::Hook::postrouting, result);
        result.push_back(std::move(region));
        return result;
    }

    /// What a translation sends to `region`. `rerouted`: what the host sends may have been on its way out by another interface then.
    void translated_into(const Region& region, const Rulings::Stage& stage, bool rerouted, std::vector<Region>& result) const {
        for (const Entry& entry : stage.list.entries) {
            if (entry.rule == nullptr) continue;
            std::optional<PortRange> ports;
            if (const auto* dnat = std::get_if<ir::DestinationNat>(&entry.rule->statement)) {
                if (dnat->to && !space_.codes(*dnat->to).overlaps(region[+Field::destination])) continue;
                ports = dnat->ports;
            } else if (const auto* redirect = std::get_if<ir::Redirect>(&entry.rule->statement)) {
                ports = redirect->ports;
            } else if (const auto* foreign = std::get_if<ir::Foreign>(&entry.rule->statement); foreign != nullptr && translates(*foreign)) {
                ports = PortRange{0, 65535};
            } else {
                continue;
            }
            if (ports && !Interval{ports->first, ports->last}.overlaps(region[+Field::destination_port])) continue;
            Region start = region;
            for (const Field field : {Field::destination, Field::destination_local, Field::dnat, Field::reply_source}) start[+field] = space_.whole()[+field];
            if (ports) start[+Field::destination_port] = space_.whole()[+Field::destination_port];
            if (rerouted && stage.list.hook == ir::Hook::output) start[+Field::out] = space_.real_interface();
            for (std::uint32_t number = entry.first; number < entry.last; ++number) {
                Region one = start;
                one[+Field::out] = {Interfaces::none, Interfaces::none};
                if (stage.list.hook == ir::Hook::output) one[+Field::out] = start[+Field::out];
                if (!packet::meet(one, stage.list.boxes[number])) continue;
                one[+Field::out] = start[+Field::out];
                result.push_back(std::move(one));
            }
        }
    }

    /// Sends what is new of a region through both programs.
    void try_out(const Region& start, Origin origin) {
        for (const Region& possible : possible_packets(space_, origin)) {
            Region region = start;
            if (!packet::meet(region, packet::sides_of(possible, space_.whole()))) continue;
            std::vector<std::uint32_t> all(done_.size());
            std::iota(all.begin(), all.end(), 0U);
            std::vector<Region> fresh;
            if (!budget_.spend(all.size() + one_piece)) return;
            packet::Remainder left(done_, std::move(all), region, budget_);
            while (left.next()) fresh.push_back(left.piece());
            for (const Region& piece : fresh) {
                done_.add(packet::sides_of(piece, space_.whole()));
                put_side_by_side(follow(before_, space_, origin, piece, false, budget_), follow(after_, space_, origin, piece, false, budget_), piece, origin);
                if (budget_.spent()) return;
            }
        }
    }

    /// Cuts the region until each journey has all of a piece or nothing, and looks at what becomes of each.
    void put_side_by_side(const std::vector<Journey>& before, const std::vector<Journey>& after, const Region& whole, Origin origin) {
        std::vector<const Journey*> journeys;
        Boxes boxes;
        for (const auto* side : {&before, &after})
            for (const Journey& journey : *side) {
                journeys.push_back(&journey);
                boxes.add(packet::sides_of(journey.first, space_.whole()));
            }
        struct Task {
            Region region;
            std::vector<std::uint32_t> numbers;  ///< of the journeys that may have some of it, ascending
        };
        std::vector<Task> tasks{{whole, std::vector<std::uint32_t>(journeys.size())}};
        std::iota(tasks.front().numbers.begin(), tasks.front().numbers.end(), 0U);
        while (!tasks.empty()) {
            Task task = std::move(tasks.back());
            tasks.pop_back();
            if (!budget_.spend(task.numbers.size() + 1)) return;
            std::erase_if(task.numbers, [&](std::uint32_t number) { return !packet::overlaps(task.region, boxes[number]); });
            const auto cutter = std::find_if(task.numbers.rbegin(), task.numbers.rend(), [&](std::uint32_t number) { return !packet::covers(boxes[number], task.region); });
            if (cutter == task.numbers.rend()) {
                std::vector<const Journey*> sides[2];
                for (const std::uint32_t number : task.numbers) sides[number < before.size() ? 0 : 1].push_back(journeys[number]);
                look_at(task.region, sides[0], sides[1], origin);
                continue;
            }
            packet::cut(task.region, boxes[*cutter], [&](const Region& rest) {
                if (budget_.spend(task.numbers.size() + one_piece)) tasks.push_back({rest, task.numbers});
            });
            tasks.push_back(std::move(task));
        }
    }

    void look_at(const Region& region, const std::vector<const Journey*>& before, const std::vector<const Journey*>& after, Origin origin) {
        Kind kind{origin, Course::undecided, Course::undecided, fates(before), fates(after), false, false};
        if (before.empty() || after.empty() || kind.before == kind.after) return;
        std::vector<Region> parts = parts_that_differ(kind.before, kind.after, region);
        if (parts.empty()) return;
        kind.before_course = before.front()->course;
        kind.after_course = after.front()->course;
        kind.unsure = hangs_on_unknown(region) || is_unsure(kind.before, kind.after);
        for (const auto* journeys : {&before, &after})
            for (const Journey* journey : *journeys)
                kind.translated = kind.translated || journey->now[+Field::destination] != journey->first[+Field::destination] ||
                                  (journey->now[+Field::state].last != state_untracked && journey->now[+Field::dnat] != journey->first[+Field::dnat]);
        Found& found = found_[kind];
        for (Region& part : parts) found.pieces.push_back(std::move(part));
        for (const Journey* one : before)
            for (const Journey* other : after) {
                if (one->fate == other->fate) continue;
                if (!budget_.spend(one_step * (one->steps.size() + other->steps.size()))) return;
                found.before_steps.add(deciding(*one, *other));
                found.after_steps.add(deciding(*other, *one));
            }
    }

    /// Whether it hangs on answers that natc cannot compare: of a match that one of the programs alone has, or that is asked at several places and
    /// answered in two ways.
    [[nodiscard]] bool hangs_on_unknown(const Region& region) const {
        std::map<std::string_view, Interval> answers;
        for (packet::FieldIndex field = known_fields; field < region.size(); ++field) {
            if (region[field] == space_.whole()[field]) continue;
            const Unknown& unknown = space_.unknown(field);
            const auto [at, fresh] = answers.try_emplace(unknown.words, region[field]);
            // Of a mark that is known, one answer alone is true.
            const bool contradicts = unknown.words.starts_with("mark ") && region[+Field::mark] != space_.whole()[+Field::mark];
            if (unknown.programs != 3 || contradicts || (!fresh && at->second != region[field])) return true;
        }
        return false;
    }

    static const Step* at_stop(const Journey& journey, ir::TableName table, ir::Hook hook) {
        const auto at = std::find_if(journey.steps.rbegin(), journey.steps.rend(), [&](const Step& step) { return step.ends && step.table == table && step.hook == hook; });
        return at == journey.steps.rend() ? nullptr : &*at;
    }

    /// The same for rules that do the same.
    std::uint32_t number_of(const ir::Rule& rule) {
        const auto [at, fresh] = numbers_of_rules_.try_emplace(&rule, 0);
        if (fresh) at->second = numbers_.try_emplace(rule.statement, static_cast<std::uint32_t>(numbers_.size())).first->second;
        return at->second;
    }

    /// Where two journeys part, the rule or policy that the first one meets there.
    [[nodiscard]] std::vector<Step> deciding(const Journey& journey, const Journey& other) {
        using enum ir::TableName;
        std::vector<Step> result;
        const auto say = [&](const Step* step) {
            if (step != nullptr) result.push_back(*step);
        };
        const Fate& fate = journey.fate;
        const Fate& others = other.fate;
        if (journey.steps.empty()) return result;
        if (fate.kind != Fate::Kind::accept) {
            say(&journey.steps.back());
        } else if (others.kind != Fate::Kind::accept) {
            const Step& end = other.steps.back();
            const Step* here = at_stop(journey, end.table, end.hook);
            for (const ir::Hook hook : {ir::Hook::forward, ir::Hook::input, ir::Hook::output})
                if (here == nullptr) here = at_stop(journey, filter, hook);
            say(here != nullptr ? here : &journey.steps.back());
            // It came another way.
            if (journey.course != other.course && journey.fate.to) say(at_stop(journey, nat, ir::Hook::prerouting));
        } else {
            const auto target = [](const Fate& f) { return std::tie(f.to, f.redirected, f.to_ports, f.shift); };
            const auto source = [](const Fate& f) { return std::tie(f.from, f.masqueraded, f.from_ports); };
            if (target(fate) != target(others)) say(at_stop(journey, nat, journey.course == Course::from_host ? ir::Hook::output : ir::Hook::prerouting));
            if (source(fate) != source(others)) {
                say(at_stop(journey, nat, ir::Hook::postrouting));
                say(at_stop(journey, nat, ir::Hook::input));
            }
            const auto changes = [](const Step& step) { return step.rule != nullptr && changes_packet(*step.rule); };
            std::unordered_set<std::uint32_t> others_changes;
            for (const Step& step : other.steps)
                if (changes(step)) others_changes.insert(number_of(*step.rule));
            for (const Step& step : journey.steps)
                if (changes(step) && !others_changes.contains(number_of(*step.rule))) say(&step);
        }
        return result;
    }

    /// Where an address that packets are translated to may be the host's own, and it makes no difference, it is said once.
    void merge_courses() {
        std::vector<Kind> twice;
        for (const auto& [kind, found] : found_) {
            Kind through = kind;
            through.before_course = through.after_course = Course::through_host;
            if (kind.translated && kind.before_course == Course::to_host && kind.after_course == Course::to_host && found_.contains(through)) twice.push_back(kind);
        }
        for (const Kind& kind : twice) {
            Kind other = kind;
            other.before_course = other.after_course = Course::through_host;
            Kind either = kind;
            either.before_course = either.after_course = Course::undecided;
            for (const Kind& from : {kind, other}) {
                Found& all = found_[either];
                Found& some = found_[from];
                all.pieces.insert(all.pieces.end(), some.pieces.begin(), some.pieces.end());
                all.before_steps.add(some.before_steps.take());
                all.after_steps.add(some.after_steps.take());
                found_.erase(from);
            }
        }
    }

    void add(const Kind& kind, Found& found, Differences& result) {
        const Boxes never = impossible(kind);
        Difference difference{kind.origin, kind.before_course, kind.after_course, packet::join(found.pieces, space_.whole(), never, joining_), {}, kind.before, kind.after,
                              found.before_steps.take(), found.after_steps.take(), kind.unsure};
        difference.examples = examples_of(difference.packets, found.pieces, space_);
        result.classes.push_back(std::move(difference));
    }

    /// Of some packets, those that no rule translates on arrival.
    void add_untranslated(const packet::Box& some, Boxes& boxes) {
        Boxes translations;
        std::vector<std::uint32_t> all;
        for (const Rulings* rulings : {&before_, &after_}) {
            const Rulings::Stage* stage = rulings->stage(ir::TableName::nat, ir::Hook::prerouting);
            if (stage == nullptr) continue;
            for (const Entry& entry : stage->list.entries) {
                if (entry.rule == nullptr || !translates(entry.rule->statement)) continue;
                for (std::uint32_t number = entry.first; number < entry.last; ++number) {
                    const packet::BoxView view = stage->list.boxes[number];
                    packet::Box box(view.begin(), view.end());
                    std::erase_if(box, [&](const packet::Side& side) { return side.field == +Field::out || side.field == +Field::state || (marks_ && side.field == +Field::mark); });
                    // Asked for the first packet of a connection.
                    box.insert(std::find_if(box.begin(), box.end(), [](const packet::Side& side) { return side.field > +Field::state; }), {+Field::state, {state_new, state_new}});
                    all.push_back(static_cast<std::uint32_t>(translations.size()));
                    translations.add(box);
                }
            }
        }
        // It only makes shorter what people read.
        if (translations.size() > most_translations) return;
        Region region = space_.whole();
        if (!packet::meet(region, some)) return;
        packet::Remainder left(translations, std::move(all), std::move(region), joining_);
        while (left.next()) boxes.add(packet::sides_of(left.piece(), space_.whole()));
    }

    /// What no packet of that kind is.
    [[nodiscard]] Boxes impossible(const Kind& kind) {
        Boxes boxes;
        std::vector<std::uint32_t> all;
        Boxes possible;
        for (const Region& region : possible_packets(space_, kind.origin)) {
            all.push_back(static_cast<std::uint32_t>(possible.size()));
            possible.add(packet::sides_of(region, space_.whole()));
        }
        packet::Remainder left(possible, std::move(all), space_.whole(), joining_);
        while (left.next()) boxes.add(packet::sides_of(left.piece(), space_.whole()));
        if (kind.before_course != kind.after_course || kind.translated) return boxes;
        // What comes to the host untranslated is addressed to it, or to many; what goes through it is not.
        if (kind.before_course == Course::through_host) {
            add_untranslated(packet::Box{{+Field::destination_local, {destination_own, destination_broadcast}}}, boxes);
            for (const AddressRange& range : addresses_of_many(space_.family())) add_untranslated(packet::Box{{+Field::destination, space_.codes(range)}}, boxes);
            // The host sends itself what it has for itself, and forwards nothing of it.
            const Interval lo = space_.codes(*parse_interface("lo"));
            boxes.add(packet::Box{{+Field::in, lo}});
            boxes.add(packet::Box{{+Field::out, lo}});
        }
        if (kind.before_course == Course::to_host) {
            packet::IntervalSet many;
            for (const AddressRange& range : addresses_of_many(space_.family())) many.push_back(space_.codes(range));
            for (const Interval& other : packet::complement(many, space_.whole()[+Field::destination]))
                add_untranslated(packet::Box{{+Field::destination, other}, {+Field::destination_local, {destination_elsewhere, destination_elsewhere}}}, boxes);
        }
        return boxes;
    }

    const Space& space_;
    packet::Budget& budget_;
    Rulings before_, after_;
    bool marks_, untracked_;
    packet::Budget joining_{steps_of_joining};
    Boxes done_;
    std::map<Kind, Found> found_;
    std::map<ir::Statement, std::uint32_t> numbers_;
    std::unordered_map<const ir::Rule*, std::uint32_t> numbers_of_rules_;
};

}  // namespace

Differences differ(const Situation& before, const Situation& after, const Space& space, packet::Budget& budget) { return Differ(before, after, space, budget).run(); }

}  // namespace natc::semantics

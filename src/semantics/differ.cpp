#include "semantics/differ.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "packet/remainder.hpp"
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
    auto operator<=>(const Kind&) const = default;
};

struct Found {
    std::vector<Region> pieces;
    std::vector<Step> before_steps, after_steps;
};

bool sets_marks(const ir::Program& program) {
    for (const ir::Table& table : program.tables)
        for (const ir::Chain& chain : table.chains)
            for (const ir::Rule& rule : chain.rules)
                if (changes_mark(rule.statement)) return true;
    return false;
}

bool untracks(const ir::Program& program) {
    for (const ir::Table& table : program.tables)
        for (const ir::Chain& chain : table.chains)
            for (const ir::Rule& rule : chain.rules)
                if (std::holds_alternative<ir::NoTrack>(rule.statement)) return true;
    return false;
}

void add_new(std::vector<Step>& to, const std::vector<Step>& steps) {
    for (const Step& step : steps)
        if (std::find(to.begin(), to.end(), step) == to.end()) to.push_back(step);
}

class Differ {
public:
    Differ(const ir::Program& before, const ir::Program& after, const Space& space, packet::Budget& budget)
        : space_(space), budget_(budget), before_(before, space, budget), after_(after, space, budget),
          marks_(sets_marks(before) || sets_marks(after)), untracked_(untracks(before) || untracks(after)) {}

    Differences run() {
        for (const Origin origin : {Origin::outside, Origin::host}) compare(origin);
        Differences result;
        for (auto& [kind, found] : found_) add(kind, found, result);
        result.undecided = budget_.spent();
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
                if (const auto* stage = rulings->stage(translation.table, translation.hook)) translated_into(region, *stage, result);
        result.push_back(std::move(region));
        return result;
    }

    /// What a translation sends to `region`.
    void translated_into(const Region& region, const Rulings::Stage& stage, std::vector<Region>& result) const {
        for (const Entry& entry : stage.list.entries) {
            if (entry.rule == nullptr) continue;
            std::optional<PortRange> ports;
            std::optional<std::uint16_t> base;
            if (const auto* dnat = std::get_if<ir::DestinationNat>(&entry.rule->statement)) {
                if (dnat->to && !space_.codes(*dnat->to).overlaps(region[+Field::destination])) continue;
                ports = dnat->ports;
                base = dnat->base;
            } else if (const auto* redirect = std::get_if<ir::Redirect>(&entry.rule->statement)) {
                ports = redirect->ports;
            } else {
                continue;
            }
            if (ports && !Interval{ports->first, ports->last}.overlaps(region[+Field::destination_port])) continue;
            Region start = region;
            for (const Field field : {Field::destination, Field::destination_local, Field::dnat, Field::reply_source}) start[+field] = space_.whole()[+field];
            if (ports) start[+Field::destination_port] = space_.whole()[+Field::destination_port];
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
        struct Task {
            Region region;
            std::vector<const Journey*> before, after;
        };
        std::vector<Task> tasks{{whole, {}, {}}};
        for (const Journey& journey : before) tasks.front().before.push_back(&journey);
        for (const Journey& journey : after) tasks.front().after.push_back(&journey);
        while (!tasks.empty() && !budget_.spent()) {
            Task task = std::move(tasks.back());
            tasks.pop_back();
            budget_.spend(task.before.size() + task.after.size());
            const Journey* cutter = nullptr;
            for (auto* journeys : {&task.before, &task.after})
                std::erase_if(*journeys, [&](const Journey* journey) {
                    const packet::Box box = packet::sides_of(journey->first, space_.whole());
                    if (!packet::overlaps(task.region, box)) return true;
                    if (!packet::covers(box, task.region)) cutter = journey;
                    return false;
                });
            if (cutter == nullptr) {
                look_at(task.region, task.before, task.after, origin);
                continue;
            }
            Region rest = task.region;
            for (packet::FieldIndex field = 0; field < rest.size(); ++field) {
                const Interval all = rest[field];
                const Interval inside = all.meet(cutter->first[field]);
                if (all.first < inside.first) {
                    rest[field] = {all.first, inside.first - 1};
                    tasks.push_back({rest, task.before, task.after});
                }
                if (inside.last < all.last) {
                    rest[field] = {inside.last + 1, all.last};
                    tasks.push_back({rest, task.before, task.after});
                }
                rest[field] = inside;
            }
            tasks.push_back({std::move(rest), std::move(task.before), std::move(task.after)});
        }
    }

    void look_at(const Region& region, const std::vector<const Journey*>& before, const std::vector<const Journey*>& after, Origin origin) {
        const auto fates = [](const std::vector<const Journey*>& journeys) {
            std::vector<Fate> result;
            for (const Journey* journey : journeys) result.push_back(journey->fate);
            std::sort(result.begin(), result.end());
            result.erase(std::unique(result.begin(), result.end()), result.end());
            return result;
        };
        Kind kind{origin, Course::undecided, Course::undecided, fates(before), fates(after), false};
        if (before.empty() || after.empty() || kind.before == kind.after) return;
        kind.before_course = before.front()->course;
        kind.after_course = after.front()->course;
        for (packet::FieldIndex field = known_fields; field < region.size(); ++field)
            if (region[field] != space_.whole()[field] && space_.unknown(field).programs != 3) kind.unsure = true;
        for (const auto* side : {&kind.before, &kind.after})
            for (const Fate& fate : *side) kind.unsure = kind.unsure || !fate.certain;
        Found& found = found_[kind];
        found.pieces.push_back(region);
        for (const Journey* one : before)
            for (const Journey* other : after) {
                if (one->fate == other->fate) continue;
                add_new(found.before_steps, deciding(*one, *other));
                add_new(found.after_steps, deciding(*other, *one));
            }
    }

    static const Step* at_stop(const Journey& journey, ir::TableName table, ir::Hook hook) {
        const auto at = std::find_if(journey.steps.rbegin(), journey.steps.rend(), [&](const Step& step) { return step.ends && step.table == table && step.hook == hook; });
        return at == journey.steps.rend() ? nullptr : &*at;
    }

    /// Where two journeys part, the rule or policy that the first one meets there.
    [[nodiscard]] static std::vector<Step> deciding(const Journey& journey, const Journey& other) {
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
            const auto same_change = [&](const Step& step) {
                return std::any_of(other.steps.begin(), other.steps.end(), [&](const Step& s) { return s.rule != nullptr && s.rule->statement == step.rule->statement; });
            };
            for (const Step& step : journey.steps)
                if (step.rule != nullptr && changes_packet(step.rule->statement) && !same_change(step)) say(&step);
        }
        return result;
    }

    void add(const Kind& kind, Found& found, Differences& result) {
        const Boxes never = impossible(kind);
        result.classes.push_back({kind.origin, kind.before_course, kind.after_course, packet::join(std::move(found.pieces), space_.whole(), never, budget_), kind.before, kind.after,
                                  std::move(found.before_steps), std::move(found.after_steps), kind.unsure});
    }

    /// What no packet of that kind is.
    [[nodiscard]] Boxes impossible(const Kind& kind) const {
        Boxes boxes;
        std::vector<std::uint32_t> all;
        Boxes possible;
        for (const Region& region : possible_packets(space_, kind.origin)) {
            all.push_back(static_cast<std::uint32_t>(possible.size()));
            possible.add(packet::sides_of(region, space_.whole()));
        }
        packet::Remainder left(possible, std::move(all), space_.whole(), budget_);
        while (left.next()) boxes.add(packet::sides_of(left.piece(), space_.whole()));
        const auto plain = [](const std::vector<Fate>& fates) { return std::all_of(fates.begin(), fates.end(), [](const Fate& f) { return !f.to && !f.redirected && !f.to_ports && f.shift == 0; }); };
        if (kind.before_course != kind.after_course || !plain(kind.before) || !plain(kind.after)) return boxes;
        // What comes to the host untranslated is addressed to it, or to many; what goes through it is not.
        if (kind.before_course == Course::through_host) {
            boxes.add(packet::Box{{+Field::destination_local, {1, 1}}});
            for (const AddressRange& range : addresses_of_many(space_.family())) boxes.add(packet::Box{{+Field::destination, space_.codes(range)}});
            const Interval lo = space_.codes(*parse_interface("lo"));
            boxes.add(packet::Box{{+Field::in, lo}});
            boxes.add(packet::Box{{+Field::out, lo}});
        }
        if (kind.before_course == Course::to_host) {
            packet::IntervalSet many;
            for (const AddressRange& range : addresses_of_many(space_.family())) many.push_back(space_.codes(range));
            for (const Interval& other : packet::complement(many, space_.whole()[+Field::destination]))
                boxes.add(packet::Box{{+Field::destination, other}, {+Field::destination_local, {0, 0}}});
        }
        return boxes;
    }

    const Space& space_;
    packet::Budget& budget_;
    Rulings before_, after_;
    bool marks_, untracked_;
    Boxes done_;
    std::map<Kind, Found> found_;
};

}  // namespace

Differences differ(const ir::Program& before, const ir::Program& after, const Space& space, packet::Budget& budget) { return Differ(before, after, space, budget).run(); }

}  // namespace natc::semantics

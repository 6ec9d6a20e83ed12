#include "semantics/stage_differ.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <string>
#include <unordered_map>

#include "emit/iptables_words.hpp"
#include "packet/remainder.hpp"

namespace natc::semantics {

using packet::Box;
using packet::Boxes;
using packet::BoxView;
using packet::Index;
using packet::Region;

namespace {

/// Steps that stand for the memory of a piece that was found.
constexpr std::uint64_t one_piece = 16;

/// Statements by number: the same for those that do the same.
class Actions {
public:
    explicit Actions(Family family) : family_(family) {}

    std::uint32_t of(const Entry& entry) {
        if (entry.rule == nullptr) return of(policy(*entry.chain));
        ir::Statement statement = entry.rule->statement;
        if (std::holds_alternative<ir::Return>(statement) && entry.way == Way::ends) statement = policy(*entry.chain);
        // Some of them are one in a family.
        if (const auto* reject = std::get_if<ir::Reject>(&statement)) statement = ir::Foreign{std::string(reject_name(reject->with, family_))};
        return of(statement);
    }
    std::uint32_t of(const ir::Statement& statement) { return numbers_.try_emplace(statement, static_cast<std::uint32_t>(numbers_.size())).first->second; }

private:
    static ir::Statement policy(const ir::Chain& chain) {
        return chain.policy == ir::Policy::accept ? ir::Statement(ir::Accept{}) : ir::Statement(ir::Drop{});
    }

    Family family_;
    std::map<ir::Statement, std::uint32_t> numbers_;
};

/// One list's decisions: boxes in their order, each with what it does.
struct Decisions {
    Boxes boxes;
    std::vector<std::uint32_t> actions;
    std::vector<std::uint32_t> twins;  ///< the first box of the other list that is the same and does the same, or `nobody`
};

constexpr std::uint32_t nobody = ~0U;

Decisions decisions(const Rulings::Stage* stage, Actions& actions) {
    Decisions result;
    if (stage == nullptr) {
        result.boxes.add({});
        result.actions.push_back(actions.of(ir::Statement(ir::Accept{})));
        return result;
    }
    for (const Entry& entry : stage->list.entries) {
        // What may go on takes nothing for certain: see changed().
        if (entry.way != Way::ends) continue;
        for (std::uint32_t number = entry.first; number < entry.last; ++number) {
            result.boxes.add(stage->list.boxes[number]);
            result.actions.push_back(actions.of(entry));
        }
    }
    return result;
}

std::string key(const Decisions& decisions, std::size_t number) {
    std::string key(reinterpret_cast<const char*>(&decisions.actions[number]), sizeof(std::uint32_t));  // NOLINT(*-reinterpret-cast)
    const BoxView box = decisions.boxes[number];
    key.append(reinterpret_cast<const char*>(box.data()), box.size_bytes());  // NOLINT(*-reinterpret-cast)
    return key;
}

void find_twins(Decisions& of, const Decisions& in) {
    std::unordered_map<std::string, std::uint32_t> places;
    for (std::uint32_t number = 0; number < in.boxes.size(); ++number) places.try_emplace(key(in, number), number);
    for (std::uint32_t number = 0; number < of.boxes.size(); ++number) {
        const auto at = places.find(key(of, number));
        of.twins.push_back(at == places.end() ? nobody : at->second);
    }
}

class Comparison {
public:
    Comparison(const Rulings::Stage* before, const Rulings::Stage* after, const Space& space, packet::Budget& budget) : space_(space), budget_(budget), actions_(space.family()) {
        a_ = decisions(before, actions_);
        b_ = decisions(after, actions_);
    }

    /// Packets whose first rules to decide do different things: looked for at each pair of such rules, in what both match and no earlier one of either
    /// list takes.
    void compare_decisions(std::vector<Region>& found) {
        find_twins(a_, b_);
        find_twins(b_, a_);
        const Index a_index(a_.boxes, space_.whole().size());
        const Index b_index(b_.boxes, space_.whole().size());
        Boxes both;
        for (std::size_t i = 0; i < a_.boxes.size(); ++i) both.add(a_.boxes[i]);
        for (std::size_t i = 0; i < b_.boxes.size(); ++i) both.add(b_.boxes[i]);
        const auto offset = static_cast<std::uint32_t>(a_.boxes.size());
        for (std::uint32_t a = 0; a < a_.boxes.size() && !budget_.spent(); ++a) {
            Region region = space_.whole();
            if (!packet::meet(region, a_.boxes[a])) continue;
            for (const std::uint32_t b : b_index.overlapping(region, b_.boxes.size(), budget_)) {
                if (a_.twins[a] <= b) break;  // it takes all of them
                const bool all = packet::covers(b_.boxes[b], region);
                const bool taken = b_.twins[b] < a;  // before they come to `a`
                if (a_.actions[a] != b_.actions[b] && !taken) {
                    Region common = region;
                    if (packet::meet(common, b_.boxes[b])) {
                        std::vector<std::uint32_t> earlier = a_index.overlapping(common, a, budget_);
                        for (const std::uint32_t other : b_index.overlapping(common, b, budget_)) earlier.push_back(other + offset);
                        packet::Remainder left(both, std::move(earlier), common, budget_);
                        while (left.next() && budget_.spend(one_piece)) found.push_back(left.piece());
                    }
                }
                if (all) break;
            }
        }
    }

private:
    const Space& space_;
    packet::Budget& budget_;
    Actions actions_;
    Decisions a_, b_;
};

/// A rule that changes packets and lets them go on, or may end their way, and which of them come to it.
struct Changed {
    ir::Statement statement;
    bool order_matters;  ///< it may undo the work of others of that kind, or take packets from them
    std::vector<Region> regions;
};

/// Whether it matters in which order such a rule and others of that kind stand.
bool order_matters(const ir::Statement& statement) {
    return changes_mark(statement) || std::holds_alternative<ir::ClampMss>(statement) || std::holds_alternative<ir::Foreign>(statement);
}

/// A statement without anything that is asked.
ir::Rule bare(const ir::Statement& statement) {
    ir::Rule rule;
    rule.statement = statement;
    return rule;
}

std::string_view words_of(const ir::Statement& statement) {
    const auto* foreign = std::get_if<ir::Foreign>(&statement);
    return foreign != nullptr ? std::string_view(foreign->words) : std::string_view();
}

std::vector<Changed> changed(const Rulings::Stage* stage, const Space& space, packet::Budget& budget) {
    std::vector<Changed> result;
    if (stage == nullptr) return result;
    Boxes enders;
    std::vector<std::size_t> enders_before;
    for (const Entry& entry : stage->list.entries) {
        enders_before.push_back(enders.size());
        if (entry.way != Way::ends) continue;
        for (std::uint32_t number = entry.first; number < entry.last; ++number) enders.add(stage->list.boxes[number]);
    }
    const Index index(enders, space.whole().size());
    for (std::size_t i = 0; i < stage->list.entries.size(); ++i) {
        const Entry& entry = stage->list.entries[i];
        if (!entry.changes && entry.way != Way::may_end) continue;
        std::vector<Region> regions;
        for (std::uint32_t number = entry.first; number < entry.last; ++number) {
            Region region = space.whole();
            if (!packet::meet(region, stage->list.boxes[number])) continue;
            packet::Remainder left(enders, index.overlapping(region, enders_before[i], budget), region, budget);
            while (left.next() && budget.spend(one_piece)) regions.push_back(left.piece());
        }
        if (regions.empty()) continue;
        // What it has only words for, by its words; a target that ends the way as well is among what decides.
        for (const Doing& doing : doings_of(*entry.rule))
            if (doing.words != words_of(entry.rule->statement)) result.push_back({ir::Foreign{std::string(doing.words)}, true, regions});
        const bool goes_on = entry.way != Way::ends;
        if (goes_on && (entry.way == Way::may_end || changes_packet(bare(entry.rule->statement)))) result.push_back({entry.rule->statement, order_matters(entry.rule->statement), std::move(regions)});
    }
    return result;
}

void without(const std::vector<Region>& some, const std::vector<Region>& others, const Space& space, packet::Budget& budget, std::vector<Region>& found) {
    Boxes boxes;
    for (const Region& region : others) boxes.add(packet::sides_of(region, space.whole()));
    std::vector<std::uint32_t> all(boxes.size());
    std::iota(all.begin(), all.end(), 0U);
    for (const Region& region : some) {
        packet::Remainder left(boxes, all, region, budget);
        while (left.next() && budget.spend(one_piece)) found.push_back(left.piece());
    }
}

/// Adds what comes to such a rule in one list alone. Those whose order matters are put side by side one by one; of all others, all that do the same
/// together.
void compare_changes(const std::vector<Changed>& a, const std::vector<Changed>& b, const Space& space, packet::Budget& budget, std::vector<Region>& found) {
    const auto ordered = [](const std::vector<Changed>& list) {
        std::vector<const Changed*> result;
        for (const Changed& one : list)
            if (one.order_matters) result.push_back(&one);
        return result;
    };
    const auto ordered_a = ordered(a);
    const auto ordered_b = ordered(b);
    const bool same_order = std::equal(ordered_a.begin(), ordered_a.end(), ordered_b.begin(), ordered_b.end(), [](const Changed* x, const Changed* y) { return x->statement == y->statement; });
    for (std::size_t i = 0; i < std::max(ordered_a.size(), ordered_b.size()); ++i) {
        if (same_order) {
            without(ordered_a[i]->regions, ordered_b[i]->regions, space, budget, found);
            without(ordered_b[i]->regions, ordered_a[i]->regions, space, budget, found);
            continue;
        }
        for (const auto* list : {&ordered_a, &ordered_b})
            if (i < list->size()) found.insert(found.end(), (*list)[i]->regions.begin(), (*list)[i]->regions.end());
    }
    std::map<ir::Statement, std::pair<std::vector<Region>, std::vector<Region>>> others;
    const auto add = [&](const std::vector<Changed>& list, auto side) {
        for (const Changed& one : list) {
            if (one.order_matters) continue;
            std::vector<Region>& all = others[one.statement].*side;
            all.insert(all.end(), one.regions.begin(), one.regions.end());
        }
    };
    using Sides = std::pair<std::vector<Region>, std::vector<Region>>;
    add(a, &Sides::first);
    add(b, &Sides::second);
    for (const auto& [statement, sides] : others) {
        without(sides.first, sides.second, space, budget, found);
        without(sides.second, sides.first, space, budget, found);
    }
}

}  // namespace

std::vector<Region> stage_differ(const Rulings::Stage* before, const Rulings::Stage* after, const Space& space, packet::Budget& budget) {
    std::vector<Region> found;
    if (before == nullptr && after == nullptr) return found;
    const bool two_values = (before != nullptr && before->list.two_values) || (after != nullptr && after->list.two_values);
    if (two_values) {
        found.push_back((before != nullptr ? before : after)->list.whole);
        return found;
    }
    Comparison(before, after, space, budget).compare_decisions(found);
    compare_changes(changed(before, space, budget), changed(after, space, budget), space, budget, found);
    return found;
}

}  // namespace natc::semantics

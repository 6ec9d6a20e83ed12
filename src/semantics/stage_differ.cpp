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
        if (entry.way == Way::goes_on) continue;
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
                        while (left.next()) found.push_back(left.piece());
                    }
                }
                if (all) break;
            }
        }
    }

    const Decisions& a() const { return a_; }
    const Decisions& b() const { return b_; }

private:
    const Space& space_;
    packet::Budget& budget_;
    Actions actions_;
    Decisions a_, b_;
};

/// What comes to the rules that change packets and let them go on, by what they do.
std::map<ir::Statement, std::vector<Region>> changed(const Rulings::Stage* stage, const Space& space, packet::Budget& budget) {
    std::map<ir::Statement, std::vector<Region>> result;
    if (stage == nullptr) return result;
    Boxes enders;
    for (const Entry& entry : stage->list.entries) {
        for (std::uint32_t number = entry.first; number < entry.last; ++number) {
            if (entry.way == Way::ends) enders.add(stage->list.boxes[number]);
            if (entry.way != Way::goes_on || !changes_packet(entry.rule->statement)) continue;
            Region region = space.whole();
            if (!packet::meet(region, stage->list.boxes[number])) continue;
            std::vector<std::uint32_t> earlier(enders.size());
            std::iota(earlier.begin(), earlier.end(), 0U);
            packet::Remainder left(enders, std::move(earlier), region, budget);
            while (left.next()) result[entry.rule->statement].push_back(left.piece());
        }
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
        while (left.next()) found.push_back(left.piece());
    }
}

/// The order in which marks are set, and by what: where that differs, so may what comes out.
std::vector<ir::Statement> marks(const Rulings::Stage* stage) {
    std::vector<ir::Statement> result;
    if (stage == nullptr) return result;
    for (const Entry& entry : stage->list.entries)
        if (entry.rule != nullptr && changes_mark(entry.rule->statement)) result.push_back(entry.rule->statement);
    return result;
}

}  // namespace

std::vector<Region> stage_differ(const Rulings::Stage* before, const Rulings::Stage* after, const Space& space, packet::Budget& budget) {
    std::vector<Region> found;
    if (before == nullptr && after == nullptr) return found;
    const bool two_marks = (before != nullptr && before->list.two_marks) || (after != nullptr && after->list.two_marks);
    if (two_marks) {
        found.push_back((before != nullptr ? before : after)->list.whole);
        return found;
    }
    Comparison(before, after, space, budget).compare_decisions(found);
    auto a = changed(before, space, budget);
    auto b = changed(after, space, budget);
    const bool other_marks = marks(before) != marks(after);
    for (const auto& [statement, regions] : a) {
        if (other_marks && changes_mark(statement))
            found.insert(found.end(), regions.begin(), regions.end());
        else
            without(regions, b[statement], space, budget, found);
    }
    for (const auto& [statement, regions] : b) {
        if (other_marks && changes_mark(statement))
            found.insert(found.end(), regions.begin(), regions.end());
        else
            without(regions, a[statement], space, budget, found);
    }
    return found;
}

}  // namespace natc::semantics

#include "semantics/unfold.hpp"

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "packet/remainder.hpp"

namespace natc::semantics {

using packet::Box;
using packet::Region;

namespace {

/// A table whose packets have no connection yet.
bool before_tracking(ir::TableName table) { return table == ir::TableName::raw; }

bool has_notrack(const ir::Table& table) {
    return std::any_of(table.chains.begin(), table.chains.end(), [](const ir::Chain& chain) {
        return std::any_of(chain.rules.begin(), chain.rules.end(), [](const ir::Rule& rule) { return std::holds_alternative<ir::NoTrack>(rule.statement); });
    });
}

Region what_passes(const ir::Table& table, ir::Hook hook, const Space& space) {
    using enum ir::Hook;
    Region region = space.whole();
    const packet::Interval none{Interfaces::none, Interfaces::none};
    if (hook == prerouting || hook == input || hook == forward) region[+Field::in] = space.real_interface();
    if (hook == output) region[+Field::in] = none;
    if (hook == forward || hook == output || hook == postrouting) region[+Field::out] = space.real_interface();
    if (hook == prerouting || hook == input) region[+Field::out] = none;
    // Asked for the first packet of a connection alone.
    if (table.table == ir::TableName::nat) region[+Field::state] = {state_new, state_related};
    // INVALID to all rules, until one keeps them from being tracked. What comes by lo has a connection already.
    if (before_tracking(table.table) && hook == output) region[+Field::state] = {state_invalid, has_notrack(table) ? state_untracked : state_invalid};
    return region;
}

/// Steps that stand for the memory of an entry or a box.
constexpr std::uint64_t one_entry = 64;

class Unfolding {
public:
    Unfolding(const ir::Table& table, const Chains& chains, ir::Hook hook, packet::Region passing, const Space& space, packet::Budget& budget)
        : space_(space), budget_(budget), chains_(chains), list_{table.table, hook, std::move(passing), {}, {}, false}, two_states_(before_tracking(table.table) && has_notrack(table)) {
        if (space.unknowns().too_many()) budget.spend(~std::uint64_t{0});
    }

    std::optional<List> run(const ir::Chain& chain) {
        built_in_ = &chain;
        const Box all = packet::sides_of(list_.whole, space_.whole());
        const bool top = chain.hook.has_value();
        call(chain, space_.unknowns().root(chain), {{all}, true, 0});
        while (!under_way_.empty() && !budget_.spent()) step(top);
        if (top) add_policy({all});
        if (budget_.spent()) return std::nullopt;
        return std::move(list_);
    }

private:
    /// The packets that leave a chain early, and the rules that send them off.
    struct Gone {
        packet::Boxes boxes;
        std::vector<const ir::Rule*> rules;
    };

    /// The packets that a chain is called for.
    struct Context {
        std::vector<Box> boxes;
        bool certain;
        std::size_t marked;  ///< how many rules had set marks by then
    };

    /// A chain that is being gone through. They stand on a stack of their own: iptables loads chains that call each other many thousand deep.
    struct Visit {
        const ir::Chain* chain;
        Path path;
        Context context;
        Gone gone;
        std::size_t rule = 0;  ///< that is next
        // Of the rule that called a chain, for when that is done:
        std::vector<Box> boxes;
        std::size_t marked = 0;
    };

    /// Goes into a chain. Not if it was called from there: the kernel refuses such a loop, unless no built-in chain leads to it.
    void call(const ir::Chain& chain, Path path, Context context) {
        if (open_.insert(&chain).second) under_way_.push_back({&chain, path, std::move(context), {}, 0, {}, 0});
    }

    /// Looks at the next rule of the innermost chain.
    void step(bool top) {
        Visit& visit = under_way_.back();
        const bool outermost = top && under_way_.size() == 1;
        if (visit.rule == visit.chain->rules.size()) {
            open_.erase(visit.chain);
            under_way_.pop_back();
            if (!under_way_.empty()) come_back(under_way_.back(), top && under_way_.size() == 1);
            return;
        }
        const ir::Rule& rule = visit.chain->rules[visit.rule++];
        if (!rule.families.contains(space_.family())) return;
        if (visit.context.marked != marked_) forget_marks(visit.context, visit.gone);
        Entry entry{visit.chain, &rule, way_of(rule.statement), changes_packet(rule), visit.context.certain, false, 0, 0, {}};
        const std::vector<Box> own = space_.boxes_of(rule, visit.path, budget_);
        list_.two_values = list_.two_values || (two_states_ && std::any_of(own.begin(), own.end(), [](const Box& box) { return packet::names(box, +Field::state); }));
        visit.boxes = meet(visit.context.boxes, own);
        entry.contradicts_itself = visit.boxes.empty();
        if (visit.gone.boxes.size() != 0) visit.boxes = without(visit.boxes, visit.gone, entry);
        if (outermost && std::holds_alternative<ir::Return>(rule.statement)) entry.way = Way::ends;
        add(std::move(entry), visit.boxes);
        if (visit.boxes.empty()) return;
        visit.marked = marked_;
        const std::size_t depth = under_way_.size();
        if (const std::string* called = ir::called_chain(rule.statement)) call(*chains_.at(*called), space_.unknowns().called(visit.path, rule), {visit.boxes, visit.context.certain, marked_});
        if (under_way_.size() == depth) come_back(visit, outermost);
    }

    /// What is done with the packets of a rule once the chain that it calls, if it does, is behind them.
    void come_back(Visit& visit, bool outermost) {
        const ir::Rule& rule = visit.chain->rules[visit.rule - 1];
        const bool returns = std::holds_alternative<ir::Return>(rule.statement);
        if (!returns && !std::holds_alternative<ir::Goto>(rule.statement)) return;
        if (outermost) {
            if (returns) return;
            Context rest{std::move(visit.boxes), visit.context.certain, visit.marked};
            if (rest.marked != marked_) forget_marks(rest, visit.gone);
            add_policy(rest.boxes, rest.certain, {&rule});
            return;
        }
        for (const Box& box : visit.boxes) {
            // Where marks were set meanwhile, nobody can tell any more who left.
            if (visit.marked != marked_ && packet::names(box, +Field::mark)) {
                visit.context.certain = false;
                list_.two_values = true;
                continue;
            }
            visit.gone.boxes.add(box);
            visit.gone.rules.push_back(&rule);
        }
    }

    /// Leaves out what the mark was: it may be another one now.
    void forget_marks(Context& context, Gone& gone) {
        context.marked = marked_;
        const auto forget = [&] {
            context.certain = false;
            list_.two_values = true;
        };
        for (Box& box : context.boxes)
            if (std::erase_if(box, [](const packet::Side& side) { return side.field == +Field::mark; }) != 0) forget();
        Gone kept;
        for (std::size_t i = 0; i < gone.boxes.size(); ++i) {
            if (packet::names(gone.boxes[i], +Field::mark)) {
                forget();
                continue;
            }
            kept.boxes.add(gone.boxes[i]);
            kept.rules.push_back(gone.rules[i]);
        }
        gone = std::move(kept);
    }

    [[nodiscard]] std::vector<Box> meet(const std::vector<Box>& a, const std::vector<Box>& b) {
        std::vector<Box> result;
        if (!budget_.spend(a.size() * b.size())) return result;
        Box both;
        for (const Box& x : a)
            for (const Box& y : b)
                if (packet::meet(x, y, both)) result.push_back(both);
        return result;
    }

    [[nodiscard]] std::vector<Box> without(const std::vector<Box>& boxes, const Gone& gone, Entry& entry) {
        std::vector<Box> result;
        std::vector<std::uint32_t> all(gone.boxes.size());
        std::iota(all.begin(), all.end(), 0U);
        for (const Box& box : boxes) {
            Region region = space_.whole();
            if (!packet::meet(region, box)) continue;
            packet::Remainder left(gone.boxes, all, region, budget_);
            while (left.next() && budget_.spend(one_entry)) result.push_back(packet::sides_of(left.piece(), space_.whole()));
            for (const std::uint32_t taker : left.takers())
                if (std::find(entry.returns.begin(), entry.returns.end(), gone.rules[taker]) == entry.returns.end()) entry.returns.push_back(gone.rules[taker]);
        }
        return result;
    }

    void add(Entry entry, const std::vector<Box>& boxes) {
        entry.first = static_cast<std::uint32_t>(list_.boxes.size());
        for (const Box& box : boxes) {
            list_.boxes.add(box);
            list_.two_values = list_.two_values || (marked_ != 0 && packet::names(box, +Field::mark));
        }
        if (entry.rule != nullptr && changes_mark(entry.rule->statement)) ++marked_;
        entry.last = static_cast<std::uint32_t>(list_.boxes.size());
        list_.entries.push_back(std::move(entry));
        budget_.spend(one_entry * (boxes.size() + 1));
    }

    void add_policy(const std::vector<Box>& boxes, bool certain = true, std::vector<const ir::Rule*> sent_by = {}) {
        add(Entry{built_in_, nullptr, Way::ends, false, certain, false, 0, 0, std::move(sent_by)}, boxes);
    }

    const Space& space_;
    packet::Budget& budget_;
    const Chains& chains_;
    List list_;
    bool two_states_;  ///< in raw: rules ask for packets that are tracked, or not
    std::size_t marked_ = 0;  ///< so many rules so far have changed the mark
    const ir::Chain* built_in_ = nullptr;
    std::vector<Visit> under_way_;
    std::unordered_set<const ir::Chain*> open_;  ///< the chains of under_way_
};

}  // namespace

Chains chains_of(const ir::Table& table) {
    Chains chains;
    for (const ir::Chain& chain : table.chains) chains.emplace(chain.name, &chain);
    return chains;
}

std::optional<List> unfold(const ir::Table& table, ir::Hook hook, const Space& space, packet::Budget& budget) {
    const auto at = std::find_if(table.chains.begin(), table.chains.end(), [&](const ir::Chain& chain) { return chain.hook == hook && chain.families.contains(space.family()); });
    if (at == table.chains.end()) return std::nullopt;
    const Chains chains = chains_of(table);
    return Unfolding(table, chains, hook, what_passes(table, hook, space), space, budget).run(*at);
}

std::optional<List> unfold_uncalled(const ir::Table& table, const Chains& chains, const ir::Chain& chain, const Space& space, packet::Budget& budget) {
    return Unfolding(table, chains, ir::hooks_of(table.table).front(), space.whole(), space, budget).run(chain);
}

}  // namespace natc::semantics

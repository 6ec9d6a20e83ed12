#include "semantics/unfold.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "packet/remainder.hpp"

namespace natc::semantics {

using packet::Box;
using packet::Region;

namespace {

// What xtables' own targets do, by their sources: those that return XT_CONTINUE, and those that give a verdict.
constexpr std::string_view targets_that_go_on[] = {"AUDIT", "CHECKSUM", "CLASSIFY", "CONNMARK", "CONNSECMARK", "CT", "DSCP", "ECN", "HL", "HMARK", "IDLETIMER", "LED",
                                                   "LOG", "MARK", "NFLOG", "NOTRACK", "RATEEST", "SECMARK", "SET", "TCPMSS", "TCPOPTSTRIP", "TEE", "TOS", "TRACE", "TTL", "ULOG"};
constexpr std::string_view targets_that_end[] = {"DNAT", "MASQUERADE", "MIRROR", "NETMAP", "NFQUEUE", "QUEUE", "REDIRECT", "REJECT", "SAME", "SNAT", "TARPIT"};

/// A table's hook that is asked of packets before they have a connection sees all of them as INVALID.
bool before_tracking(ir::TableName table) { return table == ir::TableName::raw; }

Region what_passes(ir::TableName table, ir::Hook hook, const Space& space) {
    using enum ir::Hook;
    Region region = space.whole();
    const packet::Interval none{Interfaces::none, Interfaces::none};
    if (hook == prerouting || hook == input || hook == forward) region[+Field::in] = space.real_interface();
    if (hook == output) region[+Field::in] = none;
    if (hook == forward || hook == output || hook == postrouting) region[+Field::out] = space.real_interface();
    if (hook == prerouting || hook == input) region[+Field::out] = none;
    // Asked for the first packet of a connection alone.
    if (table == ir::TableName::nat) region[+Field::state] = {state_new, state_related};
    if (before_tracking(table)) region[+Field::state] = {state_invalid, state_invalid};
    return region;
}

/// Steps that stand for the memory of an entry or a box.
constexpr std::uint64_t one_entry = 64;

class Unfolding {
public:
    Unfolding(const ir::Table& table, ir::Hook hook, packet::Region passing, const Space& space, packet::Budget& budget)
        : space_(space), budget_(budget), list_{table.table, hook, std::move(passing), {}, {}, false} {
        for (const ir::Chain& chain : table.chains) chains_.emplace(chain.name, &chain);
    }

    std::optional<List> run(const ir::Chain& chain) {
        built_in_ = &chain;
        Box all = packet::sides_of(list_.whole, space_.whole());
        std::erase_if(all, [&](const packet::Side& side) { return side.field == +Field::state && before_tracking(list_.table); });
        const bool top = chain.hook.has_value();
        walk(chain, {{all}, true, 0}, top, 0);
        if (top) add_policy({all});
        if (budget_.spent()) return std::nullopt;
        return std::move(list_);
    }

private:
    // The kernel's own limit of chains within chains is far below.
    static constexpr int deepest = 512;

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

    void walk(const ir::Chain& chain, Context context, bool top, int depth) {
        if (depth > deepest) budget_.spend(~std::uint64_t{0});
        Gone gone;
        for (const ir::Rule& rule : chain.rules) {
            if (budget_.spent()) return;
            if (!rule.families.contains(space_.family())) continue;
            if (context.marked != marked_) forget_marks(context, gone);
            Entry entry{&chain, &rule, way_of(rule.statement), context.certain, false, 0, 0, {}};
            std::vector<Box> boxes = meet(context.boxes, boxes_in(list_.table, rule, space_));
            entry.contradicts_itself = boxes.empty();
            if (gone.boxes.size() != 0) boxes = without(boxes, gone, entry);
            const bool returns = std::holds_alternative<ir::Return>(rule.statement);
            if (top && returns) entry.way = Way::ends;
            add(std::move(entry), boxes);
            if (boxes.empty()) continue;
            const std::size_t marked = marked_;
            if (const std::string* called = ir::called_chain(rule.statement)) walk(*chains_.at(*called), {boxes, context.certain, marked}, false, depth + 1);
            const bool leaves = returns || std::holds_alternative<ir::Goto>(rule.statement);
            if (!leaves) continue;
            if (top) {
                if (!returns) {
                    Context rest{boxes, context.certain, marked};
                    if (marked != marked_) forget_marks(rest, gone);
                    add_policy(rest.boxes, rest.certain, {&rule});
                }
                continue;
            }
            for (const Box& box : boxes) {
                // Where marks were set meanwhile, nobody can tell any more who left.
                if (marked != marked_ && packet::names(box, +Field::mark)) {
                    context.certain = false;
                    list_.two_marks = true;
                    continue;
                }
                gone.boxes.add(box);
                gone.rules.push_back(&rule);
            }
        }
    }

    /// Leaves out what the mark was: it may be another one now.
    void forget_marks(Context& context, Gone& gone) {
        context.marked = marked_;
        const auto forget = [&] {
            context.certain = false;
            list_.two_marks = true;
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
            while (left.next()) result.push_back(packet::sides_of(left.piece(), space_.whole()));
            for (const std::uint32_t taker : left.takers())
                if (std::find(entry.returns.begin(), entry.returns.end(), gone.rules[taker]) == entry.returns.end()) entry.returns.push_back(gone.rules[taker]);
        }
        return result;
    }

    void add(Entry entry, const std::vector<Box>& boxes) {
        entry.first = static_cast<std::uint32_t>(list_.boxes.size());
        for (const Box& box : boxes) {
            list_.boxes.add(box);
            list_.two_marks = list_.two_marks || (marked_ != 0 && packet::names(box, +Field::mark));
        }
        if (entry.rule != nullptr && changes_mark(entry.rule->statement)) ++marked_;
        entry.last = static_cast<std::uint32_t>(list_.boxes.size());
        list_.entries.push_back(std::move(entry));
        budget_.spend(one_entry * (boxes.size() + 1));
    }

    void add_policy(const std::vector<Box>& boxes, bool certain = true, std::vector<const ir::Rule*> sent_by = {}) {
        add(Entry{built_in_, nullptr, Way::ends, certain, false, 0, 0, std::move(sent_by)}, boxes);
    }

    const Space& space_;
    packet::Budget& budget_;
    List list_;
    std::size_t marked_ = 0;  ///< so many rules so far have changed the mark
    const ir::Chain* built_in_ = nullptr;
    std::unordered_map<std::string_view, const ir::Chain*> chains_;
};

/// The name of a target that is kept word for word.
std::string_view target_of(const ir::Foreign& foreign) {
    const std::string_view words = foreign.words;
    return words.substr(0, words.find(' '));
}

}  // namespace

Way way_of(const ir::Statement& statement) {
    struct Visitor {
        Way operator()(const ir::Accept&) const { return Way::ends; }
        Way operator()(const ir::Drop&) const { return Way::ends; }
        Way operator()(const ir::Reject&) const { return Way::ends; }
        Way operator()(const ir::Masquerade&) const { return Way::ends; }
        Way operator()(const ir::SourceNat&) const { return Way::ends; }
        Way operator()(const ir::DestinationNat&) const { return Way::ends; }
        Way operator()(const ir::Redirect&) const { return Way::ends; }
        Way operator()(const ir::Log&) const { return Way::goes_on; }
        Way operator()(const ir::Return&) const { return Way::goes_on; }
        Way operator()(const ir::Jump&) const { return Way::goes_on; }
        Way operator()(const ir::Goto&) const { return Way::goes_on; }
        Way operator()(const ir::FillChecksum&) const { return Way::goes_on; }
        Way operator()(const ir::SetMark&) const { return Way::goes_on; }
        Way operator()(const ir::ClampMss&) const { return Way::goes_on; }
        Way operator()(const ir::NoTrack&) const { return Way::goes_on; }
        Way operator()(const ir::Continue&) const { return Way::goes_on; }
        Way operator()(const ir::Foreign& foreign) const {
            const std::string_view target = target_of(foreign);
            if (std::find(std::begin(targets_that_go_on), std::end(targets_that_go_on), target) != std::end(targets_that_go_on)) return Way::goes_on;
            if (std::find(std::begin(targets_that_end), std::end(targets_that_end), target) != std::end(targets_that_end)) return Way::ends;
            return Way::may_end;
        }
    };
    return std::visit(Visitor{}, statement);
}

bool changes_mark(const ir::Statement& statement) {
    if (const auto* foreign = std::get_if<ir::Foreign>(&statement)) return foreign->words.starts_with("CONNMARK --restore") || foreign->words.starts_with("HMARK") || foreign->words.starts_with("MARK ");
    return std::holds_alternative<ir::SetMark>(statement);
}

std::vector<Box> boxes_in(ir::TableName table, const ir::Rule& rule, const Space& space) {
    std::vector<Box> boxes = space.boxes_of(rule);
    if (!before_tracking(table)) return boxes;
    const auto of_state = [](const packet::Side& side) { return side.field == +Field::state; };
    std::erase_if(boxes, [&](const Box& box) { return std::any_of(box.begin(), box.end(), [&](const packet::Side& side) { return of_state(side) && !side.interval.contains(std::uint32_t{state_invalid}); }); });
    for (Box& box : boxes) std::erase_if(box, of_state);
    return boxes;
}

bool changes_packet(const ir::Statement& statement) {
    return changes_mark(statement) || std::holds_alternative<ir::NoTrack>(statement) || std::holds_alternative<ir::ClampMss>(statement) ||
           std::holds_alternative<ir::FillChecksum>(statement);
}

std::optional<List> unfold(const ir::Table& table, ir::Hook hook, const Space& space, packet::Budget& budget) {
    const auto at = std::find_if(table.chains.begin(), table.chains.end(), [&](const ir::Chain& chain) { return chain.hook == hook && chain.families.contains(space.family()); });
    if (at == table.chains.end()) return std::nullopt;
    return Unfolding(table, hook, what_passes(table.table, hook, space), space, budget).run(*at);
}

std::optional<List> unfold_uncalled(const ir::Table& table, const ir::Chain& chain, const Space& space, packet::Budget& budget) {
    return Unfolding(table, ir::hooks_of(table.table).front(), space.whole(), space, budget).run(chain);
}

}  // namespace natc::semantics

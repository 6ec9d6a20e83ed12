#include "review/gate.hpp"

#include <algorithm>
#include <utility>

#include "packet/remainder.hpp"

namespace natc {

using packet::Region;
using semantics::Entry;
using semantics::Way;

Gate::Gate(semantics::List list, const ir::Chain& chain, packet::Budget& budget)
    : list_(std::make_unique<semantics::List>(std::move(list))), chain_(&chain), budget_(&budget) {
    for (std::size_t e = 0; e < list_->entries.size(); ++e) {
        const Entry& entry = list_->entries[e];
        owner_.resize(entry.last, static_cast<std::uint32_t>(e));
        refuses_something_ = refuses_something_ || refuses(entry);
    }
    index_ = std::make_unique<packet::Index>(list_->boxes);
}

std::optional<Gate> Gate::of(const ir::Program& program, ir::Hook hook, const semantics::Space& space, packet::Budget& budget) {
    const ir::Table* filter = program.find(ir::TableName::filter);
    if (filter == nullptr) return std::nullopt;
    auto list = semantics::unfold(*filter, hook, space, budget);
    if (!list) return std::nullopt;
    const auto chain = std::find_if(filter->chains.begin(), filter->chains.end(),
                                    [&](const ir::Chain& c) { return c.hook == hook && c.families.contains(space.family()); });
    return Gate(std::move(*list), *chain, budget);
}

/// Where marks are in play, the boxes of a rule may promise too much.
bool Gate::refuses(const Entry& entry) const {
    if (entry.way != Way::ends || !entry.certain || list_->two_values) return false;
    if (entry.rule == nullptr || std::holds_alternative<ir::Return>(entry.rule->statement)) return chain_->policy == ir::Policy::drop;
    return std::holds_alternative<ir::Drop>(entry.rule->statement) || std::holds_alternative<ir::Reject>(entry.rule->statement);
}

std::optional<Gate::Refusal> Gate::refuses(const Region& region, const packet::Boxes& except) const {
    packet::Boxes refusing;
    for (std::size_t i = 0; i < except.size(); ++i) refusing.add(except[i]);
    Refusal by;
    for (const std::uint32_t number : index_->overlapping(region, list_->boxes.size(), *budget_)) {
        const packet::BoxView box = list_->boxes[number];
        const Entry& entry = list_->entries[owner_[number]];
        if (entry.way == Way::goes_on) continue;
        if (!refuses(entry)) {
            Region passing = region;
            if (!packet::meet(passing, box)) continue;
            std::vector<std::uint32_t> ahead;
            for (std::uint32_t i = 0; i < refusing.size(); ++i) ahead.push_back(i);
            packet::Remainder left(refusing, std::move(ahead), std::move(passing), *budget_);
            if (left.next() || budget_->spent()) return std::nullopt;
            continue;
        }
        if (entry.rule == nullptr) {
            by.policy = true;
        } else if (by.rules.empty() || by.rules.back() != entry.rule) {
            by.rules.push_back(entry.rule);
        }
        if (packet::covers(box, region)) break;
        refusing.add(box);
    }
    if (budget_->spent() || (by.rules.empty() && !by.policy)) return std::nullopt;
    return by;
}

std::vector<Span> places(const std::vector<const ir::Rule*>& rules) {
    std::vector<Span> spans;
    for (const ir::Rule* rule : rules)
        for (const Span& span : rule->origins)
            if (std::find(spans.begin(), spans.end(), span) == spans.end()) spans.push_back(span);
    return spans;
}

}  // namespace natc

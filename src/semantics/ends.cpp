#include "semantics/ends.hpp"

#include <algorithm>

namespace natc::semantics {

using packet::Interval;
using packet::Region;

std::vector<Fate> fates(const std::vector<const Journey*>& journeys) {
    std::vector<Fate> result;
    for (const Journey* journey : journeys) result.push_back(journey->fate);
    for (std::optional<Interval> Fate::*choice : {&Fate::to, &Fate::to_ports, &Fate::mark}) {
        std::sort(result.begin(), result.end());
        std::vector<Fate> fewer;
        for (Fate& fate : result) {
            const auto joins = [&](Fate& other) {
                if (!(fate.*choice) || !(other.*choice)) return false;
                const Interval x = *(other.*choice);
                const Interval y = *(fate.*choice);
                if (y.first > std::uint64_t{x.last} + 1 || x.first > std::uint64_t{y.last} + 1) return false;
                Fate alike = fate;
                alike.*choice = x;
                if (alike != other) return false;
                other.*choice = Interval{std::min(x.first, y.first), std::max(x.last, y.last)};
                return true;
            };
            if (!std::any_of(fewer.begin(), fewer.end(), joins)) fewer.push_back(std::move(fate));
        }
        result = std::move(fewer);
    }
    // Where all that a translation may choose comes to the same, the choice is nothing to them.
    const bool refused = std::all_of(result.begin(), result.end(), [&](const Fate& fate) { return fate.kind != Fate::Kind::accept && unchosen(fate) == unchosen(result.front()); });
    if (refused)
        for (Fate& fate : result) fate = unchosen(fate);
    std::sort(result.begin(), result.end());
    result.erase(std::unique(result.begin(), result.end()), result.end());
    return result;
}

namespace {

bool same_fates(std::vector<Fate> before, std::vector<Fate> after, const Region& region) {
    for (auto* list : {&before, &after}) {
        for (Fate& fate : *list) leave_out_unchanged(fate, region);
        std::sort(list->begin(), list->end());
        list->erase(std::unique(list->begin(), list->end()), list->end());
    }
    return before == after;
}

}  // namespace

std::vector<Region> parts_that_differ(const std::vector<Fate>& before, const std::vector<Fate>& after, const Region& region) {
    std::vector<Region> parts{region};
    const auto cut_at = [&](const std::optional<Interval>& value, Field field) {
        if (!value || !value->single()) return;
        std::vector<Region> more;
        for (const Region& part : parts) {
            const Interval all = part[+field];
            if (!all.overlaps(*value) || all == *value) {
                more.push_back(part);
                continue;
            }
            packet::outside(all, *value, [&](Interval rest) {
                more.push_back(part);
                more.back()[+field] = rest;
            });
            more.push_back(part);
            more.back()[+field] = *value;
        }
        parts = std::move(more);
    };
    for (const auto* list : {&before, &after})
        for (const Fate& fate : *list) {
            cut_at(fate.to, Field::destination);
            cut_at(fate.to_ports, Field::destination_port);
            cut_at(fate.mark, Field::mark);
            cut_at(fate.from, Field::source);
        }
    const std::size_t all = parts.size();
    std::erase_if(parts, [&](const Region& part) { return same_fates(before, after, part); });
    if (parts.size() == all) return {region};
    return parts;
}

bool is_unsure(const std::vector<Fate>& before, const std::vector<Fate>& after) {
    const auto rough = [](Fate fate) {
        fate.to.reset();
        fate.to_ports.reset();
        std::sort(fate.deeds.begin(), fate.deeds.end());
        return fate;
    };
    for (const auto* side : {&before, &after})
        if (std::any_of(side->begin(), side->end(), [](const Fate& fate) { return !fate.certain; })) return true;
    const auto known = [](const Fate& fate) { return !fate.unknown_target; };
    const bool all_known = std::all_of(before.begin(), before.end(), known) && std::all_of(after.begin(), after.end(), known);
    const auto sorted = [](Fate fate) {
        std::sort(fate.deeds.begin(), fate.deeds.end());
        return fate;
    };
    return std::any_of(before.begin(), before.end(), [&](const Fate& fate) {
        return std::any_of(after.begin(), after.end(), [&](const Fate& other) { return all_known ? fate != other && sorted(fate) == sorted(other) : rough(fate) == rough(other); });
    });
}

}  // namespace natc::semantics

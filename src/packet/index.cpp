#include "packet/index.hpp"

#include <algorithm>
#include <bit>

namespace natc::packet {

namespace {

/// So few boxes are looked at one by one.
constexpr std::size_t few = 32;
/// A field that fewer than one box in so many names would tell few of them apart, and its list would be long.
constexpr std::size_t one_in = 8;

}  // namespace

Index::Index(const Boxes& boxes) : boxes_(boxes) {
    if (boxes.size() <= few) return;
    std::vector<std::size_t> naming;  // how many boxes name each field
    for (std::uint32_t number = 0; number < boxes.size(); ++number)
        for (const Side& side : boxes[number]) {
            if (side.field >= naming.size()) naming.resize(side.field + 1);
            ++naming[side.field];
        }
    constexpr std::size_t none = ~std::size_t{0};
    std::vector<std::size_t> places(naming.size(), none);
    for (FieldIndex field = 0; field < naming.size(); ++field) {
        if (naming[field] * one_in < boxes.size()) continue;
        places[field] = fields_.size();
        fields_.emplace_back().field = field;
    }
    for (std::uint32_t number = 0; number < boxes.size(); ++number)
        for (const Side& side : boxes[number])
            if (places[side.field] != none) fields_[places[side.field]].entries.push_back({side.interval, number});
    for (ByField& by : fields_) {
        std::vector<bool> names(boxes.size());
        for (const Entry& entry : by.entries) {
            names[entry.number] = true;
            by.ends.push_back(entry.interval.last);
        }
        for (std::uint32_t number = 0; number < boxes.size(); ++number)
            if (!names[number]) by.free.push_back(number);
        std::sort(by.ends.begin(), by.ends.end());
        std::sort(by.entries.begin(), by.entries.end(), [](const Entry& a, const Entry& b) { return a.interval.first < b.interval.first; });
        by.leaves = std::bit_ceil(by.entries.size());
        by.latest_end.assign(2 * by.leaves, 0);
        for (std::size_t i = 0; i < by.entries.size(); ++i) by.latest_end[by.leaves + i] = by.entries[i].interval.last;
        for (std::size_t i = by.leaves - 1; i > 0; --i) by.latest_end[i] = std::max(by.latest_end[2 * i], by.latest_end[2 * i + 1]);
    }
}

void Index::collect(const ByField& by, std::size_t node, std::size_t begin, std::size_t end, std::size_t stop, std::uint32_t from,
                    std::vector<std::uint32_t>& found) {
    if (begin >= stop || by.latest_end[node] < from) return;
    if (end - begin == 1) {
        found.push_back(by.entries[begin].number);
        return;
    }
    const std::size_t middle = (begin + end) / 2;
    collect(by, 2 * node, begin, middle, stop, from, found);
    collect(by, 2 * node + 1, middle, end, stop, from, found);
}

std::vector<std::uint32_t> Index::overlapping(const Region& region, std::size_t limit, Budget& budget) const {
    std::vector<std::uint32_t> found;
    const auto keep = [&](std::uint32_t number) { return number < limit && overlaps(region, boxes_[number]); };
    const ByField* best = nullptr;
    std::size_t fewest = std::min(limit, boxes_.size());
    for (const ByField& by : fields_) {
        if (by.free.size() >= fewest) continue;
        const Interval wanted = region[by.field];
        const auto begun = std::upper_bound(by.entries.begin(), by.entries.end(), wanted.last, [](std::uint32_t code, const Entry& e) { return code < e.interval.first; });
        const auto ended = std::lower_bound(by.ends.begin(), by.ends.end(), wanted.first);
        const std::size_t count = by.free.size() + static_cast<std::size_t>(begun - by.entries.begin()) - static_cast<std::size_t>(ended - by.ends.begin());
        if (count >= fewest) continue;
        fewest = count;
        best = &by;
    }
    if (!budget.spend(fewest + 1)) return {};
    if (best == nullptr) {
        for (std::uint32_t number = 0; number < std::min(limit, boxes_.size()); ++number)
            if (keep(number)) found.push_back(number);
        return found;
    }
    const Interval wanted = region[best->field];
    const auto stop = std::upper_bound(best->entries.begin(), best->entries.end(), wanted.last, [](std::uint32_t code, const Entry& e) { return code < e.interval.first; });
    collect(*best, 1, 0, best->leaves, static_cast<std::size_t>(stop - best->entries.begin()), wanted.first, found);
    found.insert(found.end(), best->free.begin(), best->free.end());
    std::erase_if(found, [&](std::uint32_t number) { return !keep(number); });
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace natc::packet

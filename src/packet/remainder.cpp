#include "packet/remainder.hpp"

#include <algorithm>
#include <limits>

namespace natc::packet {

namespace {

/// From so many boxes on, cutting a region in two is tried first: peeling them one by one would look at each of them again and again.
constexpr std::size_t many = 24;
/// Out of so many of them the cut is chosen.
constexpr std::size_t sample = 48;

}  // namespace

Remainder::Remainder(const Boxes& boxes, std::vector<std::uint32_t> wanted, Region region, Budget& budget)
    : boxes_(boxes), budget_(budget), fields_(region.size()), wanted_(std::move(wanted)) {
    push(region, 0, wanted_.size());
}

void Remainder::push(const Region& region, std::size_t begin, std::size_t end) {
    tasks_.push_back({regions_.size(), begin, end});
    regions_.insert(regions_.end(), region.begin(), region.end());
}

bool Remainder::next() {
    while (!tasks_.empty()) {
        const Task task = tasks_.back();
        tasks_.pop_back();
        if (!budget_.spend(task.end - task.begin + 1)) return false;
        const auto at = regions_.begin() + static_cast<std::ptrdiff_t>(task.region);
        piece_.assign(at, at + static_cast<std::ptrdiff_t>(fields_));
        regions_.resize(task.region);
        wanted_.resize(task.end);
        bool taken = false;
        for (std::size_t i = task.begin; i < task.end; ++i) {
            const std::uint32_t number = wanted_[i];
            if (!overlaps(piece_, boxes_[number])) continue;
            if (covers(boxes_[number], piece_)) {
                takers_.push_back(number);
                taken = true;
                break;
            }
            wanted_.push_back(number);
        }
        if (taken) continue;
        if (wanted_.size() == task.end) return true;
        cut(task.end, wanted_.size());
    }
    return false;
}

void Remainder::cut(std::size_t begin, std::size_t end) {
    if (end - begin >= many && halve(begin, end)) return;
    // The box that asks for the fewest fields beyond what the region is: most of the region is its own.
    std::uint32_t best = wanted_[begin];
    double most = -1;
    for (std::size_t i = begin; i < end; ++i) {
        double share = 1;
        for (const Side& side : boxes_[wanted_[i]]) {
            const Interval all = piece_[side.field];
            const Interval in = all.meet(side.interval);
            share *= (static_cast<double>(in.last - in.first) + 1) / (static_cast<double>(all.last - all.first) + 1);
        }
        if (share <= most) continue;
        most = share;
        best = wanted_[i];
    }
    takers_.push_back(best);
    peel(best, begin, end);
}

bool Remainder::halve(std::size_t begin, std::size_t end) {
    const std::size_t step = std::max<std::size_t>(1, (end - begin) / sample);
    std::size_t counted = 0;
    // For each field, where the boxes begin in it.
    std::vector<std::vector<std::uint32_t>> edges(fields_);
    for (std::size_t i = begin; i < end; i += step, ++counted)
        for (const Side& side : boxes_[wanted_[i]])
            if (side.interval.first > piece_[side.field].first) edges[side.field].push_back(side.interval.first);
    std::size_t least = counted;
    FieldIndex field = 0;
    std::uint32_t edge = 0;
    for (FieldIndex f = 0; f < fields_; ++f) {
        if (edges[f].size() < counted / 4) continue;
        const auto middle = edges[f].begin() + static_cast<std::ptrdiff_t>(edges[f].size() / 2);
        std::nth_element(edges[f].begin(), middle, edges[f].end());
        std::size_t below = 0;
        std::size_t above = 0;
        for (std::size_t i = begin; i < end; i += step) {
            Interval interval;
            for (const Side& side : boxes_[wanted_[i]])
                if (side.field == f) interval = side.interval;
            below += interval.first < *middle ? 1U : 0U;
            above += interval.last >= *middle ? 1U : 0U;
        }
        if (std::max(below, above) >= least) continue;
        least = std::max(below, above);
        field = f;
        edge = *middle;
    }
    // Not worth it where most boxes would be in both halves.
    if (least * 4 > counted * 3) return false;
    Region half = piece_;
    half[field].first = edge;
    push(half, begin, end);
    half[field] = {piece_[field].first, edge - 1};
    push(half, begin, end);
    return true;
}

void Remainder::peel(std::uint32_t number, std::size_t begin, std::size_t end) {
    for (const Side& side : boxes_[number]) {
        const Interval all = piece_[side.field];
        if (all.first < side.interval.first) {
            piece_[side.field] = {all.first, side.interval.first - 1};
            push(piece_, begin, end);
        }
        if (side.interval.last < all.last) {
            piece_[side.field] = {side.interval.last + 1, all.last};
            push(piece_, begin, end);
        }
        piece_[side.field] = all.meet(side.interval);
    }
}

}  // namespace natc::packet

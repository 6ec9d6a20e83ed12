#include "packet/remainder.hpp"

#include <algorithm>
#include <utility>

namespace natc::packet {

namespace {

/// From so many boxes on, cutting a region in two is tried first: peeling them one by one would look at each of them again and again.
constexpr std::size_t many = 24;
/// Out of so many of them the cut is chosen.
constexpr std::size_t sample = 48;

}  // namespace

Remainder::Remainder(const Boxes& boxes, std::vector<std::uint32_t> wanted, Region region, Budget& budget)
    : boxes_(boxes), budget_(budget), plain_fields_(region.plain().size()), wanted_(std::move(wanted)), piece_(std::move(region)) {
    push(piece_, 0, wanted_.size());
}

void Remainder::push(const Region& region, std::size_t begin, std::size_t end) {
    if (!budget_.spend(region.answers().size())) return;
    tasks_.push_back({plain_.size(), answers_.size(), begin, end});
    plain_.insert(plain_.end(), region.plain().begin(), region.plain().end());
    answers_.insert(answers_.end(), region.answers().begin(), region.answers().end());
}

bool Remainder::next() {
    while (!tasks_.empty()) {
        const Task task = tasks_.back();
        tasks_.pop_back();
        if (!budget_.spend(task.end - task.begin + 1)) return false;
        piece_.assign(std::span(plain_).subspan(task.plain), BoxView(answers_).subspan(task.answers));
        plain_.resize(task.plain);
        answers_.resize(task.answers);
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
        divide(task.end, wanted_.size());
    }
    return false;
}

void Remainder::divide(std::size_t begin, std::size_t end) {
    if (end - begin >= many && halve(begin, end)) return;
    // The box that asks for the fewest fields beyond what the region is: most of the region is its own.
    std::uint32_t best = wanted_[begin];
    double most = -1;
    for (std::size_t i = begin; i < end; ++i) {
        double share = 1;
        for (const Side& side : boxes_[wanted_[i]]) {
            const Interval all = std::as_const(piece_)[side.field];
            const Interval in = all.meet(side.interval);
            share *= (static_cast<double>(in.last - in.first) + 1) / (static_cast<double>(all.last - all.first) + 1);
        }
        if (share <= most) continue;
        most = share;
        best = wanted_[i];
    }
    takers_.push_back(best);
    packet::cut(piece_, boxes_[best], [&](const Region& rest) { push(rest, begin, end); });
}

bool Remainder::halve(std::size_t begin, std::size_t end) {
    const std::size_t step = std::max<std::size_t>(1, (end - begin) / sample);
    std::size_t counted = 0;
    // Where the boxes begin, field by field.
    std::vector<std::pair<FieldIndex, std::uint32_t>> edges;
    for (std::size_t i = begin; i < end; i += step, ++counted)
        for (const Side& side : boxes_[wanted_[i]])
            if (side.interval.first > std::as_const(piece_)[side.field].first) edges.emplace_back(side.field, side.interval.first);
    std::sort(edges.begin(), edges.end());
    std::size_t least = counted;
    FieldIndex field = 0;
    std::uint32_t edge = 0;
    for (auto at = edges.begin(); at != edges.end();) {
        const FieldIndex f = at->first;
        const auto behind = std::find_if(at, edges.end(), [&](const auto& other) { return other.first != f; });
        const auto middle = at + (behind - at) / 2;
        const bool rare = static_cast<std::size_t>(behind - at) < counted / 4;
        at = behind;
        if (rare) continue;
        std::size_t below = 0;
        std::size_t above = 0;
        for (std::size_t i = begin; i < end; i += step) {
            Interval interval;
            for (const Side& side : boxes_[wanted_[i]])
                if (side.field == f) interval = side.interval;
            below += interval.first < middle->second ? 1U : 0U;
            above += interval.last >= middle->second ? 1U : 0U;
        }
        if (std::max(below, above) >= least) continue;
        least = std::max(below, above);
        field = f;
        edge = middle->second;
    }
    // Not worth it where most boxes would be in both halves.
    if (least * 4 > counted * 3) return false;
    const Interval all = std::as_const(piece_)[field];
    piece_.set(field, {edge, all.last});
    push(piece_, begin, end);
    piece_.set(field, {all.first, edge - 1});
    push(piece_, begin, end);
    return true;
}

}  // namespace natc::packet

#include "packet/region.hpp"

#include <algorithm>

namespace natc::packet {

namespace {

constexpr Interval either{0, 1};

template <typename Sides>
auto place_of(Sides& sides, FieldIndex field) {
    return std::lower_bound(sides.begin(), sides.end(), field, [](const Side& side, FieldIndex f) { return side.field < f; });
}

}  // namespace

Interval Region::answer(FieldIndex field) const {
    const auto at = place_of(answers_, field);
    return at != answers_.end() && at->field == field ? at->interval : either;
}

void Region::set_answer(FieldIndex field, Interval interval) {
    const auto at = place_of(answers_, field);
    const bool there = at != answers_.end() && at->field == field;
    if (interval == either) {
        if (there) answers_.erase(at);
    } else if (there) {
        at->interval = interval;
    } else {
        answers_.insert(at, {field, interval});
    }
}

bool overlaps(const Region& region, BoxView box) {
    for (const Side& side : box)
        if (!side.interval.overlaps(region[side.field])) return false;
    return true;
}

bool covers(BoxView box, const Region& region) {
    for (const Side& side : box)
        if (!side.interval.contains(region[side.field])) return false;
    return true;
}

bool meet(Region& region, BoxView box) {
    for (const Side& side : box) {
        const Interval all = std::as_const(region)[side.field];
        if (!side.interval.overlaps(all)) return false;
        region.set(side.field, all.meet(side.interval));
    }
    return true;
}

Box sides_of(const Region& region, const Region& whole) {
    Box box;
    for (FieldIndex field = 0; field < region.plain().size(); ++field)
        if (region.plain()[field] != whole.plain()[field]) box.push_back({field, region.plain()[field]});
    const BoxView answers = region.answers();
    box.insert(box.end(), answers.begin(), answers.end());
    return box;
}

}  // namespace natc::packet

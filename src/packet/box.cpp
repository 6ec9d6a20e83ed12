#include "packet/box.hpp"

#include <algorithm>

namespace natc::packet {

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
        if (!side.interval.overlaps(region[side.field])) return false;
        region[side.field] = region[side.field].meet(side.interval);
    }
    return true;
}

bool meet(BoxView a, BoxView b, Box& both) {
    both.clear();
    auto i = a.begin();
    auto j = b.begin();
    while (i != a.end() || j != b.end()) {
        if (j == b.end() || (i != a.end() && i->field < j->field)) {
            both.push_back(*i++);
        } else if (i == a.end() || j->field < i->field) {
            both.push_back(*j++);
        } else {
            if (!i->interval.overlaps(j->interval)) return false;
            both.push_back({i->field, i->interval.meet(j->interval)});
            ++i;
            ++j;
        }
    }
    return true;
}

bool names(BoxView box, FieldIndex field) {
    return std::any_of(box.begin(), box.end(), [&](const Side& side) { return side.field == field; });
}

Box sides_of(const Region& region, const Region& whole) {
    Box box;
    for (FieldIndex field = 0; field < region.size(); ++field)
        if (region[field] != whole[field]) box.push_back({field, region[field]});
    return box;
}

}  // namespace natc::packet

#include "packet/box.hpp"

#include <algorithm>

namespace natc::packet {

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

}  // namespace natc::packet

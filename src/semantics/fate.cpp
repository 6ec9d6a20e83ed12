#include "semantics/fate.hpp"

#include "semantics/space.hpp"

namespace natc::semantics {

using packet::Interval;
using packet::Region;

Fate unchosen(Fate fate) {
    fate.to.reset();
    fate.to_ports.reset();
    fate.unknown_target = false;
    return fate;
}

void leave_out_unchanged(Fate& fate, const Region& packets) {
    // Of one that is refused, where it was translated to is said to tell it from others: see Fate::to.
    const auto leave_out = [&](std::optional<Interval>& value, Field field) {
        if (fate.kind == Fate::Kind::accept && value && value->single() && packets[+field] == *value) value.reset();
    };
    leave_out(fate.to, Field::destination);
    leave_out(fate.to_ports, Field::destination_port);
    leave_out(fate.mark, Field::mark);
    leave_out(fate.routed, Field::mark);
    leave_out(fate.from, Field::source);
    for (Deed& deed : fate.deeds)
        if (deed.mark && packets[+Field::mark] == *deed.mark) deed.mark.reset();
}

}  // namespace natc::semantics

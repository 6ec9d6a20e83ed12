#include "semantics/travellers.hpp"

#include <utility>

namespace natc::semantics {

using packet::FieldIndex;
using packet::Interval;
using packet::Region;

namespace {

/// Steps that stand for the memory of one more of them: one for some bytes.
std::uint64_t one_more(const Traveller& t) {
    constexpr std::uint64_t bytes = 8;
    const auto of_region = [](const Region& region) { return region.plain().size_bytes() + region.answers().size_bytes(); };
    const auto of_deeds = t.journey.fate.deeds.size() * (sizeof(Deed) + 32);  // with their words
    return (sizeof(Traveller) + of_region(t.journey.first) + of_region(t.journey.now) + of_deeds + t.journey.steps.size() * sizeof(Step) + t.places.size() * sizeof(Place)) / bytes;
}

}  // namespace

void overwrite(Traveller& t, Field field, Interval value) {
    t.loose |= 1U << +field;
    t.journey.now[+field] = value;
}

void narrow(Traveller& t, FieldIndex field, Interval interval) {
    t.journey.now[field] = interval;
    if (field == +Field::destination_port && t.journey.fate.shift != 0) {
        const auto back = [&](std::uint32_t port) { return static_cast<std::uint32_t>(static_cast<std::int64_t>(port) - t.journey.fate.shift); };
        t.journey.first[field] = {back(interval.first), back(interval.last)};
    } else if (!is_loose(t, field)) {
        t.journey.first[field] = interval;
    }
}

Traveller Travellers::take() {
    Traveller next = std::move(under_way_.back());
    under_way_.pop_back();
    return next;
}

Traveller* Travellers::send_off(const Traveller& t) { return budget_.spend(one_more(t)) ? &under_way_.emplace_back(t) : nullptr; }

void Travellers::part(Traveller& t, FieldIndex field, Interval interval) {
    const Interval all = t.journey.now[field];
    packet::outside(all, interval, [&](Interval rest) {
        if (Traveller* other = send_off(t)) narrow(*other, field, rest);
    });
    if (all != all.meet(interval)) narrow(t, field, all.meet(interval));
}

bool Travellers::is(Traveller& t, Field field) {
    if (t.journey.now[+field].last == 1) part(t, +field, {1, 1});
    return t.journey.now[+field].first == 1;
}

}  // namespace natc::semantics

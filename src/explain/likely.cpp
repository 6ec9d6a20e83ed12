#include "explain/likely.hpp"

#include <algorithm>
#include <utility>

namespace natc::explain {

using semantics::Course;
using semantics::Field;
using semantics::Journey;

namespace {

/// With `out` said: what is addressed to the host stays only if nothing of it is translated to somewhere beyond.
void keep_by(const InterfaceName& out, std::vector<Journey>& journeys, const Host& host, const semantics::Space& space) {
    const auto through = [](const Journey& journey) { return journey.course == Course::through_host; };
    if (std::any_of(journeys.begin(), journeys.end(), through)) std::erase_if(journeys, [&](const Journey& journey) { return journey.course == Course::to_host; });
    const auto local = [&](const Journey& journey) { return through(journey) && journey.first[+Field::destination_local].first == 1; };
    // What is translated to a guest leaves by the bridge that the guest is behind.
    const auto astray = [&](const Journey& journey) {
        const auto bridge = host.bridge_of(space.addresses(journey.now[+Field::destination]));
        return local(journey) && bridge && *bridge != out;
    };
    if (!std::all_of(journeys.begin(), journeys.end(), astray)) std::erase_if(journeys, astray);
    if (std::any_of(journeys.begin(), journeys.end(), local)) std::erase_if(journeys, [&](const Journey& journey) { return through(journey) && !local(journey); });
}

/// Without: the interface that the file tells.
std::vector<Journey> by_known_ways(std::vector<Journey> journeys, const Source& source, const Host& host, const semantics::Space& space) {
    std::vector<Journey> kept;
    for (const Journey& journey : journeys) {
        std::vector<InterfaceName> outs;
        if (journey.course == Course::through_host || journey.course == Course::from_host) {
            if (const auto bridge = host.bridge_of(space.addresses(journey.now[+Field::destination])))
                outs.push_back(*bridge);
            else
                outs = host.uplinks_of(journey.course == Course::through_host ? source.network : nullptr);
        }
        if (outs.empty()) kept.push_back(journey);
        for (const InterfaceName& out : outs) {
            const packet::Side side{+Field::out, space.codes(out)};
            Journey narrowed = journey;
            if (packet::meet(narrowed.now, packet::BoxView(&side, 1)) && packet::meet(narrowed.first, packet::BoxView(&side, 1))) kept.push_back(std::move(narrowed));
        }
    }
    return kept.empty() ? journeys : kept;
}

void drop_by_routing(Journey& journey, const Source& source, const InterfaceName& in, const semantics::Space& space, std::vector<std::string>& notes) {
    if (journey.course == Course::undecided) return;
    const std::string reason = routing_drops(source, space.addresses(journey.now[+Field::destination]), journey.course, in);
    if (reason.empty()) return;
    if (std::find(notes.begin(), notes.end(), reason) == notes.end()) notes.push_back(reason);
    journey.fate = {};
    journey.fate.kind = semantics::Fate::Kind::drop;
    journey.course = Course::undecided;
    std::erase_if(journey.steps, [](const semantics::Step& step) { return step.hook != ir::Hook::prerouting; });
}

}  // namespace

std::vector<Journey> likely(std::vector<Journey> journeys, const Placement& placement, const Source& source, const Destination& destination, const Host& host, const semantics::Space& space,
                            std::vector<std::string>& notes) {
    if (placement.origin == semantics::Origin::host) return destination.out || destination.whose == Whose::many || destination.whose == Whose::link ? journeys : by_known_ways(std::move(journeys), source, host, space);
    if (destination.out)
        keep_by(*destination.out, journeys, host, space);
    else
        journeys = by_known_ways(std::move(journeys), source, host, space);
    for (Journey& journey : journeys) drop_by_routing(journey, source, *placement.in, space, notes);
    return journeys;
}

}  // namespace natc::explain

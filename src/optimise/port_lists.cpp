#include "optimise/port_lists.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <variant>

namespace natc {

const PortList* ports_of(const ir::Match& match) {
    if (const auto* source = std::get_if<ir::SourcePorts>(&match)) return &source->ranges;
    if (const auto* destination = std::get_if<ir::DestinationPorts>(&match))
        return &destination->ranges;
    return nullptr;
}

namespace {

constexpr std::size_t multiport_slots = 15;
constexpr unsigned last_port = 0xFFFF;

std::size_t slots(PortRange range) { return range.single() ? 1 : 2; }

}  // namespace

std::size_t slots(const PortList& list) {
    std::size_t sum = 0;
    for (const PortRange& range : list) sum += slots(range);
    return sum;
}

bool fits_multiport(const PortList& list) { return slots(list) <= multiport_slots; }

PortList joined(PortList list) {
    std::sort(list.begin(), list.end());
    PortList result;
    for (const PortRange& range : list) {
        if (!result.empty() && range.first <= result.back().last + 1U)
            result.back().last = std::max(result.back().last, range.last);
        else
            result.push_back(range);
    }
    return result;
}

PortList all_but(const PortList& list) {
    PortList result;
    unsigned next = 0;
    const auto add_up_to = [&](unsigned end) {
        if (next < end)
            result.push_back(
                {static_cast<std::uint16_t>(next), static_cast<std::uint16_t>(end - 1)});
    };
    for (const PortRange& range : joined(list)) {
        add_up_to(range.first);
        next = range.last + 1U;
    }
    add_up_to(last_port + 1);
    return result;
}

std::vector<PortList> pieces(const PortList& list) {
    if (fits_multiport(list)) return {list};
    std::vector<PortList> result;
    std::size_t used = multiport_slots;
    for (const PortRange& range : joined(list)) {
        if (used + slots(range) > multiport_slots) {
            result.emplace_back();
            used = 0;
        }
        result.back().push_back(range);
        used += slots(range);
    }
    return result;
}

}  // namespace natc

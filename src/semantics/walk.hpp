// What a program does to packets: their way through the hooks, rule by rule, to what becomes of them.
#pragma once

#include <cstdint>
#include <vector>

#include "ir/program.hpp"
#include "packet/region.hpp"
#include "semantics/fate.hpp"
#include "semantics/possible.hpp"
#include "semantics/rulings.hpp"
#include "semantics/space.hpp"

namespace natc::semantics {

/// A rule that a packet met, or a policy.
struct Step {
    ir::TableName table;
    ir::Hook hook;
    const ir::Chain* chain = nullptr;
    const ir::Rule* rule = nullptr;  ///< nullptr: the chain's policy
    bool ends = false;
    bool operator==(const Step&) const = default;
};

/// Where routing sends packets; `undecided`: they did not come so far.
enum class Course : std::uint8_t { undecided, to_host, through_host, from_host };

/// Packets that go one way together.
struct Journey {
    packet::Region first;  ///< what they are on arrival
    packet::Region now;    ///< what they are in the end
    Fate fate;
    Course course = Course::undecided;
    std::vector<Step> steps;
};

/// Follows all packets of a region, and parts them where they go different ways. Where a translation may choose among several addresses or ports
/// and a later rule tells them apart, the same packets stand in several journeys. `thorough`: steps of rules that let packets go on as well.
[[nodiscard]] std::vector<Journey> follow(const Rulings& rulings, const Space& space, Origin origin, packet::Region region, bool thorough, packet::Budget& budget);

}  // namespace natc::semantics

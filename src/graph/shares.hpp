// From what the rules do with many pieces of packets to few lines of text. Inner header of src/graph.
#pragma once

#include <string>
#include <vector>

#include "graph/traffic.hpp"
#include "packet/box.hpp"
#include "packet/interval_set.hpp"
#include "packet/region.hpp"
#include "semantics/space.hpp"
#include "semantics/walk.hpp"

namespace natc::graph {

/// Packets that go from one place to another, and of which one thing becomes.
struct Pieces {
    std::vector<packet::Region> regions;   ///< by what lines tell apart; each of one of the protocols
    std::vector<packet::Region> arriving;  ///< the same packets, by all that they are
    std::vector<semantics::Course> courses;
    std::vector<packet::Interval> out;     ///< of those that pass through the host
};

/// Who may send at all, to what addresses, by which interfaces.
struct Everybody {
    packet::IntervalSet from, to, in;
};

/// Traffic that some of them get through with.
struct Share {
    packet::IntervalSet from, to, in;
    bool may = false;  ///< something else that the packets are, or that natc does not look into, decides
    Traffic traffic;
    std::string example;  ///< one of the packets, as `natc explain` takes it
};

/// What the pieces are together: for each run of ports those who get through with it. What all get through with comes first.
[[nodiscard]] std::vector<Share> shares(const Pieces& pieces, const Everybody& everybody, const semantics::Space& space, const std::vector<Protocols>& protocols, packet::Budget& budget);

}  // namespace natc::graph

// Where addresses of one family are. Inner header of src/graph.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "explain/host.hpp"
#include "graph/graph.hpp"
#include "model/model.hpp"
#include "packet/interval_set.hpp"
#include "semantics/space.hpp"

namespace natc::graph {

/// The addresses that a space must tell apart for Sites to be made of it.
[[nodiscard]] std::vector<AddressRange> edges(const Model& model, Family family);

/// A part of a place, in words: which guests, and what else there is to say.
struct Part {
    End end;
    std::string words;  ///< `, from 10.9.0.0/16`, `, not to web01`; empty where the end says all
    bool tells_family = false;  ///< addresses among them
};

class Sites {
public:
    Sites(const Model& model, const semantics::Space& space);

    /// Addresses that guests of a network may have.
    [[nodiscard]] const packet::IntervalSet& network(std::size_t number) const { return networks_[number]; }
    /// Addresses in no network, that one may be sent from and to.
    [[nodiscard]] const packet::IntervalSet& outside() const { return outside_; }
    /// Addresses that may be the host's own: those that the file tells, and any outside.
    [[nodiscard]] const packet::IntervalSet& host() const { return host_; }
    [[nodiscard]] const packet::IntervalSet& of(Place place) const;
    /// The networks that have an address among these.
    [[nodiscard]] std::vector<std::size_t> networks_among(packet::Interval addresses) const;

    /// Some of a place's addresses. `word`: `from`, `to` or `at`.
    [[nodiscard]] Part part(Place place, const packet::IntervalSet& addresses, std::string_view word) const;

private:
    struct Subnet {
        packet::Interval codes;
        std::size_t network;
    };

    [[nodiscard]] std::string words(const packet::IntervalSet& addresses) const;
    /// The same runs with what touches them and is no guest's, so that they are said as the prefixes that they are of.
    [[nodiscard]] packet::IntervalSet with_unused(const packet::IntervalSet& addresses, std::size_t network) const;

    const Model& model_;
    const semantics::Space& space_;
    std::vector<packet::IntervalSet> networks_, unused_;  ///< by number: what guests may have, and what lies in the subnets besides
    packet::IntervalSet outside_, host_;
    std::vector<std::vector<packet::IntervalSet>> guests_;  ///< by network and number: their addresses
    std::map<packet::Interval, std::size_t> only_address_;  ///< of guests that have one: their numbers
    std::vector<Subnet> subnets_;  ///< ascending; they do not overlap
};

}  // namespace natc::graph

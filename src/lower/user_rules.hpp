// The user's own rules as netfilter's: lists multiplied out, names' bridges put in. Inner header of src/lower.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/diagnostic.hpp"
#include "ir/program.hpp"
#include "model/model.hpp"

namespace natc {

/// More rules than this, of one statement or in one chain, are nothing that somebody meant.
inline constexpr std::size_t most_rules = 1'000'000;

/// How many rules a list of ports becomes, at the most, where iptables takes 15 of them a rule and a range counts twice.
[[nodiscard]] constexpr std::size_t rules_of_ports(std::size_t ports) { return ports / 7 + 1; }

/// What a rule is held to besides its own words: the side of a network that it speaks of.
struct Frame {
    std::optional<AddressRange> from, to;
    std::optional<InterfaceName> in, out;
};

/// Which interfaces the packets of a chain have.
struct View {
    bool in = true;
    bool out = true;
};

/// Adds what a rule becomes within each of the frames, in their order. If that is nothing, or too much, says so.
void lower_rule(const Rule& rule, View view, std::span<const Frame> frames, ir::Chain& into, Diagnostics& diagnostics);

/// A rule without frame.
void lower_rule(const Rule& rule, View view, ir::Chain& into, Diagnostics& diagnostics);

/// Rules of a network's own `forward`: the frames of its word (`outbound`, …), which differ by family.
void lower_network_rule(const Rule& rule, const Network& network, ir::Chain& into, Diagnostics& diagnostics);

}  // namespace natc

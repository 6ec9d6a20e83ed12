// Random programs, and all packets of the small worlds that they speak of.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ir/program.hpp"
#include "packet/product.hpp"
#include "semantics/space.hpp"
#include "semantics/walk.hpp"
#include "unit/semantics/oracle.hpp"

namespace natc::semantics::testing {

/// The values that packets of a world have in each field: for each value that rules ask for a packet that has it, and at least one that has none of them.
/// Rules ask for the fields alone that have several.
struct World {
    Family family = Family::ipv4;
    std::vector<Address> sources, destinations, original_sources, reply_sources;
    std::vector<std::string> ins, outs;
    std::vector<std::uint8_t> protocols;
    std::vector<std::uint16_t> source_ports, destination_ports;
    std::vector<std::pair<std::uint8_t, std::uint8_t>> types;
    std::vector<std::uint8_t> flags;
    std::vector<State> states;
    std::vector<bool> translated;  ///< of a connection: one way or the other
    std::vector<std::optional<Mac>> macs;
    std::vector<bool> sources_local, destinations_local, broadcasts, forged;
    std::vector<std::uint32_t> marks;
    bool unknowns = false;  ///< whether rules have matches that nobody looks into

    /// Of the fields, as many as `packets` allows, at random.
    [[nodiscard]] static World random(std::size_t packets);
    /// All packets, with all answers of the unknown matches of the space (but for every other field of these, where there are many).
    [[nodiscard]] std::vector<Packet> packets(const Space& space) const;
    /// What an oracle must know of it.
    [[nodiscard]] Oracle::Surroundings surroundings(const Space& space) const;
};

/// What programs are made of.
struct Liking {
    std::vector<ir::TableName> tables;
    std::size_t rules = 12;
    bool translation = true;
    bool marks = true;     ///< rules that set them
    bool oddities = true;  ///< targets that nobody looks into
};

/// A rule and where it goes.
struct Placed {
    ir::TableName table;
    std::size_t chain = 0;  ///< modulo the number of chains of the table
    ir::Rule rule;
};

/// How a program is put together, so that rapidcheck can leave rules out of it.
struct Plan {
    Family family = Family::ipv4;
    std::vector<Placed> rules;
    std::vector<ir::Policy> policies;
    std::vector<ir::TableName> tables;
    [[nodiscard]] ir::Program program() const;
};

[[nodiscard]] Plan random_plan(const World& world, const Liking& liking);
[[nodiscard]] Placed random_rule(const World& world, const Liking& liking);

/// Where a packet is in the space.
[[nodiscard]] std::vector<std::uint32_t> codes_of(const Packet& packet, const Space& space);
[[nodiscard]] bool in(const std::vector<std::uint32_t>& codes, const packet::Region& region);
[[nodiscard]] bool in(const std::vector<std::uint32_t>& codes, packet::BoxView box);
[[nodiscard]] bool in(const std::vector<std::uint32_t>& codes, const packet::Product& product);
/// Whether connection tracking gives such a packet its state.
[[nodiscard]] bool possible(const Packet& packet, Family family);

/// A fate in the oracle's words; several where it leaves a choice. Marks are codes here: see `coded`.
[[nodiscard]] std::set<End> ends_of(const Fate& fate, Course course, const Packet& packet, const Space& space);
/// Puts codes in the place of marks.
[[nodiscard]] std::set<End> coded(const std::set<End>& ends, const Space& space);

[[nodiscard]] std::string text(const ir::Program& program, Family family);
[[nodiscard]] std::string text(const Packet& packet);
[[nodiscard]] std::string text(const std::set<End>& ends);

}  // namespace natc::semantics::testing

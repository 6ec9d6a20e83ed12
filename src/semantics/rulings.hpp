// One program's rules along a packet's way, ready to be asked.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "ir/program.hpp"
#include "packet/index.hpp"
#include "semantics/space.hpp"
#include "semantics/surroundings.hpp"
#include "semantics/unfold.hpp"

namespace natc::semantics {

/// A table's hook on the way.
struct Stop {
    ir::TableName table;
    ir::Hook hook;
    auto operator<=>(const Stop&) const = default;
};

/// What a packet passes, in netfilter's order: before routing, then one of the ways behind it.
[[nodiscard]] const std::vector<Stop>& before_routing();
[[nodiscard]] const std::vector<Stop>& to_the_host();
[[nodiscard]] const std::vector<Stop>& through_the_host();
[[nodiscard]] const std::vector<Stop>& from_the_host();

/// The lists of one program, ready to be asked.
class Rulings {
public:
    /// Nothing is decided where the budget is spent meanwhile: see Budget.
    Rulings(const ir::Program& program, const Space& space, packet::Budget& budget, const Surroundings& surroundings = {});

    struct Stage {
        List list;
        std::vector<std::uint32_t> owner;  ///< the entry of each box
        std::unique_ptr<packet::Index> index;
        // Where rules ask for what others change, its chains are followed rule by rule instead.
        Chains chains;
        const ir::Chain* chain = nullptr;
        Path path = 0;
        std::map<std::pair<Path, const ir::Rule*>, std::vector<packet::Box>> boxes_of;
    };
    /// nullptr: no such table, or no such chain.
    [[nodiscard]] const Stage* stage(ir::TableName table, ir::Hook hook) const;
    [[nodiscard]] const ir::Program& program() const { return program_; }
    [[nodiscard]] const Surroundings& surroundings() const { return surroundings_; }
    /// Whether a field is a question that a single place of the lists asks.
    [[nodiscard]] bool asked_once(packet::FieldIndex field) const { return field >= known_fields && asked_[field - known_fields] == 1; }

private:
    void follow_chains(Stage& stage, const Space& space, packet::Budget& budget) const;

    const ir::Program& program_;
    Surroundings surroundings_;
    std::map<std::pair<ir::TableName, ir::Hook>, Stage> stages_;
    std::vector<std::uint32_t> asked_;  ///< of each question, how many boxes of all lists ask it
};

}  // namespace natc::semantics

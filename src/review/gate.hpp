// One hook of the filter, and which packets it refuses. Inner header of src/review.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "ir/program.hpp"
#include "packet/box.hpp"
#include "packet/index.hpp"
#include "semantics/space.hpp"
#include "semantics/unfold.hpp"

namespace natc {

class Gate {
public:
    /// Nothing if the program has no such chain, or the budget is spent.
    [[nodiscard]] static std::optional<Gate> of(const ir::Program& program, ir::Hook hook, const semantics::Space& space, packet::Budget& budget);

    /// Who refuses a packet: rules, in their order, and the policy behind them.
    struct Refusal {
        std::vector<const ir::Rule*> rules;
        bool policy = false;
    };
    /// Who refuses the packets of the region, if every one of them is dropped or rejected for certain; nothing where one may pass. `except`: packets
    /// that are not asked about.
    [[nodiscard]] std::optional<Refusal> refuses(const packet::Region& region, const packet::Boxes& except = {}) const;

    /// Whether it refuses anything at all.
    [[nodiscard]] bool refuses_something() const { return refuses_something_; }
    [[nodiscard]] const semantics::List& list() const { return *list_; }

private:
    Gate(semantics::List list, const ir::Chain& chain, packet::Budget& budget);
    [[nodiscard]] bool refuses(const semantics::Entry& entry) const;

    std::unique_ptr<semantics::List> list_;
    const ir::Chain* chain_;
    packet::Budget* budget_;
    std::vector<std::uint32_t> owner_;  ///< the entry of each box
    std::unique_ptr<packet::Index> index_;
    bool refuses_something_ = false;
};

/// A gate that is made when it is first asked for: to unfold a chain and all that it calls is most of the work.
class LazyGate {
public:
    LazyGate(const ir::Program& program, ir::Hook hook, const semantics::Space& space, packet::Budget& budget)
        : program_(program), hook_(hook), space_(space), budget_(budget) {}
    /// nullptr if there is none, or if it refuses nothing.
    [[nodiscard]] const Gate* get() {
        if (!made_) {
            made_ = true;
            gate_ = Gate::of(program_, hook_, space_, budget_);
        }
        return gate_ && gate_->refuses_something() ? &*gate_ : nullptr;
    }

private:
    const ir::Program& program_;
    ir::Hook hook_;
    const semantics::Space& space_;
    packet::Budget& budget_;
    bool made_ = false;
    std::optional<Gate> gate_;
};

/// Where rules stand, for people: the places of those that a file has written.
[[nodiscard]] std::vector<Span> places(const std::vector<const ir::Rule*>& rules);

}  // namespace natc

// The matches that natc does not look into, each at each place where a packet is asked it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ir/program.hpp"
#include "net/address.hpp"

namespace natc::semantics {

/// A chain as it is called from one place: what natc does not look into may answer otherwise at each of them.
using Path = std::uint32_t;

/// A question that a packet may answer with yes or no, without natc knowing which.
struct Unknown {
    std::string words;
    std::string key;             ///< what tells two of them apart
    std::uint32_t programs = 0;  ///< which of the programs have it, as bits
    const ir::Rule* rule = nullptr;  ///< the first rule that has it
};

/// An answer that a rule asks for.
struct Asked {
    std::uint32_t unknown = 0;  ///< number of the question
    bool yes = true;
};

/// What rules ask that natc does not look into. The same words are one question wherever they must give the same packet the same answer: those that look
/// only at what nothing changes on the way, everywhere; those that look at destination, ports or interfaces, at one stage of the way; those that count or remember,
/// or look at what rules change, at one place.
class Unknowns {
public:
    /// Which marks cannot be said in codes. They count as what rules change if `marks_change`.
    struct Marks {
        std::function<bool(const ir::MarkIs&)> looked_into;
        bool change = false;
    };

    Unknowns() = default;
    Unknowns(std::span<const ir::Program* const> programs, Family family, const Marks& marks);

    [[nodiscard]] const std::vector<Unknown>& all() const { return unknowns_; }
    /// A chain that the kernel calls; or of one that it does not, the first place that it is called from, if any.
    [[nodiscard]] Path root(const ir::Chain& chain) const;
    /// The chain that a rule of a path calls.
    [[nodiscard]] Path called(Path path, const ir::Rule& rule) const;
    /// What a rule asks there: an answer for each of its matches that natc does not look into, in their order.
    [[nodiscard]] const std::vector<Asked>& asked(Path path, const ir::Rule& rule) const;
    /// Chains call each other in too many ways for all of them to be told apart.
    [[nodiscard]] bool too_many() const { return too_many_; }

private:
    struct Called {
        std::unordered_map<const ir::Rule*, std::vector<Asked>> asked;
        std::unordered_map<const ir::Rule*, Path> calls;
    };
    class Collector;

    std::vector<Unknown> unknowns_;
    std::map<std::string, std::uint32_t> numbers_, places_;
    std::vector<Called> paths_;  ///< the first is that of chains that ask nothing
    std::unordered_map<const ir::Chain*, Path> roots_;
    bool too_many_ = false;
};

}  // namespace natc::semantics

// What happens to a packet, and which rules decide it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "explain/packet_text.hpp"
#include "ir/program.hpp"
#include "model/model.hpp"
#include "semantics/space.hpp"
#include "semantics/walk.hpp"

namespace natc::explain {

/// One thing that may become of the packet.
struct Outcome {
    /// Where several go different ways to the same end: the steps of the first, and of what they are in the end what all of them are.
    semantics::Journey journey;
    /// What must hold for it, beyond what the packet says: `if \`-m recent …\` matches`. Empty where nothing else may become of it.
    std::string condition;
};

struct Answer {
    Family family = Family::ipv4;
    std::unique_ptr<semantics::Space> space;  ///< that the codes of the journeys are of
    std::vector<Outcome> outcomes;   ///< one where the fate is certain
    std::vector<std::string> notes;  ///< what the packet did not say and was taken for granted
    std::set<std::string> answered;  ///< words of matches that natc does not look into, but could answer for this packet
    bool undecided = false;          ///< the budget was spent
    bool by_unknown = false;         ///< a match that natc does not look into decides
};

/// Where a rule comes from, in few words: `lab.net:7`.
using PlaceOfRule = std::function<std::string(const ir::Rule&)>;

/// Errors, among the diagnostics: a packet that says too little, or contradicts itself. `families`: those that the program is of.
[[nodiscard]] std::optional<Answer> explain(const ir::Program& program, FamilySet families, const Model& model, const PacketText& packet, Span text, const PlaceOfRule& place, Diagnostics& diagnostics);

}  // namespace natc::explain

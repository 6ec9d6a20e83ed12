// What happens to a packet, and which rules decide it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "explain/host.hpp"
#include "explain/packet_text.hpp"
#include "ir/program.hpp"
#include "packet/region.hpp"
#include "semantics/space.hpp"
#include "semantics/walk.hpp"

namespace natc::explain {

/// One thing that may become of the packet.
struct Outcome {
    semantics::Journey journey;
    /// What must hold for it, beyond what the packet says: `if \`-m recent …\` matches`. Empty where nothing else may become of it.
    std::string condition;
};

struct Answer {
    Family family = Family::ipv4;
    std::unique_ptr<semantics::Space> space;  ///< that the codes of the journeys are of
    semantics::Origin origin = semantics::Origin::outside;
    std::vector<Outcome> outcomes;   ///< one where the fate is certain
    std::vector<std::string> notes;  ///< what the packet did not say and was taken for granted
    bool undecided = false;          ///< the budget was spent
    bool by_unknown = false;         ///< a match that natc does not look into decides
};

/// Errors, among the diagnostics: a packet that says too little, or contradicts itself. `families`: those that the program is of.
[[nodiscard]] std::optional<Answer> explain(const ir::Program& program, FamilySet families, const Host& host, const PacketText& packet, Span text, Diagnostics& diagnostics);

}  // namespace natc::explain

// From the model to the rule program: the one place that knows what networks, guests and uplinks become.
#pragma once

#include <cstdint>

#include "base/diagnostic.hpp"
#include "ir/program.hpp"
#include "model/model.hpp"

namespace natc {

/// How port-forwards stand in a program: as rules, which all phases understand, or, where they are many, in maps, which cost little and
/// which the passes ahead of an emitter give the shape that its tool is fast with.
enum class PortForwards : std::uint8_t { as_rules, as_maps };

/// Mangle, nat and filter, complete, in the order in which they are to be loaded; raw ahead of them where the model has a chain in
/// it. The model must be free of errors. Errors: never_matches, too_many_rules.
[[nodiscard]] ir::Program lower(const Model& model, Diagnostics& diagnostics, PortForwards as = PortForwards::as_rules);

}  // namespace natc

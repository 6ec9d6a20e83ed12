// From the model to the rule program: the one place that knows what networks, guests and uplinks become.
#pragma once

#include "base/diagnostic.hpp"
#include "ir/program.hpp"
#include "model/model.hpp"

namespace natc {

/// Mangle, nat and filter, complete, in the order in which they are to be loaded; raw ahead of them where the model has a chain in
/// it. The model must be free of errors. Errors: never_matches, too_many_rules.
[[nodiscard]] ir::Program lower(const Model& model, Diagnostics& diagnostics);

}  // namespace natc

// From the statements of the input to the model.
#pragma once

#include "base/diagnostic.hpp"
#include "base/source.hpp"
#include "model/model.hpp"
#include "syntax/ast.hpp"

namespace natc {

/// Looks up every name, reads every value and fills in what is not said. Adds natc's own services (rules/services.net), where the input has
/// none of the name, to `sources`. Errors N2xxx, and of N3xxx those on names and on single networks; what it cannot make sense of is
/// left out of the model. The model is complete and true only if there were no errors.
[[nodiscard]] Model resolve(const syntax::Input& input, Sources& sources, Diagnostics& diagnostics);

}  // namespace natc

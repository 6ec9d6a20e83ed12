// From a file to the rule program: the phases, one after the other.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/source.hpp"
#include "cli/commands.hpp"
#include "ir/program.hpp"
#include "model/model.hpp"
#include "syntax/load.hpp"

namespace natc::cli {

struct Front {
    Sources sources;
    Diagnostics diagnostics;
    std::vector<std::string> included;  ///< the paths of all files that were read besides the first one
    std::optional<Model> model;  ///< of a .net file
    ir::Program program;         ///< only if there are no errors
};

/// Runs all phases that find errors, each on what the one before gave, and settles the diagnostics.
[[nodiscard]] Front run_front(syntax::LoadedFile file);

/// The rules in the target's spelling, of a file without errors; adds to the diagnostics what the target cannot say, and settles them
/// again. The program is used up.
[[nodiscard]] std::string emit(Front& front, Target target);

}  // namespace natc::cli

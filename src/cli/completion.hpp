// Completion scripts for shells, from the command line's definition.
#pragma once

#include <span>
#include <string>

#include "cli/command_line.hpp"

namespace natc::cli {

/// The script with which a shell completes natc's command line. Codes of diagnostics it asks natc for.
[[nodiscard]] std::string completion(Shell shell, std::span<const Command> commands);

}  // namespace natc::cli

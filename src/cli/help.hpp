// What `--help` prints, from the command line's definition.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/command_line.hpp"

namespace natc::cli {

/// `natc check [-t TARGET] [--strict] FILE...`. `literal` and `variable` are put around what is typed as it stands, and what somebody fills in.
[[nodiscard]] std::string usage(const Command& command, std::string_view literal = {}, std::string_view variable = {});

/// What an option's help says: its choices, which of them holds unless told otherwise, and what else there is to say.
[[nodiscard]] std::string about(const Option& option);

/// natc's own help: all commands, and the options of the first one.
[[nodiscard]] std::string help(std::span<const Command> commands);

/// A command's help: all of its options.
[[nodiscard]] std::string help(const Command& command);

}  // namespace natc::cli

// From the words of the command line to the command that they ask for.
#pragma once

#include <span>
#include <string>

#include "cli/command_line.hpp"

namespace natc::cli {

struct Request {
    enum class Kind { run, help, version, wrong };
    Kind kind = Kind::run;
    const Command* command = nullptr;  ///< whose options have been taken, or whose help is wanted; none: natc's own
    std::string fault = {};            ///< where the usage is wrong: in what
};

[[nodiscard]] Request parse(int argc, const char* const* argv, std::span<const Command> commands);

}  // namespace natc::cli

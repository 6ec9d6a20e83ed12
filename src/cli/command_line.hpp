// The command line's definition: natc's commands, their options and arguments, and what is said of each. Parsing, `--help`, the
// completions and the manual page's synopsis are all made from it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.hpp"

namespace natc::cli {

/// What somebody may write in an argument, or as an option's value: what a shell can offer there.
enum class Takes {
    choice,  ///< one of the choices
    input,   ///< a .net file, what iptables-save prints, or `-`
    file,    ///< any file
    code,    ///< of a diagnostic
    words,   ///< nothing that a shell knows
};

struct Option {
    std::string_view names;      ///< `--target`, or with a letter too `-t,--target`
    std::string_view value;      ///< what stands for its value: `TARGET`; empty for an option that takes none
    std::string_view about;      ///< a sentence or more, without a full stop at its end; of choices, what is to be said besides them
    Takes takes = Takes::words;  ///< of its value
    std::vector<std::string_view> choices = {};
    std::string_view otherwise = {};  ///< the choice unless told otherwise
    bool common = false;              ///< understood as of many commands: left out of usages
    std::function<void(const std::string&)> take;  ///< called with the value, with nothing where it takes none; never with a word that is no choice

    [[nodiscard]] std::string_view long_name() const;   ///< `--target`
    [[nodiscard]] std::string_view short_name() const;  ///< `-t`, or empty
};

struct Argument {
    std::string_view name;  ///< `FILE`
    Takes takes = Takes::words;
    std::vector<std::string_view> choices = {};
    bool needed = true;
    bool several = false;  ///< all that follow, too
    std::function<void(const std::string&)> take;  ///< called with each word
};

struct Command {
    std::string_view name;
    std::string_view summary;  ///< a sentence or two, without a full stop at their end
    std::string_view more;     ///< what its own help says besides, ready to print
    std::vector<Argument> arguments;
    std::vector<Option> options;
    std::string_view missing = "no FILE is given";  ///< what is said where a needed argument is not there
    std::function<std::string()> fault = {};        ///< after all was taken: what makes no sense together, or an empty string
    bool net_alone = false;  ///< of files, it takes those of the language, and nothing that was saved
    std::function<Status()> run;
};

/// All commands. The first one, `compile`, is what natc does unless told otherwise: its options may stand ahead of any command that has
/// the same ones.
[[nodiscard]] std::vector<Command> define_commands();

}  // namespace natc::cli

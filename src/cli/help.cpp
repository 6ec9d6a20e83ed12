#include "cli/help.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace natc::cli {

namespace {

constexpr std::size_t terminal_width = 80;

/// `text` beginning at the column where the line already is, its further lines indented to `column`.
std::string folded(std::string_view text, std::size_t column) {
    std::string out;
    std::size_t at = column;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        if (at > column && at + 1 + word.size() > terminal_width) {
            out += '\n' + std::string(column, ' ');
            at = column;
        }
        if (at > column) {
            out += ' ';
            ++at;
        }
        out += word;
        at += word.size();
    }
    return out + '\n';
}

/// Two columns: what is spoken of, and what is said of it.
std::string table(std::span<const std::pair<std::string, std::string>> rows) {
    std::size_t width = 0;
    for (const auto& row : rows) width = std::max(width, row.first.size());
    std::string out;
    for (const auto& [what, said] : rows) out += fmt::format("  {:{}}  {}", what, width, folded(said, width + 4));
    return out;
}

std::string spelled(const Option& option) {
    const std::string_view letter = option.short_name();
    std::string name = letter.empty() ? "    " : fmt::format("{}, ", letter);
    name += option.long_name();
    if (!option.value.empty()) name += fmt::format(" {}", option.value);
    return name;
}

std::string table_of_options(const Command& command, bool version) {
    std::vector<std::pair<std::string, std::string>> rows;
    for (const Option& option : command.options) rows.emplace_back(spelled(option), about(option));
    rows.emplace_back("-h, --help", version ? "print this; of a command: its options" : "print this");
    if (version) rows.emplace_back("    --version", "print natc's version");
    return table(rows);
}

constexpr std::string_view about_files = "FILE is a .net file, what iptables-save or ip6tables-save prints, or - for\nstandard input.\n";
constexpr std::string_view about_net_files = "FILE is a .net file, or - for standard input.\n";

}  // namespace

std::string usage(const Command& command, std::string_view literal, std::string_view variable) {
    const auto as_it_is = [&](std::string_view word) { return fmt::format("{0}{1}{0}", literal, word); };
    const auto to_fill_in = [&](std::string_view word) { return fmt::format("{0}{1}{0}", variable, word); };
    std::string line = as_it_is(fmt::format("natc {}", command.name));
    for (const Option& option : command.options) {
        if (option.common) continue;
        const std::string name = as_it_is(option.short_name().empty() ? option.long_name() : option.short_name());
        line += option.value.empty() ? fmt::format(" [{}]", name) : fmt::format(" [{} {}]", name, to_fill_in(option.value));
    }
    for (const Argument& argument : command.arguments) {
        const std::string name = to_fill_in(argument.name) + (argument.several ? "..." : "");
        line += argument.needed ? fmt::format(" {}", name) : fmt::format(" [{}]", name);
    }
    return line;
}

std::string about(const Option& option) {
    std::string text;
    for (std::size_t i = 0; i < option.choices.size(); ++i) {
        text += i == 0 ? "" : i + 1 == option.choices.size() ? " or " : ", ";
        text += option.choices[i];
        if (option.choices[i] == option.otherwise) text += " (unless told otherwise)";
    }
    if (!text.empty() && !option.about.empty()) text += ": ";
    return text += option.about;
}

std::string help(std::span<const Command> commands) {
    std::string out = "natc compiles a short description of a host's networks into netfilter rules.\n\n";
    std::vector<std::pair<std::string, std::string>> rows;
    for (const Command& command : commands) {
        out += rows.empty() ? "usage: " : "       ";
        std::string line = usage(command);
        // The first command's name may be left out.
        if (rows.empty()) line.replace(line.find(command.name), command.name.size(), fmt::format("[{}]", command.name));
        out += line + '\n';
        rows.emplace_back(command.name, command.summary);
    }
    out += '\n' + table(rows) + '\n';
    out += about_files;
    out += '\n' + table_of_options(commands.front(), true) + '\n';
    out += "`natc check --help` tells the options of `check`, and so on.\n\n";
    out += "exit status: " + folded("0 all is well, 1 the input has errors, `diff` found a difference or `fmt --check` would write one, 2 natc could not do its work, 3 undecided", 13);
    return out;
}

std::string help(const Command& command) {
    std::string out = "usage: " + folded(usage(command), 7) + '\n';
    out += folded(fmt::format("natc {} {}.", command.name, command.summary), 0) + '\n';
    out += table_of_options(command, false);
    if (std::ranges::any_of(command.arguments, [](const Argument& argument) { return argument.takes == Takes::input; })) out += fmt::format("\n{}", command.net_alone ? about_net_files : about_files);
    if (!command.more.empty()) out += fmt::format("\n{}", command.more);
    return out;
}

}  // namespace natc::cli

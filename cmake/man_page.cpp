// Fills in what a manual page's source, in scdoc's language, leaves to the command line's definition: lines that say just @commands@ or
// @common@, and @version@ anywhere. Standard input to standard output.
#include <fmt/format.h>
#include <iostream>
#include <set>
#include <string>
#include <string_view>

#include "cli/command_line.hpp"
#include "cli/help.hpp"

namespace {

using namespace natc::cli;

/// So that scdoc takes none of it as its own.
std::string plain(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '*' || c == '_' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

std::string sentence(std::string_view text) {
    std::string out = plain(text) + '.';
    if (out.front() >= 'a' && out.front() <= 'z') out.front() = static_cast<char>(out.front() - 'a' + 'A');
    return out;
}

/// A paragraph of two parts: the option, and what is said of it behind a tab.
std::string entry(const Option& option) {
    std::string out;
    if (!option.short_name().empty()) out = fmt::format("*{}*, ", option.short_name());
    out += fmt::format("*{}*", option.long_name());
    if (!option.value.empty()) out += fmt::format(" _{}_", option.value);
    // What begins with a small letter are the words that it takes.
    const std::string said = about(option);
    return fmt::format("{}\n\t{}\n\n", out, option.choices.empty() ? sentence(said) : plain(said) + '.');
}

/// Lines that are indented are examples.
std::string more(std::string_view text) {
    std::string out;
    bool example = false;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(line.size() + 1);
        if (line.starts_with("  ") != example) {
            out += "```\n";
            example = !example;
        }
        out += fmt::format("{}\n", example ? std::string(line) : plain(line));
    }
    return out + (example ? "```\n\n" : "\n");
}

void print_commands(const std::vector<Command>& commands) {
    for (const Command& command : commands) {
        std::cout << "## " << plain(command.name) << "\n\n" << usage(command, "*", "_") << "\n\n" << sentence(command.summary) << "\n\n";
        for (const Option& option : command.options)
            if (!option.common) std::cout << entry(option);
        std::cout << more(command.more);
    }
}

void print_common(const std::vector<Command>& commands) {
    std::set<std::string_view> said;
    for (const Command& command : commands)
        for (const Option& option : command.options)
            if (option.common && said.insert(option.names).second) std::cout << entry(option);
}

}  // namespace

int main() {
    const std::vector<Command> commands = define_commands();
    for (std::string line; std::getline(std::cin, line);) {
        if (line == "@commands@") {
            print_commands(commands);
        } else if (line == "@common@") {
            print_common(commands);
        } else {
            constexpr std::string_view mark = "@version@";
            if (const auto at = line.find(mark); at != std::string::npos) line.replace(at, mark.size(), NATC_VERSION);
            std::cout << line << '\n';
        }
    }
    return std::cout.flush() ? 0 : 1;
}

#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <string_view>
#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/files.hpp"

namespace natc::cli {

bool use_color(Color color) {
    if (color != Color::automatic) return color == Color::always;
    const auto set = [](const char* name) {
        const char* value = std::getenv(name);  // NOLINT(*-mt-unsafe): natc has one thread
        return value != nullptr && *value != '\0' ? std::string_view(value) : std::string_view();
    };
    if (!set("NO_COLOR").empty()) return false;
    if (const auto force = set("CLICOLOR_FORCE"); !force.empty() && force != "0") return true;
    return ::isatty(STDERR_FILENO) == 1 && set("TERM") != "dumb";
}

void say(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

void complain(std::string_view message) { say(fmt::format("natc: {}\n", message)); }

Status print_result(std::string_view text) {
    const std::string error = write_output(text);
    if (error.empty()) return all_well;
    complain(fmt::format("cannot write to standard output: {}", error));
    return could_not_work;
}

Status write_result(const std::string& output, std::string_view text) {
    if (output.empty() || output == "-") return print_result(text);
    const std::string error = replace_file(output, text);
    if (error.empty()) return all_well;
    complain(fmt::format("cannot write {}: {}", output, error));
    return could_not_work;
}

}  // namespace natc::cli

#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <unistd.h>

#include "base/showable.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/waiting.hpp"

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

Status worse(Status a, Status b) {
    constexpr Status order[] = {could_not_work, input_has_errors, undecided};
    for (const Status status : order)
        if (a == status || b == status) return status;
    return all_well;
}

void say(std::string_view text) {
    end_waiting();
    std::fwrite(text.data(), 1, text.size(), stderr);
}

void complain(std::string_view message) {
    // A file may be called anything.
    std::string line = "natc: ";
    append_shown(line, message);
    say(line += '\n');
}

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

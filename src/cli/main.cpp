#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fmt/format.h>
#include <map>
#include <string>
#include <unistd.h>

#include "cli/commands.hpp"

namespace {

using namespace natc::cli;

void add_color(CLI::App& app, Color& color) {
    static const std::map<std::string, Color> colors{{"auto", Color::automatic}, {"always", Color::always}, {"never", Color::never}};
    app.add_option_function<std::string>("--color", [&color](const std::string& word) { color = colors.at(word); },
                                         "Colour diagnostics: auto, always or never")
        ->check(CLI::IsMember({"auto", "always", "never"}))
        ->type_name("WHEN");
}

void add_compile(CLI::App& app, CompileOptions& options) {
    app.add_option_function<std::string>(
           "-t,--target",
           [&options](const std::string& word) { options.target = word == "iptables" ? Target::iptables : Target::ip6tables; },
           "What to write: iptables (the default) or ip6tables")
        ->check(CLI::IsMember({"iptables", "ip6tables"}))
        ->type_name("TARGET");
    app.add_option("-o,--output", options.output, "Replace FILE as a whole, in place of standard output")->type_name("FILE");
    app.add_option("FILE", options.file, "The .net file; - for standard input")->type_name("");
    add_color(app, options.color);
}

int run(int argc, char** argv) {
    CLI::App app{"Compiles a short description of networks into rules for netfilter.", "natc"};
    app.set_version_flag("--version", "natc " NATC_VERSION);
    app.footer("Exit status: 0 all is well, 1 the input has errors, 2 natc could not do its work.");
    CompileOptions compiling;
    add_compile(app, compiling);
    CLI::App& compile_command = *app.add_subcommand("compile", "Write the rules (what natc does unless told otherwise)");
    add_compile(compile_command, compiling);

    CheckOptions checking;
    CLI::App& check_command = *app.add_subcommand("check", "Look for errors, and write nothing");
    check_command.add_flag("--strict", checking.strict, "Exit with 1 on warnings too");
    check_command.add_option("FILE", checking.files, "The .net files; - for standard input")->required()->type_name("...");
    add_color(check_command, checking.color);
    app.require_subcommand(0, 1);

    try {
        app.parse(argc, argv);
        if (!check_command.parsed() && compiling.file.empty())
            throw CLI::RequiredError("FILE");
        if (check_command.parsed() && (!compiling.file.empty() || !compiling.output.empty()))
            throw CLI::ArgumentMismatch("what belongs to `check` stands after it");
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return app.exit(error);
        complain(error.what());
        fmt::print(stderr, "natc: `natc --help` tells how it is used\n");
        return could_not_work;
    }
    return check_command.parsed() ? check_files(checking) : compile(compiling);
}

/// An assertion that fails is natc's fault: it must not look like a fault of the input, nor like a crash.
extern "C" void on_abort(int) {
    constexpr char message[] = "natc: an error inside natc; please report it with the input that led to it\n";
    (void)!::write(STDERR_FILENO, message, sizeof message - 1);
    ::_exit(internal_error);
}

}  // namespace

int main(int argc, char** argv) {
    // A reader that goes away is told by write, not by a signal.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGABRT, on_abort);
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        complain(fmt::format("an error inside natc: {}", error.what()));
        return internal_error;
    }
}

#include <csignal>
#include <exception>
#include <fmt/format.h>
#include <new>
#include <unistd.h>
#include <vector>

#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/help.hpp"
#include "cli/parse.hpp"
#include "cli/waiting.hpp"

namespace {

using namespace natc::cli;

Status run(int argc, char** argv) {
    const std::vector<Command> commands = define_commands();
    const Request request = parse(argc, argv, commands);
    switch (request.kind) {
        case Request::Kind::run: return request.command->run();
        case Request::Kind::help: return print_result(request.command == nullptr ? help(commands) : help(*request.command));
        case Request::Kind::version: return print_result("natc " NATC_VERSION "\n");
        case Request::Kind::wrong: complain(request.fault);
    }
    return could_not_work;
}

/// An assertion that fails is natc's fault: it must not look like a fault of the input, nor like a crash.
extern "C" void on_abort(int) {
    constexpr char message[] = "natc: an error inside natc; please report it with the input that led to it\n";
    end_waiting();
    (void)!::write(STDERR_FILENO, message, sizeof message - 1);
    ::_exit(internal_error);
}

}  // namespace

int main(int argc, char** argv) {
    open_standard_descriptors();
    // A reader that goes away, and a file that may not grow, are told by write, not by a signal.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    std::signal(SIGABRT, on_abort);
    try {
        return run(argc, argv);
    } catch (const std::bad_alloc&) {
        complain("there is not enough memory");
        return could_not_work;
    } catch (const std::exception& error) {
        complain(fmt::format("an error inside natc: {}", error.what()));
        return internal_error;
    }
}

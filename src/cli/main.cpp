#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <fmt/format.h>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

#include "cli/commands.hpp"
#include "cli/files.hpp"

namespace {

using namespace natc::cli;
using natc::Family;

constexpr std::string_view help =
    R"(natc compiles a short description of a host's networks into netfilter rules.

usage: natc [compile] [--target TARGET] [-o FILE] FILE
       natc check [--strict] FILE...

  compile  writes the rules as iptables-restore or nft read them; natc does so
           unless told otherwise. On an error it writes nothing
  check    looks for errors, and writes nothing

FILE is a .net file, what iptables-save or ip6tables-save prints, or - for
standard input.

  -t, --target TARGET  iptables (unless told otherwise), ip6tables or nft. A
                       .net file binds both families: load both of the first
                       two. What was saved goes to the tool that it came from
      --family FAMILY  ipv4 or ipv6: what was saved, where it does not tell
  -o, --output FILE    replace FILE as a whole; - is standard output
      --strict         exit with status 1 on warnings too
      --color WHEN     colour what natc says: always, never or auto
  -h, --help           print this
      --version        print natc's version

exit status: 0 all is well, 1 the input has errors, 2 natc could not do its work
)";

/// Wrong usage, in natc's own words: one line.
class WrongUsage : public CLI::RuntimeError {
public:
    explicit WrongUsage(std::string message) : RuntimeError(std::move(message), could_not_work) {}
};

template <typename Value>
using Choices = std::vector<std::pair<std::string_view, Value>>;

/// An option that takes one of a few words.
template <typename Value>
void add_choice(CLI::App& app, const std::string& names, Value& into, const Choices<Value>& choices) {
    const auto read = [names, choices, &into](const std::string& word) {
        std::string all;
        for (const auto& [choice, value] : choices) {
            if (choice == word) {
                into = value;
                return;
            }
            all += fmt::format("{}{}", all.empty() ? "" : " or ", choice);
        }
        throw WrongUsage(fmt::format("{} takes {}, not `{}`", names.substr(names.find("--")), all, word));
    };
    app.add_option_function<std::string>(names, read)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

void add_color(CLI::App& app, Color& color) {
    add_choice<Color>(app, "--color", color, {{"always", Color::always}, {"never", Color::never}, {"auto", Color::automatic}});
}

void add_family(CLI::App& app, std::optional<Family>& family) {
    add_choice<std::optional<Family>>(app, "--family", family, {{"ipv4", Family::ipv4}, {"ipv6", Family::ipv6}});
}

void add_compile(CLI::App& app, CompileOptions& options) {
    add_choice<std::optional<Target>>(app, "-t,--target", options.target, {{"iptables", Target::iptables}, {"ip6tables", Target::ip6tables}, {"nft", Target::nft}});
    add_family(app, options.family);
    app.add_option("-o,--output", options.output)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    app.add_option("FILE", options.file);
    add_color(app, options.color);
}

/// Throws where words that CLI11 takes one by one make no sense together.
void check_usage(const CLI::App& app, const CLI::App& compile_command, const CompileOptions& compiling, const CLI::App& check_command,
                 const CheckOptions& checking) {
    const bool check = check_command.parsed();
    // An option of `compile` may stand ahead of that word; but two files, or what `check` does not take, may not.
    if (app.count("FILE") != 0 && (check || compile_command.parsed()))
        throw WrongUsage(fmt::format("FILE stands after the command, and `{}` before it", compiling.file));
    for (const char* option : {"--target", "--output"})
        if (check && app.count(option) != 0) throw WrongUsage(fmt::format("{} is no option of natc check", option));
    if (check ? checking.files.empty() : compiling.file.empty()) throw WrongUsage("no FILE is given");
    if (app.count("--output") + compile_command.count("--output") != 0 && compiling.output.empty())
        throw WrongUsage("--output needs the name of a file");
}

/// What CLI11 says is wrong, as one line.
std::string in_words(const CLI::ParseError& error, const CLI::App& app) {
    const std::string said = error.what();
    if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
        std::string extra;
        for (const std::string& word : app.remaining(true)) {
            extra = word;
            if (word.size() > 1 && word.starts_with('-')) return fmt::format("there is no option `{}` here", word);
        }
        return fmt::format("`{}` is one argument too many: natc compiles one FILE at a time", extra);
    }
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) return fmt::format("{} needs a value", said.substr(0, said.find(':')));
    return said;
}

Status print_to_stdout(std::string_view text) {
    const std::string error = write_output(text);
    if (error.empty()) return all_well;
    complain(fmt::format("cannot write to standard output: {}", error));
    return could_not_work;
}

Status run(int argc, char** argv) {
    CLI::App app;
    app.set_version_flag("--version");
    app.require_subcommand(0, 1);

    // `natc FILE` is `natc compile FILE`.
    CompileOptions compiling;
    add_compile(app, compiling);
    CLI::App& compile_command = *app.add_subcommand("compile");
    add_compile(compile_command, compiling);

    CheckOptions checking;
    CLI::App& check_command = *app.add_subcommand("check");
    check_command.add_flag("--strict", checking.strict);
    check_command.add_option("FILE", checking.files);
    add_family(check_command, compiling.family);
    add_color(check_command, compiling.color);

    try {
        app.parse(argc, argv);
        check_usage(app, compile_command, compiling, check_command, checking);
    } catch (const CLI::CallForHelp&) {
        return print_to_stdout(help);
    } catch (const CLI::CallForVersion&) {
        return print_to_stdout("natc " NATC_VERSION "\n");
    } catch (const CLI::ParseError& error) {
        complain(in_words(error, app) + " (natc --help tells how it is used)");
        return could_not_work;
    }
    if (!check_command.parsed()) return compile(compiling);
    checking.color = compiling.color;  // these may stand ahead of `check` as well
    checking.family = compiling.family;
    return check_files(checking);
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
    } catch (const std::bad_alloc&) {
        complain("there is not enough memory");
        return could_not_work;
    } catch (const std::exception& error) {
        complain(fmt::format("an error inside natc: {}", error.what()));
        return internal_error;
    }
}

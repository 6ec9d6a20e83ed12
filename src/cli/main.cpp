#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <filesystem>
#include <fmt/format.h>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/nearest.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"

namespace {

using namespace natc::cli;
using natc::Family;

constexpr std::string_view help =
    R"(natc compiles a short description of a host's networks into netfilter rules.

usage: natc [compile] [--target TARGET] [-o FILE] FILE
       natc check [--target TARGET] [--strict] [--fix] [--format FORMAT] FILE...
       natc rule CODE
       natc explain [--format FORMAT] FILE PACKET
       natc diff [--format FORMAT] OLD NEW

  compile  writes the rules as iptables-restore or nft read them; natc does so
           unless told otherwise. On an error it writes nothing
  check    looks for errors, and writes no rules; with --target, also for what
           that target has no words for
  rule     prints what the manual says of a diagnostic: natc rule N3006;
           natc rule --list names them all
  explain  tells what happens to a packet, and which lines decide it:
           natc explain lab.net tcp from 192.0.2.9 to 10.1.1.28:22 in enp5s0
  diff     tells which packets two files treat differently

FILE is a .net file, what iptables-save or ip6tables-save prints, or - for
standard input.

  -t, --target TARGET  iptables (unless told otherwise), ip6tables or nft. A
                       .net file binds both families: load both of the first
                       two. What was saved goes to the tool that it came from
      --family FAMILY  ipv4 or ipv6: what was saved, where it does not tell
  -o, --output FILE    replace FILE as a whole; - is standard output
      --strict         exit with status 1 on warnings too
      --fix            put right in FILE what is certain, and say what is left
      --format FORMAT  text (unless told otherwise) or json; of check, also
                       short, sarif or github
      --color WHEN     colour what natc says: always, never or auto
  -h, --help           print this
      --version        print natc's version

exit status: 0 all is well, 1 the input has errors or `diff` found a
difference, 2 natc could not do its work, 3 undecided
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

void add_format(CLI::App& app, Format& format) { add_choice<Format>(app, "--format", format, {{"text", Format::text}, {"json", Format::json}}); }

void add_family(CLI::App& app, std::optional<Family>& family) {
    add_choice<std::optional<Family>>(app, "--family", family, {{"ipv4", Family::ipv4}, {"ipv6", Family::ipv6}});
}

void add_target(CLI::App& app, std::optional<Target>& target) {
    add_choice<std::optional<Target>>(app, "-t,--target", target, {{"iptables", Target::iptables}, {"ip6tables", Target::ip6tables}, {"nft", Target::nft}});
}

void add_compile(CLI::App& app, CompileOptions& options) {
    add_target(app, options.target);
    add_family(app, options.family);
    app.add_option("-o,--output", options.output)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    app.add_option("FILE", options.file);
    add_color(app, options.color);
}

/// What is wrong with a first word that is neither a command nor a file, where one of these must be; empty if nothing is.
std::string no_command(const CLI::App& app, const std::string& word) {
    std::error_code ignored;
    if (!app.get_subcommands().empty() || word.empty() || word.find_first_of("./-") != std::string::npos || std::filesystem::exists(word, ignored)) return {};
    constexpr std::string_view commands[] = {"compile", "check", "rule", "explain", "diff"};
    const std::string_view near = natc::meant(word, commands);
    return fmt::format("there is no command `{}`{}", word, near.empty() ? "" : fmt::format("; did you mean `{}`?", near));
}

/// Throws where words that CLI11 takes one by one make no sense together.
void check_usage(const CLI::App& app, const CLI::App* command, const CompileOptions& compiling) {
    const std::string name = command == nullptr ? "compile" : command->get_name();
    // An option of `compile` may stand ahead of that word; but two files, or what the command does not take, may not.
    if (app.count("FILE") != 0 && command != nullptr) throw WrongUsage(fmt::format("FILE stands after the command, and `{}` before it", compiling.file));
    for (const char* option : {"--output", "--target", "--family"})
        if (command != nullptr && app.count(option) != 0 && command->get_option_no_throw(option) == nullptr) throw WrongUsage(fmt::format("{} is no option of natc {}", option, name));
    if (const std::string fault = no_command(app, compiling.file); !fault.empty() && fault.find('?') != std::string::npos) throw WrongUsage(fault);
    const CLI::App& taking = command == nullptr ? app : *command;
    if (name == "explain" && taking.count("PACKET") == 0) throw WrongUsage("explain needs a FILE and a PACKET");
    if (name == "diff" && taking.count("NEW") == 0) throw WrongUsage("diff needs two files");
    if (name == "rule" && (taking.count("CODE") == 0) == (taking.count("--list") == 0)) throw WrongUsage("rule needs a CODE, as in `natc rule N3006`, or --list");
    if (name == "compile" ? compiling.file.empty() : name != "diff" && name != "rule" && taking.count("FILE") == 0) throw WrongUsage("no FILE is given");
    const auto outputs = app.count("--output") + (name == "compile" && command != nullptr ? command->count("--output") : 0);
    if (outputs != 0 && compiling.output.empty()) throw WrongUsage("--output needs the name of a file");
}

/// What CLI11 says is wrong, as one line.
std::string in_words(const CLI::ParseError& error, const CLI::App& app, const std::string& file) {
    const std::string said = error.what();
    if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
        if (std::string fault = no_command(app, file); !fault.empty()) return fault;
        std::string extra;
        for (const std::string& word : app.remaining(true)) {
            extra = word;
            if (word.size() > 1 && word.starts_with('-')) return fmt::format("there is no option `{}` here", word);
        }
        if (app.got_subcommand("rule")) return fmt::format("`{}` is one argument too many: natc rule prints one entry at a time", extra);
        return fmt::format("`{}` is one argument too many: natc compiles one FILE at a time", extra);
    }
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) return fmt::format("{} needs a value", said.substr(0, said.find(':')));
    return said;
}

Status run(int argc, char** argv) {
    CLI::App app;
    app.set_version_flag("--version");
    app.require_subcommand(0, 1);

    // `natc FILE` is `natc compile FILE`.
    CompileOptions compiling;
    add_compile(app, compiling);
    add_compile(*app.add_subcommand("compile"), compiling);

    // Options that several commands have may stand ahead of the command: they have one place.
    CheckOptions checking;
    CLI::App& check_command = *app.add_subcommand("check");
    check_command.add_flag("--strict", checking.strict);
    check_command.add_flag("--fix", checking.fix);
    add_choice<CheckFormat>(check_command, "--format", checking.format,
                            {{"text", CheckFormat::text}, {"short", CheckFormat::brief}, {"json", CheckFormat::json}, {"sarif", CheckFormat::sarif}, {"github", CheckFormat::github}});
    check_command.add_option("FILE", checking.files);
    add_target(check_command, compiling.target);
    add_family(check_command, compiling.family);
    add_color(check_command, compiling.color);

    RuleOptions looking_up;
    CLI::App& rule_command = *app.add_subcommand("rule");
    rule_command.add_option("CODE", looking_up.code);
    rule_command.add_flag("--list", looking_up.list);

    Format format = Format::text;
    ExplainOptions explaining;
    CLI::App& explain_command = *app.add_subcommand("explain");
    explain_command.add_option("FILE", explaining.file);
    explain_command.add_option("PACKET", explaining.packet);
    DiffOptions comparing;
    CLI::App& diff_command = *app.add_subcommand("diff");
    diff_command.add_option("OLD", comparing.before);
    diff_command.add_option("NEW", comparing.after);
    for (CLI::App* command : {&explain_command, &diff_command}) {
        add_format(*command, format);
        add_family(*command, compiling.family);
        add_color(*command, compiling.color);
    }

    const CLI::App* command = nullptr;
    try {
        app.parse(argc, argv);
        if (!app.get_subcommands().empty()) command = app.get_subcommands().front();
        check_usage(app, command, compiling);
    } catch (const CLI::CallForHelp&) {
        return print_result(help);
    } catch (const CLI::CallForVersion&) {
        return print_result("natc " NATC_VERSION "\n");
    } catch (const CLI::ParseError& error) {
        complain(in_words(error, app, compiling.file) + " (natc --help tells how it is used)");
        return could_not_work;
    }
    if (command == &check_command) {
        checking.target = compiling.target;
        checking.family = compiling.family;
        checking.color = compiling.color;
        return check_files(checking);
    }
    if (command == &rule_command) return print_rule(looking_up);
    if (command == &explain_command) {
        explaining.family = compiling.family;
        explaining.format = format;
        explaining.color = compiling.color;
        return explain_packet(explaining);
    }
    if (command == &diff_command) {
        comparing.family = compiling.family;
        comparing.format = format;
        comparing.color = compiling.color;
        return diff(comparing);
    }
    return compile(compiling);
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

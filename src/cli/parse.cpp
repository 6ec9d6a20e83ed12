#include "cli/parse.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/nearest.hpp"

namespace natc::cli {

namespace {

/// Wrong usage, in natc's own words: one line.
class WrongUsage : public CLI::RuntimeError {
public:
    explicit WrongUsage(std::string message) : RuntimeError(std::move(message), could_not_work) {}
};

/// Has CLI11 take a command's options and arguments. What was given stays with it, until all of the words are read.
void add(CLI::App& app, const Command& command) {
    for (const Option& option : command.options) {
        const std::string names(option.names);
        (option.value.empty() ? app.add_flag(names) : app.add_option(names))->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    }
    for (const Argument& argument : command.arguments) {
        CLI::Option* words = app.add_option(std::string(argument.name));
        if (argument.several) words->expected(1, CLI::detail::expected_max_vector_size)->allow_extra_args();
    }
}

/// The words that were given to an option or argument.
const std::vector<std::string>& given(const CLI::App& app, std::string_view name) { return app.get_option(std::string(name))->results(); }

/// The command that was named; none if none was.
const Command* asked_for(const CLI::App& app, std::span<const Command> commands) {
    for (const CLI::App* sub : app.get_subcommands())
        for (const Command& command : commands)
            if (command.name == sub->get_name()) return &command;
    return nullptr;
}

/// What is wrong with a first word that is neither a command nor a file, where one of these must be; empty if nothing is.
std::string no_command(const CLI::App& app, std::span<const Command> commands) {
    const std::vector<std::string>& files = given(app, commands.front().arguments.front().name);
    if (files.empty() || !app.get_subcommands().empty()) return {};
    const std::string& word = files.front();
    std::error_code ignored;
    if (word.empty() || word.find_first_of("./-") != std::string::npos || std::filesystem::exists(word, ignored)) return {};
    if (word == "help") return "there is no command `help`; did you mean `--help`, behind a command or alone?";
    std::vector<std::string_view> names;
    for (const Command& command : commands) names.push_back(command.name);
    const std::string_view near = natc::meant(word, names);
    return fmt::format("there is no command `{}`{}", word, near.empty() ? "" : fmt::format("; did you mean `{}`?", near));
}

/// What CLI11 says is wrong, as one line.
std::string in_words(const CLI::ParseError& error, const CLI::App& app, std::span<const Command> commands) {
    const std::string said = error.what();
    if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
        if (std::string fault = no_command(app, commands); !fault.empty()) return fault;
        std::string extra;
        for (const std::string& word : app.remaining(true)) {
            extra = word;
            if (word.size() > 1 && word.starts_with('-')) return fmt::format("there is no option `{}` here", word);
        }
        const Command& command = asked_for(app, commands) == nullptr ? commands.front() : *asked_for(app, commands);
        std::vector<std::string_view> names;
        for (const Argument& argument : command.arguments) names.push_back(argument.name);
        return fmt::format("`{}` is one argument too many: natc {} takes {}{}", extra, command.name, names.size() == 1 ? "one " : "", fmt::join(names, " and "));
    }
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) return fmt::format("{} needs a value", said.substr(0, said.find(':')));
    return said;
}

/// Throws where a word is none of a few.
void check_choice(std::string_view what, const std::vector<std::string_view>& choices, const std::string& word) {
    if (choices.empty() || std::ranges::find(choices, word) != choices.end()) return;
    throw WrongUsage(fmt::format("{} takes {}, not `{}`", what, fmt::join(choices, " or "), word));
}

void take(const Option& option, const CLI::App& app) {
    const std::vector<std::string>& words = given(app, option.long_name());
    if (words.empty()) return;
    const std::string& word = words.back();
    if (option.value.empty() && word != "true") throw WrongUsage(fmt::format("{} takes no value", option.long_name()));
    check_choice(option.long_name(), option.choices, word);
    if (option.takes == Takes::file && word.empty()) throw WrongUsage(fmt::format("{} needs the name of a file", option.long_name()));
    option.take(option.value.empty() ? std::string() : word);
}

/// Throws where what stands ahead of the command does not belong there.
void check_ahead(const CLI::App& app, const CLI::App& sub, const Command& command, const Command& usual) {
    for (const Argument& argument : usual.arguments)
        if (const auto& words = given(app, argument.name); !words.empty()) throw WrongUsage(fmt::format("{} stands after the command, and `{}` before it", argument.name, words.front()));
    for (const Option& option : usual.options) {
        const std::string name(option.long_name());
        if (app.count(name) != 0 && sub.get_option_no_throw(name) == nullptr) throw WrongUsage(fmt::format("{} is no option of natc {}", name, command.name));
    }
}

/// Gives a command what was written for it: `app` has what stood ahead of its name.
void take(const Command& command, const CLI::App& app, const CLI::App& sub) {
    for (const Argument& argument : command.arguments) {
        const std::vector<std::string>& words = given(sub, argument.name);
        // A needed name that is empty names nothing.
        const bool missing = words.empty() || (argument.takes == Takes::input && words.front().empty());
        if (argument.needed && missing) throw WrongUsage(std::string(command.missing));
    }
    for (const Option& option : command.options) {
        if (&app != &sub && app.get_option_no_throw(std::string(option.long_name())) != nullptr) take(option, app);
        take(option, sub);
    }
    for (const Argument& argument : command.arguments)
        for (const std::string& word : given(sub, argument.name)) {
            check_choice(argument.name, argument.choices, word);
            argument.take(word);
        }
    if (!command.fault) return;
    if (std::string fault = command.fault(); !fault.empty()) throw WrongUsage(std::move(fault));
}

}  // namespace

Request parse(int argc, const char* const* argv, std::span<const Command> commands) {
    CLI::App app;
    app.set_version_flag("--version");
    app.require_subcommand(0, 1);
    const Command& usual = commands.front();
    add(app, usual);
    // No other than those that are named: CLI11 takes longer over each than natc takes over a short file.
    for (const Command& command : commands)
        if (std::find(argv, argv + argc, command.name) != argv + argc) add(*app.add_subcommand(std::string(command.name)), command);

    try {
        app.parse(argc, argv);
        const Command* command = asked_for(app, commands);
        if (command == nullptr) {
            if (const std::string fault = no_command(app, commands); fault.find('?') != std::string::npos) throw WrongUsage(fault);
            take(usual, app, app);
            return {.command = &usual};
        }
        const CLI::App& sub = *app.get_subcommand(std::string(command->name));
        check_ahead(app, sub, *command, usual);
        take(*command, app, sub);
        return {.command = command};
    } catch (const CLI::CallForHelp&) {
        return {.kind = Request::Kind::help, .command = asked_for(app, commands)};
    } catch (const CLI::CallForVersion&) {
        return {.kind = Request::Kind::version};
    } catch (const CLI::ParseError& error) {
        return {.kind = Request::Kind::wrong, .fault = in_words(error, app, commands) + " (natc --help tells how it is used)"};
    }
}

}  // namespace natc::cli

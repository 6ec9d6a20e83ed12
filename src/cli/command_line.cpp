#include "cli/command_line.hpp"

#include <fmt/format.h>
#include <memory>
#include <optional>
#include <utility>

namespace natc::cli {

namespace {

template <typename Value>
using Choices = std::vector<std::pair<std::string_view, Value>>;

/// Keeps what a word means.
template <typename Into, typename Value>
std::function<void(const std::string&)> meaning_of(Into& into, Choices<Value> choices) {
    return [&into, choices = std::move(choices)](const std::string& word) {
        for (const auto& [name, meaning] : choices)
            if (name == word) into = meaning;
    };
}

/// An option that takes one of a few words; `otherwise` is the one that holds where it is not given.
template <typename Into, typename Value>
Option choice(std::string_view names, std::string_view value, Into& into, Choices<Value> choices, std::string_view otherwise, std::string_view about) {
    Option option{.names = names, .value = value, .about = about, .takes = Takes::choice, .otherwise = otherwise, .take = {}};
    for (const auto& entry : choices) option.choices.push_back(entry.first);
    option.take = meaning_of(into, std::move(choices));
    return option;
}

/// An argument that is one of a few words.
template <typename Value>
Argument argument(std::string_view name, Value& into, Choices<Value> choices) {
    Argument argument{.name = name, .takes = Takes::choice, .take = {}};
    for (const auto& entry : choices) argument.choices.push_back(entry.first);
    argument.take = meaning_of(into, std::move(choices));
    return argument;
}

Option flag(std::string_view names, bool& into, std::string_view about) {
    return {.names = names, .value = {}, .about = about, .take = [&into](const std::string&) { into = true; }};
}

Option output(std::string& into) {
    return {.names = "-o,--output", .value = "FILE", .about = "replace FILE as a whole; - is standard output", .takes = Takes::file, .take = [&into](const std::string& name) { into = name; }};
}

Argument input(std::string_view name, std::string& into) {
    return {.name = name, .takes = Takes::input, .take = [&into](const std::string& path) { into = path; }};
}

Argument several(std::string_view name, Takes takes, std::vector<std::string>& into) {
    return {.name = name, .takes = takes, .several = true, .take = [&into](const std::string& word) { into.push_back(word); }};
}

// What several commands have.

Option target(std::optional<Target>& into, std::string_view otherwise, std::string_view about) {
    return choice("-t,--target", "TARGET", into, Choices<Target>{{"iptables", Target::iptables}, {"ip6tables", Target::ip6tables}, {"nft", Target::nft}}, otherwise, about);
}

Option family(std::optional<Family>& into) {
    Option option = choice("--family", "FAMILY", into, Choices<Family>{{"ipv4", Family::ipv4}, {"ipv6", Family::ipv6}}, {}, "of what was saved, where it does not tell");
    option.common = true;
    return option;
}

Option format(Format& into) { return choice("--format", "FORMAT", into, Choices<Format>{{"text", Format::text}, {"json", Format::json}}, "text", "how it is said"); }

Option color(Color& into) {
    Option option = choice("--color", "WHEN", into, Choices<Color>{{"auto", Color::automatic}, {"always", Color::always}, {"never", Color::never}}, "auto", "colour what natc says");
    option.common = true;
    return option;
}

// The commands. Each keeps its options where its parts put what was given, as long as it lives.

Command compile_command() {
    const auto options = std::make_shared<CompileOptions>();
    return {.name = "compile",
            .summary = "writes the rules as iptables-restore or nft read them; natc does so unless told otherwise. On an error it writes nothing",
            .more = "  natc lab.net | iptables-restore\n"
                    "  natc --target ip6tables lab.net | ip6tables-restore\n"
                    "  natc --target nft -o /etc/nftables.d/lab.nft lab.net\n",
            .arguments = {input("FILE", options->file)},
            .options = {target(options->target, "iptables", "what the rules are for. A .net file binds both families: load both of the first two. What was saved goes to the tool that it came from"),
                        output(options->output), family(options->family), color(options->color)},
            .run = [options] { return compile(*options); }};
}

Command check_command() {
    const auto options = std::make_shared<CheckOptions>();
    const Choices<CheckFormat> formats{{"text", CheckFormat::text}, {"short", CheckFormat::brief}, {"json", CheckFormat::json}, {"sarif", CheckFormat::sarif}, {"github", CheckFormat::github}};
    return {.name = "check",
            .summary = "looks for errors, and for what is seldom meant; writes no rules",
            .more = "  natc check lab.net\n"
                    "  iptables-save | natc check -\n",
            .arguments = {several("FILE", Takes::input, options->files)},
            .options = {target(options->target, {}, "look for what that target has no words for, too"), flag("--strict", options->strict, "exit with status 1 on warnings too"),
                        flag("--fix", options->fix, "put right in FILE what is certain, and say what is left"),
                        choice("--format", "FORMAT", options->format, formats, "text", "how it is said; text and short go to standard error, the others to standard output"), family(options->family),
                        color(options->color)},
            .run = [options] { return check_files(*options); }};
}

Command rule_command() {
    const auto options = std::make_shared<RuleOptions>();
    return {.name = "rule",
            .summary = "prints what the manual says of a diagnostic",
            .more = "  natc rule N3006\n",
            .arguments = {{.name = "CODE", .takes = Takes::code, .needed = false, .take = [options](const std::string& code) { options->code = code; }}},
            .options = {flag("--list", options->list, "name all diagnostics")},
            .fault = [options] { return options->code.has_value() == options->list ? std::string("rule needs a CODE, as in `natc rule N3006`, or --list") : std::string(); },
            .run = [options] { return print_rule(*options); }};
}

Command explain_command() {
    const auto options = std::make_shared<ExplainOptions>();
    return {.name = "explain",
            .summary = "tells what happens to a packet, and which lines decide it",
            .more = "PACKET is the words of a rule, but ports stand with the addresses.\n"
                    "\n"
                    "  natc explain lab.net tcp from 192.0.2.9 to 10.1.1.28:22 in enp5s0\n"
                    "  natc explain lab.net dns from lxdev01 to 192.168.100.1\n",
            .arguments = {input("FILE", options->file), several("PACKET", Takes::words, options->packet)},
            .options = {format(options->format), family(options->family), color(options->color)},
            .missing = "explain needs a FILE and a PACKET",
            .run = [options] { return explain_packet(*options); }};
}

Command diff_command() {
    const auto options = std::make_shared<DiffOptions>();
    return {.name = "diff",
            .summary = "tells which packets two files treat differently",
            .more = "  natc diff old.net lab.net\n"
                    "  iptables-save | natc diff - lab.net\n",
            .arguments = {input("OLD", options->before), input("NEW", options->after)},
            .options = {format(options->format), family(options->family), color(options->color)},
            .missing = "diff needs two files",
            .run = [options] { return diff(*options); }};
}

Command fmt_command() {
    const auto options = std::make_shared<FmtOptions>();
    return {.name = "fmt",
            .summary = "lays out .net files in the one way that natc has; what they mean, and comments, stay. Of standard input, it prints the result",
            .more = "What was saved from the kernel is not laid out, and refused.\n"
                    "\n"
                    "  natc fmt *.net\n"
                    "  natc fmt --check --diff *.net\n",
            .arguments = {several("FILE", Takes::input, options->files)},
            .options = {flag("--check", options->check, "rewrite nothing, name each file that would change, and exit with status 1 if there is one"),
                        flag("--diff", options->diff, "rewrite nothing, and print what would change as a unified diff"), color(options->color)},
            .net_alone = true,
            .run = [options] { return format_files(*options); }};
}

Command show_command() {
    const auto options = std::make_shared<ShowOptions>();
    const Choices<Listed> lists{{"networks", Listed::networks}, {"guests", Listed::guests}, {"port-forwards", Listed::port_forwards}};
    const Choices<show::Format> formats{{"table", show::Format::table}, {"csv", show::Format::csv}, {"json", show::Format::json}};
    return {.name = "show",
            .summary = "lists what a .net file has: its networks, guests or port-forwards",
            .more = "LIST is networks, guests or port-forwards. With the NAME of a guest, that one\n"
                    "alone: its name with domain, its addresses, its MAC.\n"
                    "\n"
                    "  natc show guests lab.net\n"
                    "  natc show guests lab.net lxdev01\n"
                    "  natc show --format csv port-forwards lab.net\n",
            .arguments = {argument("LIST", options->what, lists), input("FILE", options->file),
                          {.name = "NAME", .needed = false, .take = [options](const std::string& name) { options->guest = name; }}},
            .options = {choice("--format", "FORMAT", options->format, formats, "table", {}), color(options->color)},
            .missing = "show needs a list and a FILE, as in `natc show guests lab.net`",
            .fault = [options] { return options->guest && options->what != Listed::guests ? std::string("a NAME is one of `show guests`") : std::string(); },
            .net_alone = true,
            .run = [options] { return show_list(*options); }};
}

/// What is wrong with the name of a picture, where it tells of a format that natc does not write.
std::string other_picture(std::string_view output) {
    for (const std::string_view ending : {".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf", ".ps"})
        if (output.ends_with(ending)) return fmt::format("graph writes .dot, .mmd and .svg, and no {}; Graphviz makes one of the first with `dot -T{}`", ending, ending.substr(1));
    return {};
}

Command graph_command() {
    const auto options = std::make_shared<GraphOptions>();
    const Choices<Picture> formats{{"dot", Picture::dot}, {"mermaid", Picture::mermaid}, {"svg", Picture::svg}};
    return {.name = "graph",
            .summary = "draws the networks of a .net file, and who may open connections to whom, by what the rules do",
            .more = "  natc graph -o lab.svg lab.net\n"
                    "  natc graph --format mermaid lab.net\n",
            .arguments = {input("FILE", options->file)},
            .options = {choice("--format", "FORMAT", options->format, formats, {}, "unless told otherwise, what the name of the output ends in (.dot, .mmd, .svg), else dot; svg is drawn by Graphviz"),
                        output(options->output), color(options->color)},
            .fault = [options] { return options->format ? std::string() : other_picture(options->output); },
            .net_alone = true,
            .run = [options] { return draw_graph(*options); }};
}

Command completion_command() {
    const auto options = std::make_shared<CompletionOptions>();
    return {.name = "completion",
            .summary = "prints the script with which a shell completes natc's command line",
            .more = "  . <(natc completion bash)\n"
                    "  natc completion fish > ~/.config/fish/completions/natc.fish\n",
            .arguments = {argument("SHELL", options->shell, Choices<Shell>{{"bash", Shell::bash}, {"zsh", Shell::zsh}, {"fish", Shell::fish}})},
            .options = {},
            .missing = "completion needs a SHELL: bash, zsh or fish",
            .run = [options] { return print_completion(*options); }};
}

}  // namespace

std::string_view Option::long_name() const { return names.substr(names.find("--")); }

std::string_view Option::short_name() const { return names.substr(0, names.find("--") == 0 ? 0 : names.find(',')); }

std::vector<Command> define_commands() {
    return {compile_command(), check_command(), rule_command(), explain_command(), diff_command(),
            fmt_command(), show_command(), graph_command(), completion_command()};
}

}  // namespace natc::cli

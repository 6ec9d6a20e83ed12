// natc's commands, and what their options say.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/address.hpp"
#include "show/show.hpp"

namespace natc::cli {

/// Exit statuses, of every command.
enum Status : int {
    all_well = 0,
    input_has_errors = 1,
    could_not_work = 2,
    undecided = 3,
    internal_error = 70,
};

enum class Target { iptables, ip6tables, nft };
enum class Color { automatic, always, never };

struct CompileOptions {
    std::optional<Target> target;  ///< none: iptables, or ip6tables for a dump that tells that it is of IPv6
    std::optional<Family> family;  ///< of a dump
    std::string output;  ///< empty or `-`: standard output
    std::string file;
    Color color = Color::automatic;
};

/// What `check` prints: text and brief to standard error, the others, which are for programs, to standard output.
enum class CheckFormat { text, brief, json, sarif, github };

struct CheckOptions {
    std::optional<Target> target;  ///< what it cannot say is looked for too
    bool strict = false;
    bool fix = false;  ///< rewrite the files as their diagnostics' fixes say
    CheckFormat format = CheckFormat::text;
    std::optional<Family> family;  ///< of dumps
    std::vector<std::string> files;
    Color color = Color::automatic;
};

enum class Format { text, json };

struct ExplainOptions {
    std::string file;
    std::vector<std::string> packet;  ///< its words
    std::optional<Family> family;     ///< of a dump
    Format format = Format::text;
    Color color = Color::automatic;
};

struct DiffOptions {
    std::string before, after;
    std::optional<Family> family;  ///< of dumps
    Format format = Format::text;
    Color color = Color::automatic;
};

struct RuleOptions {
    std::optional<std::string> code;  ///< `N3006`, `n3006` or `3006`; or else
    bool list = false;
};

/// What of a file `show` lists.
enum class Listed { networks, guests, port_forwards };

struct ShowOptions {
    Listed what = Listed::networks;
    std::string file;
    std::optional<std::string> guest;  ///< that one alone
    show::Format format = show::Format::table;
    Color color = Color::automatic;
};

enum class Picture { dot, mermaid, svg };

struct GraphOptions {
    std::string file;
    std::optional<Picture> format;  ///< none: what the name of the output tells, else dot
    std::string output;             ///< empty or `-`: standard output
    Color color = Color::automatic;
};

struct FmtOptions {
    bool check = false;  ///< name the files that are laid out otherwise
    bool diff = false;   ///< print what would change
    std::vector<std::string> files;
    Color color = Color::automatic;
};

enum class Shell { bash, zsh, fish };

struct CompletionOptions {
    Shell shell = Shell::bash;
};

[[nodiscard]] Status compile(const CompileOptions& options);
[[nodiscard]] Status explain_packet(const ExplainOptions& options);
[[nodiscard]] Status diff(const DiffOptions& options);
[[nodiscard]] Status check_files(const CheckOptions& options);
/// The manual's entry of a diagnostic, or a list of all diagnostics.
[[nodiscard]] Status print_rule(const RuleOptions& options);
/// The script with which a shell completes natc's command line.
[[nodiscard]] Status print_completion(const CompletionOptions& options);

/// Rewrites .net files in the one layout; with `check` or `diff`, tells what that would change.
[[nodiscard]] Status format_files(const FmtOptions& options);

/// Of several files, what natc could not do outweighs what is wrong with one, and that what nobody knows.
[[nodiscard]] Status worse(Status a, Status b);

/// Networks, guests or port-forwards of a .net file.
[[nodiscard]] Status show_list(const ShowOptions& options);

/// A picture of who reaches whom.
[[nodiscard]] Status draw_graph(const GraphOptions& options);

/// Whether what goes to standard error is coloured: the option, then NO_COLOR, then CLICOLOR_FORCE, then whether a terminal
/// is there.
[[nodiscard]] bool use_color(Color color);

/// Writes a command's result to standard output; says so where that fails.
[[nodiscard]] Status print_result(std::string_view text);

/// The same to the file that `-o` names: replaces it as a whole, or leaves it as it was. Empty or `-`: standard output.
[[nodiscard]] Status write_result(const std::string& output, std::string_view text);

/// Writes to standard error. Where that fails nobody can be told, and what natc does stays the same.
void say(std::string_view text);

/// One line of natc's own on standard error, about something other than the input.
void complain(std::string_view message);

}  // namespace natc::cli

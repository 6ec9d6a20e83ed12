// natc fmt: files are laid out one by one; what they include is not looked at.

#include <filesystem>
#include <fmt/format.h>
#include <system_error>
#include <utility>

#include "base/print.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "layout/format.hpp"
#include "layout/unified_diff.hpp"
#include "read/dump.hpp"
#include "syntax/load.hpp"

namespace natc::cli {

namespace {

/// Puts a text in place of a file's.
Status rewrite(const std::string& path, std::string_view text) {
    std::error_code ignored;
    const bool regular = std::filesystem::is_regular_file(path, ignored);
    const std::string error = regular ? replace_file(path, text) : "it is no regular file";
    if (error.empty()) return all_well;
    complain(fmt::format("cannot rewrite {}: {}", path, error));
    return could_not_work;
}

/// What is asked for, of a file whose layout is known.
Status deliver(const std::string& path, std::string_view name, std::string_view before, const layout::Formatted& after, const FmtOptions& options) {
    const bool changes = before != after.text;
    Status status = all_well;
    if (options.diff) {
        status = print_result(layout::unified_diff(name, before, after));
    } else if (options.check) {
        if (changes) status = print_result(fmt::format("{}\n", name));
    } else if (path == "-") {
        status = print_result(after.text);
    } else if (changes) {
        status = rewrite(path, after.text);
    }
    return worse(status, options.check && changes ? input_has_errors : all_well);
}

Status format_file(const std::string& path, const FmtOptions& options) {
    syntax::LoadedFile file = read_file(path);
    if (is_unread(file)) return could_not_work;
    const std::string name = file.name;
    if (looks_like_dump(file.text)) {
        complain(fmt::format("{} was saved from the kernel or is written for iptables-restore: fmt lays out .net files alone", name));
        return could_not_work;
    }
    const std::string before = file.text;
    Sources sources;
    Diagnostics diagnostics;
    const std::optional<Span> text = syntax::read_alone(std::move(file), sources, diagnostics);
    if (!text) {
        diagnostics.settle(sources);
        say(print(diagnostics, sources, use_color(options.color)));
        return input_has_errors;
    }
    return deliver(path, name, before, layout::format(sources.text(*text)), options);
}

}  // namespace

Status format_files(const FmtOptions& options) {
    Status status = all_well;
    for (const std::string& path : options.files) status = worse(status, format_file(path, options));
    return status;
}

}  // namespace natc::cli

// The .net files of this repository, and what natc makes of one.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "base/print.hpp"
#include "cli/files.hpp"
#include "cli/front.hpp"
#include "layout/format.hpp"
#include "review/review.hpp"
#include "syntax/load.hpp"

namespace natc::testing {

/// All of them, those with faults too.
inline std::vector<std::string> net_files() {
    std::vector<std::string> files;
    const std::filesystem::path tests = std::filesystem::path(NATC_GOLDEN).parent_path();
    for (const auto& root : {tests, tests.parent_path() / "rules"})
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
            if (entry.path().extension() == ".net") files.push_back(entry.path().string());
    std::sort(files.begin(), files.end());
    return files;
}

/// A file's text as `fmt` reads it, if it would lay it out.
inline std::optional<std::string> readable(syntax::LoadedFile file) {
    Sources sources;
    Diagnostics diagnostics;
    const std::optional<Span> text = syntax::read_alone(std::move(file), sources, diagnostics);
    return text ? std::optional(std::string(sources.text(*text))) : std::nullopt;
}
inline std::optional<std::string> readable(std::string text) { return readable(syntax::LoadedFile{"lab.net", "lab.net", std::move(text), {}}); }

inline std::string without_blanks(std::string_view text) {
    std::string result(text);
    std::erase_if(result, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';'; });
    return result;
}

/// All that `check` and `compile` say of a file and make of it, but for where things stand on their lines. `of_included` changes what is included.
inline std::string all_of_it(const std::string& path, std::string text, const std::function<std::string(std::string)>& of_included) {
    const syntax::Loader loader = [&](std::string_view included, std::string_view from) {
        syntax::LoadedFile file = cli::read_included(included, from);
        file.text = of_included(std::move(file.text));
        return file;
    };
    cli::Front front = cli::run_front({path, path, std::move(text), {}}, {}, loader);
    std::string all;
    if (front.diagnostics.errors() == 0) {
        Progress progress;
        review({front.sources, front.program, front.families, &*front.model}, front.diagnostics, progress);
        front.diagnostics.settle(front.sources);
        const ir::Program program = front.program;
        for (const cli::Target target : {cli::Target::iptables, cli::Target::ip6tables, cli::Target::nft}) {
            front.program = program;
            all += cli::emit(front, target);
        }
    }
    for (const Diagnostic& diagnostic : front.diagnostics.all()) {
        all += fmt::format("{} {} `{}` {}\n", spelled(diagnostic.code), diagnostic.message, without_blanks(front.sources.text(diagnostic.span)), diagnostic.help);
        for (const Label& label : diagnostic.labels) all += fmt::format("  {} `{}`\n", label.message, without_blanks(front.sources.text(label.span)));
    }
    return all;
}

}  // namespace natc::testing

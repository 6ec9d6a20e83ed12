#include <algorithm>
#include <fmt/format.h>

#include "base/print.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/front.hpp"

namespace natc::cli {

namespace {

void note_other_family(Diagnostics& diagnostics, std::string_view these, std::string_view others, std::string_view target) {
    diagnostics.note(Code::load_both, {},
                     fmt::format("these are the {} rules; the file binds {} too, so load `--target {}` as well", these, others, target));
}

void note_other_family(Diagnostics& diagnostics, Target target) {
    if (target == Target::iptables) note_other_family(diagnostics, "IPv4", "IPv6", "ip6tables");
    if (target == Target::ip6tables) note_other_family(diagnostics, "IPv6", "IPv4", "iptables");
}

}  // namespace

Status compile(const CompileOptions& options) {
    syntax::LoadedFile file = read_file(options.file);
    if (!file.error.empty()) {
        complain(fmt::format("cannot read {}: {}", file.name, file.error));
        return could_not_work;
    }
    const bool to_file = !options.output.empty() && options.output != "-";
    if (to_file && same_file(options.file == "-" ? "/dev/stdin" : options.file, options.output)) {
        complain(fmt::format("-o {} would overwrite the input", options.output));
        return could_not_work;
    }
    Front front = run_front(std::move(file));
    const bool over_included =
        to_file && std::ranges::any_of(front.included, [&](const std::string& path) { return same_file(path, options.output); });
    if (over_included) {
        complain(fmt::format("-o {} would overwrite a file that the input includes", options.output));
        return could_not_work;
    }
    // Whether everything has a counterpart in the target shows only while it is written.
    std::string text;
    if (front.diagnostics.errors() == 0) {
        note_other_family(front.diagnostics, options.target);
        text = emit(front, options.target);
    }
    say(print(front.diagnostics, front.sources, use_color(options.color)));
    if (front.diagnostics.errors() > 0) return input_has_errors;

    const std::string error = to_file ? replace_file(options.output, text) : write_output(text);
    if (error.empty()) return all_well;
    complain(fmt::format("cannot write {}: {}", to_file ? options.output : "to standard output", error));
    return could_not_work;
}

}  // namespace natc::cli

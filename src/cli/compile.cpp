#include <fmt/format.h>

#include "base/print.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/front.hpp"
#include "emit/iptables.hpp"
#include "optimise/passes.hpp"

namespace natc::cli {

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
    const bool good = front.diagnostics.errors() == 0;
    const bool ipv4 = options.target == Target::iptables;
    if (good)
        front.diagnostics.note(Code::load_both, {},
                               fmt::format("these are the {} rules; the file binds {} too, so load `--target {}` as well", ipv4 ? "IPv4" : "IPv6",
                                           ipv4 ? "IPv6" : "IPv4", ipv4 ? "ip6tables" : "iptables"));
    say(print(front.diagnostics, front.sources, use_color(options.color)));
    if (!good) return input_has_errors;

    const std::string text = emit_iptables(for_iptables(std::move(front.program)), ipv4 ? Family::ipv4 : Family::ipv6);
    const std::string error = to_file ? replace_file(options.output, text) : write_output(text);
    if (error.empty()) return all_well;
    complain(fmt::format("cannot write {}: {}", to_file ? options.output : "to standard output", error));
    return could_not_work;
}

}  // namespace natc::cli

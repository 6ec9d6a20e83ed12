#include <fmt/format.h>

#include "base/print.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/front.hpp"
#include "cli/waiting.hpp"

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

std::optional<Family> family_of(std::optional<Target> target) {
    if (!target || *target == Target::nft) return std::nullopt;
    return *target == Target::iptables ? Family::ipv4 : Family::ipv6;
}

/// The target that was asked for, or the tool that a dump came from.
Target choose_target(const Front& front, std::optional<Target> asked) {
    if (asked) return *asked;
    return front.families == FamilySet(Family::ipv6) ? Target::ip6tables : Target::iptables;
}

}  // namespace

Status compile(const CompileOptions& options) {
    std::optional<syntax::LoadedFile> file = read_input(options.file);
    if (!file) return could_not_work;
    Progress progress;
    const Waiting waiting(progress);
    const std::optional<Family> of_target = family_of(options.target);
    if (options.family && of_target && *options.family != *of_target) {
        complain(fmt::format("--family {} does not go with --target {}", *options.family == Family::ipv4 ? "ipv4" : "ipv6", *of_target == Family::ipv4 ? "iptables" : "ip6tables"));
        return could_not_work;
    }
    // Where nothing tells, and nothing is said on the target, it is the usual one.
    Front front = run_front(std::move(*file), {options.family ? options.family : of_target, options.target ? std::nullopt : std::optional(Family::ipv4), &progress, PortForwards::as_maps});
    if (overwrites_input(options.output, options.file, front)) return could_not_work;
    // Whether everything has a counterpart in the target shows only while it is written.
    const Target target = choose_target(front, options.target);
    std::string text;
    if (front.diagnostics.errors() == 0) {
        if (front.families == FamilySet::both()) note_other_family(front.diagnostics, target);
        progress.begin("writing the rules");
        text = emit(front, target);
    }
    say(print(front.diagnostics, front.sources, use_color(options.color)));
    if (front.diagnostics.errors() > 0) return input_has_errors;
    return write_result(options.output, text);
}

}  // namespace natc::cli

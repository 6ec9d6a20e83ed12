#include <algorithm>
#include <fmt/format.h>

#include "base/print.hpp"
#include "base/showable.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/fix.hpp"
#include "cli/front.hpp"
#include "cli/waiting.hpp"
#include "formats/formats.hpp"
#include "review/review.hpp"

namespace natc::cli {

namespace {

Front examine(syntax::LoadedFile file, const syntax::Loader& loader, const CheckOptions& options) {
    Progress progress;
    const Waiting waiting(progress);
    Front front = run_front(std::move(file), {options.family, Family::ipv4, &progress}, loader);
    if (front.diagnostics.errors() == 0) {
        review({front.sources, front.program, front.families, front.model ? &*front.model : nullptr}, front.diagnostics, progress);
        front.diagnostics.settle(front.sources);
    }
    if (options.target && front.diagnostics.errors() == 0) {
        progress.begin("writing the rules");
        check_target(front, *options.target);
        if (front.diagnostics.errors() == 0) (void)emit(front, *options.target);
    }
    return front;
}

/// What was written, a line each: `fixed[N2003]: lab.net:3:12: 10.1.1.5/24 has host bits set: now 10.1.1.0/24`.
void say_fixed(const std::vector<Finding>& fixed) {
    constexpr std::size_t most = Diagnostics::limit;
    std::string text;
    for (std::size_t i = 0; i < std::min(fixed.size(), most); ++i) {
        const Finding& finding = fixed[i];
        text += fmt::format("fixed[{}]: ", spelled(finding.code));
        append_shown(text, finding.place.file);
        text += fmt::format(":{}:{}: ", finding.place.region->line, finding.place.region->column);
        append_prose(text, finding.message);
        const std::string& written = finding.fixes.front().text;
        text += written.empty() ? ": left out" : ": now ";
        append_prose(text, written);
        text += '\n';
    }
    if (fixed.size() > most) text += fmt::format("natc: {} more were fixed\n", fixed.size() - most);
    say(text);
}

/// Makes the fixes, says so, and gives what is left. False if a file could not be rewritten.
bool fix(syntax::LoadedFile file, const Examine& examine, Front& front, Report& report) {
    const std::string name = file.name;
    FixResult result = fix_file(std::move(file), examine);
    front = std::move(result.front);
    say_fixed(result.made.fixed());
    report.take_fixed(std::move(result.made));
    if (front.kind != InputKind::dump) return !result.failed;
    complain(fmt::format("{} was saved from the kernel or is written for iptables-restore: --fix changes .net files alone", name));
    return false;
}

/// The report in a format for programs, and where it belongs.
Status print_report(const Report& report, CheckFormat format) {
    switch (format) {
        case CheckFormat::text: break;  // was said, file by file
        case CheckFormat::brief: say(as_short(report)); break;
        case CheckFormat::json: return print_result(as_json(report));
        case CheckFormat::sarif: return print_result(as_sarif(report, NATC_VERSION, working_directory()));
        case CheckFormat::github: return print_result(as_github(report, working_directory()));
    }
    return all_well;
}

Status status_of(const Diagnostics& diagnostics, bool strict) {
    if (diagnostics.errors() > 0 || (strict && diagnostics.warnings() > 0)) return input_has_errors;
    const bool unsure = std::any_of(diagnostics.all().begin(), diagnostics.all().end(), [](const Diagnostic& d) { return d.code == Code::review_undecided; });
    return unsure ? undecided : all_well;
}

}  // namespace

Status check_files(const CheckOptions& options) {
    if (options.fix && std::ranges::find(options.files, "-") != options.files.end()) {
        complain("--fix cannot rewrite standard input: name the file");
        return could_not_work;
    }
    const Examine examine_it = [&](syntax::LoadedFile file, const syntax::Loader& loader) { return examine(std::move(file), loader, options); };
    Status status = all_well;
    Report report;
    for (const std::string& path : options.files) {
        syntax::LoadedFile file = read_file(path);
        if (is_unread(file)) {
            report.add_unread(file.name, file.error);
            status = worse(status, could_not_work);
            continue;
        }
        Front front;
        if (!options.fix)
            front = examine_it(std::move(file), read_included);
        else if (!fix(std::move(file), examine_it, front, report))
            status = worse(status, could_not_work);
        if (options.format == CheckFormat::text)
            say(print(front.diagnostics, front.sources, use_color(options.color)));
        else
            report.add(front.diagnostics, front.sources);
        status = worse(status, status_of(front.diagnostics, options.strict));
    }
    return worse(status, print_report(report, options.format));
}

}  // namespace natc::cli

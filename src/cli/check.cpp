#include <algorithm>
#include <fmt/format.h>

#include "base/print.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/front.hpp"
#include "review/review.hpp"

namespace natc::cli {

namespace {

/// Of several files, what natc could not do outweighs what is wrong with one, and that what nobody knows.
Status worse(Status a, Status b) {
    constexpr Status order[] = {could_not_work, input_has_errors, undecided};
    for (const Status status : order)
        if (a == status || b == status) return status;
    return all_well;
}

Status status_of(const Diagnostics& diagnostics, bool strict) {
    if (diagnostics.errors() > 0 || (strict && diagnostics.warnings() > 0)) return input_has_errors;
    const bool unsure = std::any_of(diagnostics.all().begin(), diagnostics.all().end(), [](const Diagnostic& d) { return d.code == Code::review_undecided; });
    return unsure ? undecided : all_well;
}

}  // namespace

Status check_files(const CheckOptions& options) {
    Status status = all_well;
    for (const std::string& path : options.files) {
        syntax::LoadedFile file = read_file(path);
        if (!file.error.empty()) {
            complain(fmt::format("cannot read {}: {}", file.name, file.error));
            status = worse(status, could_not_work);
            continue;
        }
        Front front = run_front(std::move(file), {options.family, Family::ipv4});
        if (front.diagnostics.errors() == 0) {
            review({front.sources, front.program, front.families, front.model ? &*front.model : nullptr}, front.diagnostics);
            front.diagnostics.settle(front.sources);
        }
        if (options.target && front.diagnostics.errors() == 0) {
            check_target(front, *options.target);
            if (front.diagnostics.errors() == 0) (void)emit(front, *options.target);
        }
        say(print(front.diagnostics, front.sources, use_color(options.color)));
        status = worse(status, status_of(front.diagnostics, options.strict));
    }
    return status;
}

}  // namespace natc::cli

#include <algorithm>

#include "base/print.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/front.hpp"
#include "review/review.hpp"

namespace natc::cli {

Status check_files(const CheckOptions& options) {
    Status status = all_well;
    for (const std::string& path : options.files) {
        std::optional<syntax::LoadedFile> file = read_input(path);
        if (!file) {
            status = could_not_work;
            continue;
        }
        Front front = run_front(std::move(*file), {options.family, Family::ipv4});
        if (front.diagnostics.errors() == 0) {
            review_never(front.program, front.families, front.model ? std::optional(written_rules(*front.model)) : std::nullopt, front.diagnostics);
            front.diagnostics.settle(front.sources);
        }
        if (options.target && front.diagnostics.errors() == 0) {
            check_target(front, *options.target);
            if (front.diagnostics.errors() == 0) (void)emit(front, *options.target);
        }
        say(print(front.diagnostics, front.sources, use_color(options.color)));
        const bool bad = front.diagnostics.errors() > 0 || (options.strict && front.diagnostics.warnings() > 0);
        // A file that could not be read outweighs one with errors.
        if (bad) status = std::max(status, input_has_errors);
    }
    return status;
}

}  // namespace natc::cli

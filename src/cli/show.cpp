#include "show/show.hpp"

#include <fmt/format.h>
#include <optional>

#include "base/print.hpp"
#include "base/showable.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/front.hpp"

namespace natc::cli {

Status show_list(const ShowOptions& options) {
    std::optional<syntax::LoadedFile> file = read_input(options.file);
    if (!file) return could_not_work;
    const Front front = run_front(std::move(*file), {});
    if (front.kind == InputKind::dump) {
        complain(fmt::format("{} has saved rules, which name no networks and no guests: natc show takes .net files", options.file == "-" ? "standard input" : options.file));
        return could_not_work;
    }
    // What else it says of the file was said by `compile`.
    if (front.diagnostics.errors() > 0) {
        say(print(front.diagnostics, front.sources, use_color(options.color)));
        return input_has_errors;
    }
    const Model& model = *front.model;
    if (options.guest) {
        const auto place = show::find_guest(model, *options.guest);
        if (place) return print_result(show::one_guest(model, front.sources, *place, options.format));
        const std::string near = show::near_guest(model, *options.guest);
        std::string asked;
        append_prose(asked, *options.guest);
        complain(fmt::format("there is no guest `{}`{}", asked, near.empty() ? "" : fmt::format("; did you mean `{}`?", near)));
        return input_has_errors;
    }
    switch (options.what) {
        case Listed::networks: return print_result(show::networks(model, options.format));
        case Listed::guests: return print_result(show::guests(model, front.sources, options.format));
        case Listed::port_forwards: break;
    }
    return print_result(show::port_forwards(model, options.format));
}

}  // namespace natc::cli

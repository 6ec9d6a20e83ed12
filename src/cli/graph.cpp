#include "graph/graph.hpp"

#include <fmt/format.h>
#include <optional>

#include "base/print.hpp"
#include "base/showable.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/front.hpp"
#include "cli/graphviz.hpp"
#include "cli/waiting.hpp"
#include "optimise/passes.hpp"

namespace natc::cli {

namespace {

Picture format_of(const GraphOptions& options) {
    if (options.format) return *options.format;
    if (options.output.ends_with(".svg")) return Picture::svg;
    return options.output.ends_with(".mmd") ? Picture::mermaid : Picture::dot;
}

/// The file without its folders.
std::string title_of(const std::string& path) {
    std::string title;
    append_prose(title, path == "-" ? "standard input" : std::string_view(path).substr(path.find_last_of('/') + 1));
    return title;
}

}  // namespace

Status draw_graph(const GraphOptions& options) {
    std::optional<syntax::LoadedFile> file = read_input(options.file);
    if (!file) return could_not_work;
    Progress progress;
    const Waiting waiting(progress);
    Front front = run_front(std::move(*file), {.family = {}, .progress = &progress});
    if (front.kind == InputKind::dump) {
        complain(fmt::format("{} has saved rules, which name no networks: natc graph takes .net files", options.file == "-" ? "standard input" : options.file));
        return could_not_work;
    }
    if (overwrites_input(options.output, options.file, front)) return could_not_work;
    // What else it says of the file was said by `compile`.
    if (front.diagnostics.errors() > 0) {
        say(print(front.diagnostics, front.sources, use_color(options.color)));
        return input_has_errors;
    }
    const Model& model = *front.model;
    progress.begin("looking at who reaches whom");
    const graph::Graph graph = graph::graph_of(fit_iptables(std::move(front.program)), model);
    const Picture format = format_of(options);
    const std::string title = title_of(options.file);
    std::string picture = format == Picture::mermaid ? graph::as_mermaid(graph, model, title) : graph::as_dot(graph, model, title);
    if (format == Picture::svg) {
        progress.begin("drawing the picture");
        Drawn drawn = draw_svg(picture);
        if (!drawn.error.empty()) {
            complain(drawn.error);
            return could_not_work;
        }
        picture = std::move(drawn.svg);
    }
    if (const Status status = write_result(options.output, picture); status != all_well) return status;
    if (graph.undecided.empty()) return all_well;
    const std::string more = graph.undecided.size() == 1 ? "" : fmt::format(" (and those from {} other places)", graph.undecided.size() - 1);
    complain(fmt::format("undecided: the rules are too many, and arrows from {} are missing{}", name_of(graph.undecided.front(), graph, model), more));
    return undecided;
}

}  // namespace natc::cli

#include <fmt/format.h>
#include <set>

#include "graph/drawing.hpp"
#include "graph/graph.hpp"

namespace natc::graph {

namespace {

/// A text in quotes. Mermaid knows characters by number or HTML's name behind a `#`.
std::string mermaid_quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) switch (c) {
            case '"': out += "#quot;"; break;
            case '#': out += "#35;"; break;
            case '&': out += "#amp;"; break;
            case '<': out += "#lt;"; break;
            case '>': out += "#gt;"; break;
            case '`': out += "#96;"; break;  // would begin Markdown
            case '\\': out += "#92;"; break;
            default: out += c;
        }
    return out + '"';
}

/// The same for the heading, which is YAML.
std::string yaml_quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string lines_of(const std::vector<std::string>& lines) {
    std::string text = "\"";
    for (const std::string& line : lines) {
        const std::string one = mermaid_quoted(line);
        if (text.size() > 1) text += "<br/>";
        text.append(one, 1, one.size() - 2);
    }
    return text + '"';
}

std::string id_of(const End& end) {
    switch (end.place.kind) {
        case Place::Kind::outside: return fmt::format("outside{}", end.place.number);
        case Place::Kind::host: return "host";
        case Place::Kind::network: break;
    }
    return end.all ? fmt::format("network{}", end.place.number) : fmt::format("guest{}_{}", end.place.number, end.guests.front());
}

}  // namespace

std::string as_mermaid(const Graph& graph, const Model& model, std::string_view title) {
    std::string text;
    for (const std::string& line : legend(graph, model)) text += fmt::format("%% {}\n", line);
    text = fmt::format("---\ntitle: {}\n---\n{}flowchart LR\n", yaml_quoted(title), text);
    text += "    subgraph outside\n";
    for (std::size_t i = 0; i < graph.outside.size(); ++i) text += fmt::format("        outside{}([{}])\n", i, mermaid_quoted(graph.outside[i]));
    text += "    end\n    host[[\"this host\"]]\n";
    const std::vector<Stroke> all = strokes(graph);
    std::set<std::string> drawn;
    for (const Stroke& stroke : all) drawn.insert({id_of(stroke.from), id_of(stroke.to)});
    const std::vector<Box> networks = boxes(graph, model);
    for (std::size_t number = 0; number < networks.size(); ++number) {
        const Box& box = networks[number];
        std::vector<std::string> head{box.title};
        head.insert(head.end(), box.lines.begin(), box.lines.end());
        text += fmt::format("    subgraph network{}[{}]\n", number, lines_of(head));
        // Those that no arrow is for stand together.
        std::vector<std::string> others;
        for (const Row& row : box.rows) {
            const std::string id = id_of({{Place::Kind::network, number}, false, {row.guest}});
            const std::string words = row.addresses.empty() ? row.name : fmt::format("{} {}", row.name, row.addresses);
            if (drawn.contains(id))
                text += fmt::format("        {}[{}]\n", id, mermaid_quoted(words));
            else
                others.push_back(words);
        }
        if (box.further != 0) others.push_back(fmt::format("and {} further guests", box.further));
        if (others.empty() && box.rows.empty()) others.emplace_back("no guests");
        if (!others.empty()) text += fmt::format("        guests{}[{}]\n", number, lines_of(others));
        text += "    end\n";
    }
    for (const Stroke& stroke : all)
        text += fmt::format("    {} {}|{}| {}\n", id_of(stroke.from), stroke.kind == Arrow::Kind::passes ? "-->" : "-.->", lines_of(stroke.lines), id_of(stroke.to));
    return text;
}

}  // namespace natc::graph

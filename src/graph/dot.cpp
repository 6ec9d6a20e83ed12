#include <fmt/format.h>

#include "graph/drawing.hpp"
#include "graph/graph.hpp"

namespace natc::graph {

namespace {

/// For labels that Graphviz reads as HTML: `&` and `<` are taken literally nowhere else.
std::string html(std::string_view text) {
    std::string out;
    for (const char c : text) switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    return out;
}

/// A text in quotes.
std::string dot_quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string node_of(const End& end) {
    switch (end.place.kind) {
        case Place::Kind::outside: return fmt::format("outside{}", end.place.number);
        case Place::Kind::host: return "host";
        case Place::Kind::network: break;
    }
    return end.all ? fmt::format("network{}:all", end.place.number) : fmt::format("network{}:guest{}", end.place.number, end.guests.front());
}

std::string table_of(const Box& box) {
    std::string text = "<TABLE BORDER=\"1\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"3\">";
    text += fmt::format("<TR><TD PORT=\"all\" BGCOLOR=\"#e4e4e4\"><B>{}</B>", html(box.title));
    for (const std::string& line : box.lines) text += fmt::format("<BR/>{}", html(line));
    text += "</TD></TR>";
    if (!box.rows.empty()) text += "<HR/>";
    for (const Row& row : box.rows)
        text += fmt::format("<TR><TD PORT=\"guest{}\"><TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"0\"><TR><TD ALIGN=\"LEFT\">{}</TD><TD>   </TD><TD ALIGN=\"RIGHT\">{}</TD></TR></TABLE></TD></TR>",
                            row.guest, html(row.name), html(row.addresses));
    if (box.further != 0) text += fmt::format("<TR><TD><I>and {} further guests</I></TD></TR>", box.further);
    return text + "</TABLE>";
}

std::string_view style_of(Arrow::Kind kind) {
    switch (kind) {
        case Arrow::Kind::passes: return "solid";
        case Arrow::Kind::may: return "dashed";
        case Arrow::Kind::refused: break;
    }
    return "dotted";
}

std::string_view colour_of(const Stroke& stroke) {
    if (stroke.kind == Arrow::Kind::refused) return "#a00000";
    if (stroke.from.place.kind == Place::Kind::outside) return "#b04a00";
    return stroke.to.place.kind == Place::Kind::network ? "#00509e" : "#303030";
}

/// The columns that places stand in.
int column_of(const End& end) {
    switch (end.place.kind) {
        case Place::Kind::outside: return 0;
        case Place::Kind::network: return 1;
        case Place::Kind::host: break;
    }
    return 2;
}

std::string edge(const Stroke& stroke) {
    std::string lines, examples;
    for (const std::string& line : stroke.lines) lines += html(line) + "<BR ALIGN=\"LEFT\"/>";
    for (const std::string& example : stroke.examples) examples += (examples.empty() ? "" : "; ") + example;
    // An arrow against the order of the columns is drawn the other way round, and has its head where it began.
    const int from = column_of(stroke.from), to = column_of(stroke.to);
    const bool back = from > to, beside = from == to;
    // Labels of arrows within a column would be put one on the other.
    std::string attributes = fmt::format("{}=<{}>, style={}, color=\"{}\", fontcolor=\"{}\"", beside ? "xlabel" : "label", lines, style_of(stroke.kind), colour_of(stroke), colour_of(stroke));
    if (back) attributes += ", dir=back";
    return fmt::format("    {}{} -> {}{} [{}, tooltip={}];\n", node_of(back ? stroke.to : stroke.from), beside ? ":e" : "", node_of(back ? stroke.from : stroke.to), beside ? ":e" : "", attributes,
                       dot_quoted(examples));
}

}  // namespace

std::string as_dot(const Graph& graph, const Model& model, std::string_view title) {
    std::string below;
    for (const std::string& line : legend(graph, model)) below += fmt::format("<BR ALIGN=\"LEFT\"/><FONT POINT-SIZE=\"10\">{}</FONT>", html(line));
    std::string text = "digraph natc {\n    rankdir=LR; nodesep=0.35; ranksep=1.6; fontname=\"Helvetica\"; labelloc=t; labeljust=l;\n";
    text += fmt::format("    label=<<B>{}</B>{}<BR ALIGN=\"LEFT\"/>>;\n", html(title), below);
    text += "    node [shape=plain, fontname=\"Helvetica\", fontsize=11];\n    edge [fontname=\"Helvetica\", fontsize=10, arrowsize=0.7];\n\n";
    text += "    subgraph cluster_outside {\n        label=\"outside\"; style=dashed; margin=14;\n";
    for (std::size_t i = 0; i < graph.outside.size(); ++i) text += fmt::format("        outside{} [shape=box, style=rounded, label={}];\n", i, dot_quoted(graph.outside[i]));
    text += "    }\n    host [shape=box, penwidth=2, label=\"this host\"];\n";
    const std::vector<Box> all = boxes(graph, model);
    for (std::size_t i = 0; i < all.size(); ++i) text += fmt::format("    network{} [label=<{}>];\n", i, table_of(all[i]));
    if (!all.empty()) {
        text += "    { rank=same;";
        for (std::size_t i = 0; i < all.size(); ++i) text += fmt::format(" network{};", i);
        text += " }\n";
    }
    text += '\n';
    for (const Stroke& stroke : strokes(graph)) text += edge(stroke);
    return text + "}\n";
}

}  // namespace natc::graph

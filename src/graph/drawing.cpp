#include "graph/drawing.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace natc::graph {

namespace {

/// Guests that a network shows whether arrows lead to them or not.
constexpr std::size_t most_rows = 48;
constexpr std::size_t most_lines = 8;
constexpr std::size_t most_subnets = 4;
constexpr std::size_t most_undecided = 4;

std::string list(const std::vector<Address>& addresses) {
    std::string text;
    for (const Address address : addresses) text += (text.empty() ? "" : ", ") + to_string(address);
    return text;
}

std::string_view remark_of(Arrow::Kind kind) {
    switch (kind) {
        case Arrow::Kind::passes: return "";
        case Arrow::Kind::may: return " ?";
        case Arrow::Kind::refused: break;
    }
    return ": refused";
}

std::vector<End> one_by_one(const End& end) {
    if (end.all) return {end};
    std::vector<End> ends;
    for (const std::size_t guest : end.guests) ends.push_back({end.place, false, {guest}});
    return ends;
}

}  // namespace

std::vector<Box> boxes(const Graph& graph, const Model& model) {
    std::vector<std::set<std::size_t>> pointed_at(model.networks.size());
    for (const Arrow& arrow : graph.arrows)
        for (const End* end : {&arrow.from, &arrow.to})
            if (!end->all) pointed_at[end->place.number].insert(end->guests.begin(), end->guests.end());
    std::vector<Box> result;
    for (std::size_t number = 0; number < model.networks.size(); ++number) {
        const Network& network = model.networks[number];
        Box box{network.name, {fmt::format("bridge {}", network.bridge.text())}, {}, 0};
        for (std::size_t i = 0; i < std::min(network.subnets.size(), most_subnets); ++i) box.lines.push_back(to_string(network.subnets[i].range));
        if (network.subnets.size() > most_subnets) box.lines.push_back(fmt::format("and {} further subnets", network.subnets.size() - most_subnets));
        for (std::size_t guest = 0; guest < network.guests.size(); ++guest) {
            if (guest >= most_rows && !pointed_at[number].contains(guest)) continue;
            box.rows.push_back({guest, network.guests[guest].name, list(network.guests[guest].addresses)});
        }
        box.further = network.guests.size() - box.rows.size();
        result.push_back(std::move(box));
    }
    return result;
}

std::vector<std::string> legend(const Graph& graph, const Model& model) {
    std::vector<std::string> lines{"Arrows: who may open connections to whom, by what the rules do."};
    const auto has = [&](Arrow::Kind kind) { return std::any_of(graph.arrows.begin(), graph.arrows.end(), [&](const Arrow& arrow) { return arrow.kind == kind; }); };
    if (has(Arrow::Kind::may)) lines.emplace_back("With a ?, dashed: a limit, or something else that natc does not look into, decides.");
    if (has(Arrow::Kind::refused)) lines.emplace_back("Refused, dotted: a port-forward takes it, and the filter behind it does not let it pass.");
    if (graph.undecided.empty()) return lines;
    std::string places;
    for (std::size_t i = 0; i < std::min(graph.undecided.size(), most_undecided); ++i) places += (i == 0 ? "" : ", ") + name_of(graph.undecided[i], graph, model);
    if (graph.undecided.size() > most_undecided) places += fmt::format(" and {} more", graph.undecided.size() - most_undecided);
    lines.push_back(fmt::format("Undecided, since the rules are too many: what {} may open. Arrows from there are missing.", places));
    return lines;
}

std::vector<Stroke> strokes(const Graph& graph) {
    std::map<std::pair<End, End>, Stroke> all;
    // Those that surely pass come first.
    for (const Arrow::Kind kind : {Arrow::Kind::passes, Arrow::Kind::may, Arrow::Kind::refused})
        for (const Arrow& arrow : graph.arrows) {
            if (arrow.kind != kind) continue;
            for (const End& from : one_by_one(arrow.from))
                for (const End& to : one_by_one(arrow.to)) {
                    Stroke& stroke = all[{from, to}];
                    if (stroke.lines.empty()) {
                        stroke.from = from;
                        stroke.to = to;
                        stroke.kind = kind;
                    }
                    for (const std::string& line : arrow.lines) stroke.lines.push_back(line + std::string(remark_of(kind)));
                    stroke.examples.insert(stroke.examples.end(), arrow.examples.begin(), arrow.examples.end());
                }
        }
    std::vector<Stroke> result;
    for (auto& [ends, stroke] : all) {
        if (stroke.lines.size() > most_lines) {
            const std::string more = fmt::format("and {} more", stroke.lines.size() - most_lines);
            stroke.lines.resize(most_lines);
            stroke.lines.push_back(more);
        }
        result.push_back(std::move(stroke));
    }
    return result;
}

}  // namespace natc::graph

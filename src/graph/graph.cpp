#include "graph/graph.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "graph/ask.hpp"
#include "semantics/budget.hpp"

namespace natc::graph {

namespace {

/// Whether it is a network's bridge, or a port of one.
bool inside(const InterfaceName& name, const Network& network) {
    return network.bridge == name || std::find(network.members.begin(), network.members.end(), name) != network.members.end() ||
           std::any_of(network.guests.begin(), network.guests.end(), [&](const Guest& guest) { return guest.tap == name; });
}

/// The file's uplinks and the networks', each once. A bridge of another network is drawn as that; and of a bridge's port nothing is seen.
std::vector<InterfaceName> ways_outside(const Model& model) {
    std::vector<InterfaceName> ways;
    const auto add = [&](const InterfaceName& name) {
        const bool known = std::find(ways.begin(), ways.end(), name) != ways.end();
        if (!known && std::none_of(model.networks.begin(), model.networks.end(), [&](const Network& network) { return inside(name, network); })) ways.push_back(name);
    };
    for (const InterfaceName& name : model.uplinks) add(name);
    for (const Network& network : model.networks)
        for (const InterfaceName& name : network.uplinks) add(name);
    return ways;
}

FamilySet families_of(const End& end, const Model& model) { return end.place.kind == Place::Kind::network ? model.networks[end.place.number].families() : FamilySet::both(); }

/// A line of an arrow, and the families in which it is true.
struct Line {
    std::string words, example;
    FamilySet families;
    bool tells_family = false;
};

}  // namespace

std::string name_of(Place place, const Graph& graph, const Model& model) {
    switch (place.kind) {
        case Place::Kind::outside: return graph.outside[place.number];
        case Place::Kind::host: return "this host";
        case Place::Kind::network: break;
    }
    return "network " + model.networks[place.number].name;
}

Graph graph_of(const ir::Program& program, const Model& model) {
    Graph graph;
    const std::vector<InterfaceName> outside = ways_outside(model);
    for (const InterfaceName& name : outside) graph.outside.emplace_back(name.text());
    if (outside.empty()) graph.outside.emplace_back("outside");

    using Key = std::tuple<End, End, Arrow::Kind>;
    std::map<Key, std::vector<Line>> lines;
    for (const Family family : all_families) {
        packet::Budget budget(semantics::steps);
        Findings findings = ask(program, model, outside, family, budget);
        graph.undecided.insert(graph.undecided.end(), findings.undecided.begin(), findings.undecided.end());
        for (Finding& finding : findings.all) {
            std::vector<Line>& of = lines[{finding.from, finding.to, finding.kind}];
            const auto same = std::find_if(of.begin(), of.end(), [&](const Line& line) { return line.words == finding.words; });
            if (same == of.end())
                of.push_back({std::move(finding.words), std::move(finding.example), family, finding.tells_family});
            else
                same->families |= family;
        }
    }
    std::sort(graph.undecided.begin(), graph.undecided.end());
    graph.undecided.erase(std::unique(graph.undecided.begin(), graph.undecided.end()), graph.undecided.end());
    for (auto& [key, all] : lines) {
        Arrow arrow{std::get<Arrow::Kind>(key), std::get<0>(key), std::get<1>(key), {}, {}};
        const FamilySet possible = families_of(arrow.from, model) & families_of(arrow.to, model);
        for (Line& line : all) {
            if (!line.tells_family && !(line.families == possible)) line.words += line.families.contains(Family::ipv4) ? " (IPv4)" : " (IPv6)";
            arrow.lines.push_back(std::move(line.words));
            arrow.examples.push_back(std::move(line.example));
        }
        graph.arrows.push_back(std::move(arrow));
    }
    return graph;
}

}  // namespace natc::graph

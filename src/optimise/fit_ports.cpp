#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "optimise/passes.hpp"
#include "optimise/port_lists.hpp"

namespace natc {

namespace {

using Matches = std::vector<ir::Match>;

bool fits(const ir::Match& match) {
    const PortList* ports = ports_of(match);
    return ports == nullptr || fits_multiport(*ports);
}

bool fits(const ir::Rule& rule) {
    return !rule.spelling.empty() ||
           std::all_of(rule.matches.begin(), rule.matches.end(),
                       [](const ir::Match& match) { return fits(match); });
}

template <typename Ports> std::vector<Matches> alternatives(const Ports& ports) {
    std::vector<Matches> result;
    if (ports.negated) result.emplace_back();
    for (PortList& piece : pieces(ports.ranges)) {
        // In none of them is in none of this piece and of that; in one of them is in one of this or
        // of that.
        if (!ports.negated) result.emplace_back();
        result.back().push_back(Ports{std::move(piece), ports.negated});
    }
    return result;
}

/// What stands for a match: any of these, each of which is several matches of one rule.
std::vector<Matches> alternatives(const ir::Match& match) {
    if (fits(match)) return {{match}};
    if (const auto* source = std::get_if<ir::SourcePorts>(&match)) return alternatives(*source);
    return alternatives(std::get<ir::DestinationPorts>(match));
}

/// No packet matches two of the rules, so that it does not matter whether the statement ends its
/// way. A limit would be one for each rule: fit_exclusions leaves no long list beside one.
void split(ir::Rule rule, std::vector<ir::Rule>& out) {
    std::vector<Matches> parts(1);
    for (const ir::Match& match : rule.matches) {
        std::vector<Matches> longer;
        const std::vector<Matches> added = alternatives(match);
        for (const Matches& part : parts) {
            for (const Matches& more : added) {
                longer.push_back(part);
                longer.back().insert(longer.back().end(), more.begin(), more.end());
            }
        }
        parts = std::move(longer);
    }
    for (Matches& part : parts) {
        rule.matches = std::move(part);
        out.push_back(rule);
        rule.remark.clear();  // once is enough
    }
}

}  // namespace

ir::Program fit_ports(ir::Program program) {
    for (ir::Table& table : program.tables) {
        for (ir::Chain& chain : table.chains) {
            if (std::all_of(chain.rules.begin(), chain.rules.end(),
                            [](const ir::Rule& rule) { return fits(rule); }))
                continue;
            std::vector<ir::Rule> rules;
            rules.reserve(chain.rules.size());
            for (ir::Rule& rule : chain.rules) {
                if (fits(rule))
                    rules.push_back(std::move(rule));
                else
                    split(std::move(rule), rules);
            }
            chain.rules = std::move(rules);
        }
    }
    return program;
}

}  // namespace natc

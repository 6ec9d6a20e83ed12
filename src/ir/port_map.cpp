#include "ir/port_map.hpp"

#include <algorithm>
#include <utility>

#include "ir/program.hpp"

namespace natc::ir {

namespace {

/// The rule that asks for one entry's ports too, and translates as that says.
Rule rule_of(const Rule& looking_up, const PortMap& map, const PortMap::Entry& entry) {
    Rule rule;
    rule.families = looking_up.families;
    rule.matches.reserve(looking_up.matches.size() + 1);
    for (const Match& match : looking_up.matches) {
        rule.matches.push_back(match);
        // Ports stand behind their protocol, as in other rules.
        if (std::holds_alternative<ProtocolIs>(match)) rule.matches.push_back(DestinationPorts{{entry.ports}, false});
    }
    rule.statement = entry.to;
    rule.origins = {entry.origin};
    if (const std::string* remark = map.remark_of(entry)) rule.remark = *remark;
    return rule;
}

}  // namespace

bool PortMap::translates_as(const PortMap& o) const {
    return protocol == o.protocol && family == o.family &&
           std::equal(entries.begin(), entries.end(), o.entries.begin(), o.entries.end(), [](const Entry& a, const Entry& b) { return a.ports == b.ports && a.to == b.to; });
}

Program as_rules(Program program, std::size_t most) {
    for (Table& table : program.tables) {
        if (table.port_maps.empty()) continue;
        const auto small = [&](const Rule& rule) {
            const auto* by = std::get_if<ByPort>(&rule.statement);
            return by != nullptr && table.port_maps[by->map].entries.size() <= most;
        };
        for (Chain& chain : table.chains) {
            if (std::none_of(chain.rules.begin(), chain.rules.end(), small)) continue;
            std::vector<Rule> rules;
            for (Rule& rule : chain.rules) {
                if (!small(rule)) {
                    rules.push_back(std::move(rule));
                    continue;
                }
                const auto& by = std::get<ByPort>(rule.statement);
                const PortMap& map = table.port_maps[by.map];
                for (std::size_t i = by.begin; i < by.end; ++i) rules.push_back(rule_of(rule, map, map.entries[i]));
            }
            chain.rules = std::move(rules);
        }
    }
    return program;
}

}  // namespace natc::ir

#include "semantics/rulings.hpp"

#include <optional>
#include <set>

namespace natc::semantics {

Rulings::Rulings(const ir::Program& program, const Space& space, packet::Budget& budget, const Surroundings& surroundings)
    : program_(program), surroundings_(surroundings), asked_(space.whole().size() - known_fields) {
    for (const ir::Table& table : program.tables)
        for (const ir::Hook hook : ir::hooks_of(table.table)) {
            std::optional<List> list = unfold(table, hook, space, budget);
            if (!list) continue;
            Stage& stage = stages_[{table.table, hook}];
            stage.list = std::move(*list);
            for (std::uint32_t i = 0; i < stage.list.entries.size(); ++i) stage.owner.resize(stage.list.entries[i].last, i);
            for (std::size_t i = 0; i < stage.list.boxes.size(); ++i)
                for (const packet::Side& side : stage.list.boxes[i])
                    if (side.field >= known_fields) ++asked_[side.field - known_fields];
            stage.index = std::make_unique<packet::Index>(stage.list.boxes);
            if (stage.list.two_values) stage.chains = chains_of(table);
            for (const ir::Chain& chain : table.chains)
                if (chain.hook == hook && chain.families.contains(space.family())) stage.chain = &chain;
            stage.path = space.unknowns().root(*stage.chain);
            if (stage.list.two_values) follow_chains(stage, space, budget);
        }
}

/// The boxes of all rules that packets may come to.
void Rulings::follow_chains(Stage& stage, const Space& space, packet::Budget& budget) const {
    std::set<std::pair<const ir::Chain*, Path>> known;
    std::vector<std::pair<const ir::Chain*, Path>> next{{stage.chain, stage.path}};
    while (!next.empty()) {
        const auto [chain, path] = next.back();
        next.pop_back();
        if (!known.emplace(chain, path).second) continue;
        for (const ir::Rule& rule : chain->rules) {
            if (!rule.families.contains(space.family())) continue;
            stage.boxes_of[{path, &rule}] = space.boxes_of(rule, path, budget);
            if (const std::string* called = ir::called_chain(rule.statement)) next.emplace_back(stage.chains.at(*called), space.unknowns().called(path, rule));
        }
    }
}

const Rulings::Stage* Rulings::stage(ir::TableName table, ir::Hook hook) const {
    const auto at = stages_.find({table, hook});
    return at == stages_.end() ? nullptr : &at->second;
}

// The order of priorities: raw -300, mangle -150, nat's destination -100, filter 0, security 50, nat's source 100.
const std::vector<Stop>& before_routing() {
    using enum ir::TableName;
    static const std::vector<Stop> stops{{raw, ir::Hook::prerouting}, {mangle, ir::Hook::prerouting}, {nat, ir::Hook::prerouting}};
    return stops;
}
const std::vector<Stop>& to_the_host() {
    using enum ir::TableName;
    static const std::vector<Stop> stops{{mangle, ir::Hook::input}, {filter, ir::Hook::input}, {security, ir::Hook::input}, {nat, ir::Hook::input}};
    return stops;
}
const std::vector<Stop>& through_the_host() {
    using enum ir::TableName;
    static const std::vector<Stop> stops{
        {mangle, ir::Hook::forward}, {filter, ir::Hook::forward}, {security, ir::Hook::forward}, {mangle, ir::Hook::postrouting}, {nat, ir::Hook::postrouting}};
    return stops;
}
const std::vector<Stop>& from_the_host() {
    using enum ir::TableName;
    static const std::vector<Stop> stops{{raw, ir::Hook::output},    {mangle, ir::Hook::output},      {nat, ir::Hook::output},     {filter, ir::Hook::output},
                                         {security, ir::Hook::output}, {mangle, ir::Hook::postrouting}, {nat, ir::Hook::postrouting}};
    return stops;
}

}  // namespace natc::semantics

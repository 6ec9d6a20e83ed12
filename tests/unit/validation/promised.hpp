// What is promised of a golden, and where its text departs from it.
#pragma once

#include <fmt/format.h>
#include <map>
#include <string>
#include <vector>

#include "golden.hpp"
#include "reference.hpp"
#include "regions.hpp"
#include "semantics/differ.hpp"
#include "semantics/stage_differ.hpp"
#include "semantics/words.hpp"

namespace natc::validation {

using semantics::Differences;

inline std::string lines_of(const std::vector<semantics::Step>& steps, const Sources* sources) {
    std::string text;
    for (const semantics::Step& step : steps) {
        text += fmt::format("        {} {}: ", ir::name(step.table), step.chain->name);
        if (step.rule == nullptr)
            text += "policy\n";
        else if (sources != nullptr && !step.rule->origins.empty())
            text += std::string(sources->text(step.rule->origins.front())) + '\n';
        else
            text += fmt::format("rule {}\n", step.rule - step.chain->rules.data());
    }
    return text;
}

inline std::string words_of(const Differences& differences, const Space& space, const Sources& sources) {
    std::string text = differences.undecided ? "undecided\n" : "";
    for (const semantics::Difference& difference : differences.classes) {
        for (const packet::Product& packets : difference.packets) text += semantics::words(packets, space) + "\n";
        for (const auto& fate : difference.before) text += "    promised: " + semantics::words(fate, space) + '\n';
        text += lines_of(difference.before_steps, nullptr);
        for (const auto& fate : difference.after) text += "    done: " + semantics::words(fate, space) + '\n';
        text += lines_of(difference.after_steps, &sources);
    }
    return text;
}

/// Whether FORWARD needs a rule on replies: "what an accepted connection sends back is accepted, whichever networks and uplinks it crosses". Between networks always; else
/// where a rule accepts a new connection and no rule what comes back.
inline bool needs_replies(const Model& model, Family family) {
    const auto open = std::count_if(model.networks.begin(), model.networks.end(), [&](const Network& network) { return !network.isolated(family); });
    if (open >= 2) return true;
    const ir::Program without = Reference(model, family, false).take();
    const ir::Program with = Reference(model, family, true).take();
    const std::vector<InterfaceName> uplinks = uplinks_of(model, family);
    const Space space(family, std::vector<const ir::Program*>{&without, &with}, {}, uplinks);
    packet::Budget budget(patience);
    const Rulings rulings(without, space, budget);
    const Rulings others(with, space, budget);
    const Rulings::Stage* forward = rulings.stage(ir::TableName::filter, ir::Hook::forward);
    Set helped(space);
    for (const Region& region : semantics::stage_differ(forward, others.stage(ir::TableName::filter, ir::Hook::forward), space, budget)) helped.add(region);
    Region fresh = forward->list.whole;
    fresh[+Field::state] = {semantics::state_new, semantics::state_new};
    for (const Region& accepted : decided(*forward, space, fresh, budget, accepts))
        for (const Region& back : answers(accepted, space, uplinks))
            if (!helped.inside(back).empty()) return true;
    return false;
}

/// The promises, each of which is one way to keep the contract: "replies where no rule accepts them" leaves open whether there is a rule on replies where they fare well
/// without. Where nothing needs it, "a single network's rules come out in the order in which they are written", and alone.
inline std::vector<ir::Program> promised_by(const Model& model, Family family) {
    std::vector<ir::Program> all;
    const bool needed = needs_replies(model, family);
    const bool opened = (model.forward && std::any_of(model.forward->rules.begin(), model.forward->rules.end(), [](const Rule& rule) {
        return std::holds_alternative<ir::Accept>(rule.verdict) || ir::called_chain(rule.verdict) != nullptr;
    })) || std::any_of(model.networks.begin(), model.networks.end(), [](const Network& network) { return network.forward.has_value(); });
    // A rule without addresses "holds for both" families.
    if (needed || opened || needs_replies(model, other(family))) all.push_back(Reference(model, family, true).take());
    if (!needed) all.push_back(Reference(model, family, false).take());
    return all;
}

/// Packets to which one of the two does something and lets them go on, and the other does not: "`log ["prefix"]` (goes on)", `set-mark` and the like.
inline std::string done_otherwise(const ir::Program& promised, const ir::Program& done, const Space& space, packet::Budget& budget) {
    const Rulings before(promised, space, budget);
    const Rulings after(done, space, budget);
    std::string text;
    for (const auto* way : {&semantics::before_routing(), &semantics::to_the_host(), &semantics::through_the_host(), &semantics::from_the_host()})
        for (const semantics::Stop& stop : *way) {
            std::map<ir::Statement, std::vector<Region>> regions[2];
            for (const std::size_t i : {0U, 1U}) {
                const Rulings::Stage* stage = (i == 0 ? before : after).stage(stop.table, stop.hook);
                if (stage == nullptr) continue;
                for (const semantics::Entry& entry : stage->list.entries) {
                    if (entry.rule == nullptr || entry.way == semantics::Way::ends) continue;
                    const ir::Statement& statement = entry.rule->statement;
                    if (!std::holds_alternative<ir::Log>(statement) && !semantics::changes_packet(*entry.rule)) continue;
                    for (Region& region : decided(*stage, space, stage->list.whole, budget, [&](const semantics::Entry& e) { return &e == &entry; }))
                        regions[i][statement].push_back(std::move(region));
                }
            }
            for (const std::size_t i : {0U, 1U})
                for (const auto& [statement, some] : regions[i]) {
                    Set others(space);
                    for (const Region& region : regions[1 - i][statement]) others.add(region);
                    for (const Region& region : some)
                        if (!others.outside(region, budget).empty())
                            text += fmt::format("{} {}: statement {} of rules that go on is {}\n", ir::name(stop.table), ir::name(stop.hook), statement.index(), i == 0 ? "missing" : "too much");
                }
        }
    return text;
}

/// The same rules, with filter's chains closed: what is left over is dropped.
inline ir::Program closed(ir::Program program) {
    if (ir::Table* filter = program.find(ir::TableName::filter))
        for (ir::Chain& chain : filter->chains)
            if (chain.hook) chain.policy = ir::Policy::drop;
    return program;
}

/// What one program does to packets, or does to them on their way, and the other does not; empty if nothing. An `accept` ahead of a policy that accepts decides nothing: so that rules are proved too, and
/// not policies alone, the programs are compared a second time with all policies closed.
inline std::string differences_of(const ir::Program& promised, const Read& read, Family family) {
    const auto compare = [&](const ir::Program& before, const ir::Program& after) {
        const Space space(family, std::vector<const ir::Program*>{&before, &after});
        packet::Budget budget(patience);
        return words_of(semantics::differ({before}, {after}, space, budget), space, read.sources) + done_otherwise(before, after, space, budget) + (budget.spent() ? "undecided\n" : "");
    };
    const std::string text = compare(promised, read.program);
    return text.empty() ? compare(closed(promised), closed(read.program)) : text;
}

/// How a text departs from what is promised; empty if in nothing.
inline std::string departures(const std::vector<ir::Program>& promised, const Read& read, Family family) {
    std::string text;
    for (const ir::Program& one : promised) {
        text = differences_of(one, read, family);
        if (text.empty()) break;
    }
    return text;
}

}  // namespace natc::validation

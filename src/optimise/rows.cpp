#include "optimise/rows.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace natc {

namespace {

bool shareable(const ir::Match& match) {
    return !std::holds_alternative<ir::RateLimit>(match) && !std::holds_alternative<ir::MarkIs>(match) && !std::holds_alternative<ir::Conntrack>(match) &&
           !std::holds_alternative<ir::Verbatim>(match);
}

/// Whether what a match says may go by what it saw before, at the place where it stands.
bool remembers(const ir::Match& match) {
    const auto* verbatim = std::get_if<ir::Verbatim>(&match);
    return std::holds_alternative<ir::RateLimit>(match) || (verbatim != nullptr && verbatim->meaning.empty());
}

}  // namespace

bool contains(const std::vector<ir::Match>& matches, const ir::Match& match) { return std::find(matches.begin(), matches.end(), match) != matches.end(); }

bool movable(const ir::Rule& rule, bool of_hook) {
    if (!rule.spelling.empty() || std::holds_alternative<ir::Goto>(rule.statement) || std::holds_alternative<ir::ByPort>(rule.statement)) return false;
    if (rule.matches.size() > most_matches || std::any_of(rule.matches.begin(), rule.matches.end(), remembers)) return false;
    return of_hook || !std::holds_alternative<ir::Return>(rule.statement);
}

std::vector<ir::Rule> take_rules(ir::Chain& chain, std::size_t begin, std::size_t count) {
    std::vector<ir::Rule> rules;
    rules.reserve(count);
    for (std::size_t i = begin; i < begin + count; ++i) {
        ir::Rule& rule = rules.emplace_back(std::move(chain.rules[i]));
        if (!std::holds_alternative<ir::Return>(rule.statement)) continue;
        rule.statement = chain.policy == ir::Policy::accept ? ir::Statement(ir::Accept{}) : ir::Statement(ir::Drop{});
    }
    return rules;
}

std::vector<ir::Match> common_matches(const std::vector<ir::Rule>& rules) {
    std::vector<ir::Match> common;
    for (const ir::Match& match : rules.front().matches) {
        const auto has = [&](const ir::Rule& rule) { return contains(rule.matches, match); };
        if (shareable(match) && std::all_of(rules.begin(), rules.end(), has)) common.push_back(match);
    }
    return common;
}

ir::Rule without(ir::Rule rule, const std::vector<ir::Match>& common) {
    std::erase_if(rule.matches, [&](const ir::Match& match) {
        return !std::holds_alternative<ir::ProtocolIs>(match) && !std::holds_alternative<ir::TcpFlags>(match) && contains(common, match);
    });
    return rule;
}

namespace {

/// iptables-nft takes 15 chains in one another, of which fit_exclusions may add three.
constexpr std::size_t deepest = 12;

/// How many chains of a table's own are in one another at most.
std::size_t depth(const ir::Table& table) {
    std::unordered_map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < table.chains.size(); ++i) places.emplace(table.chains[i].name, i);
    constexpr std::size_t unknown = ~std::size_t{0};
    std::vector<std::size_t> heights(table.chains.size(), unknown);  // how many chains are in one another from there on
    std::vector<std::size_t> waiting;
    for (std::size_t i = 0; i < table.chains.size(); ++i) waiting.push_back(i);
    while (!waiting.empty()) {
        const std::size_t at = waiting.back();
        std::size_t height = 0;
        bool ready = true;
        for (const ir::Rule& rule : table.chains[at].rules) {
            const std::string* called = ir::called_chain(rule.statement);
            const auto place = called == nullptr ? places.end() : places.find(*called);
            if (place == places.end()) continue;
            if (heights[place->second] == unknown) {
                if (ready) waiting.push_back(place->second);
                ready = false;
            } else {
                height = std::max(height, heights[place->second]);
            }
        }
        if (!ready) continue;
        heights[at] = height + (table.chains[at].hook ? 0 : 1);
        waiting.pop_back();
    }
    return heights.empty() ? 0 : *std::max_element(heights.begin(), heights.end());
}

}  // namespace

std::vector<bool> room_for(const ir::Table& table, const std::vector<std::size_t>& levels) {
    std::size_t of_hooks = 0;
    std::size_t of_others = 0;
    for (std::size_t i = 0; i < levels.size(); ++i)
        if (table.chains[i].hook)
            of_hooks = std::max(of_hooks, levels[i]);
        else
            of_others += levels[i];
    std::vector<bool> room(levels.size(), false);
    if (of_hooks + of_others == 0) return room;
    const std::size_t before = depth(table);
    const bool all = before + of_hooks + of_others <= deepest;
    if (!all && before + of_hooks > deepest) return room;
    for (std::size_t i = 0; i < levels.size(); ++i) room[i] = all || table.chains[i].hook;
    return room;
}

ir::Rule leads(FamilySet families, std::vector<ir::Match> matches, ir::Statement statement, std::vector<Span> origins) {
    ir::Rule rule;
    rule.families = families;
    rule.matches = std::move(matches);
    rule.statement = std::move(statement);
    rule.origins = std::move(origins);
    return rule;
}

}  // namespace natc

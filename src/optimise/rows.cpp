#include "optimise/rows.hpp"

#include <algorithm>
#include <utility>

namespace natc {

namespace {

bool shareable(const ir::Match& match) {
    return !std::holds_alternative<ir::RateLimit>(match) && !std::holds_alternative<ir::MarkIs>(match) && !std::holds_alternative<ir::Conntrack>(match) &&
           !std::holds_alternative<ir::Verbatim>(match);
}

bool needs_protocol(const ir::Match& match) {
    return std::holds_alternative<ir::SourcePorts>(match) || std::holds_alternative<ir::DestinationPorts>(match) || std::holds_alternative<ir::TcpFlags>(match) ||
           std::holds_alternative<ir::IcmpTypeIs>(match);
}

}  // namespace

bool contains(const std::vector<ir::Match>& matches, const ir::Match& match) { return std::find(matches.begin(), matches.end(), match) != matches.end(); }

bool movable(const ir::Rule& rule, bool of_hook) {
    if (!rule.spelling.empty() || std::holds_alternative<ir::Goto>(rule.statement) || std::holds_alternative<ir::ByPort>(rule.statement)) return false;
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
    const bool keeps_protocol =
        std::any_of(rule.matches.begin(), rule.matches.end(), [&](const ir::Match& match) { return needs_protocol(match) && !contains(common, match); });
    std::erase_if(rule.matches, [&](const ir::Match& match) {
        if (keeps_protocol && std::holds_alternative<ir::ProtocolIs>(match)) return false;
        return contains(common, match);
    });
    return rule;
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

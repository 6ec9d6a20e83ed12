// Long rows of rules that ask the same of a packet, each of another interface: asked once, ahead of all of them.

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <iterator>
#include <utility>
#include <vector>

#include "optimise/passes.hpp"
#include "optimise/rows.hpp"

namespace natc {

namespace {

bool of_interface(const ir::Match& match) { return std::holds_alternative<ir::InInterface>(match) || std::holds_alternative<ir::OutInterface>(match); }

/// What a rule asks besides interfaces.
std::vector<ir::Match> rest_of(const ir::Rule& rule) {
    std::vector<ir::Match> rest;
    std::copy_if(rule.matches.begin(), rule.matches.end(), std::back_inserter(rest), [](const ir::Match& match) { return !of_interface(match); });
    return rest;
}

/// How many rules from `begin` on ask the same besides interfaces, which is something, and may move.
std::size_t length_of(const ir::Chain& chain, std::size_t begin) {
    const ir::Rule& first = chain.rules[begin];
    const std::vector<ir::Match> rest = rest_of(first);
    if (rest.empty() || rest.size() == first.matches.size()) return 0;
    std::size_t end = begin;
    while (end < chain.rules.size() && chain.rules[end].families == first.families && movable(chain.rules[end], chain.hook.has_value()) && rest_of(chain.rules[end]) == rest) ++end;
    return end - begin;
}

/// A row and where it stands in its chain.
struct Stretch {
    std::size_t begin, length;
};

std::vector<Stretch> stretches_of(const ir::Chain& chain) {
    std::vector<Stretch> found;
    if (chain.rules.size() <= few_rules) return found;
    for (std::size_t i = 0; i < chain.rules.size();) {
        const std::size_t length = std::max<std::size_t>(length_of(chain, i), 1);
        if (length > few_rules) found.push_back({i, length});
        i += length;
    }
    return found;
}

}  // namespace

ir::Program ask_once(ir::Program program) {
    for (ir::Table& table : program.tables) {
        std::vector<std::vector<Stretch>> stretches;
        std::vector<std::size_t> levels;
        for (const ir::Chain& chain : table.chains) {
            stretches.push_back(stretches_of(chain));
            levels.push_back(stretches.back().empty() ? 0 : 1);
        }
        const std::vector<bool> room = room_for(table, levels);
        std::vector<ir::Chain> made;
        for (std::size_t c = 0; c < table.chains.size(); ++c) {
            if (stretches[c].empty() || !room[c]) continue;
            ir::Chain& chain = table.chains[c];
            std::vector<ir::Rule> rules;
            std::size_t i = 0;
            const auto keep_up_to = [&](std::size_t end) {
                for (; i < end; ++i) rules.push_back(std::move(chain.rules[i]));
            };
            for (const Stretch& stretch : stretches[c]) {
                keep_up_to(stretch.begin);
                std::vector<ir::Rule> row = take_rules(chain, i, stretch.length);
                i += stretch.length;
                const std::vector<ir::Match> common = common_matches(row);
                if (common.empty()) {
                    std::move(row.begin(), row.end(), std::back_inserter(rules));
                    continue;
                }
                ir::Chain& own = made.emplace_back();
                own.name = fmt::format("natc-once-{}", made.size());
                own.families = row.front().families;
                rules.push_back(leads(own.families, common, ir::Jump{own.name}, row.front().origins));
                for (ir::Rule& rule : row) own << without(std::move(rule), common);
            }
            keep_up_to(chain.rules.size());
            chain.rules = std::move(rules);
        }
        std::move(made.begin(), made.end(), std::back_inserter(table.chains));
    }
    return program;
}

}  // namespace natc

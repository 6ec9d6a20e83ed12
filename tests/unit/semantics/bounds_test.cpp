// Rules that nobody writes, or programs do: the analysis ends all the same, and soon.
#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "semantics/budget.hpp"
#include "semantics/differ.hpp"
#include "semantics/never.hpp"

namespace natc::semantics::testing {
namespace {

using ir::TableName;

ir::Rule rule_of(std::vector<ir::Match> matches, ir::Statement statement) {
    ir::Rule rule;
    rule.families = Family::ipv4;
    rule.matches = std::move(matches);
    rule.statement = std::move(statement);
    return rule;
}

ir::Match from(std::uint32_t address) { return ir::SourceAddress{AddressRange(Address(Family::ipv4, address)), false}; }
ir::Rule jump(const std::string& chain) { return rule_of({}, ir::Jump{chain}); }

ir::Chain chain_of(std::string name, std::vector<ir::Rule> rules) {
    ir::Chain chain;
    chain.name = std::move(name);
    chain.rules = std::move(rules);
    return chain;
}

ir::Program filter() {
    ir::Program program;
    program.tables.push_back(ir::empty_table(TableName::filter));
    return program;
}

NeverMatches never(const ir::Program& program) {
    packet::Budget budget(steps);
    return never_match(program, Family::ipv4, budget);
}

Differences difference(const ir::Program& before, const ir::Program& after) {
    const ir::Program* const two[] = {&before, &after};
    const Space space(Family::ipv4, two);
    packet::Budget budget(steps);
    return differ({before}, {after}, space, budget);
}

constexpr std::uint32_t deep = 20'000;

/// Chains each of which calls the next; the last drops.
ir::Program nested() {
    ir::Program program = filter();
    for (std::uint32_t i = 0; i < deep; ++i) program.tables.front().chains.push_back(chain_of(fmt::format("c{}", i), {i + 1 < deep ? jump(fmt::format("c{}", i + 1)) : rule_of({from(i)}, ir::Drop{})}));
    return program;
}

// iptables-legacy loads them.
TEST(Bounds, ChainsManyThousandDeep) {
    ir::Program program = nested();
    program.tables.front().at(ir::Hook::input) << jump("c0");
    const NeverMatches found = never(program);
    EXPECT_FALSE(found.undecided);
    EXPECT_TRUE(found.rules.empty());
    ir::Program other = program;
    other.tables.front().find(fmt::format("c{}", deep - 1))->rules.front().statement = ir::Accept{};
    const Differences differences = difference(program, other);
    EXPECT_FALSE(differences.undecided);
    EXPECT_EQ(differences.classes.size(), 1U);
}

TEST(Bounds, ChainsThatNothingCallsStandInAnyOrder) {
    ir::Program program = nested();
    auto& chains = program.tables.front().chains;
    std::reverse(chains.begin(), chains.end());
    // What never matches is found there as well.
    *program.tables.front().find("c7") << rule_of({from(1)}, ir::Drop{}) << rule_of({from(1)}, ir::Accept{});
    const NeverMatches found = never(program);
    EXPECT_FALSE(found.undecided);
    ASSERT_EQ(found.rules.size(), 1U);
    EXPECT_EQ(found.rules.front().chain->name, "c7");
}

// Both back ends load a circle of chains that no built-in one leads to.
TEST(Bounds, ChainsThatCallEachOther) {
    ir::Program program = filter();
    auto& chains = program.tables.front().chains;
    chains.push_back(chain_of("a", {rule_of({from(1)}, ir::Drop{}), jump("b")}));
    chains.push_back(chain_of("b", {rule_of({from(1)}, ir::Accept{}), jump("a"), jump("b")}));
    const NeverMatches found = never(program);
    EXPECT_FALSE(found.undecided);
    ASSERT_EQ(found.rules.size(), 1U);
    EXPECT_EQ(found.rules.front().chain->name, "b");
    EXPECT_EQ(found.rules.front().takers, std::vector<const ir::Rule*>{&chains[chains.size() - 2].rules.front()});
}

}  // namespace
}  // namespace natc::semantics::testing

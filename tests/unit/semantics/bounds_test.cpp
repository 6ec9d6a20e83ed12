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
    Progress progress;
    return never_match(program, Family::ipv4, budget, progress);
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

/// `-m limit`, which remembers what it saw: each is a question of its own.
ir::Match limit() { return ir::RateLimit{}; }

std::vector<Journey> journeys(const ir::Program& program, std::uint32_t source, packet::Budget& budget) {
    const ir::Program* const one[] = {&program};
    const Space space(Family::ipv4, one);
    const Rulings rulings(program, space, budget);
    std::vector<Journey> all;
    for (packet::Region region : possible_packets(space, Origin::outside)) {
        region[+Field::source] = {source, source};
        for (Journey& journey : follow(rulings, space, Origin::outside, std::move(region), true, budget)) all.push_back(std::move(journey));
    }
    return all;
}

constexpr std::uint32_t many = 30'000;

// The memory for each of them once went with their number.
TEST(Bounds, EachRuleAsksAQuestionOfItsOwn) {
    ir::Program program = filter();
    for (std::uint32_t i = 0; i < many; ++i) program.tables.front().at(ir::Hook::forward) << rule_of({from(i), limit()}, ir::Accept{});
    const ir::Program* const one[] = {&program};
    const Space space(Family::ipv4, one);
    EXPECT_EQ(space.whole().size(), known_fields + many);
    EXPECT_TRUE(space.whole().answers().empty());
    const NeverMatches found = never(program);
    EXPECT_FALSE(found.undecided);
    EXPECT_TRUE(found.rules.empty());
    ir::Program other = program;
    other.tables.front().at(ir::Hook::forward).rules[many / 2].statement = ir::Drop{};
    const Differences differences = difference(program, other);
    EXPECT_FALSE(differences.undecided);
    ASSERT_EQ(differences.classes.size(), 1U);
    EXPECT_FALSE(differences.classes.front().unsure);
}

TEST(Bounds, AQuestionOfItsOwnTakesNothingForCertain) {
    ir::Program program = filter();
    for (std::uint32_t i = 0; i < many; ++i) program.tables.front().at(ir::Hook::forward) << rule_of({limit()}, ir::Accept{});
    program.tables.front().at(ir::Hook::forward) << rule_of({from(1)}, ir::Drop{}) << rule_of({limit(), from(1)}, ir::Accept{});
    const NeverMatches found = never(program);
    EXPECT_FALSE(found.undecided);
    ASSERT_EQ(found.rules.size(), 1U);
    EXPECT_EQ(found.rules.front().takers.size(), 1U);
}

// Whether each of them matched would be as many journeys as there are subsets.
TEST(Bounds, LogRulesWithALimitEach) {
    ir::Program program = filter();
    constexpr std::size_t logs = 200;
    for (auto hook : {ir::Hook::forward, ir::Hook::input})
        for (std::size_t i = 0; i < logs; ++i) program.tables.front().at(hook) << rule_of({limit()}, ir::Log{});
    packet::Budget budget(steps);
    const auto all = journeys(program, 7, budget);
    EXPECT_FALSE(budget.spent());
    EXPECT_LE(all.size(), 16U);
    for (const Journey& journey : all) EXPECT_GE(journey.steps.size(), logs);
}

// As many journeys as rules, and each knows all the answers so far: too much, and said so.
TEST(Bounds, QuestionsThatAllDecide) {
    ir::Program program = filter();
    for (std::uint32_t i = 0; i < many; ++i) program.tables.front().at(ir::Hook::forward) << rule_of({limit()}, i % 2 == 0 ? ir::Statement(ir::Accept{}) : ir::Statement(ir::Drop{}));
    packet::Budget budget(2'000'000);
    (void)journeys(program, 7, budget);
    EXPECT_TRUE(budget.spent());
}

// Each of two lists of ports has thousands of runs: a rule of millions of boxes.
TEST(Bounds, ARuleOfTooManyBoxes) {
    ir::Program program = filter();
    std::vector<PortRange> ports;
    for (std::uint16_t port = 1; port < 60'000; port = static_cast<std::uint16_t>(port + 2)) ports.push_back({port, port});
    program.tables.front().at(ir::Hook::forward) << rule_of({ir::ProtocolIs{tcp}, ir::SourcePorts{ports, true}, ir::DestinationPorts{ports, false}}, ir::Accept{});
    EXPECT_TRUE(never(program).undecided);
    EXPECT_TRUE(difference(program, filter()).undecided);
}

TEST(Bounds, BitsOfTheMarkApartFromEachOther) {
    ir::Program program = filter();
    for (std::uint32_t i = 0; i < 3'000; ++i) {
        const std::uint32_t bit = 1U << i % 16;
        program.tables.front().at(ir::Hook::forward) << rule_of({from(i), ir::MarkIs{bit, bit, false}}, ir::Accept{});
    }
    EXPECT_FALSE(never(program).undecided);
    ir::Program other = program;
    other.tables.front().at(ir::Hook::forward).rules.pop_back();
    const Differences differences = difference(program, other);
    EXPECT_FALSE(differences.undecided);
    EXPECT_EQ(differences.classes.size(), 0U);
    other.tables.front().at(ir::Hook::forward).rules.front().statement = ir::Drop{};
    EXPECT_EQ(difference(program, other).classes.size(), 1U);
}

}  // namespace
}  // namespace natc::semantics::testing

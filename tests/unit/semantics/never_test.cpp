#include "semantics/never.hpp"

#include <algorithm>
#include <set>

#include "semantics/unfold.hpp"
#include "unit/property.hpp"
#include "unit/semantics/random_program.hpp"

namespace natc::semantics::testing {
namespace {

using natc::testing::check;
using ir::TableName;

/// The packets of a world as one hook of one table may meet them.
std::vector<Packet> at(ir::Hook hook, TableName table, std::vector<Packet> packets) {
    using enum ir::Hook;
    for (Packet& packet : packets) {
        if (hook == prerouting || hook == input) packet.out.clear();
        if (hook == output) packet.in.clear();
    }
    if (hook == postrouting) {
        const std::size_t count = packets.size();
        for (std::size_t i = 0; i < count; ++i) {
            packets.push_back(packets[i]);
            packets.back().in.clear();
        }
    }
    if (table == TableName::nat) std::erase_if(packets, [](const Packet& packet) { return packet.state != State::fresh && packet.state != State::related; });
    return packets;
}

/// What packets match, at all hooks.
Oracle::Hits all_hits(const ir::Program& program, const World& world, const Space& space) {
    const Oracle oracle(program, world.family, world.surroundings(space));
    const auto packets = world.packets(space);
    Oracle::Hits hits;
    for (const ir::Table& table : program.tables)
        for (const ir::Hook hook : ir::hooks_of(table.table))
            for (const Packet& packet : at(hook, table.table, packets)) oracle.ask(table.table, hook, packet, hits);
    return hits;
}

bool sets_marks(const ir::Table& table) {
    for (const ir::Chain& chain : table.chains)
        for (const ir::Rule& rule : chain.rules)
            if (changes_mark(rule.statement)) return true;
    return false;
}

NeverMatches never(const ir::Program& program, Family family) {
    packet::Budget budget(100'000'000);
    Progress progress;
    NeverMatches result = never_match(program, family, budget, progress);
    RC_ASSERT(!result.undecided);
    return result;
}

TEST(NeverMatch, NamesTheRulesThatNoPacketMeets) {
    check([] {
        const World world = World::random(1200);
        const auto tables = *rc::gen::elementOf(std::vector<std::vector<TableName>>{{TableName::filter}, {TableName::filter}, {TableName::mangle}, {TableName::nat}, {TableName::raw}});
        const Plan plan = random_plan(world, {tables, 25, true, true, true});
        const ir::Program program = plan.program();
        RC_ASSERT(ir::fault(program).empty());
        const ir::Program* const one[] = {&program};
        const Space space(world.family, one);
        RC_LOG() << text(program, world.family);
        const Oracle::Hits hits = all_hits(program, world, space);
        std::set<std::pair<const ir::Chain*, const ir::Rule*>> reported;
        const NeverMatches found = never(program, world.family);
        for (const Never& n : found.rules) reported.insert({n.chain, n.rule});
        std::set<std::string> entered;
        for (const auto& [chain, rule] : hits)
            if (rule != nullptr)
                if (const std::string* called = ir::called_chain(rule->statement)) entered.insert(*called);
        // What nothing calls is looked at as if something did, and what it calls.
        bool calls_of_none = false;
        for (const ir::Table& table : program.tables)
            for (const ir::Chain& chain : table.chains)
                if (!chain.hook && !entered.contains(chain.name))
                    calls_of_none = calls_of_none || std::any_of(chain.rules.begin(), chain.rules.end(), [](const ir::Rule& r) { return ir::called_chain(r.statement) != nullptr; });
        // Where every value of the fields that the rules ask for has its packet.
        const bool all_answers = space.whole().size() <= known_fields + 4U;
        for (const ir::Table& table : program.tables) {
            const bool exact = all_answers && !sets_marks(table);
            for (const ir::Chain& chain : table.chains) {
                const auto look_at = [&](const ir::Rule* rule, std::size_t place) {
                    const bool hit = hits.contains({&chain, rule});
                    const bool named = reported.contains({&chain, rule});
                    if (hit && named) RC_FAIL(chain.name + ": " + std::to_string(place) + " is met, but said never to match");
                    if (exact && !hit && !named && (chain.hook || (!calls_of_none && entered.contains(chain.name)))) RC_FAIL(chain.name + ": " + std::to_string(place) + " is never met");
                };
                for (std::size_t i = 0; i < chain.rules.size(); ++i) look_at(&chain.rules[i], i);
                if (chain.hook) look_at(nullptr, chain.rules.size());
            }
        }
    });
}

// Without all other rules that end a packet's way, the takers still leave it nothing.
TEST(NeverMatch, TheTakersAreWhoTakesIt) {
    check([] {
        const World world = World::random(200);
        const Plan plan = random_plan(world, {{TableName::filter}, 30, true, false, false});
        const ir::Program program = plan.program();
        RC_LOG() << text(program, world.family);
        const ir::Table& table = program.tables.front();
        const NeverMatches found = never(program, world.family);
        std::size_t looked_at = 0;
        for (const Never& n : found.rules) {
            if (n.rule == nullptr || n.contradicts_itself || ++looked_at > 5) continue;
            RC_ASSERT(!n.takers.empty());
            RC_ASSERT(std::find(n.takers.begin(), n.takers.end(), n.rule) == n.takers.end());
            ir::Program fewer = program;
            std::pair<std::size_t, std::size_t> own;
            for (std::size_t c = 0; c < table.chains.size(); ++c) {
                std::vector<ir::Rule>& rules = fewer.tables.front().chains[c].rules;
                rules.clear();
                for (const ir::Rule& rule : table.chains[c].rules) {
                    const bool taker = std::find(n.takers.begin(), n.takers.end(), &rule) != n.takers.end();
                    if (way_of(rule.statement) == Way::ends && !taker && &rule != n.rule) continue;
                    if (&rule == n.rule) own = {c, rules.size()};
                    rules.push_back(rule);
                }
            }
            const ir::Rule* same = &fewer.tables.front().chains[own.first].rules[own.second];
            const NeverMatches again = never(fewer, world.family);
            RC_ASSERT(std::any_of(again.rules.begin(), again.rules.end(), [&](const Never& other) { return other.rule == same; }));
        }
    });
}

ir::Rule rule(std::vector<ir::Match> matches, ir::Statement statement) {
    ir::Rule result;
    result.families = Family::ipv4;
    result.matches = std::move(matches);
    result.statement = std::move(statement);
    return result;
}

TEST(NeverMatch, TellsContradictionsFromCoverage) {
    ir::Program program;
    program.tables.push_back(ir::empty_table(TableName::filter));
    ir::Table& table = program.tables.front();
    ir::Chain udp_only;
    udp_only.name = "udp";
    udp_only << rule({ir::ProtocolIs{tcp}}, ir::Accept{}) << rule({ir::OutInterface{*parse_interface("eth0")}}, ir::Accept{});
    table.chains.push_back(udp_only);
    table.at(ir::Hook::input) << rule({ir::ProtocolIs{tcp}}, ir::Accept{}) << rule({ir::ProtocolIs{udp}}, ir::Jump{"udp"}) << rule({ir::ProtocolIs{tcp}, ir::SourcePorts{{{9, 9}}}}, ir::Accept{})
                              << rule({ir::SourceAddress{*parse_addresses("10.0.0.0/8")}, ir::SourceAddress{*parse_addresses("10.0.0.0/8"), true}}, ir::Drop{});
    const NeverMatches found = never(program, Family::ipv4);
    ASSERT_EQ(found.rules.size(), 4U);
    const std::vector<ir::Rule>& input = table.find("INPUT")->rules;
    EXPECT_EQ(found.rules[0].rule, &input[2]);
    EXPECT_FALSE(found.rules[0].contradicts_itself);
    EXPECT_TRUE(found.rules[0].same_fate);
    EXPECT_EQ(found.rules[0].takers, std::vector<const ir::Rule*>{&input[0]});
    EXPECT_EQ(found.rules[1].rule, &input[3]);
    for (const std::size_t i : {1U, 2U, 3U}) EXPECT_TRUE(found.rules[i].contradicts_itself);
}

// A chain is asked for packets without mark, marks them, and asks for that mark.
TEST(NeverMatch, TheMarkBehindARuleThatSetsItIsAnother) {
    ir::Program program;
    program.tables.push_back(ir::empty_table(TableName::mangle));
    ir::Table& table = program.tables.front();
    ir::Chain marking;
    marking.name = "marking";
    marking << rule({ir::MarkIs{5}}, ir::Return{}) << rule({}, ir::SetMark{1}) << rule({ir::MarkIs{1}}, ir::Accept{}) << rule({ir::MarkIs{0}}, ir::Drop{});
    table.chains.push_back(marking);
    table.at(ir::Hook::prerouting) << rule({ir::MarkIs{0}}, ir::Jump{"marking"}) << rule({ir::MarkIs{0}}, ir::Drop{}) << rule({ir::MarkIs{1}}, ir::Drop{});
    const NeverMatches found = never(program, Family::ipv4);
    ASSERT_EQ(found.rules.size(), 1U) << "but for `mark 5`, which is not among the packets that the chain is called for";
    EXPECT_EQ(found.rules[0].rule, &table.find("marking")->rules[0]);
}

TEST(NeverMatch, SaysThatTheBudgetWasSpent) {
    ir::Program program;
    program.tables.push_back(ir::empty_table(TableName::filter));
    for (std::uint16_t port = 1; port < 100; ++port) program.tables.front().at(ir::Hook::input) << rule({ir::ProtocolIs{tcp}, ir::DestinationPorts{{{port, port}}}}, ir::Accept{});
    packet::Budget budget(50);
    Progress progress;
    EXPECT_TRUE(never_match(program, Family::ipv4, budget, progress).undecided);
}

TEST(NeverMatch, TellsHowFarItIs) {
    ir::Program program;
    program.tables.push_back(ir::empty_table(TableName::filter));
    for (std::uint16_t port = 1; port < 100; ++port) program.tables.front().at(ir::Hook::output) << rule({ir::ProtocolIs{tcp}, ir::DestinationPorts{{{port, port}}}}, ir::Accept{});
    Progress progress;
    packet::Budget plenty(100'000'000);
    (void)never_match(program, Family::ipv4, plenty, progress);
    EXPECT_STREQ(progress.what(), "looking for rules that never match");
    // The last chain that it looks at is OUTPUT: its rules, and its policy.
    EXPECT_EQ(progress.of(), 100U);
    EXPECT_EQ(progress.done(), 100U);
}

}  // namespace
}  // namespace natc::semantics::testing

// Maps of ports: as rules and as trees of chains they translate the same packets to the same.
#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "emit/iptables.hpp"
#include "ir/program.hpp"
#include "meaning.hpp"
#include "optimise/passes.hpp"

namespace natc {
namespace {

using namespace ir;  // NOLINT(*-build-using-namespace)

constexpr std::size_t everything = ~std::size_t{0};

PortMap::Entry entry(unsigned first, unsigned last, std::uint32_t target) {
    PortMap::Entry made;
    made.ports = {static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last)};
    made.to.to = Address(Family::ipv4, target);
    if (first == last) made.to.ports = PortRange{static_cast<std::uint16_t>(target % 60'000 + 1), static_cast<std::uint16_t>(target % 60'000 + 1)};
    return made;
}

/// `count` entries with and without gaps, single ports and ranges.
PortMap random_map(std::mt19937& engine, std::size_t count) {
    const auto below = [&](unsigned end) { return static_cast<unsigned>(engine() % end); };
    PortMap map;
    map.name = "natc-tcp";
    unsigned next = below(3);
    for (std::size_t i = 0; i < count && next < 65'000; ++i) {
        const unsigned first = next + (below(3) == 0 ? below(7) : 0U);
        const unsigned last = first + (below(5) == 0 ? below(9) : 0U);
        map.entries.push_back(entry(first, last, 0x0A00'0000U + static_cast<std::uint32_t>(i)));
        next = last + 1;
    }
    return map;
}

/// A look-up between two rules that a packet meets before and after it.
Program program_of(PortMap map) {
    Table nat = empty_table(TableName::nat);
    const auto rule = [&](std::vector<Match> matches, Statement statement) {
        Rule made;
        made.matches = std::move(matches);
        made.statement = std::move(statement);
        made.families = Family::ipv4;
        return made;
    };
    const auto size = static_cast<std::uint32_t>(map.entries.size());
    nat.port_maps.push_back(std::move(map));
    nat.at(Hook::prerouting) << rule({}, Log{"before"}) << rule({InInterface{*parse_interface("a")}, ProtocolIs{tcp}, DestinationIsLocal{}}, ByPort{0, 0, size})
                             << rule({}, Log{"after"});
    return {{std::move(nat)}};
}

std::string fate(const Program& plain, std::uint16_t port, Protocol protocol = tcp, const std::string& in = "a", bool fragment = false) {
    natc::testing::Packet packet;
    packet.in = in;
    packet.protocol = protocol;
    packet.destination_port = port;
    packet.fragment = fragment;
    return natc::testing::Walk(plain.tables[0], packet).through(Hook::prerouting);
}

/// How many chains a packet is in at most, from the first one of the tree on.
std::size_t depth(const Table& table, const std::string& chain) {
    std::size_t deepest = 0;
    for (const Rule& rule : table.find(chain)->rules)
        if (const std::string* called = called_chain(rule.statement)) deepest = std::max(deepest, depth(table, *called));
    return deepest + 1;
}

TEST(PortTrees, EveryPortFaresAsByTheRules) {
    std::mt19937 engine(7);
    for (const std::size_t count : {1U, 2U, 16U, 17U, 18U, 31U, 33U, 64U, 65U, 129U, 1'025U, 4'500U}) {
        const Program before = program_of(random_map(engine, count));
        ASSERT_EQ(fault(before), "");
        const Program tree = grow_port_trees(before);
        ASSERT_EQ(fault(tree), "") << count;
        const Program rules = as_rules(before, everything);
        const Program plain = as_rules(tree, everything);
        const auto& entries = before.tables[0].port_maps[0].entries;
        // All ports where something changes, and their neighbours.
        std::vector<unsigned> ports{0, 65'535};
        for (const PortMap::Entry& one : entries)
            for (const unsigned port : {one.ports.first - 1U, one.ports.first + 0U, one.ports.last + 0U, one.ports.last + 1U}) ports.push_back(port & 0xFFFFU);
        if (count > 200) std::shuffle(ports.begin(), ports.end(), engine), ports.resize(300);
        std::size_t translated = 0;
        for (const unsigned port : ports) {
            const auto asked = static_cast<std::uint16_t>(port);
            const std::string wanted = fate(rules, asked);
            ASSERT_EQ(fate(plain, asked), wanted) << count << " entries, port " << port;
            translated += wanted.find("to ") != std::string::npos ? 1U : 0U;
        }
        EXPECT_GT(translated, ports.size() / 4);
        const auto first = entries.front().ports.first;
        EXPECT_EQ(fate(plain, first, udp), fate(rules, first, udp));
        EXPECT_EQ(fate(plain, first, tcp, "b"), fate(rules, first, tcp, "b"));
        EXPECT_EQ(fate(plain, first, tcp, "a", true), fate(rules, first, tcp, "a", true));
        EXPECT_EQ(fate(plain, first, udp), "log before, log after, policy");
    }
}

TEST(PortTrees, FewStayRules) {
    std::mt19937 engine(1);
    const Program few = grow_port_trees(program_of(random_map(engine, few_port_forwards)));
    EXPECT_EQ(few.tables[0].chains.size(), hooks_of(TableName::nat).size());
    EXPECT_EQ(few.tables[0].find("PREROUTING")->rules.size(), few_port_forwards + 2);
    const Program many = grow_port_trees(program_of(random_map(engine, few_port_forwards + 1)));
    EXPECT_NE(many.tables[0].find("natc-tcp"), nullptr);
    EXPECT_EQ(many.tables[0].find("PREROUTING")->rules.size(), 3U);
}

TEST(PortTrees, EveryPortOfAllFitsWhatIptablesTakes) {
    PortMap map;
    map.name = "natc-udplite6.99";
    map.protocol = Protocol{136};
    for (unsigned port = 0; port <= 0xFFFF; ++port) map.entries.push_back(entry(port, port, port + 1));
    Program program = program_of(std::move(map));
    std::get<ProtocolIs>(program.tables[0].at(Hook::prerouting).rules[1].matches[1]).protocol = Protocol{136};
    const Program tree = grow_port_trees(std::move(program));
    std::size_t longest = 0;
    std::size_t most_rules = 0;
    for (const Chain& chain : tree.tables[0].chains) {
        longest = std::max(longest, chain.name.size());
        most_rules = std::max(most_rules, chain.rules.size());
    }
    EXPECT_LE(longest, 28U);
    EXPECT_LE(most_rules, 4U);
    // iptables-nft takes 15 chains within each other.
    EXPECT_LE(depth(tree.tables[0], "natc-udplite6.99"), 8U);
}

TEST(PortTrees, RemarksAndOriginsStayWithTheirPorts) {
    std::mt19937 engine(3);
    PortMap map = random_map(engine, 40);
    map.remarks = {"the seventh"};
    map.entries[6].remark = 1;
    for (std::size_t i = 0; i < map.entries.size(); ++i) map.entries[i].origin = {static_cast<std::uint32_t>(i + 1), static_cast<std::uint32_t>(i + 2)};
    const PortMap::Entry seventh = map.entries[6];
    const Program tree = grow_port_trees(program_of(std::move(map)));
    const std::string text = emit_iptables(tree, Family::ipv4);
    const std::size_t at = text.find("# the seventh\n-A natc-tcp-");
    ASSERT_NE(at, std::string::npos) << text;
    EXPECT_EQ(text.find("# the seventh", at + 1), std::string::npos);
    const std::string rule = text.substr(text.find('\n', at) + 1, 120);
    EXPECT_NE(rule.find("--dport " + std::to_string(seventh.ports.first)), std::string::npos) << rule;
    std::map<std::uint32_t, int> origins;
    const Program plain = as_rules(tree, everything);
    for (const Chain& chain : plain.tables[0].chains)
        for (const Rule& one : chain.rules)
            if (std::holds_alternative<DestinationNat>(one.statement)) ++origins[one.origins.at(0).begin];
    EXPECT_EQ(origins.size(), 40U);
}

TEST(PortMaps, FaultsAreFound) {
    const auto broken = [](auto change) {
        std::mt19937 engine(5);
        Program program = program_of(random_map(engine, 4));
        change(program.tables[0]);
        return fault(program);
    };
    EXPECT_EQ(broken([](Table&) {}), "");
    EXPECT_NE(broken([](Table& nat) { std::swap(nat.port_maps[0].entries[0], nat.port_maps[0].entries[1]); }), "");
    EXPECT_NE(broken([](Table& nat) { nat.port_maps[0].entries[2].ports = nat.port_maps[0].entries[1].ports; }), "");
    EXPECT_NE(broken([](Table& nat) { nat.port_maps[0].entries[2].remark = 1; }), "");
    EXPECT_NE(broken([](Table& nat) { nat.port_maps.clear(); }), "");
    EXPECT_NE(broken([](Table& nat) { std::get<ByPort>(nat.at(Hook::prerouting).rules[1].statement).end = 5; }), "");
    EXPECT_NE(broken([](Table& nat) { nat.port_maps[0].protocol = udp; }), "");
    EXPECT_NE(broken([](Table& nat) { nat.at(Hook::prerouting).rules[1].families = FamilySet::both(); }), "");
}

}  // namespace
}  // namespace natc

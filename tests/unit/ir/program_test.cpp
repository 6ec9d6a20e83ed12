#include "ir/program.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace natc::ir {
namespace {

Rule rule(std::vector<Match> matches, FamilySet families = FamilySet::both()) {
    Rule result;
    result.matches = std::move(matches);
    result.statement = Accept{};
    result.families = families;
    return result;
}

std::string fault_of(Rule rule) {
    Program program{{empty_table(TableName::filter)}};
    program.tables[0].at(Hook::input) << std::move(rule);
    return fault(program);
}

TEST(Program, BuiltInChains) {
    const Table nat = empty_table(TableName::nat);
    std::string names;
    for (const Chain& chain : nat.chains) names += chain.name + " ";
    EXPECT_EQ(names, "PREROUTING INPUT OUTPUT POSTROUTING ");
    EXPECT_TRUE(has_hook(TableName::raw, Hook::output));
    EXPECT_FALSE(has_hook(TableName::raw, Hook::input));
    EXPECT_EQ(nat.find("FORWARD"), nullptr);
    EXPECT_EQ(fault({{nat, empty_table(TableName::filter)}}), "");
}

TEST(Program, FaultsOfRules) {
    const SourceAddress from{Address(Family::ipv4, 1)};
    const DestinationPorts ports{{{22, 22}}};
    const IcmpTypeIs echo{{Family::ipv4, 8, {}}};

    EXPECT_EQ(fault_of(rule({from}, Family::ipv4)), "");
    EXPECT_EQ(fault_of(rule({ports, ProtocolIs{tcp}})), "");
    EXPECT_EQ(fault_of(rule({ProtocolIs{icmp}, echo}, Family::ipv4)), "");

    EXPECT_EQ(fault_of(rule({}, FamilySet())), "filter INPUT: a rule without family");
    EXPECT_EQ(fault_of(rule({from})), "filter INPUT: an address of another family");
    EXPECT_EQ(fault_of(rule({from, from}, Family::ipv4)),
              "filter INPUT: two addresses on one side");
    EXPECT_NE(fault_of(rule({ports})), "");
    EXPECT_NE(fault_of(rule({ProtocolIs{tcp, true}, ports})), "");
    EXPECT_NE(fault_of(rule({ProtocolIs{icmp}, ports})), "");
    EXPECT_NE(fault_of(rule({ProtocolIs{udp}, syn_packet})), "");
    EXPECT_NE(fault_of(rule({ProtocolIs{icmpv6}, echo}, Family::ipv4)), "");
    EXPECT_NE(fault_of(rule({ProtocolIs{icmp}, echo})), "");
}

TEST(Program, FaultsOfChains) {
    Program program{{empty_table(TableName::filter)}};
    Rule jump = rule({});
    jump.statement = Jump{"own"};
    program.tables[0].at(Hook::input) << jump;
    EXPECT_EQ(fault(program), "filter INPUT: a jump to own, which is not there");

    Chain own;
    own.name = "own";
    program.tables[0].chains.push_back(own);
    EXPECT_EQ(fault(program), "");
    program.tables[0].chains.push_back(own);
    EXPECT_EQ(fault(program), "chain own twice");
}

}  // namespace
}  // namespace natc::ir

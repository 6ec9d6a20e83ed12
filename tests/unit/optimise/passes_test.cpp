// The passes on programs whose text shows what became of them.
#include "optimise/passes.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "emit/iptables.hpp"

namespace natc {
namespace {

using namespace ir;  // NOLINT(*-build-using-namespace)

Rule rule(std::vector<Match> matches, Statement statement, FamilySet families = FamilySet::both()) {
    Rule result;
    result.matches = std::move(matches);
    result.statement = std::move(statement);
    result.families = families;
    return result;
}

InInterface not_in(std::string_view name) { return {*parse_interface(name), true}; }
OutInterface not_out(std::string_view name) { return {*parse_interface(name), true}; }

/// `count` ports with gaps between them.
std::vector<PortRange> ports(unsigned first, unsigned count) {
    std::vector<PortRange> list;
    for (unsigned i = 0; i < count; ++i) {
        const auto port = static_cast<std::uint16_t>(first + 2 * i);
        list.push_back({port, port});
    }
    return list;
}

Program filter() { return {{empty_table(TableName::filter)}}; }

Chain& chain(Program& program, std::string name) {
    Chain& added = program.tables[0].chains.emplace_back();
    added.name = std::move(name);
    return added;
}

/// User chains and the rules of all chains.
std::string text(Program program, Family family = Family::ipv4) {
    const std::string out = emit_iptables(for_iptables(std::move(program)), family);
    const std::string_view last_policy = ":OUTPUT ACCEPT [0:0]\n";
    const std::size_t begin = out.find(last_policy) + last_policy.size();
    return out.substr(begin, out.find("COMMIT") - begin);
}

TEST(FitExclusions, OneExcludedInterfaceASideIsTheRulesOwn) {
    Program program = filter();
    program.tables[0].at(Hook::forward) << rule({not_in("a"), not_out("b")}, Drop{});
    EXPECT_EQ(text(program), "-A FORWARD ! -i a ! -o b -j DROP\n");
}

TEST(FitExclusions, SeveralLeaveAChain) {
    Program program = filter();
    program.tables[0].at(Hook::forward)
        << rule({not_in("a"), ProtocolIs{udp}, not_in("b"), not_out("c")}, Accept{})
        << rule({}, Drop{});
    EXPECT_EQ(text(program), R"(:natc-not-1 - [0:0]
-A FORWARD ! -o c -p udp -j natc-not-1
-A FORWARD -j DROP
-A natc-not-1 -i a -j RETURN
-A natc-not-1 -i b -j RETURN
-A natc-not-1 -p udp -j ACCEPT
)");
}

TEST(FitExclusions, NamesAreNotTakenTwice) {
    Program program = filter();
    chain(program, "natc-not-1");
    program.tables[0].at(Hook::input) << rule({not_in("a"), not_in("b")}, Drop{});
    program.tables[0].at(Hook::output) << rule({not_out("a"), not_out("b")}, Drop{});
    EXPECT_EQ(text(program), R"(:natc-not-1 - [0:0]
:natc-not-2 - [0:0]
:natc-not-3 - [0:0]
-A INPUT -j natc-not-2
-A OUTPUT -j natc-not-3
-A natc-not-2 -i a -j RETURN
-A natc-not-2 -i b -j RETURN
-A natc-not-2 -j DROP
-A natc-not-3 -o a -j RETURN
-A natc-not-3 -o b -j RETURN
-A natc-not-3 -j DROP
)");
}

TEST(FitExclusions, TheStatementKeepsWhatItNeeds) {
    Program program = filter();
    program.tables[0].at(Hook::forward)
        << rule({not_in("a"), not_in("b"), ProtocolIs{tcp}, syn_without_rst}, ClampMss{})
        << rule({}, Log{"-"})
        << rule({not_in("a"), not_in("b"), ProtocolIs{tcp}, syn_without_rst},
                Reject{RejectWith::tcp_reset});
    EXPECT_EQ(text(program), R"(:natc-not-1 - [0:0]
:natc-not-2 - [0:0]
-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j natc-not-1
-A FORWARD -j LOG --log-prefix -
-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j natc-not-2
-A natc-not-1 -i a -j RETURN
-A natc-not-1 -i b -j RETURN
-A natc-not-1 -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu
-A natc-not-2 -i a -j RETURN
-A natc-not-2 -i b -j RETURN
-A natc-not-2 -p tcp -j REJECT --reject-with tcp-reset
)");
}

TEST(FitExclusions, ALimitIsAskedOnceAndLast) {
    Program program = filter();
    program.tables[0].at(Hook::input)
        << rule({RateLimit{5, Period::minute}, not_in("a"), not_in("b"), MarkIs{1}}, Log{});
    EXPECT_EQ(text(program), R"(:natc-not-1 - [0:0]
-A INPUT -m mark --mark 0x1 -j natc-not-1
-A natc-not-1 -i a -j RETURN
-A natc-not-1 -i b -j RETURN
-A natc-not-1 -m limit --limit 5/min -j LOG
)");
}

TEST(FitExclusions, RulesThatExcludeTheSameShareAChain) {
    Program program = filter();
    const Rule web = rule({DestinationIsLocal{}, ProtocolIs{tcp}, DestinationPorts{ports(80, 1)},
                           not_in("a"), not_in("b"), MarkIs{1}},
                          Accept{});
    const Rule dns = rule({DestinationIsLocal{}, ProtocolIs{udp}, DestinationPorts{ports(80, 1)},
                           not_in("a"), not_in("b"), MarkIs{1}},
                          SetMark{2});
    program.tables[0].at(Hook::input) << dns << web << rule({not_in("b"), not_in("c")}, Drop{});
    EXPECT_EQ(text(program), R"(:natc-not-1 - [0:0]
:natc-not-2 - [0:0]
-A INPUT -m addrtype --dst-type LOCAL -j natc-not-1
-A INPUT -j natc-not-2
-A natc-not-1 -i a -j RETURN
-A natc-not-1 -i b -j RETURN
-A natc-not-1 -p udp -m udp --dport 80 -m mark --mark 0x1 -j MARK --set-xmark 0x2/0xffffffff
-A natc-not-1 -p tcp -m tcp --dport 80 -m mark --mark 0x1 -j ACCEPT
-A natc-not-2 -i b -j RETURN
-A natc-not-2 -i c -j RETURN
-A natc-not-2 -j DROP
)");
}

TEST(FitExclusions, WhatEndsTheChainMovesWhatFollows) {
    Program program = filter();
    chain(program, "own") << rule({ProtocolIs{udp}}, Accept{})
                          << rule({not_in("a"), not_in("b"), RateLimit{1, Period::hour}}, Return{})
                          << rule({}, Drop{});
    chain(program, "last") << rule({not_in("a"), not_in("b")}, Goto{"own"});
    EXPECT_EQ(text(program), R"(:last - [0:0]
:natc-not-1 - [0:0]
:natc-not-2 - [0:0]
:natc-rest-1 - [0:0]
:own - [0:0]
-A last -g natc-not-2
-A natc-not-1 -i a -g natc-rest-1
-A natc-not-1 -i b -g natc-rest-1
-A natc-not-1 -m limit --limit 1/hour -j RETURN
-A natc-not-1 -g natc-rest-1
-A natc-not-2 -i a -j RETURN
-A natc-not-2 -i b -j RETURN
-A natc-not-2 -g own
-A natc-rest-1 -j DROP
-A own -p udp -j ACCEPT
-A own -g natc-not-1
-A own -g natc-rest-1
)");
}

TEST(FitExclusions, ChainsStandWhereTheirRulesHold) {
    Program program = filter();
    program.tables[0].at(Hook::input)
        << rule({not_in("a"), not_in("b")}, Drop{}, Family::ipv6)
        << rule({not_in("a"), not_in("c")}, Return{}, Family::ipv4) << rule({}, Drop{});
    EXPECT_EQ(text(program), R"(:natc-not-2 - [0:0]
:natc-rest-2 - [0:0]
-A INPUT -g natc-not-2
-A INPUT -g natc-rest-2
-A natc-not-2 -i a -g natc-rest-2
-A natc-not-2 -i c -g natc-rest-2
-A natc-not-2 -j RETURN
-A natc-rest-2 -j DROP
)");
    EXPECT_EQ(text(program, Family::ipv6), R"(:natc-not-1 - [0:0]
:natc-rest-2 - [0:0]
-A INPUT -j natc-not-1
-A INPUT -g natc-rest-2
-A natc-not-1 -i a -j RETURN
-A natc-not-1 -i b -j RETURN
-A natc-not-1 -j DROP
-A natc-rest-2 -j DROP
)");
}

TEST(FitExclusions, RemarksOriginsAndComments) {
    Program program = filter();
    Rule first = rule({not_in("a"), not_in("b")}, Log{});
    first.remark = "first";
    first.comment = "c";
    first.origins = {{1, 2}, {3, 4}};
    Rule second = first;
    second.remark = "second";
    second.origins = {{3, 4}, {5, 6}};
    program.tables[0].at(Hook::input) << first << second;
    EXPECT_EQ(text(program), R"(:natc-not-1 - [0:0]
# first
-A INPUT -m comment --comment c -j natc-not-1
-A natc-not-1 -i a -m comment --comment c -j RETURN
-A natc-not-1 -i b -m comment --comment c -j RETURN
-A natc-not-1 -m comment --comment c -j LOG
# second
-A natc-not-1 -m comment --comment c -j LOG
)");
    const Program fitted = fit_exclusions(program);
    const std::vector<Span> both{{1, 2}, {3, 4}, {5, 6}};
    EXPECT_EQ(fitted.tables[0].find("INPUT")->rules[0].origins, both);
    EXPECT_EQ(fitted.tables[0].find("natc-not-1")->rules[1].origins, both);
    EXPECT_EQ(fitted.tables[0].find("natc-not-1")->rules[2].origins, first.origins);

    // Not said of a family that the rule does not hold in.
    program.tables[0].at(Hook::input).rules[0].families = Family::ipv6;
    EXPECT_EQ(text(program).find("first"), std::string::npos);
    EXPECT_NE(text(program, Family::ipv6).find("first"), std::string::npos);
}

TEST(FitExclusions, AGreatManyAddresses) {
    Program program = filter();
    Rule many = rule({}, Accept{}, Family::ipv4);
    for (unsigned i = 0; i < 16; ++i)
        many.matches.push_back(SourceAddress{Address(Family::ipv4, 0x0A000000U + 2 * i), true});
    program.tables[0].at(Hook::input) << many;
    EXPECT_EQ(text(program).find("natc-not"), std::string::npos);

    many.matches.push_back(DestinationAddress{Address(Family::ipv4, 0x0A000001U), true});
    program.tables[0].at(Hook::output) << many;
    const std::string out = text(program);
    EXPECT_NE(out.find("-A OUTPUT -j natc-not-1\n"), std::string::npos);
    EXPECT_NE(out.find("-A natc-not-1 -s 10.0.0.30/32 -j RETURN\n"
                       "-A natc-not-1 -d 10.0.0.1/32 -j RETURN\n"
                       "-A natc-not-1 -j ACCEPT\n"),
              std::string::npos);
}

TEST(FitPorts, AListBecomesSeveralRules) {
    Program program = filter();
    Rule many =
        rule({ProtocolIs{tcp}, SourcePorts{ports(1, 16)}, DestinationPorts{ports(101, 17)}}, Log{});
    many.remark = "many";
    program.tables[0].at(Hook::input) << many;
    EXPECT_EQ(text(program), R"(# many
-A INPUT -p tcp -m multiport --sports 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29 -m multiport --dports 101,103,105,107,109,111,113,115,117,119,121,123,125,127,129 -j LOG
-A INPUT -p tcp -m multiport --sports 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29 -m multiport --dports 131,133 -j LOG
-A INPUT -p tcp -m tcp --sport 31 -m multiport --dports 101,103,105,107,109,111,113,115,117,119,121,123,125,127,129 -j LOG
-A INPUT -p tcp -m tcp --sport 31 -m multiport --dports 131,133 -j LOG
)");
}

TEST(FitPorts, AnExcludedListBecomesSeveralMatches) {
    Program program = filter();
    program.tables[0].at(Hook::input)
        << rule({ProtocolIs{udp}, DestinationPorts{ports(101, 17), true}}, Drop{});
    EXPECT_EQ(
        text(program),
        R"(-A INPUT -p udp -m multiport ! --dports 101,103,105,107,109,111,113,115,117,119,121,123,125,127,129 -m multiport ! --dports 131,133 -j DROP
)");
}

TEST(FitPorts, ALimitHoldsForTheWholeList) {
    Program program = filter();
    program.tables[0].at(Hook::input) << rule(
        {ProtocolIs{udp}, DestinationPorts{ports(1, 16)}, RateLimit{1, Period::second}}, Log{});
    EXPECT_EQ(
        text(program),
        R"(-A INPUT -p udp -m multiport ! --dports 0,2,4,6,8,10,12,14,16,18,20,22,24,26,28 -m multiport ! --dports 30,32:65535 -m limit --limit 1/sec -j LOG
)");
}

}  // namespace
}  // namespace natc

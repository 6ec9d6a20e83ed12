// Long rows of rules as trees of chains: every packet fares as before.
#include <algorithm>
#include <cstdint>
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

class Rows {
public:
    explicit Rows(unsigned seed) : engine_(seed) {}

    unsigned below(unsigned end) { return static_cast<unsigned>(engine_() % end); }
    bool one_in(unsigned n) { return below(n) == 0; }

    AddressRange range(unsigned most) {
        const unsigned first = below(most);
        const unsigned last = one_in(3) ? first + below(6) : first;
        return {Address(Family::ipv4, first), Address(Family::ipv4, last)};
    }

    /// A row over one field with what else rules ask, here and there broken by a rule that does not belong.
    Chain chain(bool of_hook) {
        Chain made;
        made.families = Family::ipv4;
        const unsigned kind = below(3);
        const bool in = one_in(2);
        const bool limits = one_in(4);
        const unsigned most = 20 + below(2000);
        const unsigned count = below(240);
        for (unsigned i = 0; i < count; ++i) {
            Rule rule;
            rule.families = Family::ipv4;
            if (in) rule.matches.push_back(InInterface{*parse_interface("a")});
            if (kind == 0) rule.matches.push_back(SourceAddress{range(most)});
            if (kind == 1) rule.matches.push_back(DestinationAddress{range(most)});
            if (kind == 2 || one_in(6)) rule.matches.push_back(ProtocolIs{tcp});
            if (kind == 2) {
                const auto first = static_cast<std::uint16_t>(below(most));
                rule.matches.push_back(DestinationPorts{{{first, static_cast<std::uint16_t>(first + (one_in(4) ? below(5) : 0U))}}});
            }
            if (one_in(60)) rule.matches = {MarkIs{below(3)}};
            if (one_in(4)) rule.matches.push_back(MarkIs{below(3)});
            if (limits && one_in(30)) rule.matches.push_back(RateLimit{1U << below(3), Period::second});
            rule.statement = statement(of_hook);
            made << std::move(rule);
        }
        return made;
    }

    Statement statement(bool of_hook) {
        switch (below(of_hook ? 7 : 6)) {
            case 0: return Accept{};
            case 1: return Log{std::to_string(below(100))};
            case 2: return SetMark{below(3)};
            case 3: return of_hook ? Statement(Jump{"u1"}) : Statement(Accept{});
            case 4: return one_in(9) ? Statement(Return{}) : Statement(Drop{});
            case 6: return one_in(9) ? Statement(Goto{"u1"}) : Statement(Drop{});
            default: return Drop{};
        }
    }

    Program program() {
        Table table = empty_table(TableName::filter);
        Chain called = chain(false);
        called.name = "u1";
        table.at(Hook::forward).rules = chain(true).rules;
        if (one_in(2)) table.at(Hook::forward).policy = Policy::drop;
        table.chains.push_back(std::move(called));
        return {{std::move(table)}};
    }

    natc::testing::Packet packet(const Program& of) {
        natc::testing::Packet packet;
        const auto value = [&] { return below(one_in(2) ? 60 : 2100); };
        packet.source = Address(Family::ipv4, value());
        packet.destination = Address(Family::ipv4, value());
        packet.in = one_in(4) ? "b" : "a";
        packet.protocol = one_in(5) ? udp : tcp;
        packet.destination_port = static_cast<std::uint16_t>(value());
        packet.fragment = one_in(10);
        packet.mark = below(3);
        // Mostly one that some rule asks for.
        const auto& rules = of.tables[0].find("FORWARD")->rules;
        if (!rules.empty() && !one_in(3))
            for (const Match& match : rules[below(static_cast<unsigned>(rules.size()))].matches) {
                if (const auto* source = std::get_if<SourceAddress>(&match)) packet.source = source->range.last();
                if (const auto* to = std::get_if<DestinationAddress>(&match)) packet.destination = to->range.first();
                if (const auto* ports = std::get_if<DestinationPorts>(&match)) packet.destination_port = ports->ranges[0].last;
            }
        return packet;
    }

private:
    std::mt19937 engine_;
};

TEST(Branch, EveryPacketFaresAsBefore) {
    std::size_t grown = 0;
    for (unsigned seed = 0; seed < 300; ++seed) {
        Rows rows(seed);
        const Program before = rows.program();
        ASSERT_EQ(fault(before), "") << seed;
        const Program after = branch(before);
        ASSERT_EQ(fault(after), "") << seed;
        grown += after.tables[0].chains.size() > before.tables[0].chains.size() ? 1U : 0U;
        for (int i = 0; i < 150; ++i) {
            const natc::testing::Packet packet = rows.packet(before);
            // Leaving the hook's chain is what its policy says, and may be written so.
            const auto walk = [&](const Program& program) {
                std::string fate = natc::testing::Walk(program.tables[0], packet).through(Hook::forward);
                if (fate.ends_with("policy")) fate.replace(fate.size() - 6, 6, program.tables[0].find("FORWARD")->policy == Policy::accept ? "accept" : "drop");
                return fate;
            };
            ASSERT_EQ(walk(before), walk(after)) << "seed " << seed << "\n" << emit_iptables(fit_iptables(before), Family::ipv4) << emit_iptables(fit_iptables(after), Family::ipv4);
        }
    }
    EXPECT_GT(grown, 100U);
}

/// Addresses that `count` rules of FORWARD accept from one interface.
Program accepted(std::uint32_t count, std::uint32_t step = 2) {
    Table filter = empty_table(TableName::filter);
    for (std::uint32_t i = 0; i < count; ++i) {
        Rule rule;
        rule.families = Family::ipv4;
        rule.matches = {SourceAddress{AddressRange(Address(Family::ipv4, 0x0A00'0000U + step * i))}, InInterface{*parse_interface("a")}};
        rule.statement = Accept{};
        rule.remark = i == 20 ? "the 21st" : "";
        filter.at(Hook::forward) << std::move(rule);
    }
    return {{std::move(filter)}};
}

TEST(Branch, ARowAsText) {
    const std::string text = emit_iptables(branch(accepted(65)), Family::ipv4);
    for (const char* line : {":natc-by-1 - [0:0]\n", "-A FORWARD -i a -j natc-by-1\n", "-A natc-by-1 -m iprange --src-range 10.0.0.0-10.0.0.126 -g natc-by-1-1-64\n",
                             "-A natc-by-1-1-64 -m iprange --src-range 10.0.0.32-10.0.0.62 -g natc-by-1-17-32\n", "-A natc-by-1 -s 10.0.0.128/32 -g natc-by-1-65-65\n",
                             "# the 21st\n-A natc-by-1-17-32 -s 10.0.0.40/32 -j ACCEPT\n"})
        EXPECT_NE(text.find(line), std::string::npos) << line << text;
}

/// What `count` bridges forge is dropped, and DHCP replies get checksums, say; between the two a rule of its own.
Program bridges(unsigned count) {
    Table mangle = empty_table(TableName::mangle);
    for (unsigned i = 0; i < count; ++i) {
        Rule rule;
        rule.families = Family::ipv4;
        rule.matches = {InInterface{*parse_interface("br" + std::to_string(i))}, ProtocolIs{udp}, DestinationPorts{{{68, 68}}}, MarkIs{1}};
        rule.statement = i == 3 ? Statement(Return{}) : Statement(Drop{});
        mangle.at(Hook::forward) << std::move(rule);
    }
    return {{std::move(mangle)}};
}

TEST(AskOnce, ARowAsText) {
    const Program before = bridges(65);
    const Program after = ask_once(before);
    EXPECT_EQ(fault(after), "");
    const std::string text = emit_iptables(after, Family::ipv4);
    for (const char* line : {"-A FORWARD -p udp -m udp --dport 68 -j natc-once-1\n", "-A natc-once-1 -i br0 -p udp -m mark --mark 0x1 -j DROP\n",
                             "-A natc-once-1 -i br3 -p udp -m mark --mark 0x1 -j ACCEPT\n", "-A natc-once-1 -i br64 -p udp -m mark --mark 0x1 -j DROP\n"})
        EXPECT_NE(text.find(line), std::string::npos) << line << text;
    for (const char* in : {"br0", "br3", "br64", "br65"})
        for (const unsigned port : {67U, 68U})
            for (const std::uint32_t mark : {0U, 1U}) {
                natc::testing::Packet packet;
                packet.in = in;
                packet.protocol = udp;
                packet.destination_port = static_cast<std::uint16_t>(port);
                packet.mark = mark;
                const auto walk = [&](const Program& program) {
                    const std::string fate = natc::testing::Walk(program.tables[0], packet).through(Hook::forward);
                    return fate == "policy" ? std::string("accept") : fate;
                };
                EXPECT_EQ(walk(before), walk(after)) << in << port << mark;
            }
}

TEST(AskOnce, ShortRowsAndOthersStay) {
    EXPECT_EQ(ask_once(bridges(64)).tables[0].chains.size(), 5U);
    Program broken = bridges(100);
    broken.tables[0].at(Hook::forward).rules[50].matches.pop_back();
    EXPECT_EQ(ask_once(std::move(broken)).tables[0].chains.size(), 5U);
    Program limited = bridges(100);
    for (Rule& rule : limited.tables[0].at(Hook::forward).rules) rule.matches = {rule.matches[0], RateLimit{5, Period::second}};
    EXPECT_EQ(ask_once(std::move(limited)).tables[0].chains.size(), 5U);
}

/// `count` rules of FORWARD that ask for tcp 22 from an address each.
Program asked_for_ssh(std::uint32_t count, const Statement& statement) {
    Program program = accepted(count);
    for (Rule& rule : program.tables[0].at(Hook::forward).rules) {
        rule.matches.push_back(ProtocolIs{tcp});
        rule.matches.push_back(DestinationPorts{{{22, 22}}});
        rule.statement = statement;
    }
    return program;
}

TEST(Branch, WhatAFieldDoesNotPartAnotherOneMay) {
    // All ask for one port, which parts nothing.
    EXPECT_GT(branch(asked_for_ssh(100, Accept{})).tables[0].chains.size(), 6U);
}

TEST(Branch, TargetsKeepTheirProtocol) {
    const std::string text = emit_iptables(branch(asked_for_ssh(100, Reject{RejectWith::tcp_reset})), Family::ipv4);
    EXPECT_NE(text.find("-A natc-by-1-1-16 -s 10.0.0.0/32 -p tcp -j REJECT --reject-with tcp-reset\n"), std::string::npos) << text;
    Program clamped = accepted(100);
    for (Rule& rule : clamped.tables[0].at(Hook::forward).rules) {
        rule.matches.push_back(ProtocolIs{tcp});
        rule.matches.push_back(syn_without_rst);
        rule.statement = ClampMss{};
    }
    const std::string clamping = emit_iptables(branch(std::move(clamped)), Family::ipv4);
    EXPECT_NE(clamping.find("-A natc-by-1-1-16 -s 10.0.0.0/32 -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu\n"), std::string::npos) << clamping;
}

TEST(Branch, WhatCountsStays) {
    Program limited = accepted(100);
    for (Rule& rule : limited.tables[0].at(Hook::forward).rules) rule.matches.push_back(RateLimit{3, Period::minute});
    EXPECT_EQ(branch(std::move(limited)).tables[0].chains.size(), 3U);
}

TEST(Branch, NoDeeperThanIptablesNftTakes) {
    for (const unsigned below : {1U, 5U, 9U, 10U, 14U}) {
        // A hook with a row of 150 rules, each of which may call a chain that calls another, and so on.
        Program program = accepted(150);
        Table& filter = program.tables[0];
        for (Rule& rule : filter.at(Hook::forward).rules) rule.statement = Jump{"u1"};
        for (unsigned i = 1; i <= below; ++i) {
            Chain chain;
            chain.name = "u" + std::to_string(i);
            chain.families = Family::ipv4;
            Rule on;
            on.families = Family::ipv4;
            on.statement = i < below ? Statement(Jump{"u" + std::to_string(i + 1)}) : Statement(Accept{});
            chain << std::move(on);
            filter.chains.push_back(std::move(chain));
        }
        const std::size_t before = filter.chains.size();
        const Program after = branch(std::move(program));
        // Ten leaves stand in three levels.
        EXPECT_EQ(after.tables[0].chains.size() > before, below + 3 <= 12) << below;
    }
}

TEST(Branch, ShortRowsStay) {
    EXPECT_EQ(branch(accepted(64)).tables[0].chains.size(), 3U);
    EXPECT_GT(branch(accepted(65)).tables[0].chains.size(), 3U);
}

TEST(Branch, WhatOverlapsAllOverIsNoRow) {
    Program program = accepted(100);
    Rule all = program.tables[0].at(Hook::forward).rules[0];
    all.matches[0] = SourceAddress{AddressRange::prefix(Address(Family::ipv4, 0x0A00'0000U), 8)};
    all.statement = Log{"all"};
    auto& rules = program.tables[0].at(Hook::forward).rules;
    rules.insert(rules.begin() + 50, all);
    const Program after = branch(program);
    EXPECT_EQ(after.tables[0].chains.size(), 3U);
    EXPECT_EQ(emit_iptables(after, Family::ipv4), emit_iptables(program, Family::ipv4));
}

TEST(Branch, TheWordsOfADumpStay) {
    Program program = accepted(100);
    for (Rule& rule : program.tables[0].at(Hook::forward).rules) rule.spelling = "-j ACCEPT";
    EXPECT_EQ(branch(std::move(program)).tables[0].chains.size(), 3U);
}

TEST(Branch, AHundredThousandRulesAreNoWork) {
    const Program after = branch(accepted(100'000));
    std::size_t most = 0;
    std::size_t longest = 0;
    for (const Chain& chain : after.tables[0].chains) {
        most = std::max(most, chain.rules.size());
        longest = std::max(longest, chain.name.size());
    }
    EXPECT_LE(most, 16U);
    EXPECT_LE(longest, 28U);
}

}  // namespace
}  // namespace natc

// The nft script: what becomes a set or a map, and what must not.

#include "emit/nft.hpp"

#include <gtest/gtest.h>

namespace natc {
namespace {

using namespace ir;

InterfaceName iface(std::string_view name) { return *parse_interface(name); }
AddressRange range(std::string_view text) { return *parse_addresses(text); }

ir::Rule rule(std::vector<Match> matches, Statement statement, FamilySet families = FamilySet::both()) {
    ir::Rule made;
    made.matches = std::move(matches);
    made.statement = std::move(statement);
    made.families = families;
    return made;
}

ir::Rule port(std::uint16_t number, Statement statement, Protocol protocol = tcp) {
    return rule({ProtocolIs{protocol, false}, DestinationPorts{{{number, number}}, false}}, std::move(statement));
}

/// The lines of the only chain that has rules, without its head.
std::string chain_text(TableName name, Hook hook, std::vector<ir::Rule> rules, std::size_t errors = 0) {
    Program program;
    program.tables.push_back(empty_table(name));
    for (ir::Rule& one : rules) program.tables.front().at(hook) << std::move(one);
    Diagnostics diagnostics;
    const std::string text = emit_nft(program, diagnostics);
    EXPECT_EQ(diagnostics.errors(), errors);
    const auto begin = text.find("policy accept;\n");
    if (begin == std::string::npos) return {};
    const auto from = begin + std::string_view("policy accept;\n").size();
    return text.substr(from, text.rfind("    }\n}\n") - from);
}

std::string forward(std::vector<ir::Rule> rules) { return chain_text(TableName::filter, Hook::forward, std::move(rules)); }

TEST(Nft, ReplacesItsTableAsAWhole) {
    Diagnostics diagnostics;
    Program program;
    program.tables.push_back(empty_table(TableName::filter));
    EXPECT_EQ(emit_nft(program, diagnostics),
              "# Made by natc for `nft -f`: IPv4 and IPv6 in one table, replaced as a whole.\n"
              "table inet natc\ndelete table inet natc\ntable inet natc {\n}\n");
}

TEST(Nft, AnEmptyChainThatDropsStands) {
    Diagnostics diagnostics;
    Program program;
    program.tables.push_back(empty_table(TableName::filter));
    program.tables.front().at(Hook::input).policy = ir::Policy::drop;
    EXPECT_NE(emit_nft(program, diagnostics).find("type filter hook input priority 0; policy drop;"), std::string::npos);
}

TEST(Nft, PortsThatFareAlikeAreASet) {
    EXPECT_EQ(forward({port(22, Accept{}), port(80, Accept{}), port(443, Accept{})}), "        tcp dport { 22, 80, 443 } accept\n");
}

TEST(Nft, ProtocolsThatFareAlikeAreASet) {
    EXPECT_EQ(forward({port(53, Accept{}, udp), port(53, Accept{}, tcp)}), "        meta l4proto { tcp, udp } th dport 53 accept\n");
}

TEST(Nft, PortsThatFareDifferentlyAreAMap) {
    EXPECT_EQ(forward({port(22, Accept{}), port(80, Drop{}), port(443, Jump{"WEB"})}),
              "        tcp dport vmap { 22 : accept, 80 : drop, 443 : jump filter-WEB }\n");
}

TEST(Nft, TheFirstRuleForAPortWins) {
    EXPECT_EQ(forward({port(22, Accept{}), port(80, Drop{}), port(22, Drop{})}), "        tcp dport vmap { 22 : accept, 80 : drop }\n");
}

TEST(Nft, AJumpThatComesBackIsFollowedByWhatStandsBehindIt) {
    // A map has one answer a port: the drop after the jump must stay a rule of its own.
    EXPECT_EQ(forward({port(22, Jump{"A"}), port(80, Jump{"B"}), port(22, Drop{})}),
              "        tcp dport vmap { 22 : jump filter-A, 80 : jump filter-B }\n        tcp dport 22 drop\n");
}

TEST(Nft, InterfacesInPairsAreASetOfPairs) {
    const auto inside = [](std::string_view name) { return rule({InInterface{iface(name), false}, OutInterface{iface(name), false}}, Accept{}); };
    EXPECT_EQ(forward({inside("br0"), inside("br1")}), "        iifname . oifname { \"br0\" . \"br0\", \"br1\" . \"br1\" } accept\n");
}

TEST(Nft, AWildcardStandsInNoSet) {
    const auto from = [](std::string_view name) { return rule({InInterface{iface(name), false}}, Accept{}); };
    EXPECT_EQ(forward({from("br0"), from("vnet+")}), "        iifname \"br0\" accept\n        iifname \"vnet*\" accept\n");
}

TEST(Nft, AddressesThatOverlapAreJoined) {
    const auto from = [](std::string_view text) { return rule({SourceAddress{range(text), false}}, Accept{}, Family::ipv4); };
    EXPECT_EQ(forward({from("10.1.0.0/16"), from("10.0.0.0/8"), from("11.0.0.1")}), "        ip saddr { 10.0.0.0/8, 11.0.0.1 } accept\n");
    EXPECT_EQ(forward({from("10.0.0.1-10.0.0.5"), from("10.0.0.3-10.0.0.9")}), "        ip saddr 10.0.0.1-10.0.0.9 accept\n");
}

TEST(Nft, RulesDoNotPassOneThatTheyMayMeet) {
    const auto drop = rule({SourceAddress{range("10.0.0.0/8"), false}}, Drop{}, Family::ipv4);
    EXPECT_EQ(forward({port(22, Accept{}), drop, port(80, Accept{})}),
              "        tcp dport 22 accept\n        ip saddr 10.0.0.0/8 drop\n        tcp dport 80 accept\n");
}

TEST(Nft, RulesPassOneThatIsAboutOtherPackets) {
    EXPECT_EQ(forward({port(22, Accept{}), port(53, Log{"dns"}, udp), port(80, Accept{})}),
              "        tcp dport { 22, 80 } accept\n        udp dport 53 log prefix \"dns\"\n");
}

TEST(Nft, LimitsAreCountedApart) {
    const auto limited = [](std::uint16_t number) {
        ir::Rule made = port(number, Accept{});
        made.matches.emplace_back(RateLimit{5, Period::minute, 7});
        return made;
    };
    EXPECT_EQ(forward({limited(22), limited(23)}),
              "        tcp dport 22 limit rate 5/minute burst 7 packets accept\n"
              "        tcp dport 23 limit rate 5/minute burst 7 packets accept\n");
}

TEST(Nft, PortForwardsAreOneMap) {
    const auto to = [](std::uint16_t number, std::string_view address, std::uint16_t target) {
        ir::Rule made = port(number, DestinationNat{range(address), PortRange{target, target}, std::nullopt});
        made.families = Family::ipv4;
        return made;
    };
    EXPECT_EQ(chain_text(TableName::nat, Hook::prerouting, {to(2222, "10.0.0.5", 22), to(2223, "10.0.0.6", 22)}),
              "        meta nfproto ipv4 dnat ip to tcp dport map { 2222 : 10.0.0.5 . 22, 2223 : 10.0.0.6 . 22 }\n");
}

TEST(Nft, ARangeThatMovesKeepsItsOrder) {
    ir::Rule made = rule({ProtocolIs{tcp, false}, DestinationPorts{{{5000, 5002}}, false}},
                         DestinationNat{range("10.0.0.5"), PortRange{8000, 8002}, 5000}, Family::ipv4);
    EXPECT_EQ(chain_text(TableName::nat, Hook::prerouting, {made}),
              "        meta nfproto ipv4 dnat ip to tcp dport map { 5000 : 10.0.0.5 . 8000, 5001 : 10.0.0.5 . 8001, 5002 : 10.0.0.5 . 8002 }\n");
}

TEST(Nft, IPv6TargetsStandInBrackets) {
    ir::Rule made = port(80, DestinationNat{range("fd00::5"), PortRange{8080, 8080}, std::nullopt});
    made.families = Family::ipv6;
    EXPECT_EQ(chain_text(TableName::nat, Hook::prerouting, {made}), "        meta nfproto ipv6 tcp dport 80 dnat ip6 to [fd00::5]:8080\n");
}

TEST(Nft, AMatchOfIptablesAloneIsRefused) {
    ir::Rule made = rule({Verbatim{"-m recent --name x --rcheck"}}, Accept{});
    EXPECT_EQ(chain_text(TableName::filter, Hook::forward, {made}, 1), "");
}

TEST(Nft, TheOldStateMatchIsUnderstood) {
    EXPECT_EQ(forward({rule({Verbatim{"-m state --state RELATED,ESTABLISHED"}}, Accept{})}), "        ct state related,established accept\n");
}

TEST(Nft, EachFamilyIsRejectedInItsWords) {
    EXPECT_EQ(forward({rule({}, Reject{RejectWith::port_unreachable})}), "        reject with icmpx type port-unreachable\n");
    EXPECT_EQ(forward({rule({}, Reject{RejectWith::host_prohibited})}),
              "        meta nfproto ipv4 reject with icmp type host-prohibited\n"
              "        meta nfproto ipv6 reject with icmpv6 type admin-prohibited\n");
}

TEST(Nft, CommentsTravel) {
    ir::Rule made = port(22, Accept{});
    made.comment = "the \"door\"";
    made.remark = "above\nit";
    EXPECT_EQ(forward({made}), "        # above\n        # it\n        tcp dport 22 accept comment \"the 'door'\"\n");
}

}  // namespace
}  // namespace natc

// The nft script: what becomes a set or a map, and what must not.

#include "emit/nft.hpp"

#include <gtest/gtest.h>

namespace natc {
namespace {

using namespace ir;

InterfaceName iface(std::string_view name) { return *parse_interface(name); }
AddressRange addresses(std::string_view text) { return *parse_addresses(text); }

ir::Rule nft_rule(std::vector<Match> matches, Statement statement, FamilySet families = FamilySet::both()) {
    ir::Rule made;
    made.matches = std::move(matches);
    made.statement = std::move(statement);
    made.families = families;
    return made;
}

ir::Rule port(std::uint16_t number, Statement statement, Protocol protocol = tcp) {
    return nft_rule({ProtocolIs{protocol, false}, DestinationPorts{{{number, number}}, false}}, std::move(statement));
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
    const auto inside = [](std::string_view name) { return nft_rule({InInterface{iface(name), false}, OutInterface{iface(name), false}}, Accept{}); };
    EXPECT_EQ(forward({inside("br0"), inside("br1")}), "        iifname . oifname { \"br0\" . \"br0\", \"br1\" . \"br1\" } accept\n");
}

TEST(Nft, AWildcardStandsInNoSet) {
    const auto from = [](std::string_view name) { return nft_rule({InInterface{iface(name), false}}, Accept{}); };
    EXPECT_EQ(forward({from("br0"), from("vnet+")}), "        iifname \"br0\" accept\n        iifname \"vnet*\" accept\n");
}

TEST(Nft, AddressesThatOverlapAreJoined) {
    const auto from = [](std::string_view text) { return nft_rule({SourceAddress{addresses(text), false}}, Accept{}, Family::ipv4); };
    EXPECT_EQ(forward({from("10.1.0.0/16"), from("10.0.0.0/8"), from("11.0.0.1")}), "        ip saddr { 10.0.0.0/8, 11.0.0.1 } accept\n");
    EXPECT_EQ(forward({from("10.0.0.1-10.0.0.5"), from("10.0.0.3-10.0.0.9")}), "        ip saddr 10.0.0.1-10.0.0.9 accept\n");
}

TEST(Nft, RulesDoNotPassOneThatTheyMayMeet) {
    const auto drop = nft_rule({SourceAddress{addresses("10.0.0.0/8"), false}}, Drop{}, Family::ipv4);
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
        ir::Rule made = port(number, DestinationNat{addresses(address), PortRange{target, target}, std::nullopt});
        made.families = Family::ipv4;
        return made;
    };
    EXPECT_EQ(chain_text(TableName::nat, Hook::prerouting, {to(2222, "10.0.0.5", 22), to(2223, "10.0.0.6", 22)}),
              "        meta nfproto ipv4 dnat ip to tcp dport map { 2222 : 10.0.0.5 . 22, 2223 : 10.0.0.6 . 22 }\n");
}

TEST(Nft, NewPortsWantTheirProtocolByItself) {
    const auto from = [](std::string_view source, Protocol protocol) {
        return nft_rule({SourceAddress{addresses(source), false}, ProtocolIs{protocol, false}, DestinationPorts{{{80, 80}}, false}},
                    DestinationNat{addresses("10.0.0.5"), PortRange{8080, 8080}, std::nullopt}, Family::ipv4);
    };
    EXPECT_EQ(chain_text(TableName::nat, Hook::prerouting, {from("10.9.0.1", tcp), from("10.9.0.2", udp)}),
              "        meta l4proto { tcp, udp } ip saddr . meta l4proto { 10.9.0.1 . tcp, 10.9.0.2 . udp } th dport 80 dnat ip to 10.0.0.5:8080\n");

    const auto to = [](Protocol protocol, std::uint16_t target) {
        return nft_rule({ProtocolIs{protocol, false}, DestinationPorts{{{80, 80}}, false}}, DestinationNat{addresses("10.0.0.5"), PortRange{target, target}, std::nullopt},
                    Family::ipv4);
    };
    EXPECT_EQ(chain_text(TableName::nat, Hook::prerouting, {to(tcp, 8080), to(udp, 8081)}),
              "        meta nfproto ipv4 meta l4proto { tcp, udp } th dport 80 dnat ip to meta l4proto map { tcp : 10.0.0.5 . 8080, udp : 10.0.0.5 . 8081 }\n");
}

TEST(Nft, ARangeThatMovesKeepsItsOrder) {
    ir::Rule made = nft_rule({ProtocolIs{tcp, false}, DestinationPorts{{{5000, 5002}}, false}},
                         DestinationNat{addresses("10.0.0.5"), PortRange{8000, 8002}, 5000}, Family::ipv4);
    EXPECT_EQ(chain_text(TableName::nat, Hook::prerouting, {made}),
              "        meta nfproto ipv4 dnat ip to tcp dport map { 5000 : 10.0.0.5 . 8000, 5001 : 10.0.0.5 . 8001, 5002 : 10.0.0.5 . 8002 }\n");
}

TEST(Nft, IPv6TargetsStandInBrackets) {
    ir::Rule made = port(80, DestinationNat{addresses("fd00::5"), PortRange{8080, 8080}, std::nullopt});
    made.families = Family::ipv6;
    EXPECT_EQ(chain_text(TableName::nat, Hook::prerouting, {made}), "        meta nfproto ipv6 tcp dport 80 dnat ip6 to [fd00::5]:8080\n");
}

TEST(Nft, AMatchOfIptablesAloneIsRefused) {
    ir::Rule made = nft_rule({Verbatim{"-m recent --name x --rcheck"}}, Accept{});
    EXPECT_EQ(chain_text(TableName::filter, Hook::forward, {made}, 1), "");
}

TEST(Nft, ATargetOfIptablesAloneIsRefused) {
    EXPECT_EQ(chain_text(TableName::filter, Hook::forward, {nft_rule({}, Foreign{"NFQUEUE --queue-num 1"})}, 1), "");
}

TEST(Nft, ChainsMayHaveAnyNameThatIptablesTakes) {
    EXPECT_EQ(forward({nft_rule({}, Goto{"a:b/c"})}), "        goto filter-a/3ab/2fc\n");
}

TEST(Nft, RulesThatOnlyCountCountByThemselves) {
    EXPECT_EQ(forward({port(22, Continue{}), port(80, Continue{})}), "        tcp dport 22 counter\n        tcp dport 80 counter\n");
}

TEST(Nft, TranslationOfThePortAloneAndFlags) {
    const auto only_port = [](Statement statement) { return chain_text(TableName::nat, Hook::prerouting, {port(80, std::move(statement))}); };
    EXPECT_EQ(only_port(DestinationNat{{}, PortRange{8080, 8080}, {}, {}}), "        tcp dport 80 dnat to :8080\n");
    EXPECT_EQ(only_port(DestinationNat{{}, PortRange{8080, 8080}, {}, {true, false, true}}), "        tcp dport 80 dnat to :8080 random,persistent\n");
    EXPECT_EQ(only_port(Redirect{{}, {}}), "        tcp dport 80 redirect\n");
    EXPECT_EQ(chain_text(TableName::nat, Hook::postrouting, {nft_rule({}, Masquerade{{}, {false, true, false}})}), "        masquerade fully-random\n");
}

TEST(Nft, TheSecurityTableRunsBehindFilter) {
    Program program;
    program.tables.push_back(empty_table(TableName::security));
    program.tables.front().at(Hook::input) << nft_rule({}, Drop{});
    Diagnostics diagnostics;
    EXPECT_NE(emit_nft(program, diagnostics).find("chain security-input {\n        type filter hook input priority 50;"), std::string::npos);
}

TEST(Nft, WordsOfIptablesAreWrittenByWhatTheyMean) {
    Conntrack states;
    states.states = established_or_related;
    EXPECT_EQ(forward({nft_rule({Verbatim{"-m state --state RELATED,ESTABLISHED", {states}}}, Accept{})}), "        ct state established,related accept\n");
}

TEST(Nft, EachFamilyIsRejectedInItsWords) {
    EXPECT_EQ(forward({nft_rule({}, Reject{RejectWith::port_unreachable})}), "        reject with icmpx type port-unreachable\n");
    EXPECT_EQ(forward({nft_rule({}, Reject{RejectWith::host_prohibited})}),
              "        meta nfproto ipv4 reject with icmp type host-prohibited\n"
              "        meta nfproto ipv6 reject with icmpv6 type admin-prohibited\n");
}

TEST(Nft, RejectsThatBothFamiliesHaveAreOneRule) {
    EXPECT_EQ(forward({nft_rule({}, Reject{RejectWith::net_unreachable})}), "        reject with icmpx type no-route\n");
    EXPECT_EQ(forward({nft_rule({}, Reject{RejectWith::addr_unreachable})}), "        reject with icmpx type host-unreachable\n");
}

TEST(Nft, NoPacketIsLoggedTwiceForBothOfItsStates) {
    Conntrack conntrack;
    conntrack.states = ConntrackStates(ConntrackState::new_) | ConntrackState::dnat;
    EXPECT_EQ(forward({nft_rule({conntrack}, Log{"x"})}),
              "        ct state new log prefix \"x\"\n        ct state != { new } ct status dnat log prefix \"x\"\n");
}

TEST(Nft, APacketWithoutAConnectionIsNotTranslated) {
    Conntrack conntrack;
    conntrack.states = ConntrackState::dnat;
    conntrack.states_negated = true;
    EXPECT_EQ(forward({nft_rule({conntrack}, Drop{})}), "        ct state invalid,untracked drop\n        ct status & (dnat) == 0 drop\n");
}

TEST(Nft, AddressesOfConnectionsAreSets) {
    const auto opened = [](std::string_view text, bool negated) {
        Conntrack conntrack;
        conntrack.original_source = addresses(text);
        conntrack.original_source_negated = negated;
        return conntrack;
    };
    EXPECT_EQ(forward({nft_rule({opened("10.0.0.0/24", false)}, Accept{}, Family::ipv4), nft_rule({opened("10.0.2.0/24", false)}, Accept{}, Family::ipv4)}),
              "        meta nfproto ipv4 ct original ip saddr { 10.0.0.0/24, 10.0.2.0/24 } accept\n");
    EXPECT_EQ(forward({nft_rule({opened("10.0.0.0/24", true), opened("10.0.2.0/24", true)}, Drop{}, Family::ipv4)}),
              "        meta nfproto ipv4 ct original ip saddr != { 10.0.0.0/24, 10.0.2.0/24 } drop\n");
}

TEST(Nft, ADollarInALogPrefixIsNoVariable) {
    Diagnostics diagnostics;
    Program program;
    program.tables.push_back(empty_table(TableName::filter));
    program.tables.front().at(Hook::input) << nft_rule({}, Log{"5 $x: "});
    const std::string text = emit_nft(program, diagnostics);
    EXPECT_NE(text.find("define natc_5_20_24x_3a_20 = \"5 $x: \"\n"), std::string::npos) << text;
    EXPECT_NE(text.find("log prefix \"$natc_5_20_24x_3a_20\"\n"), std::string::npos) << text;
}

TEST(Nft, AStarInANameIsAStar) {
    EXPECT_EQ(forward({nft_rule({InInterface{iface("a*"), false}}, Accept{}), nft_rule({InInterface{iface("b"), false}}, Accept{})}),
              "        iifname \"a\\*\" accept\n        iifname \"b\" accept\n");
    EXPECT_EQ(forward({nft_rule({InInterface{iface("a*+"), false}}, Accept{})}), "        iifname \"a**\" accept\n");
}

TEST(Nft, ANameThatNftCannotWriteIsRefused) {
    for (const char* name : {"a\"b", "a\\b*", "a\\+"})
        EXPECT_EQ(chain_text(TableName::filter, Hook::forward, {nft_rule({OutInterface{iface(name), false}}, Accept{})}, 1), "") << name;
    EXPECT_EQ(forward({nft_rule({OutInterface{iface("a\\b+"), false}}, Accept{})}), "        oifname \"a\\b*\" accept\n");
}

TEST(Nft, AChainOfOneFamilyThatAHookCallsAsksForIt) {
    Diagnostics diagnostics;
    Program program;
    program.tables.push_back(empty_table(TableName::filter));
    Chain& input = program.tables.front().at(Hook::input);
    input.families = Family::ipv4;
    input << nft_rule({}, Drop{}, Family::ipv4);
    EXPECT_NE(emit_nft(program, diagnostics).find("meta nfproto ipv4 drop\n"), std::string::npos);
}

TEST(Nft, AListingKeepsTheFamilyOfIcmp) {
    EXPECT_EQ(forward({nft_rule({InInterface{iface("br0"), false}, ProtocolIs{icmp, false}}, Accept{}, Family::ipv4)}),
              "        iifname \"br0\" meta l4proto icmp meta nfproto ipv4 accept\n");
}

TEST(Nft, ARuleForEachFamilyIsOneForBoth) {
    EXPECT_EQ(forward({nft_rule({InInterface{iface("br0"), false}}, Accept{}, Family::ipv4), nft_rule({InInterface{iface("br0"), false}}, Accept{}, Family::ipv6)}),
              "        iifname \"br0\" accept\n");
}

TEST(Nft, SetsInTwoFields) {
    const auto exempt = [](std::string_view from, std::string_view to) {
        return nft_rule({SourceAddress{addresses(from), false}, DestinationAddress{addresses(to), false}}, Return{}, Family::ipv4);
    };
    const auto out = [](std::string_view from) { return nft_rule({SourceAddress{addresses(from), false}, DestinationAddress{addresses(from), true}}, Masquerade{}, Family::ipv4); };
    EXPECT_EQ(chain_text(TableName::nat, Hook::postrouting,
                         {exempt("10.0.0.0/24", "224.0.0.0/24"), exempt("10.0.0.0/24", "255.255.255.255"), out("10.0.0.0/24"),
                          exempt("10.0.2.0/24", "224.0.0.0/24"), exempt("10.0.2.0/24", "255.255.255.255"), out("10.0.2.0/24")}),
              "        ip saddr { 10.0.0.0/24, 10.0.2.0/24 } ip daddr { 224.0.0.0/24, 255.255.255.255 } return\n"
              "        ip saddr 10.0.0.0/24 ip daddr != 10.0.0.0/24 masquerade\n"
              "        ip saddr 10.0.2.0/24 ip daddr != 10.0.2.0/24 masquerade\n");
}

TEST(Nft, RulesPassThoseOfTheOtherFamily) {
    const auto from = [](std::string_view text, Statement statement) {
        const AddressRange range = addresses(text);
        return nft_rule({SourceAddress{range, false}}, std::move(statement), range.family());
    };
    EXPECT_EQ(forward({from("10.0.0.0/24", Accept{}), from("fd00::/64", Drop{}), from("10.0.2.0/24", Accept{})}),
              "        ip saddr { 10.0.0.0/24, 10.0.2.0/24 } accept\n        ip6 saddr fd00::/64 drop\n");
}

TEST(Nft, JumpsOfPacketsThatCannotMeetAreASet) {
    const auto from = [](std::string_view text) { return nft_rule({SourceAddress{addresses(text), false}}, Jump{"A"}, Family::ipv4); };
    EXPECT_EQ(forward({from("10.0.0.0/24"), from("10.0.2.0/24")}), "        ip saddr { 10.0.0.0/24, 10.0.2.0/24 } jump filter-A\n");
    EXPECT_EQ(forward({from("10.0.0.0/24"), from("10.0.0.0/16")}), "        ip saddr 10.0.0.0/24 jump filter-A\n        ip saddr 10.0.0.0/16 jump filter-A\n");
}

/// What two networks say of themselves, behind the walls between them or not.
std::string networks(bool walled) {
    Program program;
    program.tables.push_back(empty_table(TableName::filter));
    Table& filter = program.tables.front();
    Chain guard;
    guard.name = "guard";
    Chain cross;
    cross.name = "cross";
    Chain& forward = filter.at(Hook::forward);
    if (walled) forward << nft_rule({}, Jump{"guard"});
    for (const char* bridge : {"a", "b"}) {
        guard << nft_rule({InInterface{iface(bridge), false}, OutInterface{iface(bridge), false}}, Return{}) << nft_rule({InInterface{iface(bridge), false}}, Jump{"cross"});
        cross << nft_rule({OutInterface{iface(bridge), false}}, Reject{});
        forward << nft_rule({InInterface{iface(bridge), false}}, Accept{}) << nft_rule({OutInterface{iface(bridge), false}}, Drop{});
    }
    if (walled) {
        filter.chains.push_back(guard);
        filter.chains.push_back(cross);
    }
    Diagnostics diagnostics;
    const std::string text = emit_nft(program, diagnostics);
    const auto begin = text.find("policy accept;\n") + 15;
    return text.substr(begin, text.find("    }\n", begin) - begin);
}

TEST(Nft, BehindWallsTheOrderOfNetworksIsNothing) {
    EXPECT_EQ(networks(true), "        jump filter-guard\n        iifname { \"a\", \"b\" } accept\n        oifname { \"a\", \"b\" } drop\n");
    EXPECT_EQ(networks(false), "        iifname \"a\" accept\n        oifname \"a\" drop\n        iifname \"b\" accept\n        oifname \"b\" drop\n");
}

TEST(Nft, CommentsTravel) {
    ir::Rule made = port(22, Accept{});
    made.comment = "the \"door\"";
    made.remark = "above\nit";
    EXPECT_EQ(forward({made}), "        # above\n        # it\n        tcp dport 22 accept comment \"the 'door'\"\n");
}

}  // namespace
}  // namespace natc

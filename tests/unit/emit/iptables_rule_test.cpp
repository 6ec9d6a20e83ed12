// Every text here loads into iptables-legacy and iptables-nft, and both print it as it stands.
#include "emit/iptables_rule.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "ir/match.hpp"
#include "ir/program.hpp"
#include "ir/statement.hpp"

namespace natc {
namespace {

using namespace ir;  // NOLINT(*-build-using-namespace)

std::string text(Family family, std::vector<Match> matches, Statement statement,
                 std::string comment) {
    Rule rule;
    rule.matches = std::move(matches);
    rule.statement = std::move(statement);
    rule.families = family;
    rule.comment = std::move(comment);
    std::string out;
    append_iptables_rule(out, "X", rule, family);
    EXPECT_TRUE(out.starts_with("-A X ") && out.ends_with('\n')) << out;
    return out.substr(5, out.size() - 6);
}

std::string ipv4(std::vector<Match> matches, Statement statement = Accept{},
                 std::string comment = {}) {
    return text(Family::ipv4, std::move(matches), std::move(statement), std::move(comment));
}

std::string ipv6(std::vector<Match> matches, Statement statement = Accept{}) {
    return text(Family::ipv6, std::move(matches), std::move(statement), {});
}

AddressRange range(std::string_view text) { return *parse_addresses(text); }
SourceAddress from(std::string_view text) { return {range(text)}; }
SourceAddress not_from(std::string_view text) { return {range(text), true}; }
DestinationAddress to(std::string_view text) { return {range(text)}; }
DestinationAddress not_to(std::string_view text) { return {range(text), true}; }
InterfaceName interface(std::string_view name) { return *parse_interface(name); }
DestinationPorts dports(std::vector<PortRange> ranges) { return {std::move(ranges)}; }
DestinationPorts not_dports(std::vector<PortRange> ranges) { return {std::move(ranges), true}; }
SourcePorts sports(std::vector<PortRange> ranges) { return {std::move(ranges)}; }

Conntrack in_state(ConntrackStates states, bool negated = false) {
    Conntrack conntrack;
    conntrack.states = states;
    conntrack.states_negated = negated;
    return conntrack;
}

const ProtocolIs is_tcp{tcp};
const ProtocolIs is_udp{udp};

TEST(IptablesRule, OptionsInTheOrderThatTheyAreShownIn) {
    EXPECT_EQ(ipv4({is_tcp, OutInterface{interface("b+")}, InInterface{interface("a")},
                    to("10.2.0.0/16"), from("10.1.1.5")}),
              R"(-s 10.1.1.5/32 -d 10.2.0.0/16 -i a -o b+ -p tcp -j ACCEPT)");
    EXPECT_EQ(ipv6({to("fd00:1::/64"), from("fd00::5")}, Drop{}),
              R"(-s fd00::5/128 -d fd00:1::/64 -j DROP)");
    EXPECT_EQ(ipv4({}), R"(-j ACCEPT)");
}

TEST(IptablesRule, Negations) {
    EXPECT_EQ(ipv4({not_from("10.1.1.5"), not_to("10.2.0.0/16"), InInterface{interface("a"), true},
                    OutInterface{interface("b"), true}, ProtocolIs{tcp, true}}),
              R"(! -s 10.1.1.5/32 ! -d 10.2.0.0/16 ! -i a ! -o b ! -p tcp -j ACCEPT)");
}

TEST(IptablesRule, AddressesThatAreNoPrefixAreRanges) {
    EXPECT_EQ(
        ipv4({from("10.1.1.5-10.1.1.9"), not_to("10.2.1.5-10.2.1.9")}),
        R"(-m iprange --src-range 10.1.1.5-10.1.1.9 -m iprange ! --dst-range 10.2.1.5-10.2.1.9 -j ACCEPT)");
    EXPECT_EQ(ipv4({from("10.1.1.0-10.1.1.255")}), R"(-s 10.1.1.0/24 -j ACCEPT)");
    EXPECT_EQ(ipv6({from("fd00::5-fd00::9")}),
              R"(-m iprange --src-range fd00::5-fd00::9 -j ACCEPT)");
}

TEST(IptablesRule, OneAddressOfASideIsAnOption) {
    EXPECT_EQ(ipv4({not_from("10.1.1.5"), from("10.1.0.0/16")}),
              R"(-s 10.1.0.0/16 -m iprange ! --src-range 10.1.1.5-10.1.1.5 -j ACCEPT)");
    EXPECT_EQ(
        ipv4({not_to("10.1.0.0/16"), not_to("10.3.0.0/16"), not_to("10.5.0.1-10.5.0.3")}),
        R"(! -d 10.1.0.0/16 -m iprange ! --dst-range 10.3.0.0-10.3.255.255 -m iprange ! --dst-range 10.5.0.1-10.5.0.3 -j ACCEPT)");
    EXPECT_EQ(ipv4({not_to("10.5.0.1-10.5.0.3"), not_to("10.1.0.0/16")}),
              R"(! -d 10.1.0.0/16 -m iprange ! --dst-range 10.5.0.1-10.5.0.3 -j ACCEPT)");
}

TEST(IptablesRule, EveryAddressIsNoCondition) {
    EXPECT_EQ(ipv4({from("0.0.0.0/0"), to("10.1.1.1")}), R"(-d 10.1.1.1/32 -j ACCEPT)");
    EXPECT_EQ(ipv6({from("::/0")}), R"(-j ACCEPT)");
    // `! -s 0.0.0.0/0` does not load everywhere.
    EXPECT_EQ(ipv4({not_from("0.0.0.0/0")}),
              R"(-m iprange ! --src-range 0.0.0.0-255.255.255.255 -j ACCEPT)");
}

TEST(IptablesRule, InterfacesAreQuotedOnlyWhereAQuoteIsInThem) {
    EXPECT_EQ(ipv4({InInterface{interface("a'b")}}), R"(-i a'b -j ACCEPT)");
    EXPECT_EQ(ipv4({InInterface{interface("a\\b")}}), R"(-i a\b -j ACCEPT)");
    // Shown without the quotes; the name is the right one.
    const std::string quoted = ipv4({InInterface{interface("a\"b")}});
    EXPECT_EQ(quoted, "-i \"a\\\"b\" -j ACCEPT");
}

TEST(IptablesRule, ProtocolsByNameWhereEveryHostKnowsIt) {
    EXPECT_EQ(ipv4({ProtocolIs{Protocol{47}}}), R"(-p 47 -j ACCEPT)");
    EXPECT_EQ(ipv4({ProtocolIs{Protocol{50}}}), R"(-p esp -j ACCEPT)");
    EXPECT_EQ(ipv4({ProtocolIs{icmpv6}}), R"(-p ipv6-icmp -j ACCEPT)");
    EXPECT_EQ(ipv4({ProtocolIs{Protocol{253}}}), R"(-p 253 -j ACCEPT)");
}

TEST(IptablesRule, Ports) {
    EXPECT_EQ(ipv4({is_tcp, dports({{22, 22}})}), R"(-p tcp -m tcp --dport 22 -j ACCEPT)");
    EXPECT_EQ(ipv4({is_udp, dports({{53, 53}}), sports({{1024, 65535}})}),
              R"(-p udp -m udp --sport 1024:65535 --dport 53 -j ACCEPT)");
    EXPECT_EQ(ipv4({is_tcp, not_dports({{22, 30}})}), R"(-p tcp -m tcp ! --dport 22:30 -j ACCEPT)");
    EXPECT_EQ(ipv4({dports({{53, 53}, {67, 69}}), is_udp}),
              R"(-p udp -m multiport --dports 53,67:69 -j ACCEPT)");
    EXPECT_EQ(
        ipv4({is_tcp, dports({{80, 80}, {443, 443}}), sports({{9, 9}}), syn_packet}),
        R"(-p tcp -m tcp --sport 9 --tcp-flags FIN,SYN,RST,ACK SYN -m multiport --dports 80,443 -j ACCEPT)");
    EXPECT_EQ(ipv4({ProtocolIs{sctp}, dports({{5, 5}})}), R"(-p sctp -m sctp --dport 5 -j ACCEPT)");
    EXPECT_EQ(ipv4({ProtocolIs{Protocol{33}}, sports({{5, 6}})}),
              R"(-p 33 -m dccp --sport 5:6 -j ACCEPT)");
    EXPECT_EQ(ipv4({ProtocolIs{Protocol{136}}, not_dports({{5, 5}})}),
              R"(-p udplite -m multiport ! --dports 5 -j ACCEPT)");
    EXPECT_EQ(ipv6({is_tcp, dports({{22, 22}})}), R"(-p tcp -m tcp --dport 22 -j ACCEPT)");
}

TEST(IptablesRule, SeveralListsOfOneSide) {
    EXPECT_EQ(
        ipv4({is_tcp, not_dports({{1, 1}, {3, 3}}), not_dports({{5, 5}}), not_dports({{7, 7}})}),
        R"(-p tcp -m tcp ! --dport 5 -m multiport ! --dports 1,3 -m multiport ! --dports 7 -j ACCEPT)");
}

TEST(IptablesRule, AllPortsAreNotLost) {
    EXPECT_EQ(ipv4({is_tcp, dports({{0, 65535}})}),
              R"(-p tcp -m multiport --dports 0:65535 -j ACCEPT)");
    EXPECT_EQ(ipv4({is_tcp, not_dports({{0, 65535}})}),
              R"(-p tcp -m multiport ! --dports 0:65535 -j ACCEPT)");
}

TEST(IptablesRule, TcpFlags) {
    EXPECT_EQ(ipv4({is_tcp, syn_without_rst}),
              R"(-p tcp -m tcp --tcp-flags SYN,RST SYN -j ACCEPT)");
    EXPECT_EQ(ipv4({is_tcp, TcpFlags{0x3F, 0, true}}),
              R"(-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE -j ACCEPT)");
}

TEST(IptablesRule, IcmpTypes) {
    EXPECT_EQ(ipv4({ProtocolIs{icmp}, IcmpTypeIs{{Family::ipv4, 8, {}}}}),
              R"(-p icmp -m icmp --icmp-type 8 -j ACCEPT)");
    EXPECT_EQ(ipv4({ProtocolIs{icmp}, IcmpTypeIs{{Family::ipv4, 3, 1}, true}}),
              R"(-p icmp -m icmp ! --icmp-type 3/1 -j ACCEPT)");
    EXPECT_EQ(ipv4({ProtocolIs{icmp}, IcmpTypeIs{{Family::ipv4, 255, {}}}}),
              R"(-p icmp -m icmp --icmp-type any -j ACCEPT)");
    EXPECT_EQ(ipv4({ProtocolIs{icmp}, IcmpTypeIs{{Family::ipv4, 8, {}}, true},
                    IcmpTypeIs{{Family::ipv4, 0, {}}, true}}),
              R"(-p icmp -m icmp ! --icmp-type 8 -m icmp ! --icmp-type 0 -j ACCEPT)");
    EXPECT_EQ(ipv6({ProtocolIs{icmpv6}, IcmpTypeIs{{Family::ipv6, 128, {}}}}),
              R"(-p ipv6-icmp -m icmp6 --icmpv6-type 128 -j ACCEPT)");
    EXPECT_EQ(ipv6({ProtocolIs{icmpv6}, IcmpTypeIs{{Family::ipv6, 1, 4}}}),
              R"(-p ipv6-icmp -m icmp6 --icmpv6-type 1/4 -j ACCEPT)");
}

TEST(IptablesRule, ConnectionTracking) {
    EXPECT_EQ(ipv4({in_state(established_or_related)}),
              R"(-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT)");
    ConntrackStates all;
    all.bits = 127;
    EXPECT_EQ(
        ipv4({in_state(all, true)}),
        R"(-m conntrack ! --ctstate INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED,SNAT,DNAT -j ACCEPT)");
    EXPECT_EQ(
        ipv4({Conntrack{ConntrackState::dnat, false, range("10.0.0.0/8"), true, range("10.1.1.5"),
                        false}}),
        R"(-m conntrack --ctstate DNAT ! --ctorigsrc 10.0.0.0/8 --ctreplsrc 10.1.1.5 -j ACCEPT)");
    EXPECT_EQ(ipv6({Conntrack{{}, false, std::nullopt, false, range("fd00::/64"), false}}),
              R"(-m conntrack --ctreplsrc fd00::/64 -j ACCEPT)");
    EXPECT_EQ(ipv4({Conntrack{}}), R"(-j ACCEPT)");
}

TEST(IptablesRule, OtherMatches) {
    const Mac mac{{0x02, 0xFF, 0x0A, 0, 0x06, 0x05}};
    EXPECT_EQ(ipv4({SourceMac{mac}}), R"(-m mac --mac-source 02:ff:0a:00:06:05 -j ACCEPT)");
    EXPECT_EQ(ipv4({SourceMac{mac, true}}), R"(-m mac ! --mac-source 02:ff:0a:00:06:05 -j ACCEPT)");
    EXPECT_EQ(ipv4({MarkIs{5}}), R"(-m mark --mark 0x5 -j ACCEPT)");
    EXPECT_EQ(ipv4({MarkIs{0, 0xFF, true}}), R"(-m mark ! --mark 0x0/0xff -j ACCEPT)");
    EXPECT_EQ(ipv4({SourceIsLocal{}, DestinationIsLocal{true}}),
              R"(-m addrtype --src-type LOCAL -m addrtype ! --dst-type LOCAL -j ACCEPT)");
    EXPECT_EQ(ipv4({ForgedSource{}}, Drop{}), R"(-m rpfilter --invert -j DROP)");
    EXPECT_EQ(ipv4({Verbatim{"-m state --state NEW"}}), R"(-m state --state NEW -j ACCEPT)");
}

TEST(IptablesRule, OtherMatchesStandBehindTheProtocolsInTheirOwnOrder) {
    EXPECT_EQ(
        ipv4({MarkIs{1}, in_state(ConntrackState::new_), DestinationIsLocal{}, dports({{22, 22}}),
              RateLimit{5, Period::minute}, is_tcp, from("10.1.1.1-10.1.1.3")},
             Accept{}, "ssh"),
        R"(-p tcp -m tcp --dport 22 -m mark --mark 0x1 -m conntrack --ctstate NEW -m addrtype --dst-type LOCAL -m limit --limit 5/min -m iprange --src-range 10.1.1.1-10.1.1.3 -m comment --comment ssh -j ACCEPT)");
}

TEST(IptablesRule, LimitsAsTheKernelKeepsThem) {
    EXPECT_EQ(ipv4({RateLimit{5, Period::second}}), R"(-m limit --limit 5/sec -j ACCEPT)");
    EXPECT_EQ(ipv4({RateLimit{7, Period::minute, 9}}),
              R"(-m limit --limit 7/min --limit-burst 9 -j ACCEPT)");
    EXPECT_EQ(ipv4({RateLimit{60, Period::minute}}), R"(-m limit --limit 1/sec -j ACCEPT)");
    EXPECT_EQ(ipv4({RateLimit{48, Period::day}}), R"(-m limit --limit 2/hour -j ACCEPT)");
    EXPECT_EQ(ipv4({RateLimit{5, Period::day}}), R"(-m limit --limit 5/day -j ACCEPT)");
    EXPECT_EQ(ipv4({RateLimit{700, Period::hour}}), R"(-m limit --limit 700/hour -j ACCEPT)");
    EXPECT_EQ(ipv4({RateLimit{9999, Period::second}}), R"(-m limit --limit 10000/sec -j ACCEPT)");
    EXPECT_EQ(ipv4({RateLimit{333, Period::second}}), R"(-m limit --limit 333/sec -j ACCEPT)");
}

TEST(IptablesRule, CommentsAndPrefixesAreQuotedWhereTheyMustBe) {
    EXPECT_EQ(ipv4({}, Accept{}, "a-b_C1"), R"(-m comment --comment a-b_C1 -j ACCEPT)");
    EXPECT_EQ(ipv4({}, Accept{}, "-x"), R"(-m comment --comment -x -j ACCEPT)");
    EXPECT_EQ(ipv4({}, Accept{}, "a b"), R"(-m comment --comment "a b" -j ACCEPT)");
    EXPECT_EQ(ipv4({}, Accept{}, "a.b"), R"(-m comment --comment "a.b" -j ACCEPT)");
    EXPECT_EQ(ipv4({}, Accept{}, R"(it's "so" \ ü #`$)"),
              R"(-m comment --comment "it\'s \"so\" \\ ü #`$" -j ACCEPT)");
    EXPECT_EQ(ipv4({}, Log{}), R"(-j LOG)");
    EXPECT_EQ(ipv4({}, Log{"dropped"}), R"(-j LOG --log-prefix dropped)");
    EXPECT_EQ(ipv4({}, Log{"it's: "}), R"(-j LOG --log-prefix "it\'s: ")");
}

TEST(IptablesRule, Refusals) {
    using enum RejectWith;
    const auto refuse = [](RejectWith with) { return Reject{with}; };
    EXPECT_EQ(ipv4({}, Reject{}), R"(-j REJECT --reject-with icmp-port-unreachable)");
    EXPECT_EQ(ipv4({}, refuse(net_unreachable)), R"(-j REJECT --reject-with icmp-net-unreachable)");
    EXPECT_EQ(ipv4({}, refuse(host_unreachable)),
              R"(-j REJECT --reject-with icmp-host-unreachable)");
    EXPECT_EQ(ipv4({}, refuse(proto_unreachable)),
              R"(-j REJECT --reject-with icmp-proto-unreachable)");
    EXPECT_EQ(ipv4({}, refuse(net_prohibited)), R"(-j REJECT --reject-with icmp-net-prohibited)");
    EXPECT_EQ(ipv4({}, refuse(host_prohibited)), R"(-j REJECT --reject-with icmp-host-prohibited)");
    EXPECT_EQ(ipv4({}, refuse(admin_prohibited)),
              R"(-j REJECT --reject-with icmp-admin-prohibited)");
    EXPECT_EQ(ipv4({}, refuse(no_route)), R"(-j REJECT --reject-with icmp-net-unreachable)");
    EXPECT_EQ(ipv4({}, refuse(addr_unreachable)),
              R"(-j REJECT --reject-with icmp-host-unreachable)");
    EXPECT_EQ(ipv4({}, refuse(policy_fail)), R"(-j REJECT --reject-with icmp-admin-prohibited)");
    EXPECT_EQ(ipv4({}, refuse(reject_route)), R"(-j REJECT --reject-with icmp-admin-prohibited)");
    EXPECT_EQ(ipv4({is_tcp}, refuse(tcp_reset)), R"(-p tcp -j REJECT --reject-with tcp-reset)");
    EXPECT_EQ(ipv6({}, Reject{}), R"(-j REJECT --reject-with icmp6-port-unreachable)");
    EXPECT_EQ(ipv6({}, refuse(net_unreachable)), R"(-j REJECT --reject-with icmp6-no-route)");
    EXPECT_EQ(ipv6({}, refuse(host_unreachable)),
              R"(-j REJECT --reject-with icmp6-addr-unreachable)");
    EXPECT_EQ(ipv6({}, refuse(proto_unreachable)),
              R"(-j REJECT --reject-with icmp6-port-unreachable)");
    EXPECT_EQ(ipv6({}, refuse(net_prohibited)), R"(-j REJECT --reject-with icmp6-adm-prohibited)");
    EXPECT_EQ(ipv6({}, refuse(host_prohibited)), R"(-j REJECT --reject-with icmp6-adm-prohibited)");
    EXPECT_EQ(ipv6({}, refuse(admin_prohibited)),
              R"(-j REJECT --reject-with icmp6-adm-prohibited)");
    EXPECT_EQ(ipv6({}, refuse(no_route)), R"(-j REJECT --reject-with icmp6-no-route)");
    EXPECT_EQ(ipv6({}, refuse(addr_unreachable)),
              R"(-j REJECT --reject-with icmp6-addr-unreachable)");
    EXPECT_EQ(ipv6({}, refuse(policy_fail)), R"(-j REJECT --reject-with icmp6-policy-fail)");
    EXPECT_EQ(ipv6({}, refuse(reject_route)), R"(-j REJECT --reject-with icmp6-reject-route)");
    EXPECT_EQ(ipv6({is_tcp}, refuse(tcp_reset)), R"(-p tcp -j REJECT --reject-with tcp-reset)");
}

TEST(IptablesRule, Verdicts) {
    EXPECT_EQ(ipv4({}, Drop{}), R"(-j DROP)");
    EXPECT_EQ(ipv4({}, Return{}), R"(-j RETURN)");
    EXPECT_EQ(ipv4({}, Jump{"other"}), R"(-j other)");
    EXPECT_EQ(ipv4({}, Goto{"other"}), R"(-g other)");
}

TEST(IptablesRule, SourceTranslation) {
    EXPECT_EQ(ipv4({}, Masquerade{}), R"(-j MASQUERADE)");
    EXPECT_EQ(ipv4({is_tcp}, Masquerade{PortRange{1024, 65535}}),
              R"(-p tcp -j MASQUERADE --to-ports 1024-65535)");
    EXPECT_EQ(ipv4({is_tcp}, Masquerade{PortRange{1024, 1024}}),
              R"(-p tcp -j MASQUERADE --to-ports 1024)");
    EXPECT_EQ(ipv4({}, SourceNat{range("192.0.2.1"), {}}), R"(-j SNAT --to-source 192.0.2.1)");
    EXPECT_EQ(ipv4({is_udp}, SourceNat{range("192.0.2.1-192.0.2.4"), PortRange{5, 9}}),
              R"(-p udp -j SNAT --to-source 192.0.2.1-192.0.2.4:5-9)");
    EXPECT_EQ(ipv6({}, SourceNat{range("fd00::1"), {}}), R"(-j SNAT --to-source fd00::1)");
    EXPECT_EQ(ipv6({is_udp}, SourceNat{range("fd00::1-fd00::4"), PortRange{5, 9}}),
              R"(-p udp -j SNAT --to-source [fd00::1-fd00::4]:5-9)");
}

TEST(IptablesRule, DestinationTranslation) {
    EXPECT_EQ(ipv4({}, DestinationNat{range("10.1.1.5"), {}, {}}),
              R"(-j DNAT --to-destination 10.1.1.5)");
    EXPECT_EQ(ipv4({is_tcp}, DestinationNat{range("10.1.1.5"), PortRange{22, 22}, {}}),
              R"(-p tcp -j DNAT --to-destination 10.1.1.5:22)");
    EXPECT_EQ(ipv4({is_tcp}, DestinationNat{range("10.1.1.5"), PortRange{5000, 5099}, 8000}),
              R"(-p tcp -j DNAT --to-destination 10.1.1.5:5000-5099/8000)");
    EXPECT_EQ(ipv4({is_tcp}, DestinationNat{range("10.1.1.5"), PortRange{5000, 5000}, 8000}),
              R"(-p tcp -j DNAT --to-destination 10.1.1.5:5000)");
    EXPECT_EQ(ipv6({is_tcp}, DestinationNat{range("fd00::5"), {}, {}}),
              R"(-p tcp -j DNAT --to-destination fd00::5)");
    EXPECT_EQ(ipv6({is_tcp}, DestinationNat{range("fd00::5"), PortRange{5000, 5099}, 8000}),
              R"(-p tcp -j DNAT --to-destination [fd00::5]:5000-5099/8000)");
    EXPECT_EQ(ipv4({is_tcp}, Redirect{PortRange{80, 80}, {}}), R"(-p tcp -j REDIRECT --to-ports 80)");
    EXPECT_EQ(ipv4({is_tcp}, Redirect{PortRange{80, 89}, {}}), R"(-p tcp -j REDIRECT --to-ports 80-89)");
}

TEST(IptablesRule, WhatStandsInMangleAndRaw) {
    EXPECT_EQ(ipv4({is_udp, dports({{68, 68}})}, FillChecksum{}),
              R"(-p udp -m udp --dport 68 -j CHECKSUM --checksum-fill)");
    EXPECT_EQ(ipv4({}, SetMark{5}), R"(-j MARK --set-xmark 0x5/0xffffffff)");
    EXPECT_EQ(ipv4({}, SetMark{0, 0xF0}), R"(-j MARK --set-xmark 0x0/0xf0)");
    EXPECT_EQ(ipv4({is_tcp, syn_without_rst}, ClampMss{}),
              R"(-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu)");
    EXPECT_EQ(ipv4({}, NoTrack{}), R"(-j CT --notrack)");
}

TEST(IptablesRule, TranslationOfThePortAloneAndFlags) {
    EXPECT_EQ(ipv4({is_tcp}, DestinationNat{{}, PortRange{80, 80}, {}, {.persistent = true}}),
              R"(-p tcp -j DNAT --to-destination :80 --persistent)");
    EXPECT_EQ(ipv6({is_tcp}, SourceNat{{}, PortRange{80, 89}, {}}),
              R"(-p tcp -j SNAT --to-source :80-89)");
    EXPECT_EQ(ipv4({}, Masquerade{{}, {true, true, false}}), R"(-j MASQUERADE --random --random-fully)");
    EXPECT_EQ(ipv4({}, Redirect{{}, {true, false, false}}), R"(-j REDIRECT --random)");
}

TEST(IptablesRule, WhatIsNotLookedInto) {
    EXPECT_EQ(ipv4({is_tcp}, Continue{}), R"(-p tcp)");
    EXPECT_EQ(ipv4({is_tcp}, Foreign{"NFQUEUE --queue-num 1"}), R"(-p tcp -j NFQUEUE --queue-num 1)");
}

TEST(IptablesRule, ARuleThatWasReadKeepsItsWords) {
    Rule rule;
    rule.matches = {is_tcp};
    rule.statement = Accept{};
    rule.families = Family::ipv4;
    rule.spelling = "-p 6 -j ACCEPT";
    std::string out;
    append_iptables_rule(out, "X", rule, Family::ipv4);
    EXPECT_EQ(out, "-A X -p 6 -j ACCEPT\n");
}

}  // namespace
}  // namespace natc

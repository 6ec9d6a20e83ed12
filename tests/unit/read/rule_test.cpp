// What each option becomes. That the text is what the tools take is tested on the golden dumps, in the kernel.
#include "net/address.hpp"
#include "read.hpp"

namespace natc {
namespace {

using namespace ir;  // NOLINT(*-build-using-namespace)

AddressRange range(std::string_view text) { return *parse_addresses(text); }
InterfaceName iface(std::string_view name) { return *parse_interface(name); }

std::vector<Match> matches(std::string_view words) { return read_rule(words).matches; }
Statement target(std::string_view words, std::string_view table = "filter", std::string_view chain = "FORWARD") { return read_rule(words, table, chain).statement; }

using Matches = std::vector<Match>;

Conntrack in_states(ConntrackStates states, bool negated = false) {
    Conntrack made;
    made.states = states;
    made.states_negated = negated;
    return made;
}

const ProtocolIs is_tcp{tcp};
const ProtocolIs is_udp{udp};

TEST(ReadRule, Addresses) {
    EXPECT_EQ(matches("-s 10.1.1.7/24"), (Matches{SourceAddress{range("10.1.1.0/24"), false}}));
    EXPECT_EQ(matches("! -d 10.1.1.7"), (Matches{DestinationAddress{range("10.1.1.7"), true}}));
    EXPECT_EQ(matches("-d ! 10.1.1.7"), (Matches{DestinationAddress{range("10.1.1.7"), true}}));
    EXPECT_EQ(matches("--source 10.1.0.0/255.255.0.0"), (Matches{SourceAddress{range("10.1.0.0/16"), false}}));
    EXPECT_EQ(matches("-s fd00::1/64"), (Matches{SourceAddress{range("fd00::/64"), false}}));
    EXPECT_EQ(matches("-s fd00::1/ffff:ffff::"), (Matches{SourceAddress{range("fd00::/32"), false}}));
    EXPECT_EQ(matches("-s 0.0.0.0/0"), Matches{});
    EXPECT_EQ(matches("! -s 0.0.0.0/0"), (Matches{Verbatim{"! -s 0.0.0.0/0"}}));
    EXPECT_EQ(matches("-s 10.0.12.0/255.0.12.0"), (Matches{Verbatim{"-s 10.0.12.0/255.0.12.0"}}));
}

TEST(ReadRule, TwoRangesOnOneSideAreWhatBothHave) {
    EXPECT_EQ(matches("-s 10.0.0.0/8 -m iprange --src-range 9.0.0.0-10.0.0.5"), (Matches{SourceAddress{range("10.0.0.0-10.0.0.5"), false}}));
    EXPECT_EQ(matches("-s 10.0.0.0/8 -m iprange --src-range 9.0.0.0-9.0.0.5"),
              (Matches{SourceAddress{range("10.0.0.0/8"), false}, Verbatim{"-m iprange --src-range 9.0.0.0-9.0.0.5"}}));
    EXPECT_EQ(matches("-m iprange --dst-range 10.0.0.9-10.0.0.5"), (Matches{Verbatim{"-m iprange --dst-range 10.0.0.9-10.0.0.5"}}));
    EXPECT_EQ(matches("-m iprange ! --dst-range 10.0.0.9"), (Matches{DestinationAddress{range("10.0.0.9"), true}}));
}

TEST(ReadRule, Interfaces) {
    EXPECT_EQ(matches("-i eth0 ! -o vnet+"), (Matches{InInterface{iface("eth0"), false}, OutInterface{iface("vnet+"), true}}));
    EXPECT_EQ(matches("-i +"), Matches{});
    EXPECT_EQ(matches("! -i +"), (Matches{Verbatim{"! -i +"}}));
    EXPECT_EQ(matches("-i e+h"), (Matches{Verbatim{"-i e+h"}}));
}

TEST(ReadRule, Protocols) {
    EXPECT_EQ(matches("-p TCP"), Matches{is_tcp});
    EXPECT_EQ(matches("! -p 0x11"), (Matches{ProtocolIs{udp, true}}));
    EXPECT_EQ(matches("-p icmpv6"), (Matches{ProtocolIs{icmpv6, false}}));
    EXPECT_EQ(matches("-p all"), Matches{});
    EXPECT_EQ(matches("-p gre"), (Matches{ProtocolIs{{47}, false}}));
}

TEST(ReadRule, Ports) {
    EXPECT_EQ(matches("-p tcp -m tcp --dport 22"), (Matches{is_tcp, DestinationPorts{{{22, 22}}, false}}));
    EXPECT_EQ(matches("-p tcp -m tcp ! --sport :1023 --dport 1024:"), (Matches{is_tcp, SourcePorts{{{0, 1023}}, true}, DestinationPorts{{{1024, 65535}}, false}}));
    EXPECT_EQ(matches("-p tcp -m tcp ! --dport 0:65535"), (Matches{is_tcp, Verbatim{"-m tcp ! --dport 0:65535"}}));
    EXPECT_EQ(matches("-m udp --dport 1 -p udp"), (Matches{is_udp, DestinationPorts{{{1, 1}}, false}}));
    EXPECT_EQ(matches("-p 33 -m dccp --dport 8"), (Matches{ProtocolIs{{33}, false}, DestinationPorts{{{8, 8}}, false}}));
    EXPECT_EQ(matches("-p tcp --dport ssh"), (Matches{is_tcp, Verbatim{"-m tcp --dport ssh"}}));
    EXPECT_EQ(matches("-p tcp -m tcp"), Matches{is_tcp});
    EXPECT_EQ(matches("-p udplite -m multiport ! --dports 53,67:68"), (Matches{ProtocolIs{{136}, false}, DestinationPorts{{{53, 53}, {67, 68}}, true}}));
    EXPECT_EQ(matches("-p tcp -m multiport --ports 53"), (Matches{is_tcp, Verbatim{"-m multiport --ports 53"}}));
    EXPECT_EQ(matches("-p tcp -m multiport --sports 53,http"), (Matches{is_tcp, Verbatim{"-m multiport --sports 53,http"}}));
}

TEST(ReadRule, AnOptionBelongsToTheMatchThatKnowsIt) {
    EXPECT_EQ(matches("-p tcp -m multiport -m comment --comment x --dports 4 --syn"), (Matches{is_tcp, syn_packet, DestinationPorts{{{4, 4}}, false}}));
    EXPECT_EQ(matches("-p udp -m recent --rcheck --dport 9"), (Matches{is_udp, Verbatim{"-m recent --rcheck --dport 9"}}));
    EXPECT_EQ(matches("-p esp --espspi 5"), (Matches{ProtocolIs{{50}, false}, Verbatim{"-m esp --espspi 5"}}));
}

TEST(ReadRule, ProtoIsAnOptionOfPolicyToo) {
    EXPECT_EQ(matches("-m policy --dir in --pol ipsec --proto esp"), (Matches{Verbatim{"-m policy --dir in --pol ipsec --proto esp"}}));
    EXPECT_EQ(matches("-m recent --rcheck --proto esp"), (Matches{ProtocolIs{{50}, false}, Verbatim{"-m recent --rcheck"}}));
}

TEST(ReadRule, Flags) {
    EXPECT_EQ(matches("-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN"), (Matches{is_tcp, syn_packet}));
    EXPECT_EQ(matches("-p tcp ! --syn"), (Matches{is_tcp, TcpFlags{0x17, 2, true}}));
    EXPECT_EQ(matches("-p tcp -m tcp --tcp-flags ALL NONE"), (Matches{is_tcp, TcpFlags{0x3F, 0, false}}));
    EXPECT_EQ(matches("-p tcp -m tcp ! --tcp-flags NONE NONE"), (Matches{is_tcp, Verbatim{"-m tcp ! --tcp-flags NONE NONE"}}));
}

TEST(ReadRule, TypesOfIcmp) {
    const ProtocolIs four{icmp, false};
    const ProtocolIs six{icmpv6, false};
    EXPECT_EQ(matches("-p icmp -m icmp --icmp-type 8"), (Matches{four, IcmpTypeIs{{Family::ipv4, 8, {}}, false}}));
    EXPECT_EQ(matches("-p icmp -m icmp ! --icmp-type 3/0x4"), (Matches{four, IcmpTypeIs{{Family::ipv4, 3, 4}, true}}));
    EXPECT_EQ(matches("-p icmp --icmp-type PING"), (Matches{four, IcmpTypeIs{{Family::ipv4, 8, {}}, false}}));
    EXPECT_EQ(matches("-p icmp --icmp-type any"), Matches{four});
    EXPECT_EQ(matches("-p icmp --icmp-type 3/1:4"), (Matches{four, Verbatim{"-m icmp --icmp-type 3/1:4"}}));
    EXPECT_EQ(matches("-p ipv6-icmp -m icmp6 --icmpv6-type neighbor-adv"), (Matches{six, IcmpTypeIs{{Family::ipv6, 136, {}}, false}}));
    EXPECT_EQ(matches("-p ipv6-icmp -m icmpv6 --icmpv6-type 255"), (Matches{six, IcmpTypeIs{{Family::ipv6, 255, {}}, false}}));
}

TEST(ReadRule, ConnectionTracking) {
    EXPECT_EQ(matches("-m conntrack --ctstate RELATED,established"), Matches{in_states(established_or_related)});
    EXPECT_EQ(matches("-m conntrack ! --ctstate DNAT"), Matches{in_states(ConntrackState::dnat, true)});
    EXPECT_EQ(matches("-m state --state NEW"), Matches{in_states(ConntrackState::new_)});
    Conntrack tracked = in_states(ConntrackState::new_);
    tracked.original_source = range("10.0.0.0/24");
    tracked.reply_source = range("10.1.0.1");
    tracked.reply_source_negated = true;
    EXPECT_EQ(matches("-m conntrack --ctstate NEW --ctorigsrc 10.0.0.5/24 ! --ctreplsrc 10.1.0.1 --ctproto 6"), (Matches{Verbatim{"-m conntrack --ctproto 6"}, tracked}));
}

TEST(ReadRule, OtherMatches) {
    EXPECT_EQ(matches("-m mac ! --mac-source 2:0:0:0:0:1F"), (Matches{SourceMac{*parse_mac("02:00:00:00:00:1f"), true}}));
    EXPECT_EQ(matches("-m limit --limit 5/min"), (Matches{RateLimit{5, Period::minute, 5}}));
    EXPECT_EQ(matches("-m limit --limit 7 --limit-burst 9"), (Matches{RateLimit{7, Period::second, 9}}));
    EXPECT_EQ(matches("-m limit"), (Matches{RateLimit{3, Period::hour, 5}}));
    EXPECT_EQ(matches("-m limit --limit 2/d"), (Matches{RateLimit{2, Period::day, 5}}));
    EXPECT_EQ(matches("-m mark ! --mark 0x5/0xff"), (Matches{MarkIs{5, 255, true}}));
    EXPECT_EQ(matches("-m mark --mark 010"), (Matches{MarkIs{8, UINT32_MAX, false}}));
    EXPECT_EQ(matches("-m addrtype ! --src-type LOCAL --dst-type LOCAL"), (Matches{SourceIsLocal{true}, DestinationIsLocal{false}}));
    EXPECT_EQ(matches("-m addrtype --src-type LOCAL,BROADCAST"), (Matches{Verbatim{"-m addrtype --src-type LOCAL,BROADCAST"}}));
    EXPECT_EQ(matches("-m addrtype --dst-type LOCAL --limit-iface-in"), (Matches{Verbatim{"-m addrtype --dst-type LOCAL --limit-iface-in"}}));
    EXPECT_EQ(read_rule("-m rpfilter --invert", "raw", "PREROUTING").matches, Matches{ForgedSource{}});
    EXPECT_EQ(read_rule("-m rpfilter --loose", "raw", "PREROUTING").matches, (Matches{Verbatim{"-m rpfilter --loose"}}));
    EXPECT_EQ(matches("-f"), (Matches{Verbatim{"-f"}}));
    EXPECT_EQ(matches("-m u32 --u32 \"0&0=1\" ! -i lo"), (Matches{InInterface{iface("lo"), true}, Verbatim{"-m u32 --u32 \"0&0=1\""}}));
    EXPECT_EQ(matches("-m quota ! --quota 5"), (Matches{Verbatim{"-m quota ! --quota 5"}}));
}

TEST(ReadRule, Comments) {
    EXPECT_EQ(read_rule("-m comment --comment \"a \\\"b\\\"\" -j ACCEPT -m comment --comment c").comment, "a \"b\" c");
    EXPECT_EQ(read_rule("-m comment --comment " + std::string(300, 'x')).comment.size(), 255U);
    // Half a character is no text.
    EXPECT_EQ(read_rule("-m comment --comment " + std::string(254, 'x') + "\xC3\xA4").comment, std::string(254, 'x'));
}

TEST(ReadRule, Verdicts) {
    EXPECT_EQ(target("-j ACCEPT"), Statement(Accept{}));
    EXPECT_EQ(target("-j DROP"), Statement(Drop{}));
    EXPECT_EQ(target("-j RETURN"), Statement(Return{}));
    EXPECT_EQ(target("-s 10.0.0.1"), Statement(Continue{}));
    EXPECT_EQ(target("-j other"), Statement(Jump{"other"}));
    EXPECT_EQ(target("-g other"), Statement(Goto{"other"}));
    EXPECT_EQ(target("-j REJECT"), Statement(Reject{RejectWith::port_unreachable}));
    EXPECT_EQ(target("-j REJECT --reject-with host-prohib"), Statement(Reject{RejectWith::host_prohibited}));
    EXPECT_EQ(target("-j REJECT --reject-with icmp6-adm-prohibited"), Statement(Reject{RejectWith::admin_prohibited}));
    EXPECT_EQ(target("-p tcp -j REJECT --reject-with tcp-reset"), Statement(Reject{RejectWith::tcp_reset}));
    EXPECT_EQ(target("-j LOG --log-prefix \"a: \""), Statement(Log{"a: "}));
    EXPECT_EQ(target("-j LOG"), Statement(Log{}));
    EXPECT_EQ(target("-j LOG --log-level 7"), Statement(Foreign{"LOG --log-level 7"}));
    EXPECT_EQ(target("-j NFQUEUE --queue-num 1"), Statement(Foreign{"NFQUEUE --queue-num 1"}));
    EXPECT_EQ(target("-j TARPIT --tarpit"), Statement(Foreign{"TARPIT --tarpit"}));
    EXPECT_EQ(target("-j TRACE", "raw", "OUTPUT"), Statement(Foreign{"TRACE"}));
    EXPECT_EQ(target("-j NFLOG --nflog-prefix \"a b\" -m comment --comment x"), Statement(Foreign{"NFLOG --nflog-prefix \"a b\""}));
}

TEST(ReadRule, Translations) {
    const auto post = [](std::string_view words) { return target(words, "nat", "POSTROUTING"); };
    const auto pre = [](std::string_view words) { return target(words, "nat", "PREROUTING"); };
    EXPECT_EQ(post("-p tcp -j MASQUERADE --to-ports 1-9 --random"), Statement(Masquerade{PortRange{1, 9}, {true, false, false}}));
    EXPECT_EQ(post("-j SNAT --to-source 10.0.0.1-10.0.0.9 --persistent"), Statement(SourceNat{range("10.0.0.1-10.0.0.9"), {}, {false, false, true}}));
    EXPECT_EQ(post("-p udp -j SNAT --to-source :5"), Statement(SourceNat{{}, PortRange{5, 5}, {}}));
    EXPECT_EQ(pre("-p tcp -j DNAT --to-destination 10.0.0.1:80-89/8000"), Statement(DestinationNat{range("10.0.0.1"), PortRange{80, 89}, 8000, {}}));
    EXPECT_EQ(pre("-p tcp -j DNAT --to-destination [fd00::1]:80"), Statement(DestinationNat{range("fd00::1"), PortRange{80, 80}, {}, {}}));
    EXPECT_EQ(pre("-j DNAT --to-destination fd00::1-fd00::9"), Statement(DestinationNat{range("fd00::1-fd00::9"), {}, {}, {}}));
    EXPECT_EQ(pre("-p tcp -j DNAT --to-destination 10.0.0.1:ssh"), Statement(Foreign{"DNAT --to-destination 10.0.0.1:ssh"}));
    EXPECT_EQ(pre("-p tcp -j REDIRECT --to-ports 0"), Statement(Redirect{PortRange{0, 0}, {}}));
    EXPECT_EQ(pre("-j REDIRECT --random"), Statement(Redirect{{}, {true, false, false}}));
}

TEST(ReadRule, WhatStandsInMangleAndRaw) {
    const auto mangle = [](std::string_view words) { return target(words, "mangle", "FORWARD"); };
    EXPECT_EQ(mangle("-j MARK --set-xmark 0x5/0xf"), Statement(SetMark{5, 0xF}));
    EXPECT_EQ(mangle("-j MARK --set-mark 0x5/0xa"), Statement(SetMark{5, 0xF}));
    EXPECT_EQ(mangle("-j MARK --and-mark 0xf0"), Statement(SetMark{0, 0xFFFF'FF0F}));
    EXPECT_EQ(mangle("-j MARK --or-mark 4"), Statement(SetMark{4, 4}));
    EXPECT_EQ(mangle("-j MARK --xor-mark 4"), Statement(SetMark{4, 0}));
    EXPECT_EQ(mangle("-p tcp --syn -j TCPMSS --clamp-mss-to-pmtu"), Statement(ClampMss{}));
    EXPECT_EQ(mangle("-p tcp --syn -j TCPMSS --set-mss 1400"), Statement(Foreign{"TCPMSS --set-mss 1400"}));
    EXPECT_EQ(mangle("-j CHECKSUM --checksum-fill"), Statement(FillChecksum{}));
    EXPECT_EQ(target("-j CT --notrack", "raw", "OUTPUT"), Statement(NoTrack{}));
    EXPECT_EQ(target("-j NOTRACK", "raw", "OUTPUT"), Statement(NoTrack{}));
    EXPECT_EQ(target("-j CT --zone 5", "raw", "OUTPUT"), Statement(Foreign{"CT --zone 5"}));
}

TEST(ReadRule, TheSpellingHasAllWordsButCounters) {
    EXPECT_EQ(read_rule("  -p   tcp\t--dport 22 -c 5 6 -m comment --comment \"a  b\" -j ACCEPT ").spelling, "-p tcp --dport 22 -m comment --comment \"a  b\" -j ACCEPT");
}

}  // namespace
}  // namespace natc

#include "net/protocol.hpp"

#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace natc {
namespace {

struct BadProtocol {
    std::string_view text;
    std::string_view message;
    std::string_view help = {};
    std::string_view fix = {};
};

TEST(Protocol, HasPorts) {
    std::vector<unsigned> with_ports;
    for (unsigned number = 0; number < 256; ++number)
        if (has_ports(Protocol{static_cast<std::uint8_t>(number)})) with_ports.push_back(number);
    EXPECT_EQ(with_ports, (std::vector<unsigned>{6, 17, 33, 132, 136}));
}

TEST(Protocol, WordsOfRules) {
    for (const Protocol protocol : {icmp, tcp, udp, icmpv6, sctp})
        EXPECT_EQ(protocol_named(to_string(protocol)), protocol);
    EXPECT_EQ(to_string(tcp), "tcp");
    EXPECT_EQ(to_string(icmpv6), "icmpv6");
    EXPECT_EQ(to_string(Protocol{47}), "47");
    EXPECT_EQ(protocol_named("gre"), std::nullopt);
    EXPECT_EQ(protocol_named("TCP"), std::nullopt);
    EXPECT_EQ(protocol_named(""), std::nullopt);
    EXPECT_EQ(protocol_named("6"), std::nullopt);
}

TEST(Protocol, NumbersAndNames) {
    EXPECT_EQ(*parse_protocol("1"), icmp);
    EXPECT_EQ(*parse_protocol("255"), Protocol{255});
    EXPECT_EQ(*parse_protocol("gre"), Protocol{47});
    EXPECT_EQ(*parse_protocol("esp"), Protocol{50});
    EXPECT_EQ(*parse_protocol("ah"), Protocol{51});
    EXPECT_EQ(*parse_protocol("ospf"), Protocol{89});
    EXPECT_EQ(*parse_protocol("igmp"), Protocol{2});
    EXPECT_EQ(*parse_protocol("ipv6-icmp"), icmpv6);
    EXPECT_EQ(*parse_protocol("icmpv6"), icmpv6);
    EXPECT_EQ(*parse_protocol("mh"), Protocol{135});
    EXPECT_EQ(*parse_protocol("tcp"), tcp);
    EXPECT_EQ(*parse_protocol("udplite"), Protocol{136});
}

TEST(Protocol, Errors) {
    const std::vector<BadProtocol> cases{
        {"", "a protocol is missing"},
        {"0", "0 is no protocol: it means every protocol to iptables", "leave it out"},
        {"all", "all is no protocol: it means every protocol to iptables", "leave it out"},
        {"256", "256 is no protocol: they end at 255"},
        {"99999999999999999999", "99999999999999999999 is no protocol: they end at 255"},
        {"047", "047 has a leading zero", "write 47", "47"},
        {"-1", "-1 is no protocol", "write its number, from 1 to 255"},
        {"GRE", "GRE is no protocol", "write its number, from 1 to 255"},
        {"opsf", "opsf is no protocol", "write ospf"},
        {"firewall", "firewall is no protocol", "write its number, from 1 to 255"},
    };
    for (const BadProtocol& expected : cases) {
        const auto got = parse_protocol(expected.text);
        ASSERT_FALSE(got.ok()) << expected.text;
        EXPECT_EQ(got.error().code, Code::bad_protocol);
        EXPECT_EQ(got.error().message, expected.message);
        EXPECT_EQ(got.error().help, expected.help) << expected.text;
        EXPECT_EQ(got.error().fix, expected.fix) << expected.text;
    }
}

TEST(Icmp, NamesOfBothFamilies) {
    const auto expect = [](std::string_view name, std::optional<IcmpType> four,
                           std::optional<IcmpType> six) {
        const IcmpName* found = icmp_named(name);
        ASSERT_NE(found, nullptr) << name;
        EXPECT_EQ(found->name, name);
        EXPECT_EQ(found->ipv4, four) << name;
        EXPECT_EQ(found->ipv6, six) << name;
    };
    const auto four = [](unsigned type, std::optional<std::uint8_t> code = {}) {
        return IcmpType{Family::ipv4, static_cast<std::uint8_t>(type), code};
    };
    const auto six = [](unsigned type, std::optional<std::uint8_t> code = {}) {
        return IcmpType{Family::ipv6, static_cast<std::uint8_t>(type), code};
    };
    constexpr auto none = std::nullopt;
    // As `iptables-save` and `ip6tables-save` 1.8.9 print them once loaded.
    expect("echo-reply", four(0), six(129));
    expect("pong", four(0), six(129));
    expect("destination-unreachable", four(3), six(1));
    expect("network-unreachable", four(3, 0), none);
    expect("host-unreachable", four(3, 1), none);
    expect("protocol-unreachable", four(3, 2), none);
    expect("port-unreachable", four(3, 3), six(1, 4));
    expect("fragmentation-needed", four(3, 4), none);
    expect("source-route-failed", four(3, 5), none);
    expect("network-unknown", four(3, 6), none);
    expect("host-unknown", four(3, 7), none);
    expect("network-prohibited", four(3, 9), none);
    expect("host-prohibited", four(3, 10), none);
    expect("TOS-network-unreachable", four(3, 11), none);
    expect("TOS-host-unreachable", four(3, 12), none);
    expect("communication-prohibited", four(3, 13), six(1, 1));
    expect("host-precedence-violation", four(3, 14), none);
    expect("precedence-cutoff", four(3, 15), none);
    expect("source-quench", four(4), none);
    expect("redirect", four(5), six(137));
    expect("network-redirect", four(5, 0), none);
    expect("host-redirect", four(5, 1), none);
    expect("TOS-network-redirect", four(5, 2), none);
    expect("TOS-host-redirect", four(5, 3), none);
    expect("echo-request", four(8), six(128));
    expect("ping", four(8), six(128));
    expect("router-advertisement", four(9), six(134));
    expect("router-solicitation", four(10), six(133));
    expect("time-exceeded", four(11), six(3));
    expect("ttl-exceeded", four(11), six(3));
    expect("ttl-zero-during-transit", four(11, 0), six(3, 0));
    expect("ttl-zero-during-reassembly", four(11, 1), six(3, 1));
    expect("parameter-problem", four(12), six(4));
    expect("ip-header-bad", four(12, 0), none);
    expect("required-option-missing", four(12, 1), none);
    expect("timestamp-request", four(13), none);
    expect("timestamp-reply", four(14), none);
    expect("address-mask-request", four(17), none);
    expect("address-mask-reply", four(18), none);
    expect("no-route", none, six(1, 0));
    expect("beyond-scope", none, six(1, 2));
    expect("address-unreachable", none, six(1, 3));
    expect("failed-policy", none, six(1, 5));
    expect("reject-route", none, six(1, 6));
    expect("packet-too-big", none, six(2));
    expect("bad-header", none, six(4, 0));
    expect("unknown-header-type", none, six(4, 1));
    expect("unknown-option", none, six(4, 2));
    expect("neighbour-solicitation", none, six(135));
    expect("neighbor-solicitation", none, six(135));
    expect("neighbour-advertisement", none, six(136));
    expect("neighbor-advertisement", none, six(136));
    EXPECT_EQ(icmp_names().size(), 52U) << "one that no line above knows";
}

TEST(Icmp, UnknownNames) {
    for (const auto text : {"", "any", "echo", "Echo-Request", "echo-request ", "zzz", "8"})
        EXPECT_EQ(icmp_named(text), nullptr) << text;
}

TEST(Icmp, EveryNameIsFoundOnceAndMeansSomething) {
    std::set<std::string_view> seen;
    for (const IcmpName& row : icmp_names()) {
        EXPECT_EQ(icmp_named(row.name), &row);
        EXPECT_TRUE(seen.insert(row.name).second);
        EXPECT_TRUE(row.ipv4 || row.ipv6);
        EXPECT_EQ(row.ipv4.value_or(IcmpType{}).family, Family::ipv4);
        EXPECT_EQ(row.ipv6.value_or(IcmpType{Family::ipv6, 0, {}}).family, Family::ipv6);
    }
}

TEST(Icmp, Numbers) {
    EXPECT_EQ(*parse_icmp_number("8", Family::ipv4), (IcmpType{Family::ipv4, 8, {}}));
    EXPECT_EQ(*parse_icmp_number("0", Family::ipv4), (IcmpType{Family::ipv4, 0, {}}));
    EXPECT_EQ(*parse_icmp_number("3/1", Family::ipv4),
              (IcmpType{Family::ipv4, 3, std::uint8_t{1}}));
    EXPECT_EQ(*parse_icmp_number("1/0", Family::ipv6),
              (IcmpType{Family::ipv6, 1, std::uint8_t{0}}));
    EXPECT_EQ(*parse_icmp_number("255/255", Family::ipv6),
              (IcmpType{Family::ipv6, 255, std::uint8_t{255}}));
}

TEST(Icmp, NumberErrors) {
    const std::vector<BadProtocol> cases{
        {"", "a type of ICMP is missing"},
        {"x", "x is no type of ICMP"},
        {"-1", "-1 is no type of ICMP"},
        {"/1", "/1 is no type of ICMP"},
        {"3/x", "3/x is no type of ICMP"},
        {"3/1/2", "3/1/2 is no type of ICMP"},
        {"3/", "3/ has no code after its `/`"},
        {"256", "256 is no type of ICMP: types end at 255"},
        {"3/256", "256 is no code of ICMP: codes end at 255"},
        {"08", "08 has a leading zero", "write 8", "8"},
        {"3/01", "3/01 has a leading zero", "write 3/1", "3/1"},
        {"255", "255 is no type of ICMP: it means every type to iptables", "leave it out"},
    };
    for (const BadProtocol& expected : cases) {
        const auto got = parse_icmp_number(expected.text, Family::ipv4);
        ASSERT_FALSE(got.ok()) << expected.text;
        EXPECT_EQ(got.error().code, Code::bad_icmp_type);
        EXPECT_EQ(got.error().message, expected.message);
        EXPECT_EQ(got.error().help, expected.help) << expected.text;
        EXPECT_EQ(got.error().fix, expected.fix) << expected.text;
    }
}

}  // namespace
}  // namespace natc

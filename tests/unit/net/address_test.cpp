#include "net/address.hpp"

#include <arpa/inet.h>

#include <array>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace natc {
namespace {

Address ipv4(std::uint32_t value) { return {Family::ipv4, value}; }
Address ipv6(std::uint64_t high, std::uint64_t low) {
    return {Family::ipv6, uint128{high} << 64U | low};
}

std::array<unsigned char, 16> bytes(uint128 value) {
    std::array<unsigned char, 16> result;
    for (std::size_t i = 0; i < 16; ++i)
        result[i] = static_cast<unsigned char>(value >> (120 - 8 * i));
    return result;
}

std::string libc_text(Address address) {
    std::array<char, INET6_ADDRSTRLEN> text;
    const auto all = bytes(address.value());
    const bool four = address.family() == Family::ipv4;
    return inet_ntop(four ? AF_INET : AF_INET6, all.data() + (four ? 12 : 0), text.data(),
                     text.size());
}

std::optional<Address> libc_address(const std::string& text) {
    std::array<unsigned char, 16> all{};
    const bool four = text.find(':') == std::string::npos;
    if (inet_pton(four ? AF_INET : AF_INET6, text.c_str(), all.data()) != 1) return {};
    uint128 value = 0;
    for (std::size_t i = 0; i < (four ? 4U : 16U); ++i) value = value << 8U | all[i];
    return Address(four ? Family::ipv4 : Family::ipv6, value);
}

/// Addresses with what makes their text special: runs of zeros, small groups, IPv4 at the end.
uint128 telling_value(std::mt19937_64& random) {
    uint128 value = 0;
    for (int group = 0; group < 8; ++group) {
        const auto drawn = random();
        std::uint64_t bits = drawn >> 8U & 0xFFFFU;
        switch (drawn % 5) {
        case 0:
        case 1: bits = 0; break;
        case 2: bits &= 0xFU; break;
        case 3: bits = drawn & 0x100U ? 0xFFFFU : bits; break;
        default: break;
        }
        value = value << 16U | bits;
    }
    switch (random() % 4) {
    case 0: value &= 0xFFFF'FFFFU; break;
    case 1: value = (value & 0xFFFF'FFFFU) | uint128{0xFFFF'0000'0000U}; break;
    default: break;
    }
    return value;
}

struct BadAddress {
    std::string_view text;
    Code code;
    std::string_view message;
    std::string_view help = {};
    std::string_view fix = {};
};

template <typename Parse> void expect_bad(Parse parse, const std::vector<BadAddress>& cases) {
    for (const BadAddress& expected : cases) {
        const auto got = parse(expected.text);
        ASSERT_FALSE(got.ok()) << expected.text;
        EXPECT_EQ(got.error().code, expected.code) << expected.text;
        EXPECT_EQ(got.error().message, expected.message);
        EXPECT_EQ(got.error().help, expected.help) << expected.text;
        EXPECT_EQ(got.error().fix, expected.fix) << expected.text;
        // What is offered must be right itself.
        if (!expected.fix.empty()) {
            EXPECT_TRUE(parse(expected.fix).ok()) << expected.fix;
        }
    }
}

TEST(Family, Names) {
    EXPECT_EQ(name(Family::ipv4), "IPv4");
    EXPECT_EQ(name(Family::ipv6), "IPv6");
    EXPECT_EQ(other(Family::ipv4), Family::ipv6);
    EXPECT_EQ(address_bits(Family::ipv6), 128);
}

TEST(FamilySet, Arithmetic) {
    constexpr FamilySet four = Family::ipv4;
    EXPECT_TRUE(four.contains(Family::ipv4));
    EXPECT_FALSE(four.contains(Family::ipv6));
    EXPECT_TRUE((four & FamilySet(Family::ipv6)).empty());
    EXPECT_EQ(four | Family::ipv6, FamilySet::both());
}

TEST(ParseAddress, Ipv4) {
    EXPECT_EQ(*parse_address("10.1.1.5"), ipv4(0x0A010105));
    EXPECT_EQ(*parse_address("0.0.0.0"), ipv4(0));
    EXPECT_EQ(*parse_address("255.255.255.255"), ipv4(0xFFFFFFFF));
}

TEST(ParseAddress, Ipv6) {
    EXPECT_EQ(*parse_address("::"), ipv6(0, 0));
    EXPECT_EQ(*parse_address("::1"), ipv6(0, 1));
    EXPECT_EQ(*parse_address("1::"), ipv6(0x0001'0000'0000'0000, 0));
    EXPECT_EQ(*parse_address("fd00::5"), ipv6(0xFD00'0000'0000'0000, 5));
    EXPECT_EQ(*parse_address("FD00:0:0:0:0:0:0:0005"), ipv6(0xFD00'0000'0000'0000, 5));
    EXPECT_EQ(*parse_address("1:2:3:4:5:6:7:8"),
              ipv6(0x0001'0002'0003'0004, 0x0005'0006'0007'0008));
    EXPECT_EQ(*parse_address("1:2:3:4:5:6:7::"),
              ipv6(0x0001'0002'0003'0004, 0x0005'0006'0007'0000));
    EXPECT_EQ(*parse_address("::2:3:4:5:6:7:8"),
              ipv6(0x0000'0002'0003'0004, 0x0005'0006'0007'0008));
    EXPECT_EQ(*parse_address("::ffff:1.2.3.4"), ipv6(0, 0xFFFF'0102'0304));
    EXPECT_EQ(*parse_address("::1.2.3.4"), ipv6(0, 0x0102'0304));
    EXPECT_EQ(*parse_address("64:ff9b::1.2.3.4"), ipv6(0x0064'FF9B'0000'0000, 0x0102'0304));
    EXPECT_EQ(*parse_address("1:2:3:4:5:6:1.2.3.4"),
              ipv6(0x0001'0002'0003'0004, 0x0005'0006'0102'0304));
}

TEST(ParseAddress, TakesWhatLibcTakes) {
    // Texts near to addresses, of which some are none: libc is the judge.
    std::mt19937_64 random(1);
    constexpr std::string_view signs = "0123456789abcdefABCDEF::::....g/ ";
    int good = 0;
    for (int i = 0; i < 300'000; ++i) {
        const bool four = random() % 3 == 0;
        std::string text = libc_text(four ? ipv4(static_cast<std::uint32_t>(random()))
                                          : Address(Family::ipv6, telling_value(random)));
        for (auto edits = random() % 3; edits > 0 && !text.empty(); --edits) {
            const std::size_t at = random() % text.size();
            switch (random() % 3) {
            case 0: text.erase(at, 1); break;
            case 1: text.insert(at, 1, signs[random() % signs.size()]); break;
            default: text[at] = signs[random() % signs.size()];
            }
        }
        const auto expected = libc_address(text);
        const auto got = parse_address(text);
        ASSERT_EQ(got.ok(), expected.has_value()) << text;
        if (expected) {
            ++good;
            ASSERT_EQ(*got, *expected) << text;
        } else {
            ASSERT_FALSE(got.error().message.empty());
        }
    }
    EXPECT_GT(good, 100'000);
}

TEST(ParseAddress, LooksAtAllBytes) {
    EXPECT_FALSE(parse_address(std::string_view("10.1.1.5\0", 9)).ok());
    EXPECT_FALSE(parse_address(std::string_view("fd00::5\0", 8)).ok());
    EXPECT_FALSE(parse_address("fd00::5%").ok());
    EXPECT_FALSE(parse_address("10.1.1.5\n").ok());
}

TEST(ParseAddress, Errors) {
    expect_bad(
        parse_address,
        {
            {"", Code::bad_address, "an address is missing"},
            {"lxdev01", Code::bad_address, "lxdev01 is no address"},
            {"10.1", Code::bad_address, "10.1 is no IPv4 address: it has 2 numbers of 4"},
            {"10", Code::bad_address, "10 is no IPv4 address: it has 1 number of 4"},
            {"10.1.1.5.9", Code::bad_address,
             "10.1.1.5.9 is no IPv4 address: it has 5 numbers of 4"},
            {"10.1.1.300", Code::bad_address,
             "10.1.1.300 is no IPv4 address: 300 is more than 255"},
            {"99999999999999999999.1.1.1", Code::bad_address,
             "99999999999999999999.1.1.1 is no IPv4 address: 99999999999999999999 is more than "
             "255"},
            {"10.1..5", Code::bad_address,
             "10.1..5 is no address: a number is missing between two dots"},
            {"10.1.1.", Code::bad_address, "10.1.1. is no address: a number is missing at its end"},
            {".1.1.5", Code::bad_address, ".1.1.5 is no address: a number is missing at its start"},
            {"10.1.1.x", Code::bad_address, "10.1.1.x is no address: x is no number"},
            {"10.1.01.5", Code::bad_address,
             "10.1.01.5 has a number with a leading zero, which some tools read as octal",
             "write 10.1.1.5"},
            {"010.000.1.008", Code::bad_address,
             "010.000.1.008 has a number with a leading zero, which some tools read as octal",
             "write 10.0.1.8"},
            {"10.1.1.0999", Code::bad_address,
             "10.1.1.0999 has a number with a leading zero, which some tools read as octal"},
            {"10.1.1.5/24", Code::bad_address, "10.1.1.5/24 is more than an address",
             "write 10.1.1.5"},
            {"10.1.1.0/24", Code::bad_address,
             "10.1.1.0/24 is a prefix, where one address belongs"},
            {"10.1.1.5-10.1.1.9", Code::bad_address,
             "10.1.1.5-10.1.1.9 is a range, where one address belongs"},
            {"10.1.1.5:80", Code::bad_address,
             "10.1.1.5:80 has a port, where only an address belongs", "write 10.1.1.5"},
            {"[fd00::5]", Code::bad_address, "[fd00::5] has brackets, which only an end point has",
             "write fd00::5"},
            {"fe80::1%eth0", Code::bad_address,
             "fe80::1%eth0 names an interface, which is no part of an address here",
             "write fe80::1"},
            {"02:ff:0a:0a:06:05", Code::bad_address,
             "02:ff:0a:0a:06:05 is a MAC address, not one of IPv4 or IPv6"},
            {"2001:db8::zz", Code::bad_address,
             "2001:db8::zz is no IPv6 address: zz is no hexadecimal number"},
            {"fd00::12345", Code::bad_address,
             "fd00::12345 is no IPv6 address: 12345 has more than four digits"},
            {"fd00::1::2", Code::bad_address,
             "fd00::1::2 is no IPv6 address: :: stands in it twice"},
            {"::1::", Code::bad_address, "::1:: is no IPv6 address: :: stands in it twice"},
            {":::", Code::bad_address, "::: is no IPv6 address: it has three colons in a row"},
            {"1:::2", Code::bad_address, "1:::2 is no IPv6 address: it has three colons in a row"},
            {":1", Code::bad_address, ":1 is no IPv6 address: it begins with a single colon"},
            {"fd00:1:", Code::bad_address,
             "fd00:1: is no IPv6 address: it ends with a single colon"},
            {"1:2:3:4:5:6:7", Code::bad_address,
             "1:2:3:4:5:6:7 is no IPv6 address: it has 7 groups of 8"},
            {"1:2:3:4:5:6:7:8:9", Code::bad_address,
             "1:2:3:4:5:6:7:8:9 is no IPv6 address: it has 9 groups of 8"},
            {"1:2:3:4:5:6:7:1.2.3.4", Code::bad_address,
             "1:2:3:4:5:6:7:1.2.3.4 is no IPv6 address: it has 9 groups of 8"},
            {"1:2:3:4::5:6:7:8", Code::bad_address,
             "1:2:3:4::5:6:7:8 is no IPv6 address: it has all of its 8 groups, and :: besides"},
            {"::ffff:1.2.3", Code::bad_address,
             "::ffff:1.2.3 is no IPv6 address: 1.2.3 is no IPv4 address: it has 3 numbers of 4"},
        });
}

TEST(ParseInterfaceAddress, KeepsHostBits) {
    const auto written = parse_interface_address("10.1.1.7/24");
    ASSERT_TRUE(written.ok());
    EXPECT_EQ(written->address, ipv4(0x0A010107));
    EXPECT_EQ(written->length, 24);
    EXPECT_TRUE(written->has_host_bits());
    EXPECT_EQ(to_string(written->network()), "10.1.1.0/24");
    EXPECT_FALSE(parse_interface_address("fd00::/64")->has_host_bits());
}

TEST(ParseInterfaceAddress, Errors) {
    expect_bad(parse_interface_address,
               {
                   {"10.1.1.7", Code::bad_prefix_length,
                    "10.1.1.7 does not say how long its subnet's prefix is", "such as 10.1.1.7/24"},
                   {"fd00::1", Code::bad_prefix_length,
                    "fd00::1 does not say how long its subnet's prefix is", "such as fd00::1/64"},
                   {"10.1.1.7/255.255.255.0", Code::bad_prefix_length,
                    "10.1.1.7/255.255.255.0 has a netmask in place of its length",
                    "write 10.1.1.7/24", "10.1.1.7/24"},
                   {"lxdev01", Code::bad_address, "lxdev01 is no address"},
                   {"10.1.1.300/24", Code::bad_address,
                    "10.1.1.300 is no IPv4 address: 300 is more than 255"},
               });
}

TEST(ParseAddresses, EveryKind) {
    EXPECT_EQ(*parse_addresses("10.1.1.5"), AddressRange(ipv4(0x0A010105)));
    EXPECT_EQ(*parse_addresses("10.1.1.0/24"), AddressRange(ipv4(0x0A010100), ipv4(0x0A0101FF)));
    EXPECT_EQ(*parse_addresses("10.1.1.5/32"), AddressRange(ipv4(0x0A010105)));
    EXPECT_EQ(*parse_addresses("0.0.0.0/0"), AddressRange::all(Family::ipv4));
    EXPECT_EQ(*parse_addresses("::/0"), AddressRange::all(Family::ipv6));
    EXPECT_EQ(*parse_addresses("::1/128"), AddressRange(ipv6(0, 1)));
    EXPECT_EQ(*parse_addresses("fd00::/64"),
              AddressRange(ipv6(0xFD00'0000'0000'0000, 0), ipv6(0xFD00'0000'0000'0000, ~0ULL)));
    EXPECT_EQ(*parse_addresses("10.1.1.5-10.1.1.9"),
              AddressRange(ipv4(0x0A010105), ipv4(0x0A010109)));
    EXPECT_EQ(*parse_addresses("10.1.1.5-10.1.1.5"), AddressRange(ipv4(0x0A010105)));
    EXPECT_EQ(*parse_addresses("fd00::1-fd00::f"),
              AddressRange(ipv6(0xFD00'0000'0000'0000, 1), ipv6(0xFD00'0000'0000'0000, 15)));
}

TEST(ParseAddresses, Errors) {
    expect_bad(
        parse_addresses,
        {
            {"", Code::bad_address, "an address is missing"},
            {"10.1.1.7/24", Code::host_bits, "10.1.1.7/24 has host bits set", "write 10.1.1.0/24",
             "10.1.1.0/24"},
            {"fd00::5/64", Code::host_bits, "fd00::5/64 has host bits set", "write fd00::/64",
             "fd00::/64"},
            {"10.1.1.7/0", Code::host_bits, "10.1.1.7/0 has host bits set", "write 0.0.0.0/0",
             "0.0.0.0/0"},
            {"10.1.1.7/31", Code::host_bits, "10.1.1.7/31 has host bits set", "write 10.1.1.6/31",
             "10.1.1.6/31"},
            {"10.0.0.1/33", Code::bad_prefix_length,
             "10.0.0.1/33 is too long: the longest prefix of IPv4 is /32"},
            {"10.0.0.0/4294967320", Code::bad_prefix_length,
             "10.0.0.0/4294967320 is too long: the longest prefix of IPv4 is /32"},
            {"fd00::/129", Code::bad_prefix_length,
             "fd00::/129 is too long: the longest prefix of IPv6 is /128"},
            {"10.0.0.0/", Code::bad_prefix_length, "10.0.0.0/ does not say how long the prefix is"},
            {"10.0.0.0/x", Code::bad_prefix_length, "x is no length of a prefix",
             "it is a number from 0 to 32"},
            {"10.0.0.0/+8", Code::bad_prefix_length, "+8 is no length of a prefix",
             "it is a number from 0 to 32"},
            {"fd00::/-1", Code::bad_prefix_length, "-1 is no length of a prefix",
             "it is a number from 0 to 128"},
            {"10.0.0.0/08", Code::bad_prefix_length, "the length of 10.0.0.0/08 has a leading zero",
             "write 10.0.0.0/8", "10.0.0.0/8"},
            {"10.0.0.0/00", Code::bad_prefix_length, "the length of 10.0.0.0/00 has a leading zero",
             "write 0.0.0.0/0", "0.0.0.0/0"},
            {"10.0.0.0/255.255.255.0", Code::bad_prefix_length,
             "10.0.0.0/255.255.255.0 has a netmask in place of its length", "write 10.0.0.0/24",
             "10.0.0.0/24"},
            {"10.0.0.7/255.255.255.0", Code::bad_prefix_length,
             "10.0.0.7/255.255.255.0 has a netmask in place of its length", "write 10.0.0.0/24",
             "10.0.0.0/24"},
            {"0.0.0.0/0.0.0.0", Code::bad_prefix_length,
             "0.0.0.0/0.0.0.0 has a netmask in place of its length", "write 0.0.0.0/0",
             "0.0.0.0/0"},
            {"10.0.0.1/255.255.255.255", Code::bad_prefix_length,
             "10.0.0.1/255.255.255.255 has a netmask in place of its length", "write 10.0.0.1/32",
             "10.0.0.1/32"},
            {"fd00::/ffff:ffff::", Code::bad_prefix_length,
             "fd00::/ffff:ffff:: has a netmask in place of its length", "write fd00::/32",
             "fd00::/32"},
            {"10.0.0.0/255.0.255.0", Code::bad_prefix_length,
             "255.0.255.0 is no netmask of a prefix, nor its length"},
            {"10/8", Code::bad_address, "10 is no IPv4 address: it has 1 number of 4",
             "write 10.0.0.0/8", "10.0.0.0/8"},
            {"192.168/16", Code::bad_address, "192.168 is no IPv4 address: it has 2 numbers of 4",
             "write 192.168.0.0/16", "192.168.0.0/16"},
            {"192.168/24", Code::bad_address, "192.168 is no IPv4 address: it has 2 numbers of 4"},
            {"192.168/8", Code::bad_address, "192.168 is no IPv4 address: it has 2 numbers of 4"},
            {"10.1.01.0/24", Code::bad_address,
             "10.1.01.0 has a number with a leading zero, which some tools read as octal",
             "write 10.1.1.0/24"},
            {"[fd00::]/64", Code::bad_address, "[fd00::] has brackets, which only an end point has",
             "write fd00::/64"},
            {"10.1.01.7/24", Code::bad_address,
             "10.1.01.7 has a number with a leading zero, which some tools read as octal",
             "write 10.1.1.0/24"},
            {"10.1.01.0/33", Code::bad_address,
             "10.1.01.0 has a number with a leading zero, which some tools read as octal"},
            {"10.1.01.5-10.1.1.9", Code::bad_address,
             "10.1.01.5 has a number with a leading zero, which some tools read as octal",
             "write 10.1.1.5-10.1.1.9"},
            {"10.1.01.5-10.1.01.9", Code::bad_address,
             "10.1.01.5 has a number with a leading zero, which some tools read as octal"},
            {"10.1.01.5-10.1.1.4", Code::bad_address,
             "10.1.01.5 has a number with a leading zero, which some tools read as octal"},
            {"10.1.1.9-10.1.1.5", Code::backward_range, "10.1.1.9-10.1.1.5 ends before it begins",
             "write 10.1.1.5-10.1.1.9", "10.1.1.5-10.1.1.9"},
            {"10.1.1.5-fd00::9", Code::wrong_family,
             "10.1.1.5-fd00::9 begins with an IPv4 address and ends with an IPv6 one"},
            {"10.1.1.5-9", Code::bad_address, "10.1.1.5-9 ends with 9, which is no whole address",
             "write 10.1.1.5-10.1.1.9", "10.1.1.5-10.1.1.9"},
            {"10.1.1.5-3", Code::bad_address, "10.1.1.5-3 ends with 3, which is no whole address"},
            {"10.1.1.5-300", Code::bad_address,
             "10.1.1.5-300 ends with 300, which is no whole address"},
            {"10.1.1.5-", Code::bad_address, "10.1.1.5- does not say where it ends"},
            {"-10.1.1.5", Code::bad_address, "-10.1.1.5 does not say where it begins"},
            {"10.1.1.5-10.1.01.9", Code::bad_address,
             "10.1.01.9 has a number with a leading zero, which some tools read as octal",
             "write 10.1.1.5-10.1.1.9"},
            {"10.1.1.0/24-10.1.2.0/24", Code::bad_address,
             "10.1.1.0/24-10.1.2.0/24 has a prefix as an end: a range has addresses"},
            {"10.1.1.300-10.1.2.0", Code::bad_address,
             "10.1.1.300 is no IPv4 address: 300 is more than 255"},
            {"lab-host", Code::bad_address, "lab-host is no address, prefix or range"},
        });
}

TEST(LooksLikeAddress, TellsAddressesFromNames) {
    for (const auto text : {"10.1.1.5",
                            "10.1.1.300",
                            "10.1.1.0/24",
                            "10/8",
                            "10.1",
                            "10.1.1.5-10.1.1.9",
                            "10.1.1.x",
                            "10.1.1.5-9",
                            "10.0.0.0/",
                            "10.1.1.28:22",
                            "fd00::/64",
                            "fe80::1%eth0",
                            "2001:db8::zz",
                            "::",
                            "::1",
                            "::ffff:1.2.3.4",
                            "1:2:3:4:5:6:7:8",
                            "02:ff:0a:0a:06:05",
                            "fd00::1-fd00::9",
                            "fd00:/64",
                            "[fd00::5]:22",
                            "cafe::1"})
        EXPECT_TRUE(looks_like_address(text)) << text;
    for (const auto text :
         {"",           "lxdev01", "cafe",       "22",         "80-90",     "1024-65535",
          "lxdev01:22", "cafe:22", "80:90",      "ns1.lab",    "web-1.lab", "_x.1",
          "22/tcp",     "10gbe0",  "10gbe0.100", "http://x",   "-",         ".",
          "/",          "[x]",     "k8s-br0",    "lxdev01/24", ":22"})
        EXPECT_FALSE(looks_like_address(text)) << text;
}

TEST(AddressRange, Prefixes) {
    EXPECT_EQ(AddressRange::prefix(ipv4(0x0A010107), 24),
              AddressRange(ipv4(0x0A010100), ipv4(0x0A0101FF)));
    EXPECT_EQ(AddressRange::prefix(ipv4(0x0A010107), 0), AddressRange::all(Family::ipv4));
    EXPECT_EQ(AddressRange::prefix(ipv4(0x0A010107), 32), AddressRange(ipv4(0x0A010107)));
    EXPECT_EQ(AddressRange::prefix(ipv6(7, 9), 128), AddressRange(ipv6(7, 9)));
    EXPECT_EQ(AddressRange::prefix(ipv6(7, 9), 64), AddressRange(ipv6(7, 0), ipv6(7, ~0ULL)));
    EXPECT_EQ(AddressRange::all(Family::ipv4).last(), ipv4(0xFFFFFFFF));
    EXPECT_EQ(AddressRange::all(Family::ipv6).last(), ipv6(~0ULL, ~0ULL));
}

TEST(AddressRange, KnowsWhetherItIsAPrefix) {
    for (const Family family : all_families)
        for (int length = 0; length <= address_bits(family); ++length) {
            const uint128 value = family == Family::ipv4 ? uint128{0x0A010107}
                                                         : uint128{0x2001'0DB8'1234'5678} << 64U |
                                                               0x9ABC'DEF0'1234'5677;
            EXPECT_EQ(AddressRange::prefix(Address(family, value), length).prefix_length(), length);
        }
    EXPECT_EQ(AddressRange(ipv4(1), ipv4(2)).prefix_length(), std::nullopt);
    EXPECT_EQ(AddressRange(ipv4(0), ipv4(2)).prefix_length(), std::nullopt);
    EXPECT_EQ(AddressRange(ipv4(1), ipv4(4)).prefix_length(), std::nullopt);
    EXPECT_EQ(AddressRange(ipv4(0), ipv4(3)).prefix_length(), 30);
    EXPECT_EQ(AddressRange(ipv6(0, 1), ipv6(~0ULL, ~0ULL)).prefix_length(), std::nullopt);
}

TEST(AddressRange, ContainsAndOverlaps) {
    const auto subnet = *parse_addresses("10.1.1.0/24");
    EXPECT_TRUE(subnet.contains(ipv4(0x0A010100)));
    EXPECT_TRUE(subnet.contains(ipv4(0x0A0101FF)));
    EXPECT_FALSE(subnet.contains(ipv4(0x0A010200)));
    EXPECT_FALSE(subnet.contains(ipv6(0, 0x0A010105)));
    EXPECT_TRUE(subnet.overlaps(*parse_addresses("10.1.1.255-10.1.2.9")));
    EXPECT_FALSE(subnet.overlaps(*parse_addresses("10.1.2.0-10.1.2.9")));
    EXPECT_FALSE(AddressRange::all(Family::ipv4).overlaps(AddressRange::all(Family::ipv6)));
}

TEST(ToString, Addresses) {
    EXPECT_EQ(to_string(ipv4(0x0A010105)), "10.1.1.5");
    EXPECT_EQ(to_string(ipv4(0xFFFFFFFF)), "255.255.255.255");
    EXPECT_EQ(to_string(ipv6(0, 0)), "::");
    EXPECT_EQ(to_string(ipv6(0, 1)), "::1");
    EXPECT_EQ(to_string(ipv6(0xFD00'0000'0000'0000, 5)), "fd00::5");
    EXPECT_EQ(to_string(ipv6(0, 0xFFFF'0102'0304)), "::ffff:1.2.3.4");
    EXPECT_EQ(to_string(ipv6(0, 0x0102'0304)), "::1.2.3.4");
    EXPECT_EQ(to_string(ipv6(0x2001'0DB8'0000'0001, 0x0001'0001'0001'0001)),
              "2001:db8:0:1:1:1:1:1");
    EXPECT_EQ(to_string(ipv6(0x0001'0000'0000'0002, 0x0000'0000'0003'0004)), "1::2:0:0:3:4");
    EXPECT_EQ(to_string(ipv6(~0ULL, ~0ULL)), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

TEST(ToString, IsWhatLibcPrints) {
    std::mt19937_64 random(2);
    for (int i = 0; i < 300'000; ++i) {
        const Address six(Family::ipv6, telling_value(random));
        ASSERT_EQ(to_string(six), libc_text(six));
        ASSERT_EQ(*parse_address(to_string(six)), six);
        const Address four = ipv4(static_cast<std::uint32_t>(random()));
        ASSERT_EQ(to_string(four), libc_text(four));
        ASSERT_EQ(*parse_address(to_string(four)), four);
    }
    // Every place that groups of zeros can have.
    for (unsigned zeros = 0; zeros < 256; ++zeros)
        for (const unsigned fill : {1U, 0xFFFFU, 0xA0U}) {
            uint128 value = 0;
            for (unsigned group = 0; group < 8; ++group)
                value = value << 16U | (zeros >> group & 1U ? 0 : fill);
            const Address address(Family::ipv6, value);
            ASSERT_EQ(to_string(address), libc_text(address));
        }
}

TEST(ToString, Ranges) {
    for (const auto text :
         {"10.1.1.5", "10.1.1.0/24", "10.1.1.5-10.1.1.9", "0.0.0.0/0", "255.255.255.254/31",
          "fd00::5", "fd00::/64", "::/0", "fd00::1-fd00::f",
          "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0-ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"})
        EXPECT_EQ(to_string(*parse_addresses(text)), text);
    EXPECT_EQ(to_string(*parse_addresses("10.1.1.5/32")), "10.1.1.5");
    EXPECT_EQ(to_string(*parse_addresses("10.1.1.0-10.1.1.255")), "10.1.1.0/24");
    std::string out = "-s ";
    append(out, *parse_addresses("10.1.1.0/24"));
    append(out, ipv4(1));
    EXPECT_EQ(out, "-s 10.1.1.0/240.0.0.1");
}

}  // namespace
}  // namespace natc

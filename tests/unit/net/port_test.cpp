#include "net/port.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace natc {
namespace {

TEST(ParsePorts, OneOrARange) {
    EXPECT_EQ(*parse_ports("22"), (PortRange{22, 22}));
    EXPECT_EQ(*parse_ports("1"), (PortRange{1, 1}));
    EXPECT_EQ(*parse_ports("65535"), (PortRange{65535, 65535}));
    EXPECT_EQ(*parse_ports("1024-65535"), (PortRange{1024, 65535}));
    EXPECT_EQ(*parse_ports("80-80"), (PortRange{80, 80}));
}

TEST(ParsePorts, Errors) {
    struct BadPorts {
        std::string_view text;
        std::string_view message;
        std::string_view help = {};
        std::string_view fix = {};
        Code code = Code::bad_port;
    };
    const std::vector<BadPorts> cases{
        {"", "a port is missing"},
        {"0", "port 0 cannot be named: ports begin at 1"},
        {"000", "port 0 cannot be named: ports begin at 1"},
        {"0-1023", "port 0 cannot be named: ports begin at 1", "write 1-1023"},
        {"70000", "70000 is no port: ports end at 65535"},
        {"65536", "65536 is no port: ports end at 65535"},
        {"99999999999999999999", "99999999999999999999 is no port: ports end at 65535"},
        {"1024-70000", "70000 is no port: ports end at 65535"},
        {"022", "022 has a leading zero", "write 22", "22"},
        {"80-090", "090 has a leading zero", "write 80-90", "80-90"},
        {"08-09", "08 has a leading zero", "write 8-9", "8-9"},
        {"09-08", "09 has a leading zero"},
        {"02-ff", "02 has a leading zero"},
        {"0-0", "port 0 cannot be named: ports begin at 1"},
        {"+22", "+22 is no port: ports are numbers from 1 to 65535"},
        {" 22", " 22 is no port: ports are numbers from 1 to 65535"},
        {"22 ", "22  is no port: ports are numbers from 1 to 65535"},
        {"0x16", "0x16 is no port: ports are numbers from 1 to 65535"},
        {"ssh", "ssh is no port: ports are numbers from 1 to 65535"},
        {"ftp-data", "ftp-data is no port: ports are numbers from 1 to 65535"},
        {"-22", "-22 does not say where it begins"},
        {"22-", "22- does not say where it ends"},
        {"-", "- is no port: ports are numbers from 1 to 65535"},
        {"80-90-99", "90-99 is no port: ports are numbers from 1 to 65535"},
        {"90-80", "90-80 ends before it begins", "write 80-90", "80-90", Code::backward_range},
        {"80:90", "80:90 has a colon: a range of ports is written with `-`", "write 80-90",
         "80-90"},
        {":1023", ":1023 has a colon: a range of ports is written with `-`", "write 1-1023",
         "1-1023"},
        {"1024:", "1024: has a colon: a range of ports is written with `-`", "write 1024-65535",
         "1024-65535"},
        {"90:80", "90:80 is no port: ports are numbers from 1 to 65535"},
    };
    for (const BadPorts& expected : cases) {
        const auto got = parse_ports(expected.text);
        ASSERT_FALSE(got.ok()) << expected.text;
        EXPECT_EQ(got.error().code, expected.code) << expected.text;
        EXPECT_EQ(got.error().message, expected.message);
        EXPECT_EQ(got.error().help, expected.help) << expected.text;
        EXPECT_EQ(got.error().fix, expected.fix) << expected.text;
        if (!expected.fix.empty()) {
            EXPECT_TRUE(parse_ports(expected.fix).ok());
        }
    }
}

TEST(PortRange, SizeAndOverlap) {
    EXPECT_EQ((PortRange{1, 65535}).size(), 65535U);
    EXPECT_EQ((PortRange{0, 65535}).size(), 65536U);
    EXPECT_TRUE((PortRange{80, 90}).overlaps({90, 99}));
    EXPECT_FALSE((PortRange{80, 90}).overlaps({91, 99}));
}

TEST(PortRange, ToString) {
    EXPECT_EQ(to_string(PortRange{22, 22}), "22");
    EXPECT_EQ(to_string(PortRange{1024, 65535}), "1024-65535");
}

TEST(PortRange, EveryPortIsReadAsItIsPrinted) {
    for (unsigned port = 1; port <= 65535; ++port) {
        const auto number = static_cast<std::uint16_t>(port);
        ASSERT_EQ(*parse_ports(std::to_string(port)), (PortRange{number, number}));
    }
}

}  // namespace
}  // namespace natc

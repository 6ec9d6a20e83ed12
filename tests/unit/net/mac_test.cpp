#include "net/mac.hpp"

#include <gtest/gtest.h>

namespace natc {
namespace {

TEST(ParseMac, EitherCase) {
    const Mac mac{{0x02, 0xFF, 0x0A, 0x0A, 0x06, 0x05}};
    EXPECT_EQ(*parse_mac("02:ff:0a:0a:06:05"), mac);
    EXPECT_EQ(*parse_mac("02:FF:0a:0A:06:05"), mac);
}

TEST(ParseMac, PrintsInLowerCase) {
    EXPECT_EQ(to_string(*parse_mac("02:FF:0A:0A:06:05")), "02:ff:0a:0a:06:05");
    EXPECT_EQ(to_string(Mac()), "00:00:00:00:00:00");
}

TEST(ParseMac, OffersThePlainSpelling) {
    for (const auto text : {"02-ff-0a-0a-06-05", "02-FF-0A-0A-06-05", "02ff.0a0a.0605",
                            "02ff0a0a0605", "2:ff:a:a:6:5", "02:ff-0a:0a:06:05"}) {
        const auto got = parse_mac(text);
        ASSERT_FALSE(got.ok()) << text;
        EXPECT_EQ(got.error().code, Code::bad_mac);
        EXPECT_EQ(got.error().help, "write 02:ff:0a:0a:06:05") << text;
        EXPECT_EQ(got.error().fix, "02:ff:0a:0a:06:05") << text;
    }
}

TEST(ParseMac, RefusesTheRest) {
    for (const auto text :
         {"", "x", "02:ff:0a:0a:06", "02:ff:0a:0a:06:05:07", "02:ff:0a:0a:06:0g",
          "02:ff:0a:0a:06:05 ", "02:ff:0a:0a:06:", ":02:ff:0a:0a:06:05", "02::ff:0a:0a:06:05",
          "002:ff:0a:0a:06:5", "+2:ff:0a:0a:06:05", "0xff0a0a0605", "...", "02:ff:0a:0a:06:05:"}) {
        const auto got = parse_mac(text);
        ASSERT_FALSE(got.ok()) << text;
        EXPECT_EQ(got.error().code, Code::bad_mac);
        EXPECT_FALSE(got.error().message.empty());
        EXPECT_EQ(got.error().fix, "") << text;
    }
    EXPECT_EQ(parse_mac("x").error().message,
              "x is no MAC address: it has six pairs of hexadecimal digits, with `:` between");
}

}  // namespace
}  // namespace natc

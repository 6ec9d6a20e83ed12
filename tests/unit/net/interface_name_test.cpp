#include "net/interface_name.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace natc {
namespace {

InterfaceName interface(std::string_view text) { return *parse_interface(text); }

TEST(ParseInterface, TakesWhatTheKernelTakes) {
    for (const auto text : {"enp5s0", "k8s-br0", "eth0.100", "10gbe0", "a", "br_lan", "...", "wg@x",
                            "123456789012345", "vnet+"}) {
        const auto got = parse_interface(text);
        ASSERT_TRUE(got.ok()) << text;
        EXPECT_EQ(got->text(), text);
    }
    EXPECT_FALSE(interface("enp5s0").wildcard());
    EXPECT_TRUE(interface("vnet+").wildcard());
    EXPECT_EQ(interface("vnet+").stem(), "vnet");
    EXPECT_EQ(interface("enp5s0").stem(), "enp5s0");
    EXPECT_EQ(InterfaceName().text(), "");
    EXPECT_EQ(InterfaceName().stem(), "");
}

TEST(ParseInterface, Errors) {
    struct BadName {
        std::string_view text;
        std::string_view message;
        std::string_view help = {};
    };
    const std::vector<BadName> cases{
        {"", "the name of an interface is missing"},
        {"1234567890123456",
         "1234567890123456 has 16 bytes, and the name of an interface has at most 15"},
        {"123456789012345+",
         "123456789012345+ has 16 bytes, and the name of an interface has at most 15"},
        {"eth0:1", "eth0:1 is no interface: no interface's name has a `:`", "write eth0"},
        {":1", ":1 is no interface: no interface's name has a `:`"},
        {"a/b", "a/b is no interface: no interface's name has a `/`"},
        {"eth%d", "eth%d is no interface: no interface's name has a `%`"},
        {"e th", "e th has a blank, and no interface's name has"},
        {"e\tth", "e\tth has a blank, and no interface's name has"},
        {".", ". is no name that an interface can have"},
        {"..", ".. is no name that an interface can have"},
        {"+", "`+` alone means every interface, like no interface at all", "leave it out"},
        {"vn+et", "vn+et has a `+` that is not at its end, where it means \"all that begin so\""},
        {"vnet++", "vnet++ has a `+` that is not at its end, where it means \"all that begin so\""},
        {"+x", "+x has a `+` that is not at its end, where it means \"all that begin so\""},
        {"!eth0", "!eth0 has its `!` in the name", "write ! eth0"},
        {"!", "! has its `!` in the name"},
        {"-o", "-o begins with `-`: tools would take it for an option"},
        {"brücke",
         "brücke has a character that is not plain ASCII: tools would not agree on such a "
         "name of an interface"},
        {"a\x1b", "a\x1b has a character that is not plain ASCII: tools would not agree on such a "
                  "name of an interface"},
    };
    for (const BadName& expected : cases) {
        const auto got = parse_interface(expected.text);
        ASSERT_FALSE(got.ok()) << expected.text;
        EXPECT_EQ(got.error().code, Code::bad_interface);
        EXPECT_EQ(got.error().message, expected.message);
        EXPECT_EQ(got.error().help, expected.help) << expected.text;
        EXPECT_EQ(got.error().fix, "") << expected.text;
    }
}

TEST(InterfaceName, Covers) {
    const auto covers = [](std::string_view a, std::string_view b) {
        return interface(a).covers(interface(b));
    };
    EXPECT_TRUE(covers("eth0", "eth0"));
    EXPECT_FALSE(covers("eth0", "eth01"));
    EXPECT_FALSE(covers("eth0", "eth0+"));
    EXPECT_TRUE(covers("eth+", "eth0"));
    EXPECT_TRUE(covers("eth+", "eth"));
    EXPECT_TRUE(covers("eth+", "eth0+"));
    EXPECT_TRUE(covers("eth+", "eth+"));
    EXPECT_FALSE(covers("eth0+", "eth+"));
    EXPECT_FALSE(covers("eth+", "enp5s0"));
    EXPECT_TRUE(interface("eth0").overlaps(interface("eth+")));
    EXPECT_TRUE(interface("eth+").overlaps(interface("eth0+")));
    EXPECT_FALSE(interface("eth0+").overlaps(interface("eth1+")));
}

TEST(InterfaceName, IsOrderedAsText) {
    EXPECT_LT(interface("eth0"), interface("eth1"));
    EXPECT_LT(interface("eth"), interface("eth0"));
    EXPECT_LT(interface("eth10"), interface("eth2"));
    EXPECT_EQ(interface("eth0"), interface("eth0"));
}

}  // namespace
}  // namespace natc

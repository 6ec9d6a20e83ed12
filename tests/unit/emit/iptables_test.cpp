#include "emit/iptables.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace natc {
namespace {

using namespace ir;  // NOLINT(*-build-using-namespace)

Rule rule(std::vector<Match> matches, Statement statement, FamilySet families = FamilySet::both()) {
    Rule result;
    result.matches = std::move(matches);
    result.statement = std::move(statement);
    result.families = families;
    return result;
}

/// A filter table alone, without the header of the text.
std::string text(const Table& table, Family family = Family::ipv4) {
    const std::string out = emit_iptables({{table}}, family);
    return out.substr(out.find('*'));
}

TEST(Iptables, CompleteTablesInTheirOrder) {
    Program program{{empty_table(TableName::mangle), empty_table(TableName::raw)}};
    program.tables[1].at(Hook::output).policy = Policy::drop;
    EXPECT_EQ(
        emit_iptables(program, Family::ipv4),
        R"(# Made by natc for iptables-restore: IPv4. The IPv6 rules are a text of their own (--target ip6tables); load both.
*mangle
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
COMMIT

*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT DROP [0:0]
COMMIT
)");
    EXPECT_TRUE(emit_iptables({}, Family::ipv6)
                    .starts_with("# Made by natc for ip6tables-restore: IPv6. The IPv4 rules are"));
}

TEST(Iptables, ChainsInTheOrderThatTheyAreSavedIn) {
    Table table = empty_table(TableName::filter);
    for (const char* name : {"zz", "aa", "Zz", "natc-2", "natc-10"}) {
        Chain chain;
        chain.name = name;
        table.chains.insert(table.chains.begin(), chain << rule({}, Return{}));
    }
    table.at(Hook::output) << rule({}, Drop{});
    table.at(Hook::input) << rule({}, Jump{"zz"}) << rule({}, Goto{"aa"});
    EXPECT_EQ(text(table), R"(*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:Zz - [0:0]
:aa - [0:0]
:natc-10 - [0:0]
:natc-2 - [0:0]
:zz - [0:0]
-A INPUT -j zz
-A INPUT -g aa
-A OUTPUT -j DROP
-A Zz -j RETURN
-A aa -j RETURN
-A natc-10 -j RETURN
-A natc-2 -j RETURN
-A zz -j RETURN
COMMIT
)");
}

TEST(Iptables, OnlyWhatHoldsInTheFamily) {
    Table table = empty_table(TableName::filter);
    table.at(Hook::input) << rule({}, Drop{}, Family::ipv6) << rule({}, Reject{});
    table.at(Hook::input).rules[0].remark = "IPv6 alone";
    table.at(Hook::input).rules[1].remark.of(Family::ipv4) = "for the host";
    Chain chain;
    chain.name = "six";
    chain.families = Family::ipv6;
    table.chains.push_back(chain << rule({}, Accept{}));
    EXPECT_EQ(text(table), R"(*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
# for the host
-A INPUT -j REJECT --reject-with icmp-port-unreachable
COMMIT
)");
    EXPECT_EQ(text(table, Family::ipv6), R"(*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:six - [0:0]
# IPv6 alone
-A INPUT -j DROP
-A INPUT -j REJECT --reject-with icmp6-port-unreachable
-A six -j ACCEPT
COMMIT
)");
}

/// The comment lines above the only rule of a table.
std::string remark(const std::string& of) {
    Table table = empty_table(TableName::raw);
    table.at(Hook::output) << rule({}, Accept{});
    table.at(Hook::output).rules[0].remark = of;
    const std::string out = text(table);
    const std::string_view before = ":OUTPUT ACCEPT [0:0]\n";
    const std::size_t begin = out.find(before) + before.size();
    return out.substr(begin, out.find("-A OUTPUT") - begin);
}

TEST(Iptables, RemarksLineByLine) {
    EXPECT_EQ(remark(""), "");
    EXPECT_EQ(remark("one"), "# one\n");
    EXPECT_EQ(remark("one\n\n*two\n"), "# one\n#\n# *two\n");
}

TEST(Iptables, LongRemarksAreCutBetweenCharacters) {
    const std::string x999(999, 'x');
    EXPECT_EQ(remark(x999 + "y"), "# " + x999 + "y\n");
    EXPECT_EQ(remark(x999 + "yz"), "# " + x999 + "y\n# z\n");
    EXPECT_EQ(remark(x999 + "üz"), "# " + x999 + "\n# üz\n");
    // Not UTF-8: cut all the same.
    EXPECT_EQ(remark(std::string(1500, '\x80')).find('\n'), 2 + 996);
}

}  // namespace
}  // namespace natc

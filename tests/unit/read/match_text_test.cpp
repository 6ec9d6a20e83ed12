#include "read/match_text.hpp"

#include <gtest/gtest.h>

namespace natc {
namespace {

using namespace ir;  // NOLINT(*-build-using-namespace)

TEST(MatchText, WhatIsKnownIsUnderstood) {
    Conntrack fresh;
    fresh.states = ConntrackState::new_;
    EXPECT_EQ(understood("-m state --state NEW"), std::vector<Understood>{fresh});
    EXPECT_EQ(understood("-m mark --mark 5 -m addrtype --dst-type LOCAL"), (std::vector<Understood>{MarkIs{5}, DestinationIsLocal{}}));
    EXPECT_EQ(understood("-m state --state NEW -m recent --rcheck"), std::vector<Understood>{});
    EXPECT_EQ(understood("-m tcp --dport 22"), std::vector<Understood>{});
    EXPECT_EQ(understood("-m comment --comment x"), std::vector<Understood>{});
}

TEST(MatchText, FaultsOfWhatIsKnownAreSaid) {
    EXPECT_EQ(fault_of_match_text("-m state --state NEW"), "");
    EXPECT_EQ(fault_of_match_text("-m tcp --dport 22"), "");
    EXPECT_EQ(fault_of_match_text("-m recent --set"), "");
    EXPECT_EQ(fault_of_match_text("-m string --string \"a -j b\" --algo bm"), "");
    EXPECT_NE(fault_of_match_text("-m state --state NEU"), "");
    EXPECT_NE(fault_of_match_text("-m limit --limt 5"), "");
    EXPECT_NE(fault_of_match_text("# -m recent --set"), "");
    EXPECT_NE(fault_of_match_text("*filter"), "");
    EXPECT_NE(fault_of_match_text(""), "");
}

}  // namespace
}  // namespace natc

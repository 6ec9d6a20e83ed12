#include "semantics/surroundings.hpp"

#include <gtest/gtest.h>

#include "semantics/walk.hpp"

namespace natc::semantics {
namespace {

using ir::TableName;

/// A guest network behind br0, with the gateway 10.0.0.1.
Surroundings one_network() {
    Surroundings around;
    around.add_link(*parse_addresses("10.0.0.0/24"), *parse_interface("br0"));
    around.add_own(*parse_address("10.0.0.1"));
    around.close();
    return around;
}

TEST(Surroundings, TellWhoseAnAddressIsWhereTheyKnow) {
    const Surroundings around = one_network();
    EXPECT_EQ(around.own(*parse_addresses("10.0.0.1")), true);
    EXPECT_EQ(around.own(*parse_addresses("10.0.0.5")), false);
    EXPECT_EQ(around.own(*parse_addresses("10.0.0.2-10.0.0.9")), false);
    EXPECT_EQ(around.own(*parse_addresses("10.0.0.0-10.0.0.9")), std::nullopt) << "some are, some are not";
    EXPECT_EQ(around.own(*parse_addresses("192.0.2.1")), std::nullopt);
    ASSERT_NE(around.link_of(*parse_addresses("10.0.0.5")), nullptr);
    EXPECT_EQ(around.link_of(*parse_addresses("10.0.0.5"))->text(), "br0");
    EXPECT_EQ(around.link_of(*parse_addresses("10.0.0.250-10.0.1.3")), nullptr);
    EXPECT_EQ(Surroundings().own(*parse_addresses("10.0.0.1")), std::nullopt);
}

/// All packets to port 80 are translated to an address, in PREROUTING and OUTPUT.
ir::Program translating(const char* to) {
    ir::Program program;
    program.tables.push_back(ir::empty_table(TableName::nat));
    ir::Rule rule;
    rule.families = Family::ipv4;
    rule.matches = {ir::ProtocolIs{tcp}, ir::DestinationPorts{{{80, 80}}}};
    rule.statement = ir::DestinationNat{AddressRange(*parse_address(to)), {}, {}, {}};
    for (const ir::Hook hook : {ir::Hook::prerouting, ir::Hook::output}) program.tables.front().at(hook) << rule;
    return program;
}

std::vector<Journey> journeys(const ir::Program& program, const Surroundings& around, Origin origin, const Space& space) {
    packet::Budget budget(1'000'000);
    const Rulings rulings(program, space, budget, around);
    packet::Region region = possible_packets(space, origin).front();  // new ones
    region[+Field::protocol] = {tcp.number, tcp.number};
    region[+Field::destination_port] = {80, 80};
    region[+Field::destination_local] = {destination_own, destination_own};
    region[+Field::destination] = space.codes(*parse_addresses("203.0.113.1"));
    return follow(rulings, space, origin, region, false, budget);
}

TEST(Surroundings, SayWhereTranslatedPacketsGo) {
    const std::vector<InterfaceName> names{*parse_interface("br0")};
    const std::vector<AddressRange> further{*parse_addresses("203.0.113.1")};
    for (const auto& [to, course] : {std::pair("10.0.0.5", Course::through_host), {"10.0.0.1", Course::to_host}, {"127.0.0.1", Course::to_host}}) {
        const ir::Program program = translating(to);
        const ir::Program* const one[] = {&program};
        const Space space(Family::ipv4, one, further, names);
        const auto all = journeys(program, one_network(), Origin::outside, space);
        ASSERT_EQ(all.size(), 1U) << to;
        EXPECT_EQ(all.front().course, course) << to;
    }
    // Where nothing tells, either may be.
    const ir::Program program = translating("192.0.2.7");
    const ir::Program* const one[] = {&program};
    const Space space(Family::ipv4, one, further, names);
    const auto all = journeys(program, one_network(), Origin::outside, space);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_NE(all[0].course, all[1].course);
}

// OUTPUT sees the interface of before, POSTROUTING the new one.
TEST(Surroundings, SayWhereTheHostsOwnTranslatedPacketsLeave) {
    const std::vector<InterfaceName> names{*parse_interface("br0")};
    const std::vector<AddressRange> further{*parse_addresses("203.0.113.1")};
    for (const auto& [to, out] : {std::pair("10.0.0.5", "br0"), {"10.0.0.1", "lo"}, {"127.0.0.1", "lo"}}) {
        const ir::Program program = translating(to);
        const ir::Program* const one[] = {&program};
        const Space space(Family::ipv4, one, further, names);
        const auto all = journeys(program, one_network(), Origin::host, space);
        ASSERT_EQ(all.size(), 1U) << to;
        EXPECT_EQ(all.front().now[+Field::out], space.codes(*parse_interface(out))) << to;
    }
}

}  // namespace
}  // namespace natc::semantics

#include "semantics/walk.hpp"

#include "unit/property.hpp"
#include "unit/semantics/random_program.hpp"

namespace natc::semantics::testing {
namespace {

using natc::testing::check;
using ir::TableName;

std::vector<Journey> journeys(const Rulings& rulings, const Space& space, Origin origin, bool thorough) {
    packet::Budget budget(100'000'000);
    std::vector<Journey> all;
    for (const packet::Region& region : possible_packets(space, origin))
        for (Journey& journey : follow(rulings, space, origin, region, thorough, budget)) all.push_back(std::move(journey));
    RC_ASSERT(!budget.spent());
    return all;
}

void expect_the_oracles_ends(const World& world, const ir::Program& program) {
    const ir::Program* const one[] = {&program};
    const Space space(world.family, one);
    RC_LOG() << text(program, world.family);
    const Oracle oracle(program, world.family, world.surroundings(space));
    packet::Budget budget(100'000'000);
    const Rulings rulings(program, space, budget);
    const bool thorough = *rc::gen::arbitrary<bool>();
    auto packets = world.packets(space);
    for (const Origin origin : {Origin::outside, Origin::host}) {
        const auto all = journeys(rulings, space, origin, thorough);
        for (Packet& packet : packets) {
            if (!possible(packet, world.family)) continue;
            if (origin == Origin::host) packet.in.clear();
            const auto codes = codes_of(packet, space);
            std::set<End> ends;
            for (const Journey& journey : all)
                if (in(codes, journey.first)) ends.merge(ends_of(journey.fate, journey.course, packet, space));
            const std::set<End> expected = coded(oracle.ends(packet, origin == Origin::host), space);
            if (ends != expected) RC_FAIL(text(packet) + "\nfollow() says\n" + text(ends) + "and the oracle\n" + text(expected));
        }
    }
}

TEST(Follow, EndsAsTheOracleDoes) {
    check([] {
        const World world = World::random(700);
        const auto tables = *rc::gen::elementOf(std::vector<std::vector<TableName>>{{TableName::filter}, {TableName::nat, TableName::filter}, {TableName::raw, TableName::filter, TableName::security},
                                                                      {TableName::mangle, TableName::nat, TableName::filter},
                                                                      {TableName::raw, TableName::mangle, TableName::nat, TableName::filter, TableName::security}});
        expect_the_oracles_ends(world, random_plan(world, {tables, 25, true, true, true}).program());
    });
}

TEST(Follow, MarksThatRulesSetAndAskFor) {
    check([] {
        World world = World::random(300);
        world.marks = {0, 1, 2, 3};
        expect_the_oracles_ends(world, random_plan(world, {{TableName::mangle}, 25, true, true, true}).program());
    });
}

TEST(Follow, Translations) {
    check([] {
        World world = World::random(100);
        world.destination_ports = {0, 1, 2, 3, 4, 9};
        world.destinations_local = {false, true};
        if (world.destinations.size() == 1) world.destinations.push_back(*parse_address(world.family == Family::ipv4 ? "10.0.0.1" : "fd00::1"));
        expect_the_oracles_ends(world, random_plan(world, {{TableName::nat, TableName::nat, TableName::filter}, 25, true, false, false}).program());
    });
}

}  // namespace
}  // namespace natc::semantics::testing

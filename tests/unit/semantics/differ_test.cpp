#include "semantics/differ.hpp"

#include <algorithm>

#include "semantics/words.hpp"
#include "unit/property.hpp"
#include "unit/semantics/random_program.hpp"

namespace natc::semantics::testing {
namespace {

using natc::testing::check;
using ir::TableName;

std::string course_of(Course course) {
    constexpr const char* courses[] = {"", "in", "through", "out"};
    return courses[static_cast<std::size_t>(course)];
}

std::set<End> ends_of(const std::vector<Fate>& fates, const Packet& packet, const Space& space) {
    std::set<End> all;
    for (const Fate& fate : fates) all.merge(testing::ends_of(fate, Course::undecided, packet, space));
    return all;
}

/// What differ() compares: not which way they went; nor, where all are refused alike, what they were translated to.
std::set<End> without_course(const std::set<End>& ends) {
    std::set<End> all, unchosen;
    for (End end : ends) {
        end.course.clear();
        all.insert(end);
        end.destination.clear();
        end.destination_port = 0;
        unchosen.insert(std::move(end));
    }
    return unchosen.size() == 1 && unchosen.begin()->verdict != "accept" ? unchosen : all;
}

/// The classes hold the packets that the oracle sends to different ends, and no others, and say how they end.
void expect_the_oracles_differences(const World& world, const ir::Program& before, const ir::Program& after) {
    const ir::Program* const two[] = {&before, &after};
    const Space space(world.family, two);
    RC_LOG() << text(before, world.family) << "\nand then\n" << text(after, world.family);
    const auto surroundings = world.surroundings(space);
    const Oracle old_oracle(before, world.family, surroundings);
    const Oracle new_oracle(after, world.family, surroundings);
    packet::Budget budget(200'000'000);
    const Differences found = differ({before}, {after}, space, budget);
    RC_ASSERT(!found.undecided);
    auto packets = world.packets(space);
    for (const Origin origin : {Origin::outside, Origin::host})
        for (Packet& packet : packets) {
            if (!possible(packet, world.family)) continue;
            if (origin == Origin::host) packet.in.clear();
            const auto codes = codes_of(packet, space);
            const auto old_full = old_oracle.ends(packet, origin == Origin::host);
            const auto new_full = new_oracle.ends(packet, origin == Origin::host);
            const auto old_ends = without_course(coded(old_full, space));
            const auto new_ends = without_course(coded(new_full, space));
            bool named = false;
            for (const Difference& difference : found.classes) {
                const bool held = std::any_of(difference.packets.begin(), difference.packets.end(), [&](const packet::Product& product) { return in(codes, product); });
                if (difference.origin != origin || !held) continue;
                // A class is told together with where its packets go.
                if (difference.before_course == difference.after_course && difference.before_course != Course::undecided && course_of(difference.before_course) != old_full.begin()->course) continue;
                named = true;
                const auto told_old = ends_of(difference.before, packet, space);
                const auto told_new = ends_of(difference.after, packet, space);
                if (told_old != old_ends || told_new != new_ends)
                    RC_FAIL(text(packet) + "\n" + words(difference.packets.front(), space) + " before\n" + text(told_old) + "oracle\n" + text(old_ends) + "after\n" + text(told_new) + "oracle\n" + text(new_ends));
            }
            if (named != (old_ends != new_ends)) RC_FAIL(text(packet) + (named ? "\nis said to differ, but does not\n" : "\ndiffers\n") + text(old_ends) + "and\n" + text(new_ends));
        }
    // What stands for a class is one of it, and comes to different ends: followed alone, nothing of it comes to the same.
    const Rulings old_rulings(before, space, budget);
    const Rulings new_rulings(after, space, budget);
    for (const Difference& difference : found.classes) {
        RC_ASSERT(difference.packets.size() == difference.examples.size());
        for (std::size_t i = 0; i < difference.packets.size(); ++i) {
            packet::Region region = space.whole();
            for (const auto& [field, set] : difference.examples[i]) region[field] = set.front();
            for (const auto& [field, set] : difference.packets[i])
                RC_ASSERT(std::any_of(set.begin(), set.end(), [&](packet::Interval interval) { return interval.contains(region[field]); }));
            bool exists = false;
            for (const packet::Region& possible : possible_packets(space, difference.origin)) exists = exists || packet::overlaps(region, packet::sides_of(possible, space.whole()));
            RC_ASSERT(exists);
            RC_ASSERT(!example(difference.examples[i], difference.before_course, space).empty());
            RC_ASSERT(!words(difference.packets[i], space).empty());
        }
        for (const Fate& fate : difference.before) RC_ASSERT(!words(fate, space).empty());
    }
}

Liking some_liking(bool oddities) {
    const auto tables = *rc::gen::elementOf(std::vector<std::vector<TableName>>{{TableName::filter}, {TableName::nat, TableName::filter}, {TableName::raw, TableName::filter}, {TableName::mangle, TableName::filter},
                                                                                {TableName::raw, TableName::mangle, TableName::nat, TableName::filter, TableName::security}});
    return {tables, 20, true, true, oddities};
}

TEST(Differ, TwoPrograms) {
    check([] {
        const World world = World::random(250);
        const Liking liking = some_liking(true);
        expect_the_oracles_differences(world, random_plan(world, liking).program(), random_plan(world, liking).program());
    });
}

TEST(Differ, OneRuleChanged) {
    check([] {
        const World world = World::random(250);
        const Liking liking = some_liking(true);
        const Plan plan = random_plan(world, liking);
        RC_PRE(!plan.rules.empty());
        Plan other = plan;
        const auto which = *rc::gen::inRange<std::size_t>(0, plan.rules.size());
        const Placed changed = random_rule(world, liking);
        other.rules[which].rule.matches = changed.rule.matches;
        if (other.rules[which].table == changed.table && other.rules[which].chain == changed.chain) other.rules[which].rule = changed.rule;
        RC_PRE(ir::fault(other.program()).empty());
        expect_the_oracles_differences(world, plan.program(), other.program());
    });
}

TEST(Differ, AnotherOrder) {
    check([] {
        const World world = World::random(250);
        const Plan plan = random_plan(world, some_liking(true));
        Plan other = plan;
        if (!plan.rules.empty())
            for (int i = 0; i < 3; ++i) std::swap(other.rules[*rc::gen::inRange<std::size_t>(0, plan.rules.size())], other.rules[*rc::gen::inRange<std::size_t>(0, plan.rules.size())]);
        expect_the_oracles_differences(world, plan.program(), other.program());
    });
}

TEST(Differ, NothingDiffersFromItself) {
    check([] {
        const World world = World::random(10);
        const Plan plan = random_plan(world, some_liking(true));
        const ir::Program before = plan.program();
        const ir::Program after = plan.program();
        const ir::Program* const two[] = {&before, &after};
        const Space space(world.family, two);
        packet::Budget budget(200'000'000);
        const Differences found = differ({before}, {after}, space, budget);
        RC_ASSERT(found.classes.empty());
        RC_ASSERT(!found.undecided);
    });
}

// Rules of which each meets each other, in another order: whatever was found by then, it is not called equal.
TEST(Differ, IsUndecidedWhereTheBudgetEnds) {
    ir::Program before;
    before.tables.push_back(ir::empty_table(TableName::filter));
    for (std::uint16_t i = 1; i <= 300; ++i) {
        ir::Rule rule;
        rule.families = Family::ipv4;
        rule.matches = {ir::ProtocolIs{tcp}, ir::SourcePorts{{{i, static_cast<std::uint16_t>(60'000 - (i * 7919) % 20'000)}}}, ir::DestinationPorts{{{static_cast<std::uint16_t>((i * 31) % 400), static_cast<std::uint16_t>(40'000 + i)}}}};
        rule.statement = i % 2 == 0 ? ir::Statement(ir::Accept{}) : ir::Statement(ir::Drop{});
        before.tables.front().at(ir::Hook::forward) << rule;
    }
    ir::Program after = before;
    auto& rules = after.tables.front().at(ir::Hook::forward).rules;
    std::reverse(rules.begin(), rules.end());
    const ir::Program* const two[] = {&before, &after};
    const Space space(Family::ipv4, two);
    for (const std::uint64_t steps : {std::uint64_t{0}, std::uint64_t{10}, std::uint64_t{100'000}}) {
        packet::Budget budget(steps);
        EXPECT_TRUE(differ({before}, {after}, space, budget).undecided) << steps;
    }
    packet::Budget budget(3'000'000);
    const Differences all = differ({before}, {after}, space, budget);
    EXPECT_TRUE(all.undecided || !all.classes.empty());
}

}  // namespace
}  // namespace natc::semantics::testing

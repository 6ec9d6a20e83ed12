#include "semantics/space.hpp"

#include <functional>
#include <set>

#include "semantics/budget.hpp"
#include "unit/property.hpp"
#include "unit/semantics/random_program.hpp"

namespace natc::semantics::testing {
namespace {

using natc::testing::check;

TEST(Space, APacketMatchesARuleIfItIsInOneOfItsBoxes) {
    check([] {
        const World world = World::random(3000);
        const Liking liking{{ir::TableName::filter, ir::TableName::mangle}, 20, true, true, true};
        const Plan plan = random_plan(world, liking);
        const ir::Program program = plan.program();
        RC_ASSERT(ir::fault(program).empty());
        const ir::Program* const one[] = {&program};
        const Space space(world.family, one);
        const Oracle oracle(program, world.family, world.surroundings(space));
        RC_LOG() << text(program, world.family);
        const auto packets = world.packets(space);
        std::vector<std::vector<std::uint32_t>> codes;
        for (const Packet& packet : packets) {
            codes.push_back(codes_of(packet, space));
            RC_ASSERT(in(codes.back(), space.whole()));
        }
        packet::Budget budget(steps);
        // Wherever a chain is called from.
        std::set<std::pair<const ir::Chain*, Path>> known;
        std::function<void(const ir::Table&, const ir::Chain&, Path)> look_at = [&](const ir::Table& table, const ir::Chain& chain, Path path) {
            if (!known.emplace(&chain, path).second) return;
            for (const ir::Rule& rule : chain.rules) {
                const auto boxes = space.boxes_of(rule, path, budget);
                for (std::size_t i = 0; i < packets.size(); ++i) {
                    const bool held = std::any_of(boxes.begin(), boxes.end(), [&](const packet::Box& box) { return in(codes[i], box); });
                    if (held != oracle.matches(rule, packets[i], path)) RC_FAIL(text(packets[i]));
                }
                if (const std::string* called = ir::called_chain(rule.statement)) look_at(table, *table.find(*called), space.unknowns().called(path, rule));
            }
        };
        for (const ir::Table& table : program.tables)
            for (const ir::Chain& chain : table.chains) look_at(table, chain, space.unknowns().root(chain));
    });
}

}  // namespace
}  // namespace natc::semantics::testing

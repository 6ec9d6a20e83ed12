#include "semantics/space.hpp"

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
        const Oracle oracle(program, world.family, world.surroundings({&program}, space));
        RC_LOG() << text(program, world.family);
        const auto packets = world.packets(space);
        std::vector<std::vector<std::uint32_t>> codes;
        for (const Packet& packet : packets) {
            codes.push_back(codes_of(packet, space));
            RC_ASSERT(in(codes.back(), space.whole()));
        }
        for (const ir::Table& table : program.tables)
            for (const ir::Chain& chain : table.chains)
                for (const ir::Rule& rule : chain.rules) {
                    const auto boxes = space.boxes_of(rule);
                    for (std::size_t i = 0; i < packets.size(); ++i) {
                        const bool held = std::any_of(boxes.begin(), boxes.end(), [&](const packet::Box& box) { return in(codes[i], box); });
                        if (held != oracle.matches(rule, packets[i])) RC_FAIL(text(packets[i]));
                    }
                }
    });
}

}  // namespace
}  // namespace natc::semantics::testing

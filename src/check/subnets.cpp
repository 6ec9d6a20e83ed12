#include <fmt/format.h>

#include "check/checks.hpp"
#include "model/subnet_index.hpp"

namespace natc {

void check_subnets(const Model& model, Diagnostics& diagnostics) {
    // By first address, so that a subnet can only overlap the one before it that reaches farthest.
    const SubnetIndex index(model.networks);
    const SubnetIndex::Entry* widest = nullptr;
    for (const SubnetIndex::Entry& entry : index.entries()) {
        if (widest != nullptr && widest->range.overlaps(entry.range)) {
            const auto& a = *widest;
            const auto& b = entry;
            const bool a_later = model.networks[b.network].subnets[b.subnet].span.begin < model.networks[a.network].subnets[a.subnet].span.begin;
            const auto& later = a_later ? a : b;
            const auto& earlier = a_later ? b : a;
            const Network& there = model.networks[earlier.network];
            diagnostics
                .add(Code::overlapping_subnets, model.networks[later.network].subnets[later.subnet].span,
                     fmt::format("{} {} {} of network `{}`", to_string(later.range),
                                 later.range == earlier.range ? "is also the subnet" : "overlaps the subnet", to_string(earlier.range), there.name))
                .see(there.subnets[earlier.subnet].span, "this one");
        }
        if (widest == nullptr || widest->range.family() != entry.range.family() || widest->range.last() < entry.range.last())
            widest = &entry;
    }
}

}  // namespace natc

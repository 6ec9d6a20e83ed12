#include <fmt/format.h>

#include "check/checks.hpp"
#include "model/subnet_index.hpp"

namespace natc {

void check_subnets(const Model& model, Diagnostics& diagnostics) {
    // By first address: those that may hold the next one lie within each other, as prefixes do, and the innermost one that
    // holds it is told.
    const SubnetIndex index(model.networks);
    std::vector<const SubnetIndex::Entry*> around;
    for (const SubnetIndex::Entry& entry : index.entries()) {
        while (!around.empty() && !around.back()->range.overlaps(entry.range)) around.pop_back();
        if (!around.empty()) {
            const auto& a = *around.back();
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
        around.push_back(&entry);
    }
}

}  // namespace natc

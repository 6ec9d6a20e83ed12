#include "model/subnet_index.hpp"

#include <algorithm>

namespace natc {

SubnetIndex::SubnetIndex(const std::vector<Network>& networks) {
    for (std::size_t n = 0; n < networks.size(); ++n)
        for (std::size_t s = 0; s < networks[n].subnets.size(); ++s)
            entries_.push_back({networks[n].subnets[s].range, n, s});
    std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.range < b.range; });
}

const SubnetIndex::Entry* SubnetIndex::find(const AddressRange& addresses) const {
    auto after = std::upper_bound(entries_.begin(), entries_.end(), addresses.first(),
                                  [](Address a, const Entry& entry) { return a < entry.range.first(); });
    if (after == entries_.begin()) return nullptr;
    --after;
    return after->range.contains(addresses) ? &*after : nullptr;
}

}  // namespace natc

#include "semantics/surroundings.hpp"

#include <algorithm>

namespace natc::semantics {

void Surroundings::close() {
    std::sort(links_.begin(), links_.end(), [](const Link& a, const Link& b) { return a.addresses.first() < b.addresses.first(); });
    std::sort(own_.begin(), own_.end());
}

const InterfaceName* Surroundings::link_of(const AddressRange& addresses) const {
    auto at = std::upper_bound(links_.begin(), links_.end(), addresses.first(), [](Address first, const Link& link) { return first < link.addresses.first(); });
    if (at == links_.begin()) return nullptr;
    --at;
    return at->addresses.contains(addresses) ? &at->interface : nullptr;
}

std::optional<bool> Surroundings::own(const AddressRange& addresses) const {
    const auto at = std::lower_bound(own_.begin(), own_.end(), addresses.first());
    const bool has_own = at != own_.end() && addresses.contains(*at);
    if (has_own) return addresses.single() ? std::optional(true) : std::nullopt;
    return link_of(addresses) != nullptr ? std::optional(false) : std::nullopt;
}

}  // namespace natc::semantics

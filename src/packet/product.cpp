#include "packet/product.hpp"

#include <algorithm>

namespace natc::packet {

std::uint64_t boxes_in(const Product& product) {
    constexpr std::uint64_t most = 1'000'000'000;
    std::uint64_t count = 1;
    for (const auto& [field, set] : product) count = std::min(count * set.size(), most);
    return count;
}

}  // namespace natc::packet

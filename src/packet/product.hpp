// Packets by a set of codes in each field.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "packet/interval_set.hpp"

namespace natc::packet {

/// Packets that have, in each field named, a code of its set. Fields sorted, each once; what is not named is free.
using Product = std::vector<std::pair<FieldIndex, IntervalSet>>;

/// So many boxes make a product up; no more than a thousand million are counted.
[[nodiscard]] std::uint64_t boxes_in(const Product& product);

/// Gives all of the boxes.
template <typename Each>
void expand(const Product& product, Each each) {
    Box box;
    for (const auto& [field, set] : product) {
        if (set.empty()) return;
        box.push_back({field, set.front()});
    }
    std::vector<std::size_t> chosen(product.size());
    for (bool more = true; more;) {
        each(std::as_const(box));
        more = false;
        for (std::size_t i = product.size(); i > 0 && !more; --i) {
            const IntervalSet& set = product[i - 1].second;
            chosen[i - 1] = chosen[i - 1] + 1 == set.size() ? 0 : chosen[i - 1] + 1;
            box[i - 1].interval = set[chosen[i - 1]];
            more = chosen[i - 1] != 0;
        }
    }
}

}  // namespace natc::packet

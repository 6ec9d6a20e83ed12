#include "semantics/scale.hpp"

#include <algorithm>
#include <cassert>

namespace natc::semantics {

Scale::Scale(int bits) : greatest_(bits == 128 ? ~uint128{0} : (uint128{1} << static_cast<unsigned>(bits)) - 1), plain_(bits <= 32), starts_{0} {}

void Scale::cut_at(uint128 first, uint128 last) {
    if (plain_) return;
    starts_.push_back(first);
    if (last != greatest_) starts_.push_back(last + 1);
}

void Scale::close() {
    std::sort(starts_.begin(), starts_.end());
    starts_.erase(std::unique(starts_.begin(), starts_.end()), starts_.end());
}

packet::Interval Scale::all() const {
    return {0, static_cast<std::uint32_t>(plain_ ? greatest_ : starts_.size() - 1)};
}

packet::Interval Scale::codes(uint128 first, uint128 last) const {
    if (plain_) return {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last)};
    const auto begin = std::lower_bound(starts_.begin(), starts_.end(), first);
    assert(begin != starts_.end() && *begin == first);
    const auto end = std::upper_bound(starts_.begin(), starts_.end(), last);
    return {static_cast<std::uint32_t>(begin - starts_.begin()), static_cast<std::uint32_t>(end - starts_.begin() - 1)};
}

uint128 Scale::first_of(std::uint32_t code) const { return plain_ ? code : starts_[code]; }

uint128 Scale::last_of(std::uint32_t code) const {
    if (plain_) return code;
    return code + 1 == starts_.size() ? greatest_ : starts_[code + 1] - 1;
}

}  // namespace natc::semantics

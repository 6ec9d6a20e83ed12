// Sets of packets as boxes: an interval of codes in each field. What the fields are and what their codes mean is
// known to semantics/; here they are numbers.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace natc::packet {

using FieldIndex = std::uint32_t;

/// Codes from `first` to `last`, both in it.
struct Interval {
    std::uint32_t first = 0;
    std::uint32_t last = 0xFFFF'FFFF;

    [[nodiscard]] constexpr bool contains(std::uint32_t code) const { return first <= code && code <= last; }
    [[nodiscard]] constexpr bool contains(Interval o) const { return first <= o.first && o.last <= last; }
    [[nodiscard]] constexpr bool overlaps(Interval o) const { return first <= o.last && o.first <= last; }
    [[nodiscard]] constexpr bool single() const { return first == last; }
    /// What both have; they must overlap.
    [[nodiscard]] constexpr Interval meet(Interval o) const { return {first > o.first ? first : o.first, last < o.last ? last : o.last}; }
    auto operator<=>(const Interval&) const = default;
};

/// What a box asks of one field.
struct Side {
    FieldIndex field = 0;
    Interval interval;
    auto operator<=>(const Side&) const = default;
};

/// A box by the sides that it has: fields that it does not name are free. In the order of the fields, each at most
/// once. Rules ask for few fields, so that this is how they are kept.
using Box = std::vector<Side>;
using BoxView = std::span<const Side>;

/// What both boxes have; false if that is nothing.
[[nodiscard]] bool meet(BoxView a, BoxView b, Box& both);
/// Whether a box asks for a field.
[[nodiscard]] bool names(BoxView box, FieldIndex field);

/// Many boxes in one piece of memory, by number.
class Boxes {
public:
    void add(BoxView box) {
        sides_.insert(sides_.end(), box.begin(), box.end());
        ends_.push_back(static_cast<std::uint32_t>(sides_.size()));
    }
    [[nodiscard]] BoxView operator[](std::size_t number) const {
        const std::size_t begin = number == 0 ? 0 : ends_[number - 1];
        return BoxView(sides_).subspan(begin, ends_[number] - begin);
    }
    [[nodiscard]] std::size_t size() const { return ends_.size(); }

private:
    std::vector<Side> sides_;
    std::vector<std::uint32_t> ends_;
};

/// Work that may be done before the answer is 'undecided'. A step is one box looked at.
class Budget {
public:
    explicit Budget(std::uint64_t steps) : left_(steps) {}
    /// False once it is spent.
    bool spend(std::uint64_t steps) {
        if (steps > left_) {
            left_ = 0;
            spent_ = true;
            return false;
        }
        left_ -= steps;
        return true;
    }
    [[nodiscard]] bool spent() const { return spent_; }

private:
    std::uint64_t left_;
    bool spent_ = false;
};

}  // namespace natc::packet

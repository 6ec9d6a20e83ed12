// Worlds so small that each of their packets can be asked.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "packet/product.hpp"
#include "packet/region.hpp"
#include "unit/property.hpp"

namespace natc::packet::testing {

using Point = std::vector<std::uint32_t>;

inline bool holds(BoxView box, const Point& point) {
    for (const Side& side : box)
        if (point[side.field] < side.interval.first || point[side.field] > side.interval.last) return false;
    return true;
}

inline bool holds(const Region& region, const Point& point) {
    for (FieldIndex field = 0; field < region.size(); ++field)
        if (point[field] < region[field].first || point[field] > region[field].last) return false;
    return true;
}

inline bool holds(const Product& product, const Point& point) {
    return std::all_of(product.begin(), product.end(), [&](const auto& part) {
        return std::any_of(part.second.begin(), part.second.end(), [&](Interval i) { return i.contains(point[part.first]); });
    });
}

/// All points of a region.
inline std::vector<Point> points(const Region& region) {
    std::vector<Point> all{Point{}};
    for (FieldIndex field = 0; field < region.size(); ++field) {
        const Interval interval = region[field];
        std::vector<Point> longer;
        for (const Point& point : all)
            for (std::uint32_t code = interval.first; code <= interval.last; ++code) {
                longer.push_back(point);
                longer.back().push_back(code);
            }
        all = std::move(longer);
    }
    return all;
}

struct World {
    Region whole;
    std::vector<Box> boxes;
};

inline Interval interval_in(Interval whole) {
    const auto a = *rc::gen::inRange(whole.first, whole.last + 1);
    const auto b = *rc::gen::inRange(whole.first, whole.last + 1);
    return {std::min(a, b), std::max(a, b)};
}

/// A world of `fields` fields with up to `codes` codes each, the last of them maybe questions, and `fewest` to `most` boxes that name each field with a chance of `named` in 4.
inline World a_world(std::uint32_t fields, std::uint32_t codes, std::size_t fewest, std::size_t most, int named) {
    World world;
    const auto questions = *rc::gen::inRange(0U, fields);
    std::vector<Interval> plain;
    for (std::uint32_t field = questions; field < fields; ++field) plain.push_back({0, *rc::gen::inRange(0U, codes)});
    world.whole = Region(std::move(plain), questions);
    const auto box = rc::gen::exec([whole = world.whole, named] {
        Box result;
        for (FieldIndex field = 0; field < whole.size(); ++field)
            if (*rc::gen::inRange(0, 4) < named) result.push_back({field, interval_in(whole[field])});
        return result;
    });
    world.boxes = *rc::gen::container<std::vector<Box>>(*rc::gen::inRange(fewest, most + 1), box);
    return world;
}

inline Boxes together(const std::vector<Box>& boxes) {
    Boxes all;
    for (const Box& box : boxes) all.add(box);
    return all;
}

inline std::vector<std::uint32_t> numbers(std::size_t count) {
    std::vector<std::uint32_t> all;
    for (std::uint32_t i = 0; i < count; ++i) all.push_back(i);
    return all;
}

}  // namespace natc::packet::testing

namespace natc::packet {

inline void showValue(const Interval& interval, std::ostream& out) { out << interval.first << '-' << interval.last; }
inline void showValue(const Side& side, std::ostream& out) {
    out << side.field << ": ";
    showValue(side.interval, out);
}

}  // namespace natc::packet

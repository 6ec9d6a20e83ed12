// Which of many boxes overlap a region, without looking at each of them.
#pragma once

#include <cstdint>
#include <vector>

#include "packet/region.hpp"

namespace natc::packet {

/// For each field that a good part of them names, the boxes that do by where they begin and end there. A question is answered out of the field in which
/// the fewest boxes meet the region; how many do is known from two binary searches. Takes memory as the boxes do, however many fields there are.
class Index {
public:
    /// `boxes` must outlive this and stay as it is.
    explicit Index(const Boxes& boxes);

    /// The numbers below `limit` of the boxes that overlap the region, ascending. Spends a step for each box that it looks at; empty if the
    /// budget does not last.
    [[nodiscard]] std::vector<std::uint32_t> overlapping(const Region& region, std::size_t limit, Budget& budget) const;

private:
    struct Entry {
        Interval interval;
        std::uint32_t number;
    };
    struct ByField {
        FieldIndex field = 0;
        std::vector<Entry> entries;             ///< by where they begin
        std::vector<std::uint32_t> ends;        ///< all of their ends, sorted
        std::vector<std::uint32_t> latest_end;  ///< a heap-shaped tree of maxima over entries
        std::vector<std::uint32_t> free;        ///< the boxes that do not name the field
        std::size_t leaves = 0;
    };

    static void collect(const ByField& by, std::size_t node, std::size_t begin, std::size_t end, std::size_t stop, std::uint32_t from, std::vector<std::uint32_t>& found);

    const Boxes& boxes_;
    std::vector<ByField> fields_;
};

}  // namespace natc::packet

// What is left of a box when others are taken out of it: the one question that the analysis asks.
#pragma once

#include <cstdint>
#include <vector>

#include "packet/region.hpp"

namespace natc::packet {

/// Takes boxes out of a region, and finds the pieces that are left: disjoint regions, none of which overlaps any of the boxes. Looking
/// for the first piece is the question whether the boxes cover the region together.
///
/// Boxes that miss the region fall out at once. If one holds it all, nothing is left; if none overlaps, all of it. Else it is cut: in
/// two halves where that parts the boxes, or along the sides of the box that takes most of it, whose inside is then done with.
class Remainder {
public:
    /// `wanted` names the boxes by their numbers in `boxes`, which must outlive this.
    Remainder(const Boxes& boxes, std::vector<std::uint32_t> wanted, Region region, Budget& budget);

    /// Finds the next piece. False if there is none any more, or the budget is spent.
    bool next();
    /// The piece that next() found.
    [[nodiscard]] const Region& piece() const { return piece_; }
    /// The boxes that took something, in no order and maybe more than once: where next() has said that nothing is left, they cover the region together.
    [[nodiscard]] const std::vector<std::uint32_t>& takers() const { return takers_; }

private:
    struct Task {
        std::size_t plain;       ///< where its plain fields begin in plain_
        std::size_t answers;     ///< and its answers in answers_
        std::size_t begin, end;  ///< its boxes, in wanted_
    };

    void push(const Region& region, std::size_t begin, std::size_t end);
    void divide(std::size_t begin, std::size_t end);
    bool halve(std::size_t begin, std::size_t end);

    const Boxes& boxes_;
    Budget& budget_;
    std::size_t plain_fields_;
    std::vector<Task> tasks_;
    std::vector<Interval> plain_;        ///< a stack, as tasks_ is
    Box answers_;                        ///< likewise
    std::vector<std::uint32_t> wanted_;  ///< likewise: what a task leaves behind is for those that it pushed
    std::vector<std::uint32_t> takers_;
    Region piece_;
};

}  // namespace natc::packet

// Sets of packets as boxes, by all of their fields: what is cut and peeled.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "packet/box.hpp"

namespace natc::packet {

/// An interval in every field. The first fields are plain ones: each is kept. Behind them come questions, with the codes 0 and 1: of those there may be as many as there are
/// rules, and only the answered ones are kept, so that a region takes no more memory than was said of it.
class Region {
public:
    /// A field of a region that can be written to.
    class Slot : public Interval {
    public:
        Slot(Region& region, FieldIndex field) : Interval(std::as_const(region)[field]), region_(region), field_(field) {}
        Slot(const Slot&) = default;
        ~Slot() = default;
        Slot& operator=(Interval interval) {
            Interval::operator=(interval);
            region_.set(field_, interval);
            return *this;
        }
        Slot& operator=(const Slot& other) { return *this = Interval(other); }  // NOLINT(*-self-assignment)

    private:
        Region& region_;
        FieldIndex field_;
    };

    Region() = default;
    explicit Region(std::vector<Interval> plain, std::size_t questions = 0) : plain_(std::move(plain)), questions_(questions) {}

    /// How many fields there are.
    [[nodiscard]] std::size_t size() const { return plain_.size() + questions_; }
    [[nodiscard]] Interval operator[](FieldIndex field) const { return field < plain_.size() ? plain_[field] : answer(field); }
    [[nodiscard]] Slot operator[](FieldIndex field) { return {*this, field}; }
    void set(FieldIndex field, Interval interval) {
        if (field < plain_.size())
            plain_[field] = interval;
        else
            set_answer(field, interval);
    }

    [[nodiscard]] std::span<const Interval> plain() const { return plain_; }
    /// The questions that are answered, in their order.
    [[nodiscard]] BoxView answers() const { return answers_; }
    /// Becomes another region of the same fields.
    void assign(std::span<const Interval> plain, BoxView answers) {
        plain_.assign(plain.begin(), plain.end());
        answers_.assign(answers.begin(), answers.end());
    }

    bool operator==(const Region&) const = default;

private:
    [[nodiscard]] Interval answer(FieldIndex field) const;
    void set_answer(FieldIndex field, Interval interval);

    std::vector<Interval> plain_;
    std::size_t questions_ = 0;
    Box answers_;
};

[[nodiscard]] bool overlaps(const Region& region, BoxView box);
/// Whether all of the region lies in the box.
[[nodiscard]] bool covers(BoxView box, const Region& region);
/// Cuts the region down to what lies in the box too. False, and the region is spoilt, if that is nothing.
[[nodiscard]] bool meet(Region& region, BoxView box);
/// The sides in which the region is smaller than `whole`.
[[nodiscard]] Box sides_of(const Region& region, const Region& whole);

/// Gives what of `all` lies below and above `inside`, which overlaps it.
template <typename Each>
void outside(Interval all, Interval inside, Each each) {
    if (all.first < inside.first) each(Interval{all.first, inside.first - 1});
    if (inside.last < all.last) each(Interval{inside.last + 1, all.last});
}

/// Cuts a region along the sides of a box that overlaps it: gives the pieces outside, which are disjoint, and leaves what is inside.
template <typename Each>
void cut(Region& region, BoxView box, Each each) {
    for (const Side& side : box) {
        const Interval all = std::as_const(region)[side.field];
        outside(all, side.interval, [&](Interval rest) {
            region.set(side.field, rest);
            each(std::as_const(region));
        });
        region.set(side.field, all.meet(side.interval));
    }
}

}  // namespace natc::packet

#include "packet/join.hpp"

#include <algorithm>
#include <map>

#include "packet/remainder.hpp"

namespace natc::packet {

namespace {

/// A product by all of the fields that any of them names, numbered anew.
using Full = std::vector<IntervalSet>;
using Whole = std::vector<Interval>;

/// Steps that stand for the memory of a set of a product.
constexpr std::uint64_t one_set = 4;

/// Makes one of those that differ in one field alone, until there are none.
void unite_neighbours(std::vector<Full>& products, std::size_t fields, Budget& budget) {
    for (bool changed = true; changed;) {
        changed = false;
        for (std::size_t field = 0; field < fields; ++field) {
            if (!budget.spend(products.size() * fields)) return;
            std::map<Full, IntervalSet> by_rest;
            for (Full& product : products) {
                IntervalSet set = std::move(product[field]);
                product[field].clear();
                IntervalSet& all = by_rest[product];
                all.insert(all.end(), set.begin(), set.end());
            }
            changed = changed || by_rest.size() < products.size();
            products.clear();
            for (auto& [rest, set] : by_rest) {
                products.push_back(rest);
                products.back()[field] = normal(std::move(set));
            }
        }
    }
}

Product product_of(const Full& full, const Whole& whole) {
    Product product;
    for (FieldIndex field = 0; field < full.size(); ++field)
        if (full[field].size() != 1 || full[field].front() != whole[field]) product.emplace_back(field, full[field]);
    return product;
}

class Widening {
public:
    Widening(const std::vector<Full>& products, const Whole& whole, const Boxes& never, Budget& budget) : whole_(whole), budget_(budget) {
        for (const Full& product : products) {
            expand(product_of(product, whole), [&](const Box& box) { all_.add(box); });
            ends_.push_back(all_.size());
        }
        for (std::size_t i = 0; i < never.size(); ++i) all_.add(never[i]);
    }

    /// Frees each field that may be free, and takes in what the neighbours have of the rest.
    void widen(Full& product) {
        for (std::size_t field = 0; field < product.size(); ++field) {
            if (product[field].size() == 1 && product[field].front() == whole_[field]) continue;
            const IntervalSet before = product[field];
            const IntervalSet more = complement(before, whole_[field]);
            product[field] = more;
            if (held(product, ends_.size())) {
                product[field] = {whole_[field]};
                continue;
            }
            IntervalSet taken = before;
            if (more.size() > 1)
                for (const Interval& part : more) {
                    product[field] = {part};
                    if (held(product, ends_.size())) taken = unite(taken, {part});
                }
            product[field] = taken;
        }
    }

    /// Whether the pieces hold all of a product; `but` leaves one product's out, or none.
    [[nodiscard]] bool held(const Full& product, std::size_t but) {
        if (!budget_.spend(all_.size())) return false;
        std::vector<std::uint32_t> others;
        for (std::uint32_t number = 0; number < all_.size(); ++number) {
            const bool own = but < ends_.size() && number < ends_[but] && number >= (but == 0 ? 0 : ends_[but - 1]);
            if (!own) others.push_back(number);
        }
        const Product boxes = product_of(product, whole_);
        if (!budget_.spend(boxes_in(boxes))) return false;
        bool all = true;
        expand(boxes, [&](const Box& box) {
            Region region(whole_);
            if (!all || !packet::meet(region, box)) return;
            Remainder left(all_, others, region, budget_);
            all = !left.next() && !budget_.spent();
        });
        return all;
    }

private:
    const Whole& whole_;
    Budget& budget_;
    Boxes all_;
    std::vector<std::size_t> ends_;
};

/// The share of all packets that a product holds.
double share(const Full& product, const Whole& whole) {
    double share = 1;
    for (std::size_t field = 0; field < product.size(); ++field) {
        double codes = 0;
        for (const Interval& interval : product[field]) codes += static_cast<double>(interval.last - interval.first) + 1;
        share *= codes / (static_cast<double>(whole[field].last - whole[field].first) + 1);
    }
    return share;
}

/// Makes each as wide as it goes, and leaves out what others hold together.
void widen(std::vector<Full>& products, const Whole& whole, const Boxes& never, Budget& budget) {
    Widening widening(products, whole, never, budget);
    for (Full& product : products) widening.widen(product);
    std::sort(products.begin(), products.end());
    products.erase(std::unique(products.begin(), products.end()), products.end());
    unite_neighbours(products, whole.size(), budget);
    // The smallest go first.
    std::stable_sort(products.begin(), products.end(), [&](const Full& a, const Full& b) { return share(a, whole) < share(b, whole); });
    for (std::size_t i = 0; i < products.size() && products.size() > 1 && budget.spend(products.size() * whole.size());) {
        std::vector<Full> others = products;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
        if (Widening(others, whole, never, budget).held(products[i], others.size()))
            products = std::move(others);
        else
            ++i;
    }
    std::reverse(products.begin(), products.end());
}

/// The fields that a set of packets speaks of, ascending: what a join has to do with.
class Spoken {
public:
    Spoken(const std::vector<Box>& pieces, const Boxes& never) {
        for (const Box& piece : pieces)
            for (const Side& side : piece) fields_.push_back(side.field);
        for (std::size_t i = 0; i < never.size(); ++i)
            for (const Side& side : never[i]) fields_.push_back(side.field);
        std::sort(fields_.begin(), fields_.end());
        fields_.erase(std::unique(fields_.begin(), fields_.end()), fields_.end());
    }
    [[nodiscard]] std::size_t size() const { return fields_.size(); }
    [[nodiscard]] FieldIndex operator[](std::size_t number) const { return fields_[number]; }
    [[nodiscard]] FieldIndex number(FieldIndex field) const { return static_cast<FieldIndex>(std::lower_bound(fields_.begin(), fields_.end(), field) - fields_.begin()); }

private:
    std::vector<FieldIndex> fields_;
};

}  // namespace

std::vector<Product> join(const std::vector<Region>& pieces, const Region& whole, const Boxes& never, Budget& budget) {
    std::vector<Box> boxes;
    for (const Region& piece : pieces) boxes.push_back(sides_of(piece, whole));
    const Spoken spoken(boxes, never);
    std::vector<Product> result;
    if (!budget.spend(one_set * boxes.size() * spoken.size())) {
        for (const Box& box : boxes) {
            Product& product = result.emplace_back();
            for (const Side& side : box) product.push_back({side.field, {side.interval}});
        }
        return result;
    }
    Whole all;
    Full anything;
    for (std::size_t i = 0; i < spoken.size(); ++i) {
        all.push_back(whole[spoken[i]]);
        anything.push_back({all.back()});
    }
    std::vector<Full> products(boxes.size(), anything);
    for (std::size_t i = 0; i < boxes.size(); ++i)
        for (const Side& side : boxes[i]) products[i][spoken.number(side.field)] = {side.interval};
    Boxes impossible;
    for (std::size_t i = 0; i < never.size(); ++i) {
        Box box(never[i].begin(), never[i].end());
        for (Side& side : box) side.field = spoken.number(side.field);
        impossible.add(box);
    }
    unite_neighbours(products, spoken.size(), budget);
    std::uint64_t expanded = 0;
    for (const Full& product : products) expanded += boxes_in(product_of(product, all));
    if (products.size() <= most_widened && budget.spend(expanded)) widen(products, all, impossible, budget);
    for (const Full& product : products) {
        result.push_back(product_of(product, all));
        for (auto& [field, set] : result.back()) field = spoken[field];
    }
    return result;
}

}  // namespace natc::packet

#include "packet/join.hpp"

#include <algorithm>
#include <map>

#include "packet/remainder.hpp"

namespace natc::packet {

namespace {

/// A product by all of its fields.
using Full = std::vector<IntervalSet>;

/// From so many on, they are joined where they fit exactly, and not widened: nobody reads them all.
constexpr std::size_t most_widened = 400;

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

/// The boxes of a product.
void add_boxes(const Full& product, const Region& whole, std::size_t field, Box& box, Boxes& into) {
    if (field == product.size()) {
        into.add(box);
        return;
    }
    if (product[field].size() == 1 && product[field].front() == whole[field]) return add_boxes(product, whole, field + 1, box, into);
    for (const Interval& interval : product[field]) {
        box.push_back({static_cast<FieldIndex>(field), interval});
        add_boxes(product, whole, field + 1, box, into);
        box.pop_back();
    }
}

class Widening {
public:
    Widening(const std::vector<Full>& products, const Region& whole, const Boxes& never, Budget& budget) : whole_(whole), budget_(budget) {
        for (const Full& product : products) {
            Box box;
            add_boxes(product, whole, 0, box, all_);
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
        Boxes boxes;
        Box box;
        add_boxes(product, whole_, 0, box, boxes);
        for (std::size_t i = 0; i < boxes.size(); ++i) {
            Region region = whole_;
            if (!packet::meet(region, boxes[i])) continue;
            Remainder left(all_, others, region, budget_);
            if (left.next() || budget_.spent()) return false;
        }
        return true;
    }

private:
    const Region& whole_;
    Budget& budget_;
    Boxes all_;
    std::vector<std::size_t> ends_;
};

}  // namespace

Product product_of(const Region& region, const Region& whole) {
    Product product;
    for (const Side& side : sides_of(region, whole)) product.push_back({side.field, {side.interval}});
    return product;
}

std::vector<Product> join(std::vector<Region> pieces, const Region& whole, const Boxes& never, Budget& budget) {
    std::vector<Full> products;
    for (const Region& piece : pieces) {
        Full product;
        for (const Interval& interval : piece) product.push_back({interval});
        products.push_back(std::move(product));
    }
    unite_neighbours(products, whole.size(), budget);
    if (products.size() <= most_widened) {
        Widening widening(products, whole, never, budget);
        for (Full& product : products) widening.widen(product);
        std::sort(products.begin(), products.end());
        products.erase(std::unique(products.begin(), products.end()), products.end());
        unite_neighbours(products, whole.size(), budget);
        // What others hold together need not be said; the smallest go first.
        const auto size = [&](const Full& product) {
            double share = 1;
            for (std::size_t field = 0; field < product.size(); ++field) {
                double codes = 0;
                for (const Interval& interval : product[field]) codes += static_cast<double>(interval.last - interval.first) + 1;
                share *= codes / (static_cast<double>(whole[field].last - whole[field].first) + 1);
            }
            return share;
        };
        std::stable_sort(products.begin(), products.end(), [&](const Full& a, const Full& b) { return size(a) < size(b); });
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
    std::vector<Product> result;
    for (const Full& product : products) {
        Product sparse;
        for (FieldIndex field = 0; field < product.size(); ++field)
            if (product[field].size() != 1 || product[field].front() != whole[field]) sparse.push_back({field, product[field]});
        result.push_back(std::move(sparse));
    }
    return result;
}

}  // namespace natc::packet

#include "semantics/examples.hpp"

#include <algorithm>
#include <cassert>
#include <map>

#include "net/protocol.hpp"
#include "packet/join.hpp"

namespace natc::semantics {

using packet::IntervalSet;
using packet::Product;
using packet::Region;

namespace {

/// How well a piece would stand for the others.
double liking(const Region& piece, const Space& space) {
    double likes = piece[+Field::state].contains(std::uint32_t{state_new}) ? 16 : piece[+Field::state].contains(std::uint32_t{state_established}) ? 8 : 0;
    likes += piece[+Field::protocol].contains(std::uint32_t{tcp.number}) ? 4 : 0;
    // One that nobody names rather than `lo`, and of addresses where there are many.
    const auto size = [](packet::Interval codes) { return static_cast<double>(codes.last - codes.first) + 1; };
    for (const Field field : {Field::in, Field::out}) likes += piece[+field].last == space.whole()[+field].last ? 0.5 : 0;
    for (const Field field : {Field::source, Field::destination}) likes += size(piece[+field]) / size(space.whole()[+field]);
    return likes;
}

bool overlaps(const Product& product, const Region& piece) {
    return std::all_of(product.begin(), product.end(), [&](const auto& part) {
        return std::any_of(part.second.begin(), part.second.end(), [&](packet::Interval interval) { return interval.overlaps(piece[part.first]); });
    });
}

/// What both have.
Product meet(const Product& product, const Region& piece, const Space& space) {
    std::map<packet::FieldIndex, IntervalSet> both(product.begin(), product.end());
    for (const packet::Side& side : packet::sides_of(piece, space.whole())) {
        const auto [at, alone] = both.try_emplace(side.field, IntervalSet{side.interval});
        if (!alone) at->second = packet::meet(at->second, {side.interval});
    }
    return {both.begin(), both.end()};
}

}  // namespace

std::vector<Product> examples_of(const std::vector<Product>& products, const std::vector<Region>& pieces, const Space& space) {
    // So many are not widened.
    if (products.size() > packet::most_widened) return products;
    std::vector<std::pair<double, const Region*>> liked;
    for (const Region& piece : pieces) liked.emplace_back(liking(piece, space), &piece);
    std::stable_sort(liked.begin(), liked.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<Product> examples(products.size());
    std::vector<std::size_t> without;
    for (std::size_t i = 0; i < products.size(); ++i) without.push_back(i);
    for (const auto& one : liked) {
        const Region& piece = *one.second;
        std::erase_if(without, [&](std::size_t i) {
            if (!overlaps(products[i], piece)) return false;
            examples[i] = meet(products[i], piece, space);
            return true;
        });
        if (without.empty()) break;
    }
    assert(without.empty());
    return examples;
}

}  // namespace natc::semantics

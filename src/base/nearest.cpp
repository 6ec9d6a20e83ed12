#include "base/nearest.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <string>
#include <utility>

namespace natc {
namespace {

// Costs are counted in halves, so that a letter in the wrong case can cost half an edit.
constexpr unsigned edit = 2;
constexpr std::size_t longest_word = 64;
constexpr std::size_t most_edits = 3;

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr unsigned replacing(char a, char b) {
    if (a == b) return 0;
    return lower(a) == lower(b) ? edit / 2 : edit;
}

/// The distance of optimal string alignment, or anything above `limit` as soon as it must be.
unsigned distance(std::string_view a, std::string_view b, unsigned limit) {
    const std::size_t longer = std::max(a.size(), b.size());
    if ((longer - std::min(a.size(), b.size())) * edit > limit) return limit + 1;
    using Row = std::array<unsigned, longest_word + most_edits + 1>;
    std::array<Row, 3> rows;
    Row* before = &rows[0];  // two rows up
    Row* above = &rows[1];
    Row* row = &rows[2];
    for (std::size_t j = 0; j <= b.size(); ++j) (*above)[j] = static_cast<unsigned>(j) * edit;
    unsigned least_above = 0;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        unsigned least = (*row)[0] = static_cast<unsigned>(i) * edit;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            unsigned cost = std::min({(*above)[j] + edit, (*row)[j - 1] + edit,
                                      (*above)[j - 1] + replacing(a[i - 1], b[j - 1])});
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]))
                cost = std::min(cost, (*before)[j - 2] + edit + replacing(a[i - 1], b[j - 2]) +
                                          replacing(a[i - 2], b[j - 1]));
            (*row)[j] = cost;
            least = std::min(least, cost);
        }
        // A swap reaches over one row, so two of them must be too far.
        if (least > limit && least_above + edit > limit) return limit + 1;
        least_above = least;
        std::swap(before, above);
        std::swap(above, row);
    }
    return (*above)[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
    if (word.empty() || word.size() > longest_word) return {};
    const unsigned edits = word.size() <= 4 ? 1 : word.size() <= 8 ? 2 : most_edits;
    std::string_view best;
    unsigned limit = edits * edit;
    for (const auto candidate : candidates) {
        const unsigned apart = distance(word, candidate, limit);
        // A word of which no letter stays is not the one that was meant.
        if (apart > limit || apart >= edit * std::max(word.size(), candidate.size())) continue;
        best = candidate;
        if (apart == 0) break;
        limit = apart - 1;
    }
    return best;
}

std::string_view meant(std::string_view word, std::span<const std::string_view> candidates) {
    if (const auto near = nearest(word, candidates); !near.empty()) return near;
    const auto at = std::find_if(candidates.begin(), candidates.end(),
                                 [word](std::string_view other) { return std::ranges::equal(word, other, {}, lower, lower); });
    return at == candidates.end() ? std::string_view{} : *at;
}

bool surely(std::string_view word, std::string_view near, std::span<const std::string_view> candidates, WordOf whose) {
    if (near.empty() || near == word || word.size() > longest_word || near.size() > longest_word) return false;
    const unsigned edits = word.size() < 3 ? 0 : whose == WordOf::language && word.size() >= 8 ? 2 : 1;
    const unsigned apart = distance(word, near, static_cast<unsigned>(longest_word) * edit);
    if (apart > edits * edit && !std::ranges::equal(word, near, {}, lower, lower)) return false;
    const bool alone = std::ranges::none_of(candidates, [&](std::string_view other) { return other != near && other.size() <= longest_word && distance(word, other, apart) <= apart; });
    if (!alone || whose == WordOf::language) return alone;
    const auto digits = [](std::string_view text) {
        std::string all;
        std::ranges::copy_if(text, std::back_inserter(all), [](char c) { return c >= '0' && c <= '9'; });
        return all;
    };
    // Nothing but the last letter: how people tell one thing from the next.
    const bool next = word.size() == near.size() && word.substr(0, word.size() - 1) == near.substr(0, near.size() - 1) && lower(word.back()) != lower(near.back());
    return digits(word) == digits(near) && !next;
}

}  // namespace natc

#include "syntax/words.hpp"

namespace natc::syntax::words {

namespace {

struct Head {
    std::string_view word;
    std::uint8_t kinds = 0;
};

constexpr std::size_t places = 128;  // some three times as many as there are words

constexpr std::size_t place_of(std::string_view word) {
    return (static_cast<unsigned char>(word.front()) * 7U + static_cast<unsigned char>(word.back()) * 3U + word.size()) % places;
}

/// Each word at its place, or at the next one that was free: every statement asks for its own.
constexpr std::array<Head, places> heads = [] {
    std::array<Head, places> table{};
    const auto add = [&](std::span<const std::string_view> list, Kind kind) {
        for (const std::string_view word : list) {
            std::size_t at = place_of(word);
            while (!table[at].word.empty() && table[at].word != word) at = (at + 1) % places;
            table[at].word = word;
            table[at].kinds = static_cast<std::uint8_t>(table[at].kinds | kind);
        }
    };
    constexpr std::string_view blocks[] = {"network", "input", "output", "forward", "chain"};
    add(top, of_file);
    add(network, of_network);
    add(verdict, of_policy);
    add(blocks, with_block);
    return table;
}();

}  // namespace

std::uint8_t kinds_of(std::string_view word) {
    if (word.empty()) return 0;
    for (std::size_t at = place_of(word); !heads[at].word.empty(); at = (at + 1) % places)
        if (heads[at].word == word) return heads[at].kinds;
    return 0;
}

}  // namespace natc::syntax::words

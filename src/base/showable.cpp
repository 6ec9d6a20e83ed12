#include "base/showable.hpp"

#include <algorithm>
#include <cstdint>

namespace natc {

namespace {

constexpr std::size_t longest_shown = 200;  // bytes of a word in a message, before it is cut

/// What stands at the front of a text: one character of UTF-8, or one byte that belongs to none.
struct Character {
    std::size_t size;
    bool showable;
};

Character first_character(std::string_view text) {
    const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned lead = byte(0);
    if (lead < 0x80) return {1, (lead >= 0x20 && lead != 0x7F) || lead == '\t'};
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {1, false};
    std::uint32_t code = lead & (0x7FU >> size);
    for (std::size_t at = 1; at < size; ++at) {
        if (!continues(text[at])) return {1, false};
        code = code << 6U | (byte(at) & 0x3FU);
    }
    const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {1, false};
    // Control characters beyond ASCII, and those that make a terminal show a line in another order
    // than the one that natc reads.
    const bool control = code < 0xA0 || code == 0x2028 || code == 0x2029;
    const bool reorders = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    return {size, !control && !reorders};
}

}  // namespace

std::size_t append_first(std::string& out, std::string_view text) {
    const Character character = first_character(text);
    if (character.showable)
        out += text.substr(0, character.size);
    else
        out += '?';
    return character.size;
}

void append_shown(std::string& out, std::string_view text) {
    while (!text.empty()) text.remove_prefix(append_first(out, text));
}

void append_prose(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const auto end = std::min(text.find(' ', 1), text.size());
        std::string_view word = text.substr(0, end);
        text.remove_prefix(end);
        const bool cut = word.size() > longest_shown;
        if (cut) {
            std::size_t size = longest_shown;
            while (size > longest_shown - 4 && continues(word[size])) --size;
            word = word.substr(0, size);
        }
        append_shown(out, word);
        if (cut) out += "…";
    }
}

}  // namespace natc

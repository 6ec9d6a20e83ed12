#include "syntax/lookalike.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>

#include "base/text.hpp"

namespace natc::syntax {

namespace {

constexpr std::string_view blank = "type a blank in its place";
constexpr std::string_view nothing = "it cannot be seen: delete it, with the characters beside it if need be";
constexpr std::string_view line_end = "end the line in its place";
constexpr std::string_view dash = "type `-` in its place";
constexpr std::string_view quote = "type `\"` in its place";

struct Row {
    char32_t character;
    std::string_view name;
    std::string_view help;
};

constexpr Row rows[] = {
    {0x0085, "NEXT LINE", line_end},
    {0x00A0, "NO-BREAK SPACE", blank},
    {0x00AB, "LEFT-POINTING DOUBLE ANGLE QUOTATION MARK", quote},
    {0x00AD, "SOFT HYPHEN", nothing},
    {0x00BB, "RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK", quote},
    {0x2000, "EN QUAD", blank},
    {0x2001, "EM QUAD", blank},
    {0x2002, "EN SPACE", blank},
    {0x2003, "EM SPACE", blank},
    {0x2004, "THREE-PER-EM SPACE", blank},
    {0x2005, "FOUR-PER-EM SPACE", blank},
    {0x2006, "SIX-PER-EM SPACE", blank},
    {0x2007, "FIGURE SPACE", blank},
    {0x2008, "PUNCTUATION SPACE", blank},
    {0x2009, "THIN SPACE", blank},
    {0x200A, "HAIR SPACE", blank},
    {0x200B, "ZERO WIDTH SPACE", nothing},
    {0x200C, "ZERO WIDTH NON-JOINER", nothing},
    {0x200D, "ZERO WIDTH JOINER", nothing},
    {0x200E, "LEFT-TO-RIGHT MARK", nothing},
    {0x200F, "RIGHT-TO-LEFT MARK", nothing},
    {0x2010, "HYPHEN", dash},
    {0x2011, "NON-BREAKING HYPHEN", dash},
    {0x2012, "FIGURE DASH", dash},
    {0x2013, "EN DASH", dash},
    {0x2014, "EM DASH", dash},
    {0x2015, "HORIZONTAL BAR", dash},
    {0x2018, "LEFT SINGLE QUOTATION MARK", quote},
    {0x2019, "RIGHT SINGLE QUOTATION MARK", quote},
    {0x201A, "SINGLE LOW-9 QUOTATION MARK", quote},
    {0x201C, "LEFT DOUBLE QUOTATION MARK", quote},
    {0x201D, "RIGHT DOUBLE QUOTATION MARK", quote},
    {0x201E, "DOUBLE LOW-9 QUOTATION MARK", quote},
    {0x2028, "LINE SEPARATOR", line_end},
    {0x2029, "PARAGRAPH SEPARATOR", line_end},
    {0x202A, "LEFT-TO-RIGHT EMBEDDING", nothing},
    {0x202B, "RIGHT-TO-LEFT EMBEDDING", nothing},
    {0x202C, "POP DIRECTIONAL FORMATTING", nothing},
    {0x202D, "LEFT-TO-RIGHT OVERRIDE", nothing},
    {0x202E, "RIGHT-TO-LEFT OVERRIDE", nothing},
    {0x202F, "NARROW NO-BREAK SPACE", blank},
    {0x205F, "MEDIUM MATHEMATICAL SPACE", blank},
    {0x2060, "WORD JOINER", nothing},
    {0x2212, "MINUS SIGN", dash},
    {0x3000, "IDEOGRAPHIC SPACE", blank},
    {0x3001, "IDEOGRAPHIC COMMA", "type `,` in its place"},
    {0x3002, "IDEOGRAPHIC FULL STOP", "type `.` in its place"},
    {0xFEFF, "ZERO WIDTH NO-BREAK SPACE, a byte order mark", nothing},
};

/// Those of U+FF01 to U+FF5E that are no letters and digits, as far as the language has them.
struct Sign {
    char sign;
    std::string_view name;
};
constexpr Sign signs[] = {
    {'!', "EXCLAMATION MARK"}, {'"', "QUOTATION MARK"}, {'#', "NUMBER SIGN"}, {'$', "DOLLAR SIGN"}, {'+', "PLUS SIGN"}, {',', "COMMA"},
    {'-', "HYPHEN-MINUS"}, {'.', "FULL STOP"}, {'/', "SOLIDUS"}, {':', "COLON"}, {';', "SEMICOLON"}, {'=', "EQUALS SIGN"},
    {'_', "LOW LINE"}, {'{', "LEFT CURLY BRACKET"}, {'}', "RIGHT CURLY BRACKET"}, {'[', "LEFT SQUARE BRACKET"}, {']', "RIGHT SQUARE BRACKET"},
};
constexpr std::array<std::string_view, 10> digits{"ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE"};

std::string fullwidth_name(char plain) {
    if (plain >= '0' && plain <= '9') return fmt::format("FULLWIDTH DIGIT {}", digits[static_cast<std::size_t>(plain - '0')]);
    if (plain >= 'A' && plain <= 'Z') return fmt::format("FULLWIDTH LATIN CAPITAL LETTER {}", plain);
    if (plain >= 'a' && plain <= 'z') return fmt::format("FULLWIDTH LATIN SMALL LETTER {}", static_cast<char>(plain - 'a' + 'A'));
    const auto* at = std::ranges::find(signs, plain, &Sign::sign);
    return at == std::end(signs) ? "a fullwidth form" : fmt::format("FULLWIDTH {}", at->name);
}

/// Decodes one character of UTF-8 that is well formed and has more than one byte.
char32_t decode(std::string_view text, std::size_t& length) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
    const std::uint32_t lead = byte(0);
    length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    std::uint32_t value = lead & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) value = value << 6U | (byte(i) & 0x3FU);
    return value;
}

/// With neither name nor help where there is nothing wrong with it.
Lookalike describe(char32_t character) {
    Lookalike result;
    if (character >= 0xFF01 && character <= 0xFF5E) {
        const char plain = static_cast<char>(character - 0xFF01 + 0x21);
        result.name = fmt::format("U+{:04X} {}", static_cast<std::uint32_t>(character), fullwidth_name(plain));
        result.help = fmt::format("type `{}` in its place", plain);
        return result;
    }
    const auto* at = std::ranges::find(rows, character, &Row::character);
    if (at == std::end(rows)) return result;
    result.name = fmt::format("U+{:04X} {}", static_cast<std::uint32_t>(character), at->name);
    result.help = at->help;
    return result;
}

/// Looks through one line: comments and quoted texts begin and end in it.
void look_through(std::string_view text, std::size_t at, std::size_t end, std::vector<Lookalike>& found) {
    constexpr std::size_t most_places = 4;
    while (at < end && text[at] != '#') {
        const char c = text[at];
        if (c == '"') {
            for (++at; at < end && text[at] != '"'; ++at)
                if (text[at] == '\\' && at + 1 < end) ++at;
            if (at < end) ++at;
        } else if (static_cast<unsigned char>(c) < 0x80) {
            ++at;
        } else {
            std::size_t length = 0;
            Lookalike here = describe(decode(text.substr(at), length));
            if (!here.name.empty()) {
                auto known = std::ranges::find(found, here.name, &Lookalike::name);
                if (known == found.end()) {
                    here.length = length;
                    found.push_back(std::move(here));
                    known = std::prev(found.end());
                }
                ++known->count;
                if (known->places.size() < most_places) known->places.push_back(at);
            }
            at += length;
        }
    }
}

}  // namespace

std::vector<Lookalike> lookalikes(std::string_view text) {
    std::vector<Lookalike> found;
    for (std::size_t at = beyond_ascii(text, 0); at < text.size(); at = beyond_ascii(text, at)) {
        const std::size_t before = text.rfind('\n', at);
        const std::size_t end = std::min(text.find('\n', at), text.size());
        look_through(text, before == std::string_view::npos ? 0 : before + 1, end, found);
        at = end;
    }
    return found;
}

}  // namespace natc::syntax

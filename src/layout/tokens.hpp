// A .net file as `fmt` sees it: the signs and words of its statements in a row, and the comments among them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace natc::layout {

struct Token {
    enum class Kind : std::uint8_t { word, text, comma, equals, bang, open, close, comment };

    std::string_view text;  ///< of a comment: without blanks at its end
    Kind kind = Kind::word;
    bool begins_statement = false;
    std::uint8_t line_ends = 0;  ///< how many stand between it and what is ahead of it; 2 for any more
    std::uint16_t blanks = 0;    ///< how many stand ahead of it where something is on its line: what is worked out here
    std::uint32_t line = 0;      ///< that it stands on in the file, from 0
    std::uint32_t width = 0;     ///< in characters
};

/// Reads a text that `syntax::read_alone` found no fault with. Each `;` is gone; a line with nothing else on it is an empty one.
[[nodiscard]] std::vector<Token> read_tokens(std::string_view text);

/// Sets `blanks` as it is where no columns are: one between words, none ahead of a comma, and none within ports, protocols and the like
/// (`tcp 80,443`).
void space_out(std::vector<Token>& tokens);

}  // namespace natc::layout

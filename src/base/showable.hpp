// Texts of the input as they may stand on a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace natc {

/// Whether a byte goes on with a character of UTF-8 that others began.
[[nodiscard]] constexpr bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// Appends the first character of a text, or `?` for what cannot be shown (control characters other than tabs, what turns a line's order, what is no
/// UTF-8), and gives the number of its bytes.
std::size_t append_first(std::string& out, std::string_view text);

/// All of a text, in the same way.
void append_shown(std::string& out, std::string_view text);

/// A message or help: words of the input that stand in it may be of any length, and are cut.
void append_prose(std::string& out, std::string_view text);

}  // namespace natc

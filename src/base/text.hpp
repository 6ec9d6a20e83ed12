// Whether bytes are a text at all.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/diagnostic.hpp"
#include "base/source.hpp"

namespace natc {

/// Whether `text`, all of `file`, is UTF-8 without control characters: tabs and line ends (CR LF too) aside. If not, says so once.
/// Errors: not_utf8, control_character.
[[nodiscard]] bool is_text(std::string_view text, Span file, Diagnostics& diagnostics);

/// The first byte from `at` on that is no character of ASCII; the size of the text where there is none.
[[nodiscard]] std::size_t beyond_ascii(std::string_view text, std::size_t at);

}  // namespace natc

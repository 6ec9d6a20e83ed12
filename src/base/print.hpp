// Diagnostics as text for people.
#pragma once

#include <string>

#include "base/diagnostic.hpp"
#include "base/source.hpp"

namespace natc {

/// All of them, as the language's contract gives it: `error[N3001]: message`, ` --> file:line:column`, the line
/// with a caret under the words, further places, `help:`; after them how many there were, if any were left out. ANSI
/// colours if `colour`. What cannot be shown (control characters, other than tabs) stands as `?`, and of a very long line only
/// what is around the place is shown.
[[nodiscard]] std::string print(const Diagnostics& diagnostics, const Sources& sources, bool colour);

}  // namespace natc

// From what a diagnostic would have done to the bytes that change.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/source.hpp"

namespace natc {

/// A fix as it is done to the text: where it takes a statement out, the `;` behind it goes too, and a line of which nothing would be left. Comments stay.
[[nodiscard]] Fix edit_of(const Fix& fix, const Sources& sources);

/// A text of `sources` that fixes change, and what it becomes.
struct FixedText {
    std::string name;
    std::string text;
};

struct Fixing {
    std::vector<const Diagnostic*> done;  ///< the diagnostics whose fixes were made, in the order of their places
    std::vector<FixedText> texts;
};

/// Makes the fixes of all these diagnostics, each wholly or not at all: not where one that was made before touches the same text.
[[nodiscard]] Fixing make_fixes(std::vector<const Diagnostic*> diagnostics, const Sources& sources);

}  // namespace natc

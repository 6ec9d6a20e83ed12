// Characters that look like one of the language's, or like nothing at all, and are none: an editor, a browser or a chat put them there.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace natc::syntax {

struct Lookalike {
    std::string name;  ///< "U+00A0 NO-BREAK SPACE"
    std::string help;  ///< what to type in its place
    std::vector<std::size_t> places;  ///< offsets, the first few of them
    std::size_t length = 0;           ///< in bytes
    std::size_t count = 0;            ///< of all of them
};

/// Each kind of them once, in the order of the text, outside of comments and quoted texts: there they say what they say.
/// The text must be UTF-8.
[[nodiscard]] std::vector<Lookalike> lookalikes(std::string_view text);

}  // namespace natc::syntax

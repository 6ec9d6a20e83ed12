// The one layout of .net files: `natc fmt`.
//
// Four steps: a file's tokens, what stands on which line, what stands below what, the text. Nothing but blanks, line ends, `;` and how often
// `# natc: ignore` is said is another afterwards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace natc::layout {

struct Formatted {
    std::string text;
    /// For each line of it, the line of the file that its first word or comment stood on, from 0; of an empty line the one ahead of that of the
    /// next; -1 for a comment that was added.
    std::vector<std::int64_t> lines;
};

/// A text that `syntax::read_alone` found no fault with, laid out. In linear time; of what it gives it makes the same again.
[[nodiscard]] Formatted format(std::string_view text);

}  // namespace natc::layout

// Which tokens stand on which line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "layout/tokens.hpp"

namespace natc::layout {

inline constexpr std::size_t indent = 4;   ///< of a block's statements, in characters
inline constexpr std::size_t widest = 100; ///< lines longer than this are broken after a comma, where that helps

inline constexpr std::size_t nothing = static_cast<std::size_t>(-1);

/// A line. Tokens are named by where they stand in the list of them.
struct Row {
    std::size_t first = 0;  ///< the first token of its code, and
    std::size_t last = 0;   ///< what comes after the last one; none for a comment alone
    std::size_t comment = nothing;
    std::size_t list = nothing;  ///< of a line that goes on with a list: the list's first token, below which it stands
    std::uint32_t depth = 0;     ///< how many blocks it stands in
    bool blank_above = false;    ///< a blank line stands ahead of it
    std::size_t added = nothing; ///< a comment that the file does not have here: which of them

    [[nodiscard]] bool has_code() const { return first != last; }
};

struct Rows {
    std::vector<Row> rows;
    std::vector<std::string> added;  ///< comments that are not in the file, each of which may stand above many statements
};

/// Where a line that goes on with a list begins, which starts in the column `list`: right below, unless that is far to the right.
[[nodiscard]] std::size_t continued_at(std::size_t list, std::uint32_t depth);

/// Puts each statement, `}` and comment that stood alone on a line of its own. Lines within lists are kept, and made where a line is too
/// long. At most one blank line is kept, none where a block begins or ends; one stands around each block that lies in no other.
///
/// A statement that stood behind something else on a line below `# natc: ignore` gets such a line of its own, so that it is silenced as before.
[[nodiscard]] Rows make_rows(const std::vector<Token>& tokens);

}  // namespace natc::layout

// A line of a dump as words. Inner header of src/read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/source.hpp"

namespace natc::read {

/// A word as iptables-restore hands it on: without the quotes that held it together.
struct Word {
    Span span;
    std::string_view written;  ///< as it stands in the text, with quotes
    std::string text;
    bool quoted = false;

    /// Whether it can be an option: what is quoted is somebody's value.
    [[nodiscard]] bool dashed() const { return !quoted && text.size() > 1 && text.front() == '-'; }
};

enum class LineKind : std::uint8_t { comment, commit, table, chain, rule };

struct Line {
    LineKind kind = LineKind::comment;
    Span span;
    std::vector<Word> words;  ///< without counters ahead of them, and without the sign that begins a table's or chain's line
};

/// Splits one line; `span` is its place. False if it cannot be split, which was said then. Errors: bad_string, too_long_to_restore.
[[nodiscard]] bool split(std::string_view text, Span span, Line& line, Diagnostics& diagnostics);

}  // namespace natc::read

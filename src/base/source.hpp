// The texts that natc reads, and places in them.
//
// All files of a run share one space of offsets: a file starts where the one before it ended (plus
// one), so that a place is two numbers, whichever file it lies in. Lines and columns are worked out
// only when something is printed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace natc {

/// A half-open run of bytes in the common space of offsets. `{0, 0}` means "no place".
struct Span {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;

    [[nodiscard]] bool known() const { return end != 0; }
    bool operator==(const Span&) const = default;
};

/// What standard input is called, where other texts have the name of their file.
inline constexpr std::string_view standard_input = "<stdin>";

/// The smallest span that holds both; either may be unknown.
[[nodiscard]] Span join(Span a, Span b);

/// Where a place is, as people count: from 1; columns are characters, not bytes.
struct Location {
    std::string_view file;
    std::size_t line = 0;
    std::size_t column = 0;
};

/// Every text of a run. Grows only; texts stay where they are until the end.
class Sources {
public:
    /// The most bytes that all texts together may have: offsets are 32 bits.
    static constexpr std::size_t capacity = 0xF000'0000;

    /// Takes over a text and gives the span of all of it. `name` is what diagnostics call it.
    /// The caller makes sure that `text` still fits (`room_for`).
    Span add(std::string name, std::string text);
    [[nodiscard]] bool room_for(std::size_t bytes) const;

    [[nodiscard]] std::string_view text(Span span) const {
        if (!span.known()) return {};
        const File& file = file_at(span.begin);
        // Spans of two files, or of more than there is, end with the file.
        const std::size_t begin = span.begin - file.begin;
        return {file.text.data() + begin, std::min<std::size_t>(span.end - span.begin, file.text.size() - begin)};
    }
    /// The name of the file that a span lies in.
    [[nodiscard]] std::string_view name(Span span) const;
    [[nodiscard]] Location locate(std::uint32_t offset) const;
    /// All of the first text: the file that natc was given.
    [[nodiscard]] Span first() const;
    /// All of the text that a span lies in.
    [[nodiscard]] Span whole(Span span) const;
    /// The line that an offset lies on, without its line end.
    [[nodiscard]] Span line_of(std::uint32_t offset) const;
    /// The comment lines right above the statement that begins at `offset`, as one span, or an
    /// unknown one: no blank line between, and nothing before the statement on its own line.
    [[nodiscard]] Span comment_above(std::uint32_t offset) const;

private:
    struct File {
        std::string name;
        std::string text;
        std::uint32_t begin;
        mutable std::vector<std::uint32_t> line_starts;  // filled at the first question
    };

    [[nodiscard]] const File& file_at(std::uint32_t offset) const {
        // Mostly the one that was asked for last.
        if (last_ < files_.size() && offset - files_[last_].begin <= files_[last_].text.size()) return files_[last_];
        return find_file(offset);
    }
    [[nodiscard]] const File& find_file(std::uint32_t offset) const;

    std::vector<File> files_;
    mutable std::size_t last_ = 0;
};

}  // namespace natc

// The shape of a file: statements of words, and blocks of statements. What `fmt` prints again and what the
// statements of the language are read from.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/lists.hpp"
#include "base/source.hpp"

namespace natc::syntax {

enum class ItemKind : std::uint8_t { word, text, comma, equals, bang };

struct Item {
    Span span;  ///< of a text: with its quotes
    ItemKind kind;
};

struct Block;

struct Statement {
    std::span<const Item> items;
    std::unique_ptr<Block> block;  ///< the `{ … }` after the items, if there is one
    Span span;                     ///< of the items alone
    std::uint8_t kinds = 0;        ///< what its first word makes of it: words::Kind
    bool damaged = false;          ///< something was said of it already: nothing more is to be made of it
};

struct Block {
    Span open;  ///< its `{`
    bool closed = true;
    std::vector<Statement> statements;
};

struct Shape {
    Lists<Item> items;  ///< what those of statements are places in
    std::vector<Statement> statements;
    std::vector<Span> stray_closes;  ///< every `}` that closes nothing
    bool unread = false;             ///< the file is no text of the language, and nothing was read
    bool goes_on = false;            ///< a statement goes on behind a comma at the end of a line
    bool unclosed = false;           ///< a block has no `}`, so that blocks may hold what is not theirs
};

/// Reads one file. Errors: not_utf8, control_character, lookalike (nothing is read then), unclosed_brace, stray_brace,
/// bad_string, too_deep.
[[nodiscard]] Shape parse_shape(const Sources& sources, Span file, Diagnostics& diagnostics);

/// Parts statements that a comma at the end of a line joins, which says so. Error: misplaced_sign.
void split_at_stray_commas(Shape& shape, const Sources& sources, Diagnostics& diagnostics);

/// What a quoted text says: without its quotes and escapes.
[[nodiscard]] std::string unquoted(std::string_view text);

}  // namespace natc::syntax

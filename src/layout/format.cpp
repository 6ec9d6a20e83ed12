#include "layout/format.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>

#include "layout/columns.hpp"
#include "layout/rows.hpp"
#include "layout/tokens.hpp"

namespace natc::layout {

namespace {

/// Between a line and the comment behind it, at least.
constexpr std::size_t ahead_of_comment = 2;
/// A longer line has its comment right behind it, and does not move those of other lines.
constexpr std::size_t widest_commented = 64;

class Printer {
public:
    Printer(const std::vector<Token>& tokens, const Rows& rows) : tokens_(tokens), rows_(rows.rows), added_(rows.added), columns_(tokens.size()), widths_(rows_.size()) {}

    Formatted print(std::size_t expected_size) {
        for (std::size_t i = 0; i < rows_.size(); ++i) measure(i);
        Formatted formatted;
        formatted.text.reserve(expected_size);
        for (std::size_t begin = 0; begin < rows_.size();) {
            // Comments stand below each other as far as the next blank line.
            std::size_t end = begin + 1;
            while (end < rows_.size() && !rows_[end].blank_above) ++end;
            std::size_t column = 0;
            for (std::size_t i = begin; i < end; ++i)
                if (rows_[i].has_code() && rows_[i].comment != nothing && widths_[i] <= widest_commented) column = std::max(column, widths_[i] + ahead_of_comment);
            for (; begin < end; ++begin) print(begin, column, formatted);
        }
        return formatted;
    }

private:
    [[nodiscard]] std::size_t left(const Row& row) const { return row.list == nothing ? row.depth * indent : continued_at(columns_[row.list], row.depth); }

    /// Works out where its tokens stand, and how wide it is.
    void measure(std::size_t row) {
        std::size_t width = left(rows_[row]);
        for (std::size_t i = rows_[row].first; i < rows_[row].last; ++i) {
            if (i > rows_[row].first) width += tokens_[i].blanks;
            columns_[i] = static_cast<std::uint32_t>(width);
            width += tokens_[i].width;
        }
        widths_[row] = width;
    }

    void print(std::size_t index, std::size_t column, Formatted& into) const {
        const Row& row = rows_[index];
        const bool is_added = row.added != nothing;
        const std::int64_t line = is_added ? std::int64_t{-1} : tokens_[row.has_code() ? row.first : row.comment].line;
        if (row.blank_above) {
            into.text += '\n';
            into.lines.push_back(line - 1);
        }
        into.lines.push_back(line);
        into.text.append(left(row), ' ');
        if (is_added) into.text += added_[row.added];
        for (std::size_t i = row.first; i < row.last; ++i) {
            if (i > row.first) into.text.append(tokens_[i].blanks, ' ');
            into.text += tokens_[i].text;
        }
        if (row.comment != nothing) {
            if (row.has_code()) into.text.append(std::max(column, widths_[index] + ahead_of_comment) - widths_[index], ' ');
            into.text += tokens_[row.comment].text;
        }
        into.text += '\n';
    }

    const std::vector<Token>& tokens_;
    const std::vector<Row>& rows_;
    const std::vector<std::string>& added_;
    std::vector<std::uint32_t> columns_;  // of each token
    std::vector<std::size_t> widths_;     // of each row, comments aside
};

/// Whether a text says what it said before it was laid out: the same words in the same statements, and all comments.
[[nodiscard]] bool says_the_same(const std::vector<Token>& before, const std::vector<Row>& rows, std::string_view text) {
    const std::vector<Token> after = read_tokens(text);
    const auto same = [](const Token& a, const Token& b) { return a.kind == b.kind && a.text == b.text && a.begins_statement == b.begins_statement; };
    auto at = after.begin();
    std::size_t token = 0;
    for (const Row& row : rows) {
        const std::size_t count = (row.last - row.first) + (row.has_code() && row.comment != nothing ? 1U : 0U) + (row.has_code() ? 0U : 1U);
        if (static_cast<std::size_t>(after.end() - at) < count) return false;
        if (row.added == nothing) {
            const auto begin = before.begin() + static_cast<std::ptrdiff_t>(token);
            if (before.size() - token < count || !std::equal(begin, begin + static_cast<std::ptrdiff_t>(count), at, same)) return false;
            token += count;
        }
        at += static_cast<std::ptrdiff_t>(count);
    }
    return at == after.end() && token == before.size();
}

}  // namespace

Formatted format(std::string_view text) {
    std::vector<Token> tokens = read_tokens(text);
    space_out(tokens);
    const Rows rows = make_rows(tokens);
    align(tokens, rows.rows);
    Formatted formatted = Printer(tokens, rows).print(text.size() + text.size() / 4);
    assert(says_the_same(tokens, rows.rows, formatted.text) && "a layout changes no statement");
    return formatted;
}

}  // namespace natc::layout

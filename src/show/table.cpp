#include "show/table.hpp"

#include <algorithm>
#include <cstddef>

namespace natc::show {

namespace {

constexpr std::string_view gap = "  ";

std::string heading(std::string_view name) {
    std::string text(name);
    for (char& c : text) c = c == '_' ? ' ' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return text;
}

void append_field(std::string& text, std::string_view field) {
    if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
        text += field;
        return;
    }
    text += '"';
    for (const char c : field) text.append(c == '"' ? 2 : 1, c);
    text += '"';
}

/// Which of the columns a table has.
std::vector<std::size_t> shown_columns(const Table& table) {
    std::vector<std::size_t> shown;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const auto has_value = [i](const std::vector<Cell>& row) { return !row[i].empty(); };
        if (table.columns[i].always || std::any_of(table.rows.begin(), table.rows.end(), has_value)) shown.push_back(i);
    }
    return shown;
}

}  // namespace

std::string in_columns(const Table& table, std::string_view none) {
    if (table.rows.empty()) return std::string(none) + '\n';
    const std::vector<std::size_t> shown = shown_columns(table);
    std::vector<std::size_t> widths;
    for (const std::size_t column : shown) {
        // Words in a row: a value is never empty, and its characters are ASCII.
        std::size_t width = std::max(table.columns[column].name.size(), table.columns[column].nothing.size());
        for (const auto& row : table.rows)
            for (const std::string& value : row[column]) width = std::max(width, value.size());
        widths.push_back(width);
    }
    std::string text;
    const auto append_line = [&](auto value_of) {
        std::size_t blanks = 0;  // kept back: no line ends with some
        for (std::size_t i = 0; i < shown.size(); ++i) {
            const std::string_view value = value_of(shown[i]);
            if (!value.empty()) {
                text.append(blanks, ' ');
                blanks = 0;
                text += value;
            }
            blanks += widths[i] - value.size() + gap.size();
        }
        text += '\n';
    };
    std::vector<std::string> headings;
    for (const Column& column : table.columns) headings.push_back(heading(column.name));
    append_line([&](std::size_t column) { return std::string_view(headings[column]); });
    for (const auto& row : table.rows) {
        std::size_t lines = 1;
        for (const std::size_t column : shown) lines = std::max(lines, row[column].size());
        for (std::size_t line = 0; line < lines; ++line)
            append_line([&](std::size_t column) {
                if (line < row[column].size()) return std::string_view(row[column][line]);
                return line == 0 ? table.columns[column].nothing : std::string_view();
            });
    }
    return text;
}

std::string with_commas(const Table& table) {
    std::string text;
    for (const Column& column : table.columns) {
        if (&column != &table.columns.front()) text += ',';
        append_field(text, column.name);
    }
    text += '\n';
    for (const auto& row : table.rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i != 0) text += ',';
            std::string field;
            for (const std::string& value : row[i]) field += (field.empty() ? "" : " ") + value;
            append_field(text, field);
        }
        text += '\n';
    }
    return text;
}

}  // namespace natc::show

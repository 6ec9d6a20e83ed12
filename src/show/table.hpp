// Lists as text: for people in columns, for programs with commas. Inner header of src/show.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace natc::show {

/// What stands in one place: nothing, one value or several.
using Cell = std::vector<std::string>;

struct Column {
    std::string_view name;
    std::string_view nothing = "-";  ///< what stands in a table where there is no value
    bool always = true;              ///< false: a table leaves the column out where no row has a value there
};

struct Table {
    std::vector<Column> columns;
    std::vector<std::vector<Cell>> rows;  ///< with as many cells as there are columns
};

/// Columns under each other, below a line of their names; of several values each stands on a line of its own. `none`: what is said where there are no rows.
[[nodiscard]] std::string in_columns(const Table& table, std::string_view none);

/// As RFC 4180 quotes them, below a line of the columns' names; lines end as Unix' do. Several values stand in one field, with blanks between them.
[[nodiscard]] std::string with_commas(const Table& table);

}  // namespace natc::show

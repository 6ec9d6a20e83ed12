#include "layout/unified_diff.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <vector>

namespace natc::layout {

namespace {

constexpr std::size_t context = 3;

/// The lines of a text with their line ends, which the last one may lack.
std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return lines;
}

/// A run of lines before that another run of lines stands in place of; either may be empty.
struct Change {
    std::size_t before, before_end;
    std::size_t after, after_end;
};

std::vector<Change> changes(const std::vector<std::string_view>& before, const std::vector<std::string_view>& after, const std::vector<std::int64_t>& from) {
    std::vector<Change> changes;
    std::size_t old = 0;  // what follows the last pair of equal lines
    std::size_t now = 0;
    const auto pair = [&](std::size_t a, std::size_t b) {
        if (a > old || b > now) changes.push_back({old, a, now, b});
        old = a + 1;
        now = b + 1;
    };
    for (std::size_t i = 0; i < after.size(); ++i) {
        const auto line = static_cast<std::size_t>(std::max<std::int64_t>(from[i], 0));
        if (from[i] >= 0 && line >= old && line < before.size() && before[line] == after[i]) pair(line, i);
    }
    pair(before.size(), after.size());
    return changes;
}

/// `@@ -3,4 +3,5 @@` counts from 1; a run without lines is named by the line ahead of it.
std::string range(std::size_t begin, std::size_t end) {
    const std::size_t length = end - begin;
    return length == 1 ? fmt::format("{}", begin + 1) : fmt::format("{},{}", length == 0 ? begin : begin + 1, length);
}

void append_line(std::string& out, char sign, std::string_view line) {
    out += sign;
    out += line;
    if (!line.ends_with('\n')) out += "\n\\ No newline at end of file\n";
}

}  // namespace

std::string unified_diff(std::string_view name, std::string_view before, const Formatted& after) {
    if (before == after.text) return {};
    const std::vector<std::string_view> old_lines = lines_of(before);
    const std::vector<std::string_view> new_lines = lines_of(after.text);
    const std::vector<Change> all = changes(old_lines, new_lines, after.lines);
    std::string out = fmt::format("--- {}\n+++ {}\n", name, name);
    for (std::size_t first = 0; first < all.size();) {
        // Changes with little between them stand in one hunk.
        std::size_t last = first;
        while (last + 1 < all.size() && all[last + 1].before - all[last].before_end <= 2 * context) ++last;
        const std::size_t lead = std::min(context, all[first].before);
        const std::size_t trail = std::min(context, old_lines.size() - all[last].before_end);
        fmt::format_to(std::back_inserter(out), "@@ -{} +{} @@\n", range(all[first].before - lead, all[last].before_end + trail),
                       range(all[first].after - lead, all[last].after_end + trail));
        std::size_t at = all[first].before - lead;
        const auto keep_until = [&](std::size_t end) {
            for (; at < end; ++at) append_line(out, ' ', old_lines[at]);
        };
        for (; first <= last; ++first) {
            keep_until(all[first].before);
            for (; at < all[first].before_end; ++at) append_line(out, '-', old_lines[at]);
            for (std::size_t i = all[first].after; i < all[first].after_end; ++i) append_line(out, '+', new_lines[i]);
        }
        keep_until(at + trail);
    }
    return out;
}

}  // namespace natc::layout

// What `patch` would make of a unified diff: strictly, without looking for where a hunk may fit.
#pragma once

#include <algorithm>
#include <cstdio>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

namespace natc::testing {

inline std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return lines;
}

/// Fails the running test where the diff does not fit the text.
inline std::string patched(const std::string& text, const std::string& diff) {
    const std::vector<std::string> before = lines_of(text);
    const std::vector<std::string> lines = lines_of(diff);
    std::string after;
    std::size_t at = 0;  // the next line of the text
    std::size_t lines_after = 0;
    for (std::size_t i = 2; i < lines.size();) {
        std::size_t begin = 0, length = 1, new_begin = 0, new_length = 1;
        const std::size_t plus = lines[i].find('+');
        if (std::sscanf(lines[i].c_str(), "@@ -%zu,%zu", &begin, &length) < 1) ADD_FAILURE() << "no hunk: " << lines[i];
        if (std::sscanf(lines[i].c_str() + plus, "+%zu,%zu", &new_begin, &new_length) < 1) ADD_FAILURE() << "no hunk: " << lines[i];
        ++i;
        for (const std::size_t first = length == 0 ? begin : begin - 1; at < first; ++at, ++lines_after) after += before.at(at);
        EXPECT_EQ(new_length == 0 ? new_begin : new_begin - 1, lines_after);
        while (length > 0 || new_length > 0) {
            const char sign = lines.at(i).front();
            std::string line = lines.at(i++).substr(1);
            if (i < lines.size() && lines[i].front() == '\\') {
                line.pop_back();
                ++i;
            }
            if (sign != '+') {
                EXPECT_EQ(line, before.at(at++));
                --length;
            }
            if (sign != '-') {
                after += line;
                ++lines_after;
                --new_length;
            }
        }
    }
    for (; at < before.size(); ++at) after += before[at];
    return after;
}

}  // namespace natc::testing

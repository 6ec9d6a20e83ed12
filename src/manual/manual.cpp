#include "manual/manual.hpp"

#include <algorithm>

namespace natc {

namespace {

std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

/// What follows the title and the blank line below it.
std::string_view body(std::string_view entry) {
    (void)take_line(entry);
    entry.remove_prefix(std::min(entry.find_first_not_of('\n'), entry.size()));
    return entry;
}

}  // namespace

std::string_view manual_entry(Code code) {
    const auto at = std::ranges::find(manual_entries, code, &ManualEntry::code);
    return at == manual_entries.end() ? std::string_view{} : at->text;
}

std::string plain_text(std::string_view entry) {
    std::string text;
    bool fenced = false;
    for (std::string_view rest = body(entry); !rest.empty();) {
        std::string_view line = take_line(rest);
        if (line.starts_with("```")) {
            fenced = !fenced;
            continue;
        }
        const bool heading = !fenced && line.starts_with("## ");
        if (heading) line.remove_prefix(3);
        if (fenced && !line.empty()) text += "    ";
        text += line;
        if (heading) text += ':';
        text += '\n';
    }
    return text;
}

std::string meaning(std::string_view entry) {
    std::string text;
    for (std::string_view rest = body(entry); !rest.empty();) {
        const std::string_view line = take_line(rest);
        if (line.empty()) break;
        if (!text.empty()) text += ' ';
        text += line;
    }
    return text;
}

}  // namespace natc

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <vector>

#include "base/codes.hpp"
#include "cli/commands.hpp"
#include "manual/manual.hpp"

namespace natc::cli {

namespace {

/// `N3006`, `n3006` or `3006`; nothing if it is no code that natc has.
const CodeEntry* find_code(std::string_view text) {
    if (text.starts_with('N') || text.starts_with('n')) text.remove_prefix(1);
    unsigned number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return nullptr;
    const auto at = std::ranges::find(code_entries, number, [](const CodeEntry& entry) { return static_cast<unsigned>(entry.code); });
    return at == std::end(code_entries) ? nullptr : at;
}

std::string list_of_codes() {
    std::vector<CodeEntry> all(std::begin(code_entries), std::end(code_entries));
    std::ranges::sort(all, {}, &CodeEntry::code);
    std::string text;
    for (const CodeEntry& entry : all) text += fmt::format("{}  {:<7}  {}\n", spelled(entry.code), word_of(entry.severity), entry.title);
    return text;
}

}  // namespace

Status print_rule(const RuleOptions& options) {
    if (options.list) return print_result(list_of_codes());
    const CodeEntry* entry = find_code(*options.code);
    if (entry == nullptr) {
        complain(fmt::format("there is no diagnostic `{}`; `natc rule --list` has them all", *options.code));
        return could_not_work;
    }
    return print_result(fmt::format("{}[{}]: {}\n\n{}", word_of(entry->severity), spelled(entry->code), entry->title, plain_text(manual_entry(entry->code))));
}

}  // namespace natc::cli

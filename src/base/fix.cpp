#include "base/fix.hpp"

#include <algorithm>
#include <map>
#include <string_view>

namespace natc {

namespace {

bool blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

bool touch(Span a, Span b) { return a.begin < b.end && b.begin < a.end; }

}  // namespace

Fix edit_of(const Fix& fix, const Sources& sources) {
    if (!fix.text.empty()) return fix;
    // Only what is around it is looked at: all of a file may be one line.
    const Span whole = sources.whole(fix.span);
    const std::string_view text = sources.text(whole);
    std::size_t begin = fix.span.begin - whole.begin;
    std::size_t end = fix.span.end - whole.begin;
    const auto beyond_blanks = [&](std::size_t at) {
        while (at < text.size() && blank(text[at])) ++at;
        return at;
    };
    const auto span = [&] { return Span{whole.begin + static_cast<std::uint32_t>(begin), whole.begin + static_cast<std::uint32_t>(end)}; };
    std::size_t line = begin;
    while (line > 0 && blank(text[line - 1])) --line;
    const bool begins_line = line == 0 || text[line - 1] == '\n';
    if (const std::size_t at = beyond_blanks(end); at < text.size() && text[at] == ';') end = beyond_blanks(at + 1);
    if (!begins_line) return {span(), {}};
    const std::size_t next = beyond_blanks(end);
    if (next < text.size() && text[next] != '\n') {
        // A comment behind it stays, in its place.
        end = next;
    } else {
        // The line with its end, which a last line may lack. Where a comment stands above it an empty line stays: it is not about what comes next.
        begin = line;
        const bool commented = sources.comment_above(fix.span.begin).known();
        end = commented ? next - (next > end && text[next - 1] == '\r' ? 1 : 0) : std::min(next + 1, text.size());
    }
    return {span(), {}};
}

Fixing make_fixes(std::vector<const Diagnostic*> diagnostics, const Sources& sources) {
    Fixing fixing;
    std::map<std::uint32_t, Fix> edits;  // by where they begin; no two touch
    const auto free = [&](const Fix& edit) {
        const auto next = edits.lower_bound(edit.span.begin);
        if (next != edits.end() && (next->second.span.begin == edit.span.begin || touch(next->second.span, edit.span))) return false;
        return next == edits.begin() || !touch(std::prev(next)->second.span, edit.span);
    };
    std::ranges::stable_sort(diagnostics, {}, [](const Diagnostic* diagnostic) { return diagnostic->span.begin; });
    for (const Diagnostic* diagnostic : diagnostics) {
        std::vector<Fix> wanted;
        for (const Fix& fix : diagnostic->fixes) wanted.push_back(edit_of(fix, sources));
        const bool changes = std::ranges::any_of(wanted, [&](const Fix& edit) { return sources.text(edit.span) != edit.text; });
        if (!changes || !std::ranges::all_of(wanted, free)) continue;
        for (Fix& edit : wanted) edits.emplace(edit.span.begin, std::move(edit));
        fixing.done.push_back(diagnostic);
    }
    for (auto at = edits.begin(); at != edits.end();) {
        const Span whole = sources.whole(at->second.span);
        std::string text;
        std::uint32_t copied = whole.begin;
        for (; at != edits.end() && at->first <= whole.end; ++at) {
            text += sources.text({copied, at->second.span.begin});
            text += at->second.text;
            copied = at->second.span.end;
        }
        text += sources.text({copied, whole.end});
        fixing.texts.push_back({std::string(sources.name(whole)), std::move(text)});
    }
    return fixing;
}

}  // namespace natc

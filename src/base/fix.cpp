#include "base/fix.hpp"

#include <algorithm>
#include <map>
#include <string_view>

namespace natc {

namespace {

constexpr std::string_view blanks = " \t\r";

std::uint32_t first_beyond(std::string_view text, std::uint32_t begin) {
    return begin + static_cast<std::uint32_t>(std::min(text.find_first_not_of(blanks), text.size()));
}

bool touch(Span a, Span b) { return a.begin < b.end && b.begin < a.end; }

}  // namespace

Fix edit_of(const Fix& fix, const Sources& sources) {
    if (!fix.text.empty()) return fix;
    const Span first = sources.line_of(fix.span.begin);
    const Span last = sources.line_of(fix.span.end);
    Span span = fix.span;
    const bool begins_line = first_beyond(sources.text({first.begin, span.begin}), first.begin) == span.begin;
    const std::uint32_t after = first_beyond(sources.text({span.end, last.end}), span.end);
    if (after < last.end && sources.text({after, after + 1}) == ";") span.end = first_beyond(sources.text({after + 1, last.end}), after + 1);
    const std::uint32_t next = first_beyond(sources.text({span.end, last.end}), span.end);
    if (!begins_line) return {span, {}};
    // A comment behind it stays, in its place.
    if (next != last.end) return {{span.begin, next}, {}};
    // The line with its end, which a last line may lack. Where a comment stands above it an empty line stays: it is not about what comes next.
    span = {first.begin, last.end};
    if (sources.comment_above(fix.span.begin).known()) return {span, {}};
    const Span whole = sources.whole(fix.span);
    const std::string_view rest = sources.text({last.end, whole.end});
    span.end += rest.starts_with("\r\n") ? 2U : rest.starts_with("\n") ? 1U : 0U;
    return {span, {}};
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
        if (wanted.empty() || !std::ranges::all_of(wanted, free)) continue;
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

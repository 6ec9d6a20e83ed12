#include "base/diagnostic.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <tuple>

namespace natc {

std::string help_of(const Diagnostic& diagnostic) {
    if (!diagnostic.help.empty() || diagnostic.fixes.size() != 1) return diagnostic.help;
    const std::string& text = diagnostic.fixes.front().text;
    if (text.find('\n') != std::string::npos) return {};
    return text.empty() ? "leave it out" : "write " + text;
}

Diagnostic& Diagnostics::keep(Diagnostic diagnostic) {
    if (diagnostic.severity == Severity::error) ++errors_;
    if (diagnostic.severity == Severity::warning) ++warnings_;
    // A full list still makes room for an error, so that warnings never hide one.
    if (list_.size() >= most_kept && !(diagnostic.severity == Severity::error && errors_ == 1)) {
        ++dropped_;
        overflow_ = std::move(diagnostic);
        return overflow_;
    }
    return list_.emplace_back(std::move(diagnostic));
}

Diagnostic& Diagnostics::add(Code code, Span span, std::string message) {
    return keep({code, severity_of(code), span, std::move(message), {}, {}, {}});
}

Diagnostic& Diagnostics::add(Span span, BadValue bad) {
    Diagnostic diagnostic{bad.code,           severity_of(bad.code), span, std::move(bad.message), {},
                          std::move(bad.help), {}};
    if (!bad.fix.empty()) diagnostic.fixes.push_back({span, std::move(bad.fix)});
    return keep(std::move(diagnostic));
}

Diagnostic& Diagnostics::note(Code code, Span span, std::string message) {
    return keep({code, Severity::note, span, std::move(message), {}, {}, {}});
}

namespace {

/// Takes a word off the beginning of a line, and tells whether it stood there.
bool take(std::string_view& line, std::string_view word) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.starts_with(word)) return false;
    line.remove_prefix(word.size());
    return true;
}

/// Calls `found` with the number of each code that a comment line silences: `# natc: ignore N3012, N3014`.
template <typename Found>
void for_each_ignored(std::string_view line, Found found) {
    line.remove_prefix(std::min(line.find('#'), line.size()));
    if (!take(line, "#") || !take(line, "natc:") || !take(line, "ignore")) return;
    while (take(line, "N") || (take(line, ",") && take(line, "N"))) {
        unsigned number = 0;
        const auto read = std::from_chars(line.data(), line.data() + line.size(), number);
        found(number);
        line.remove_prefix(static_cast<std::size_t>(read.ptr - line.data()));
    }
}

bool line_ignores(std::string_view line, Code code) {
    bool is_there = false;
    for_each_ignored(line, [&](unsigned number) { is_there = is_there || number == static_cast<unsigned>(code); });
    return is_there;
}

/// Whether a comment above the first statement of the file names `code`.
bool ignored_at_top(Code code, const Sources& sources) {
    for (std::string_view rest = sources.text(sources.first()); !rest.empty();) {
        const auto end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        const auto at = line.find_first_not_of(" \t\r;");
        if (at == std::string_view::npos) continue;
        if (line[at] != '#') return false;
        if (line_ignores(line, code)) return true;
    }
    return false;
}

/// `last_line` is that of the diagnostic looked at before: many may stand on one.
bool ignored(const Diagnostic& diagnostic, const Sources& sources, Span& last_line) {
    if (diagnostic.severity == Severity::error) return false;
    if (!diagnostic.span.known()) return ignored_at_top(diagnostic.code, sources);
    if (diagnostic.severity != Severity::warning) return false;
    const std::uint32_t begin = diagnostic.span.begin;
    if (!last_line.known() || begin < last_line.begin || begin > last_line.end) last_line = sources.line_of(begin);
    Span line = last_line;
    const auto first = [&](Span of) {
        const auto text = sources.text(of);
        const auto at = text.find_first_not_of(" \t;");
        return of.begin + static_cast<std::uint32_t>(at == std::string_view::npos ? 0 : at);
    };
    // A list goes on after a comma, so the statement may have begun some lines above.
    for (;;) {
        const Span comment = sources.comment_above(first(line));
        std::string_view rest = sources.text(comment);
        while (!rest.empty()) {
            const auto end = std::min(rest.find('\n'), rest.size());
            if (line_ignores(rest.substr(0, end), diagnostic.code)) return true;
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        if (comment.known() || line.begin <= 1) return false;
        const Span above = sources.line_of(line.begin - 1);
        const auto text = sources.text(above);
        const auto last = text.find_last_not_of(" \t");
        if (above == line || last == std::string_view::npos || text[last] != ',') return false;
        line = above;
    }
}

}  // namespace

std::vector<Code> silenced_by(std::string_view comment) {
    std::vector<Code> codes;
    for_each_ignored(comment, [&](unsigned number) {
        const auto entry = std::find_if(std::begin(code_entries), std::end(code_entries), [&](const CodeEntry& one) { return static_cast<unsigned>(one.code) == number; });
        if (entry != std::end(code_entries) && std::find(codes.begin(), codes.end(), entry->code) == codes.end()) codes.push_back(entry->code);
    });
    return codes;
}

void Diagnostics::settle(const Sources& sources) {
    Span last_line;
    std::erase_if(list_, [&](const Diagnostic& d) {
        const bool gone = ignored(d, sources, last_line);
        if (gone && d.severity == Severity::warning) --warnings_;
        return gone;
    });
    const auto key = [](const Diagnostic& d) { return std::tie(d.span.begin, d.span.end); };
    std::stable_sort(list_.begin(), list_.end(),
                     [&](const auto& a, const auto& b) { return key(a) < key(b); });
    const auto same = [](const Diagnostic& a, const Diagnostic& b) {
        return a.code == b.code && a.span == b.span && a.message == b.message;
    };
    const auto counted = std::unique(list_.begin(), list_.end(), [&](const Diagnostic& a, const Diagnostic& b) {
        if (!same(a, b)) return false;
        if (b.severity == Severity::error) --errors_;
        if (b.severity == Severity::warning) --warnings_;
        return true;
    });
    list_.erase(counted, list_.end());
    if (list_.size() <= limit) return;
    // What has no place is about the whole input: a list of findings must not push it out.
    std::stable_partition(list_.begin(), list_.end(), [](const Diagnostic& d) { return d.severity == Severity::error || !d.span.known(); });
    dropped_ += list_.size() - limit;
    for (std::size_t i = limit; i < list_.size(); ++i)
        if (!list_[i].fixes.empty()) unlisted_.push_back(std::move(list_[i]));
    list_.resize(limit);
    std::stable_sort(list_.begin(), list_.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
}

}  // namespace natc

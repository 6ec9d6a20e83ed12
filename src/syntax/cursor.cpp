#include "syntax/cursor.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/nearest.hpp"

namespace natc::syntax {

namespace {

/// A text as an error message may show it: not a whole garbage line.
std::string shown(std::string_view text) {
    constexpr std::size_t most = 60;
    if (text.size() <= most) return std::string(text);
    std::size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return std::string(text.substr(0, end)) + "…";
}

}  // namespace

Span Cursor::span() const {
    if (at_ < statement_.items.size()) return statement_.items[at_].span;
    return {statement_.span.end, statement_.span.end};
}

Word Cursor::expect(std::string_view what) {
    if (bad_) return {};
    if (next_is(ItemKind::word) || next_is(ItemKind::text)) return take();
    if (at_end()) {
        fail(Code::missing_word, span(), fmt::format("{} must follow here", what));
        return {};
    }
    const bool unequal = next_is(ItemKind::equals) && at_ > 0 && statement_.items[at_ - 1].kind == ItemKind::bang;
    auto& diagnostic = fail(Code::misplaced_sign, span(), fmt::format("{} must stand here, not `{}`", what, shown(sources_.text(span()))));
    if (unequal) diagnostic.advise("`!` alone stands ahead of what is excluded: `tcp ! 22`, `from ! 10.0.0.1`");
    return {};
}

bool Cursor::list_ends(bool (*ends)(std::string_view)) const {
    return ends != nullptr && at_ + 1 < statement_.items.size() && ends(sources_.text(statement_.items[at_ + 1].span));
}

Words Cursor::expect_list(std::string_view what, bool (*ends)(std::string_view)) {
    do {
        if (lists_.empty() || !bad_) lists_.add(expect(what));
        if (!next_is(ItemKind::comma) || list_ends(ends)) break;
        take();
        if (at_end()) fail(Code::missing_word, span(), fmt::format("after the comma, {} must follow", what));
    } while (!bad_);
    const Words list = lists_.finish();
    list_end_ = at_;
    return bad_ ? Words() : list;
}

Values Cursor::expect_values(std::string_view what, bool (*ends)(std::string_view)) {
    Values values;
    const Span begin = span();
    if (next_is(ItemKind::bang)) {
        take();
        values.negated = true;
    }
    do {
        if (next_is(ItemKind::bang)) {
            fail(Code::misplaced_sign, span(),
                 values.negated ? "`!` stands once, ahead of the whole list" : "`!` stands ahead of the whole list, not within it");
            break;
        }
        lists_.add(expect(what));
        if (!next_is(ItemKind::comma)) break;
        if (list_ends(ends)) break;
        take();
        if (at_end()) fail(Code::missing_word, span(), fmt::format("after the comma, {} must follow", what));
    } while (!bad_);
    values.words = lists_.finish();
    if (bad_) return {};
    values.span = join(begin, values.words.back().span);
    list_end_ = at_;
    return values;
}

void Cursor::expect_word(std::string_view word, std::string_view what) {
    if (bad_ || accept(word)) return;
    if (at_end()) {
        fail(Code::missing_word, span(), fmt::format("`{}` and {} must follow here", word, what));
        return;
    }
    const std::string_view found = sources_.text(span());
    const bool next_is_word = next_is(ItemKind::word);
    auto& diagnostic = fail(Code::unknown_word, span(),
                            fmt::format("`{}` and {} must follow here, not `{}`", word, what, shown(found)));
    const std::string_view known[] = {word};
    if (!nearest(found, known).empty()) {
        diagnostic.replace(span(), std::string(word));
    } else {
        advise_comma(diagnostic);
        // `snat 10.0.0.1`, `tcp 80 -> web01`
        const bool arrow = found.find_first_not_of("-=>") == std::string_view::npos;
        const bool end_point = found.find_first_of(".:") != std::string_view::npos;
        if (diagnostic.help.empty() && next_is_word && (arrow || end_point))
            diagnostic.advise(arrow ? fmt::format("write `{}`", word) : fmt::format("write `{} {}`", word, shown(found)));
    }
}

Diagnostic& Cursor::unknown(std::string_view what, std::span<const std::string_view> known, std::optional<Foreign::Place> place) {
    if (bad_) return diagnostics_.unread();
    if (at_end()) return fail(Code::missing_word, span(), fmt::format("{} must follow here", what));
    const Span here = span();
    const std::string_view word = sources_.text(here);
    if (!next_is(ItemKind::word))
        return fail(next_is(ItemKind::text) ? Code::unknown_word : Code::misplaced_sign, here,
                    fmt::format("`{}` does not belong here: {} is expected", shown(word), what));
    return unknown(here, what, known, place);
}

Diagnostic& Cursor::unknown(Span where, std::string_view what, std::span<const std::string_view> known, std::optional<Foreign::Place> place) {
    const std::string_view word = sources_.text(where);
    const Foreign* other = place ? foreign(*place, word) : nullptr;
    const std::string_view near = other != nullptr ? other->meant : meant(word, known);
    auto& diagnostic = fail(Code::unknown_word, where, fmt::format("`{}` is not {}", shown(word), what));
    if (!near.empty()) {
        diagnostic.advise(fmt::format("did you mean `{}`?", near));
        // What another firewall calls so may be a little more, or less.
        if (other == nullptr && surely(word, near, known, WordOf::language)) diagnostic.replace(where, std::string(near));
    } else if (other != nullptr) {
        diagnostic.advise(std::string(other->help));
    } else {
        advise_comma(diagnostic);
    }
    return diagnostic;
}

void Cursor::finish() {
    if (at_end()) return;
    const Span here = span();
    const std::string_view found = sources_.text(here);
    if (next_is(ItemKind::bang)) {
        fail(Code::misplaced_sign, here, "`!` does not belong here").advise("it stands right ahead of what it excludes: `from ! 10.0.0.1`");
    } else if (!next_is(ItemKind::word) && !next_is(ItemKind::text)) {
        fail(Code::misplaced_sign, here, fmt::format("`{}` does not belong here", found));
    } else {
        auto& diagnostic = fail(Code::extra_word, here, fmt::format("the statement is complete before `{}`", shown(found)));
        if (found == "-") {
            diagnostic.advise("a range is written without blanks");
        } else {
            advise_comma(diagnostic);
        }
    }
}

Diagnostic& Cursor::fail(Code code, Span where, std::string message) {
    if (bad_) return diagnostics_.unread();
    bad_ = true;
    auto& diagnostic = diagnostics_.add(code, where, std::move(message));
    see_comma(diagnostic);
    return diagnostic;
}

void Cursor::see_comma(Diagnostic& diagnostic) const {
    for (std::size_t i = std::min(at_, statement_.items.size() - 1); i > 0; --i) {
        const Span comma = statement_.items[i - 1].span;
        const Span gap{comma.begin, statement_.items[i].span.begin};
        if (statement_.items[i - 1].kind != ItemKind::comma || sources_.text(gap).find('\n') == std::string_view::npos) continue;
        diagnostic.see({comma.begin, comma.begin + 1}, "after this comma the statement goes on");
        return;
    }
}

void Cursor::advise_comma(Diagnostic& diagnostic) const {
    if (list_end_ == 0 || at_ != list_end_ || at_ >= statement_.items.size() || !diagnostic.labels.empty()) return;
    const std::string_view before = sources_.text(statement_.items[at_ - 1].span);
    const std::string_view after = sources_.text(statement_.items[at_].span);
    // A word may be anything; a further number or address is one of the list's.
    const auto number = [](std::string_view word) { return word.front() >= '0' && word.front() <= '9'; };
    if (diagnostic.code != Code::extra_word && !(number(before) && number(after))) return;
    diagnostic.advise(fmt::format("a list goes on after a comma: `{}, {}`", shown(before), shown(after)));
}

}  // namespace natc::syntax

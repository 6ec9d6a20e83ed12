#include "syntax/cursor.hpp"

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

std::string_view Cursor::peek() const {
    return next_is(ItemKind::word) ? sources_.text(statement_.items[at_].span) : std::string_view{};
}

Span Cursor::span() const {
    if (at_ < statement_.items.size()) return statement_.items[at_].span;
    return {statement_.span.end, statement_.span.end};
}

Word Cursor::take() {
    if (at_end()) return {};
    const Item& item = statement_.items[at_++];
    return {item.span, item.kind == ItemKind::text};
}

bool Cursor::accept(std::string_view word) {
    if (peek() != word) return false;
    ++at_;
    return true;
}

Word Cursor::expect(std::string_view what) {
    if (bad_) return {};
    if (next_is(ItemKind::word) || next_is(ItemKind::text)) return take();
    if (at_end()) {
        fail(Code::missing_word, span(), fmt::format("{} must follow here", what));
    } else {
        fail(Code::misplaced_sign, span(),
             fmt::format("{} must stand here, not `{}`", what, shown(sources_.text(span()))));
    }
    return {};
}

std::vector<Word> Cursor::expect_list(std::string_view what) {
    std::vector<Word> list;
    do {
        if (list.empty() || !bad_) list.push_back(expect(what));
        if (!next_is(ItemKind::comma)) break;
        take();
        if (at_end()) fail(Code::missing_word, span(), fmt::format("after the comma, {} must follow", what));
    } while (!bad_);
    if (bad_) list.clear();
    return list;
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
        values.words.push_back(expect(what));
        if (!next_is(ItemKind::comma)) break;
        if (ends != nullptr && at_ + 1 < statement_.items.size() &&
            ends(sources_.text(statement_.items[at_ + 1].span)))
            break;
        take();
        if (at_end()) fail(Code::missing_word, span(), fmt::format("after the comma, {} must follow", what));
    } while (!bad_);
    if (bad_) return {};
    values.span = join(begin, values.words.back().span);
    return values;
}

void Cursor::expect_word(std::string_view word, std::string_view what) {
    if (bad_ || accept(word)) return;
    if (at_end()) {
        fail(Code::missing_word, span(), fmt::format("`{}` and {} must follow here", word, what));
        return;
    }
    const std::string_view found = sources_.text(span());
    auto& diagnostic = fail(Code::unknown_word, span(),
                            fmt::format("`{} {}` must follow here, not `{}`", word, what, shown(found)));
    const std::string_view known[] = {word};
    if (!nearest(found, known).empty()) diagnostic.replace(span(), std::string(word));
}

void Cursor::unknown(std::string_view what, std::span<const std::string_view> known) {
    if (bad_) return;
    if (at_end()) {
        fail(Code::missing_word, span(), fmt::format("{} must follow here", what));
        return;
    }
    const Span here = span();
    const std::string_view word = sources_.text(here);
    if (!next_is(ItemKind::word)) {
        fail(next_is(ItemKind::text) ? Code::unknown_word : Code::misplaced_sign, here,
             fmt::format("`{}` does not belong here: {} is expected", shown(word), what));
        return;
    }
    unknown(here, what, known);
}

void Cursor::unknown(Span where, std::string_view what, std::span<const std::string_view> known) {
    const std::string_view word = sources_.text(where);
    const std::string_view near = nearest(word, known);
    auto& diagnostic = fail(Code::unknown_word, where, fmt::format("`{}` is not {}", shown(word), what));
    if (!near.empty())
        diagnostic.advise(fmt::format("did you mean `{}`?", near)).replace(where, std::string(near));
}

void Cursor::finish() {
    if (at_end()) return;
    const Span here = span();
    fail(next_is(ItemKind::word) || next_is(ItemKind::text) ? Code::extra_word : Code::misplaced_sign, here,
         fmt::format("the statement is complete before `{}`", shown(sources_.text(here))));
}

Diagnostic& Cursor::fail(Code code, Span where, std::string message) {
    if (bad_) return ignored_;
    bad_ = true;
    return diagnostics_.add(code, where, std::move(message));
}

}  // namespace natc::syntax

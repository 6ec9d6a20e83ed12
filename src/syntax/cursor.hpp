// Walks over the words of one statement.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/diagnostic.hpp"
#include "base/source.hpp"
#include "syntax/ast.hpp"
#include "syntax/foreign.hpp"
#include "syntax/shape.hpp"

namespace natc::syntax {

/// Gives the items of a statement one by one. The first thing that is wrong is said, and from then on the cursor is `bad`
/// and gives nothing more: so a reader need not look after each step.
class Cursor {
public:
    /// `lists` keeps the lists that are read.
    Cursor(const Statement& statement, const Sources& sources, Diagnostics& diagnostics, Lists<Word>& lists)
        : statement_(statement), sources_(sources), diagnostics_(diagnostics), lists_(lists), text_(sources.text(statement.span)), bad_(statement.damaged) {}

    [[nodiscard]] bool bad() const { return bad_; }
    [[nodiscard]] bool at_end() const { return bad_ || at_ == statement_.items.size(); }
    /// The plain word that comes next; empty if something else does.
    [[nodiscard]] std::string_view peek() const { return next_is(ItemKind::word) ? text_of(statement_.items[at_].span) : std::string_view{}; }
    [[nodiscard]] bool next_is(ItemKind kind) const {
        return !at_end() && statement_.items[at_].kind == kind;
    }
    [[nodiscard]] Span span() const;  ///< of what comes next, or of the end
    [[nodiscard]] Span statement_span() const { return statement_.span; }
    /// Of a word of this statement.
    [[nodiscard]] std::string_view text(const Word& word) const { return word.known() ? text_of(word.span) : std::string_view{}; }

    /// Steps over the next item and gives it.
    Word take() {
        if (at_end()) return {};
        const Item& item = statement_.items[at_++];
        return {item.span, item.kind == ItemKind::text};
    }
    /// Takes the next word if it is `word`.
    bool accept(std::string_view word) {
        if (peek() != word) return false;
        ++at_;
        return true;
    }
    /// A word or a quoted text; `what` says in an error what should have come ("a name").
    Word expect(std::string_view what);
    /// `a, b, c`, without `!`. A comma with a word after it that `ends` knows is none of the list's.
    Words expect_list(std::string_view what, bool (*ends)(std::string_view) = nullptr);
    /// `a, b, c` or `! a, b`; `ends` as above.
    Values expect_values(std::string_view what, bool (*ends)(std::string_view) = nullptr);
    /// The given word; `what` says in an error what follows it: "`to` and an address must follow here".
    void expect_word(std::string_view word, std::string_view what);
    /// Says what comes next does not belong here. As help: what is known of such a word of other tools at `place`, or else the
    /// nearest of `known`.
    Diagnostic& unknown(std::string_view what, std::span<const std::string_view> known, std::optional<Foreign::Place> place = {});
    /// The same of a word that was taken already.
    Diagnostic& unknown(Span word, std::string_view what, std::span<const std::string_view> known, std::optional<Foreign::Place> place = {});
    void finish();  ///< nothing may follow

    /// Says it, unless something was said of this statement before: what follows the first error of a statement
    /// mostly follows from it.
    Diagnostic& fail(Code code, Span span, std::string message);

private:
    [[nodiscard]] std::string_view text_of(Span span) const { return {text_.data() + (span.begin - statement_.span.begin), span.end - span.begin}; }

    const Statement& statement_;
    const Sources& sources_;
    Diagnostics& diagnostics_;
    Lists<Word>& lists_;
    /// Whether the comma that comes next is none of the list's.
    [[nodiscard]] bool list_ends(bool (*ends)(std::string_view)) const;
    /// Says so where the end of a line did not end the statement, which began after a comma.
    void see_comma(Diagnostic& diagnostic) const;
    /// Help with a word that follows a list without a comma.
    void advise_comma(Diagnostic& diagnostic) const;

    std::string_view text_;  // of the statement, without its block
    std::size_t at_ = 0;
    std::size_t list_end_ = 0;  ///< where the list that was read last ended; 0 for none
    bool bad_;
};

}  // namespace natc::syntax

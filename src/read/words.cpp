#include "read/words.hpp"

#include <cassert>
#include <fmt/format.h>

#include "grammar/iptables_save.hpp"

namespace natc::read {

namespace {

/// What iptables-restore has room for.
constexpr std::size_t longest_line = 10'239;
constexpr std::size_t longest_word = 1023;
constexpr std::size_t most_words = 251;

struct Builder {
    Line& line;
    const char* begin;
    Span unclosed = {};

    [[nodiscard]] Span span(const char* from, const char* to) const {
        return {line.span.begin + static_cast<std::uint32_t>(from - begin), line.span.begin + static_cast<std::uint32_t>(to - begin)};
    }

    void word(std::string_view written, bool quoted) {
        Word& made = line.words.emplace_back();
        made.span = span(written.data(), written.data() + written.size());
        made.written = written;
        made.quoted = quoted;
        if (!quoted) {
            made.text = written;
            return;
        }
        bool inside = false;
        for (std::size_t i = 0; i < written.size(); ++i) {
            if (written[i] == '"')
                inside = true;
            else if (inside && written[i] == '\\')
                made.text += written[++i];
            else
                made.text += written[i];
        }
    }
};

template <typename Rule>
struct Action : tao::pegtl::nothing<Rule> {};

template <LineKind kind>
struct SetKind {
    static void apply0(Builder& builder) { builder.line.kind = kind; }
};
template <> struct Action<grammar::dump::comment_line> : SetKind<LineKind::comment> {};
template <> struct Action<grammar::dump::commit_line> : SetKind<LineKind::commit> {};
template <> struct Action<grammar::dump::table_mark> : SetKind<LineKind::table> {};
template <> struct Action<grammar::dump::chain_mark> : SetKind<LineKind::chain> {};
template <> struct Action<grammar::dump::rule_line> : SetKind<LineKind::rule> {};

template <bool quoted>
struct AddWord {
    template <typename Input>
    static void apply(const Input& in, Builder& builder) {
        builder.word(in.string_view(), quoted);
    }
};
template <> struct Action<grammar::dump::plain_word> : AddWord<false> {};
template <> struct Action<grammar::dump::quoted_word> : AddWord<true> {};
template <> struct Action<grammar::dump::unclosed_word> {
    template <typename Input>
    static void apply(const Input& in, Builder& builder) {
        const std::string_view written = in.string_view();
        const char* quote = written.data() + written.find('"');
        builder.unclosed = builder.span(quote, quote + 1);
    }
};

}  // namespace

bool split(std::string_view text, Span span, Line& line, Diagnostics& diagnostics) {
    line.span = span;
    if (text.size() > longest_line) {
        const auto end = span.begin + static_cast<std::uint32_t>(longest_line);
        diagnostics.add(Code::too_long_to_restore, {end, end + 1},
                        fmt::format("this line has {} bytes; iptables-restore takes {} and makes a line of its own of the rest", text.size(), longest_line));
        return false;
    }
    tao::pegtl::memory_input<tao::pegtl::tracking_mode::lazy> input(text.data(), text.data() + text.size(), "");
    Builder builder{line, text.data()};
    [[maybe_unused]] const bool matched = tao::pegtl::parse<grammar::dump::line, Action>(input, builder);
    assert(matched && "the grammar takes every line");
    if (builder.unclosed.known()) {
        diagnostics.add(Code::bad_string, builder.unclosed, "this quote has no closing `\"` on its line");
        return false;
    }
    if (line.words.size() > most_words) {
        diagnostics.add(Code::too_long_to_restore, line.words[most_words].span, fmt::format("iptables-restore takes {} words a line", most_words));
        return false;
    }
    for (const Word& word : line.words) {
        if (word.text.size() <= longest_word) continue;
        diagnostics.add(Code::too_long_to_restore, word.span, fmt::format("this word has {} bytes, and iptables-restore takes {}", word.text.size(), longest_word));
        return false;
    }
    return true;
}

}  // namespace natc::read

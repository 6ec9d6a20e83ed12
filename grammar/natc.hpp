// The shape of a .net file, in PEGTL: words, quoted texts and signs make statements, `{ }` makes blocks of
// them. What the words of a statement may be stands in natc.ebnf and is read from the shape by
// src/syntax, a statement at a time: so one bad statement never hides another.
//
// Every text that is UTF-8 without control characters matches. What is wrong with a shape has
// a rule of its own (`unclosed_text`, `unclosed_block`, `stray_close`, `deep_block`), so that nothing has to be guessed from where a
// parse stopped.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <tao/pegtl.hpp>

namespace natc::grammar {

namespace p = tao::pegtl;

/// A block within as many others is an error. The language itself needs two.
inline constexpr int most_blocks_within = 4;

struct blank : p::one<' ', '\t', '\r'> {};
struct comment : p::seq<p::one<'#'>, p::star<p::not_one<'\n'>>> {};
struct newline : p::one<'\n'> {};
struct space : p::sor<blank, newline, comment> {};
struct gap : p::star<blank> {};

/// All that is no sign, blank or end of line; bytes from 0x80 belong to characters of UTF-8. Words are most of a file: they are
/// stepped over by a table.
struct word {
    using rule_t = word;
    using subs_t = p::empty_list;

    static constexpr std::array<bool, 256> bytes = [] {
        std::array<bool, 256> table{};
        constexpr std::string_view signs = "!\"#,;={}\x7F";
        for (std::size_t c = ' ' + 1; c < table.size(); ++c) table[c] = signs.find(static_cast<char>(c)) == std::string_view::npos;
        return table;
    }();

    template <typename ParseInput>
    static bool match(ParseInput& in) {
        const char* at = in.current();
        const char* const end = in.end();
        while (at != end && bytes[static_cast<unsigned char>(*at)]) ++at;
        const auto length = static_cast<std::size_t>(at - in.current());
        if (length != 0) in.bump_in_this_line(length);
        return length != 0;
    }
};

struct escaped : p::seq<p::one<'\\'>, p::not_one<'\n'>> {};
struct text_body : p::star<p::sor<p::not_one<'"', '\\', '\n'>, escaped>> {};
struct text : p::seq<p::one<'"'>, text_body, p::one<'"'>> {};
struct unclosed_text : p::seq<p::one<'"'>, p::star<p::not_one<'\n'>>> {};

struct comma : p::one<','> {};
struct equals : p::one<'='> {};
struct bang : p::one<'!'> {};

// After a comma the list goes on, on the next line as well.
struct item : p::sor<word, p::seq<comma, p::star<space>>, text, unclosed_text, equals, bang> {};

struct open : p::one<'{'> {};
struct close : p::one<'}'> {};
struct unclosed_block : p::success {};

/// A block that lies too deep, skipped to its own end without going deeper in the program's own stack.
struct deep_block {
    using rule_t = deep_block;
    using subs_t = p::empty_list;

    template <typename ParseInput>
    static bool match(ParseInput& in) {
        if (in.empty() || in.peek_char() != '{') return false;
        std::size_t depth = 0;
        do {
            const char c = in.peek_char();
            if (c == '#' || c == '"') {
                in.bump();
                // Braces in comments and texts are no braces; both end with the line at the latest.
                while (!in.empty() && in.peek_char() != '\n' && !(c == '"' && in.peek_char() == '"'))
                    in.bump(in.peek_char() == '\\' && c == '"' && in.size(2) >= 2 && in.peek_char(1) != '\n' ? 2 : 1);
                if (in.empty()) break;
                if (in.peek_char() == '\n') continue;
            } else if (c == '{') {
                ++depth;
            } else if (c == '}') {
                --depth;
            }
            in.bump();
        } while (depth > 0 && !in.empty());
        return true;
    }
};

template <int Left>
struct block;
template <>
struct block<0> : deep_block {};

struct head : p::plus<item, gap> {};
struct end_statement : p::success {};

template <int Left>
struct statement
    : p::seq<p::sor<p::seq<head, p::opt<block<Left>>>, block<Left>>, end_statement> {};

struct semicolon : p::one<';'> {};

template <int Left>
struct body : p::star<p::sor<space, semicolon, statement<Left>>> {};

template <int Left>
struct block : p::seq<open, body<Left - 1>, p::sor<close, unclosed_block>> {};

struct stray_close : p::one<'}'> {};

struct file : p::seq<p::star<p::sor<space, semicolon, statement<most_blocks_within>, stray_close>>, p::eof> {};

}  // namespace natc::grammar

#include "layout/tokens.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "grammar/natc.hpp"

namespace natc::layout {

namespace {

class Collector {
public:
    explicit Collector(std::string_view text) : text_(text) { tokens_.reserve(text.size() / 5); }

    void add(Token::Kind kind, const char* begin, const char* end) {
        const auto place = static_cast<std::size_t>(begin - text_.data());
        Token token;
        token.text = text_.substr(place, static_cast<std::size_t>(end - begin));
        if (kind == Token::Kind::comment) token.text = token.text.substr(0, token.text.find_last_not_of(" \t\r") + 1);
        token.kind = kind;
        const bool item = kind != Token::Kind::comment && kind != Token::Kind::close;
        token.begins_statement = item && !in_statement_;
        if (item) in_statement_ = kind != Token::Kind::open;
        token.line_ends = line_ends_;
        token.line = line_;
        token.width = static_cast<std::uint32_t>(std::count_if(token.text.begin(), token.text.end(), [](char c) {
            return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;  // continuation bytes of UTF-8 are no characters of their own
        }));
        line_ends_ = 0;
        tokens_.push_back(token);
    }
    void newline() {
        line_ends_ = static_cast<std::uint8_t>(std::min(line_ends_ + 1, 2));
        ++line_;
    }
    void end_statement() { in_statement_ = false; }

    [[nodiscard]] std::vector<Token> take() { return std::move(tokens_); }

private:
    std::string_view text_;
    std::vector<Token> tokens_;
    std::uint32_t line_ = 0;
    std::uint8_t line_ends_ = 0;
    bool in_statement_ = false;
};

template <typename Rule>
struct Action : tao::pegtl::nothing<Rule> {};

template <Token::Kind kind>
struct Add {
    template <typename Input>
    static void apply(const Input& in, Collector& collector) {
        collector.add(kind, in.begin(), in.end());
    }
};
template <> struct Action<grammar::word> : Add<Token::Kind::word> {};
template <> struct Action<grammar::text> : Add<Token::Kind::text> {};
template <> struct Action<grammar::comma> : Add<Token::Kind::comma> {};
template <> struct Action<grammar::equals> : Add<Token::Kind::equals> {};
template <> struct Action<grammar::bang> : Add<Token::Kind::bang> {};
template <> struct Action<grammar::open> : Add<Token::Kind::open> {};
template <> struct Action<grammar::close> : Add<Token::Kind::close> {};
template <> struct Action<grammar::comment> : Add<Token::Kind::comment> {};

template <void (Collector::*member)()>
struct Call {
    static void apply0(Collector& collector) { (collector.*member)(); }
};
template <> struct Action<grammar::newline> : Call<&Collector::newline> {};
template <> struct Action<grammar::end_statement> : Call<&Collector::end_statement> {};

bool one_of(std::string_view word, std::initializer_list<std::string_view> list) { return std::find(list.begin(), list.end(), word) != list.end(); }

bool is_protocol(const Token& token) { return token.kind == Token::Kind::word && one_of(token.text, {"tcp", "udp", "sctp", "icmp", "icmpv6"}); }

/// What a list without blanks comes after: `tcp 80,443`, `state new,untracked`.
bool takes_close_list(const Token& token) {
    return is_protocol(token) || (token.kind == Token::Kind::word && one_of(token.text, {"sport", "ports", "state", "proto"}));
}

}  // namespace

std::vector<Token> read_tokens(std::string_view text) {
    tao::pegtl::memory_input<tao::pegtl::tracking_mode::lazy> input(text.data(), text.data() + text.size(), "");
    Collector collector(text);
    tao::pegtl::parse<grammar::file, Action>(input, collector);
    return collector.take();
}

void space_out(std::vector<Token>& tokens) {
    const Token* opener = nullptr;  // what stands ahead of the list
    const Token* last = nullptr;    // comments aside
    for (Token& token : tokens) {
        if (token.kind == Token::Kind::comment) continue;
        if (token.begins_statement) opener = last = nullptr;
        token.blanks = 1;
        if (token.kind == Token::Kind::comma) {
            token.blanks = 0;
        } else if (last != nullptr && last->kind == Token::Kind::comma) {
            // A protocol begins what else a service listens on, unless it goes with one ahead of it: `udp 53, tcp 53`, but `udp,tcp 53`.
            const Token& ahead = *(last - 1);
            const bool begins = is_protocol(token) || token.text == "proto";
            const bool close = is_protocol(token) ? is_protocol(ahead) : !begins && opener != nullptr && takes_close_list(*opener);
            if (close) token.blanks = 0;
        } else if (last == nullptr || last->kind != Token::Kind::bang) {
            opener = last;
        }
        last = &token;
    }
}

}  // namespace natc::layout

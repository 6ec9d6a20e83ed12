// The statements of this repository's .net files, laid out by chance: with blanks, line ends, `;` and comments wherever they may stand.

#include <array>
#include <gtest/gtest.h>
#include <random>
#include <set>

#include "layout/tokens.hpp"
#include "layout/unified_diff.hpp"
#include "unit/layout/files.hpp"
#include "unit/layout/patch.hpp"

namespace natc::testing {
namespace {

using layout::Token;
using Kind = Token::Kind;

/// What is to be chosen among.
struct Style {
    bool comments = false;
    bool empty_lines = false;
    bool breaks_in_lists = false;
    std::vector<std::string> codes = {};  ///< that `# natc: ignore` may name
};

class Scribbler {
public:
    Scribbler(Style style, unsigned seed) : style_(std::move(style)), random_(seed), line_end_(one_in(4) ? "\r\n" : "\n") {}

    std::string scribble(const std::vector<Token>& tokens) {
        if (style_.comments) separate();
        const Token* last = nullptr;
        for (const Token& token : tokens) {
            if (token.kind == Kind::comment) continue;
            if (token.kind == Kind::close || token.begins_statement) {
                // What stands alone on its line ends there, or with a `;`.
                const bool free = last == nullptr || last->kind == Kind::open || last->kind == Kind::close || token.kind == Kind::close;
                between_statements(free);
            } else if (last->kind == Kind::comma) {
                within_list();
            } else if (last->kind == Kind::word && token.kind == Kind::word) {
                blanks(true);
            } else {
                blanks(false);
            }
            text_ += token.text;
            last = &token;
        }
        if (style_.comments && one_in(2)) text_ += " " + comment();
        if (one_in(2)) end_line();
        return std::move(text_);
    }

private:
    bool one_in(int n) { return std::uniform_int_distribution<int>(1, n)(random_) == 1; }
    template <typename Container>
    auto pick(const Container& from) { return from[std::uniform_int_distribution<std::size_t>(0, from.size() - 1)(random_)]; }

    void blanks(bool needed) { text_ += pick(std::array<std::string, 5>{needed ? " " : "", " ", "  ", "\t", "     "}); }
    void end_line() { text_ += line_end_; }

    std::string comment() {
        if (!style_.codes.empty() && one_in(2)) return "#" + std::string(one_in(2) ? " " : "") + "natc: ignore " + pick(style_.codes);
        return pick(std::array<std::string, 5>{"#", "# why", "#   drop; { accept } \"", "#é, ü  \t ", "#natc: nothing"}) + (one_in(3) ? " " : ".");
    }

    /// Line ends and comments in any number.
    void separate() {
        do {
            blanks(false);
            if (style_.comments && one_in(3)) text_ += comment();
            end_line();
        } while (one_in(3) && (style_.empty_lines || style_.comments));
    }

    void between_statements(bool free) {
        if (one_in(3)) {
            if (!free || one_in(4)) text_ += pick(std::array<std::string, 3>{";", " ; ", ";;"});
            blanks(false);
            return;
        }
        if (one_in(5)) text_ += " ;";
        separate();
        while (style_.empty_lines && one_in(3)) {
            if (one_in(4)) text_ += " ;\t";
            end_line();
        }
        blanks(false);
        if (style_.empty_lines && one_in(6)) text_ += "; ";
    }

    void within_list() {
        blanks(false);
        if (style_.breaks_in_lists && one_in(3)) separate();
        blanks(false);
    }

    Style style_;
    std::mt19937 random_;
    std::string line_end_;
    std::string text_;
};

std::set<std::string> codes_of(const std::string& path, const std::string& text) {
    std::set<std::string> codes;
    cli::Front front = cli::run_front({path, path, text, {}}, {});
    Progress progress;
    if (front.diagnostics.errors() == 0) review({front.sources, front.program, front.families, &*front.model}, front.diagnostics, progress);
    for (const Diagnostic& diagnostic : front.diagnostics.all())
        if (diagnostic.severity == Severity::warning) codes.insert(spelled(diagnostic.code));
    return codes;
}

std::string as_it_is(std::string text) { return text; }

TEST(RandomLayout, MeansTheSameOnceLaidOut) {
    std::size_t tried = 0;
    for (const std::string& path : net_files()) {
        const std::optional<std::string> text = readable(cli::read_file(path));
        if (!text) continue;
        const std::set<std::string> codes = codes_of(path, *text);
        const Style style{true, true, true, {codes.begin(), codes.end()}};
        for (unsigned seed = 1; seed <= 2; ++seed) {
            SCOPED_TRACE(fmt::format("{}, seed {}", path, seed));
            const std::string scribbled = Scribbler(style, seed).scribble(layout::read_tokens(*text));
            // A comma at the end of a line may make a guest called `drop` a statement.
            const std::optional<std::string> read = readable(scribbled);
            if (!read) continue;
            ++tried;
            const std::string formatted = layout::format(*read).text;
            ASSERT_EQ(readable(formatted), formatted) << scribbled;
            ASSERT_EQ(layout::format(formatted).text, formatted) << scribbled;
            ASSERT_EQ(patched(scribbled, layout::unified_diff("lab.net", scribbled, layout::format(*read))), formatted) << scribbled;
            ASSERT_EQ(all_of_it(path, formatted, as_it_is), all_of_it(path, scribbled, as_it_is)) << scribbled << "\n=>\n" << formatted;
        }
    }
    EXPECT_GT(tried, 400U);
}

TEST(RandomLayout, ComesToOneLayout) {
    for (const std::string& path : net_files()) {
        const std::optional<std::string> text = readable(cli::read_file(path));
        if (!text) continue;
        const std::vector<Token> tokens = layout::read_tokens(*text);
        std::string first;
        for (unsigned seed = 1; seed <= 4; ++seed) {
            SCOPED_TRACE(fmt::format("{}, seed {}", path, seed));
            const std::string scribbled = Scribbler({}, seed).scribble(tokens);
            const std::optional<std::string> read = readable(scribbled);
            ASSERT_TRUE(read) << scribbled;
            const std::string formatted = layout::format(*read).text;
            if (first.empty()) first = formatted;
            ASSERT_EQ(formatted, first) << scribbled;
        }
    }
}

/// Lists of any length, in each place that has one, each a paragraph of its own.
std::string long_lists(unsigned seed) {
    std::mt19937 random(seed);
    const auto list = [&](auto element) {
        std::string all;
        for (auto left = std::uniform_int_distribution<int>(1, 60)(random); left > 0; --left) all += (all.empty() ? "" : ",") + element(std::uniform_int_distribution<int>(1, 9999)(random));
        return all;
    };
    const auto host = [](int n) { return fmt::format("10.1.{}.{}", n / 100, n % 100); };
    const auto port = [](int n) { return n % 5 == 0 ? fmt::format("{}-{}", n, n + 100) : fmt::format("{}", n); };
    std::string text = fmt::format("define hosts={}\n\nservice many=tcp {},udp {},icmp,tcp {}\n\ninput{{\n", list(host), list(port), list(port), list(port));
    for (int i = 0; i < 5; ++i)
        text += fmt::format("accept tcp {} sport {} from {} to ! {} comment \"{:x>{}}\"\n\n", list(port), list(port), list(host), list(host), "", std::uniform_int_distribution<int>(1, 120)(random));
    return text + "}\n";
}

TEST(RandomLayout, BreaksLongListsOnceForAll) {
    for (unsigned seed = 1; seed <= 100; ++seed) {
        const std::string text = long_lists(seed);
        ASSERT_TRUE(readable(text)) << text;
        const std::string formatted = layout::format(text).text;
        ASSERT_EQ(layout::format(formatted).text, formatted) << text;
        ASSERT_EQ(without_blanks(formatted), without_blanks(text));
        for (const std::string& line : lines_of(formatted)) {
            const bool has_long_word = line.find("comment") != std::string::npos;
            ASSERT_TRUE(has_long_word || line.size() <= 100 + std::string_view("\n").size()) << line;
        }
        const std::string scribbled = Scribbler({true, true, true}, seed).scribble(layout::read_tokens(text));
        const std::string once = layout::format(scribbled).text;
        ASSERT_EQ(layout::format(once).text, once) << scribbled;
    }
}

}  // namespace
}  // namespace natc::testing

#include "read/match_text.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <optional>
#include <type_traits>
#include <variant>

#include "read/modules.hpp"
#include "read/rule.hpp"
#include "read/words.hpp"

namespace natc {

namespace {

/// iptables-restore takes 251 words a rule; natc's own need some.
constexpr std::size_t most_words = 150;
constexpr std::size_t longest_text = 4000;

std::optional<ir::Rule> read_alone(const read::Line& line, Diagnostics& diagnostics) {
    const ir::Table table{ir::TableName::filter, {}};
    const ir::Chain chain;
    read::Evidence evidence;
    return read::read_rule(line.words, {table, {}, chain, line.span}, evidence, diagnostics);
}

Span all_of(std::string_view text) { return {0, static_cast<std::uint32_t>(text.size())}; }

}  // namespace

std::string fault_of_match_text(std::string_view text) {
    if (text.size() > longest_text) return fmt::format("it is longer than {} bytes", longest_text);
    Diagnostics diagnostics;
    read::Line line;
    if (!split(text, all_of(text), line, diagnostics)) {
        const bool quote = diagnostics.all().front().code == Code::bad_string;
        return quote ? "a quote in it stays open" : "a word of it is longer than iptables-restore takes";
    }
    const auto& words = line.words;
    if (line.kind != read::LineKind::rule || words.empty() || words.front().text != "-m") return "it must begin with `-m`";
    if (words.size() > most_words) return fmt::format("it has more than {} words", most_words);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i].text;
        if (word == "-m") {
            const bool named = i + 1 < words.size() && !words[i + 1].text.empty() && std::isalnum(static_cast<unsigned char>(words[i + 1].text.front())) != 0;
            if (!named) return "the name of a match must follow `-m`";
        } else if (word.starts_with("--")) {
            if (read::is_own_option(word)) return fmt::format("`{}` is no option of a match", word);
        } else if (word.starts_with('-') && word.size() > 1 && std::isdigit(static_cast<unsigned char>(word[1])) == 0) {
            return fmt::format("`{}` is no option of a match", word);
        }
    }
    // Of matches that natc knows, what they cannot say. Whether a protocol stands in the rule is not known here.
    if (read_alone(line, diagnostics)) return {};
    const Diagnostic& said = diagnostics.all().front();
    return said.code == Code::ports_without_protocol ? std::string() : said.message;
}

std::vector<ir::Understood> understood(std::string_view text) {
    Diagnostics diagnostics;
    read::Line line;
    if (!split(text, all_of(text), line, diagnostics)) return {};
    const auto rule = read_alone(line, diagnostics);
    // A comment is for people, and stays where it is.
    if (!rule || !rule->comment.empty()) return {};
    std::vector<ir::Understood> result;
    for (const ir::Match& match : rule->matches)
        std::visit(
            [&](const auto& one) {
                if constexpr (std::is_constructible_v<ir::Understood, decltype(one)>) result.emplace_back(one);
            },
            match);
    if (result.size() != rule->matches.size()) result.clear();
    return result;
}

}  // namespace natc

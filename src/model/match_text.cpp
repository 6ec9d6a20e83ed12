#include "model/match_text.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <vector>

namespace natc {

namespace {

/// iptables-restore takes tokens of at most 1023 bytes, and 251 of them a rule; natc's own need some.
constexpr std::size_t longest_token = 1023;
constexpr std::size_t most_tokens = 150;
constexpr std::size_t longest_text = 4000;

/// The words as iptables-restore splits them. Nothing where a quote stays open.
std::optional<std::vector<std::string>> split(std::string_view text) {
    std::vector<std::string> tokens;
    bool quoted = false;
    bool inside = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted && c == '\\' && i + 1 < text.size()) {
            tokens.back() += text[++i];
        } else if (c == '"') {
            quoted = !quoted;
            if (!inside) tokens.emplace_back();
            inside = true;
        } else if (!quoted && (c == ' ' || c == '\t')) {
            inside = false;
        } else {
            if (!inside) tokens.emplace_back();
            inside = true;
            tokens.back() += c;
        }
    }
    if (quoted) return std::nullopt;
    return tokens;
}

/// Options of iptables itself. Its parser takes every unambiguous beginning of one for it.
constexpr std::string_view own_options[] = {
    "--append", "--check", "--delete", "--destination", "--dst", "--exact", "--flush", "--fragments", "--goto",
    "--help", "--in-interface", "--insert", "--ipv4", "--ipv6", "--jump", "--line-numbers", "--list",
    "--list-rules", "--match", "--modprobe", "--new-chain", "--numeric", "--out-interface", "--policy", "--proto",
    "--protocol", "--rename-chain", "--replace", "--set-counters", "--source", "--src", "--table", "--verbose",
    "--version", "--wait", "--zero"};

bool is_own_option(std::string_view token) {
    token = token.substr(0, token.find('='));
    // Options of a match (recent's --set, policy's --pol) that begin as one of these do: an exact name comes first.
    if (token == "--set" || token == "--pol") return false;
    return std::any_of(std::begin(own_options), std::end(own_options),
                       [&](std::string_view option) { return option.starts_with(token); });
}

}  // namespace

std::string fault_of_match_text(std::string_view text) {
    if (text.size() > longest_text) return fmt::format("it is longer than {} bytes", longest_text);
    const auto tokens = split(text);
    if (!tokens) return "a quote in it stays open";
    if (tokens->empty() || tokens->front() != "-m") return "it must begin with `-m`";
    if (tokens->size() > most_tokens) return fmt::format("it has more than {} words", most_tokens);
    for (std::size_t i = 0; i < tokens->size(); ++i) {
        const std::string& token = (*tokens)[i];
        if (token.size() > longest_token) return "a word of it is longer than iptables-restore takes";
        if (token == "-m") {
            const bool named = i + 1 < tokens->size() && !(*tokens)[i + 1].empty() &&
                               std::isalnum(static_cast<unsigned char>((*tokens)[i + 1].front())) != 0;
            if (!named) return "the name of a match must follow `-m`";
        } else if (token.starts_with("--")) {
            if (is_own_option(token)) return fmt::format("`{}` is no option of a match", token);
        } else if (token.starts_with('-') && token.size() > 1 && std::isdigit(static_cast<unsigned char>(token[1])) == 0) {
            return fmt::format("`{}` is no option of a match", token);
        }
    }
    return {};
}

}  // namespace natc

#include "cli/rule_text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "emit/iptables_rule.hpp"

namespace natc::cli {

namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

std::string rule_text(const semantics::Step& step, Family family) {
    if (step.rule == nullptr) return step.chain->policy == ir::Policy::accept ? "policy accept" : "policy drop";
    std::string text;
    append_iptables_rule(text, step.chain->name, *step.rule, family);
    // Without `-A CHAIN ` and the line's end.
    text.pop_back();
    const std::size_t head = std::min(text.size(), std::string_view("-A ").size() + step.chain->name.size() + 1);
    return text.substr(head);
}

std::optional<Place> place_of(const semantics::Step& step, const Sources& sources) { return step.rule == nullptr ? std::nullopt : place_of(*step.rule, sources); }

std::optional<Place> place_of(const ir::Rule& rule, const Sources& sources) {
    if (rule.origins.empty() || !rule.origins.front().known()) return std::nullopt;
    const std::uint32_t offset = rule.origins.front().begin;
    const Location location = sources.locate(offset);
    return Place{std::string(location.file), location.line, location.column, std::string(trimmed(sources.text(sources.line_of(offset))))};
}

nlohmann::ordered_json step_json(const semantics::Step& step, Family family, const std::optional<Place>& place) {
    nlohmann::ordered_json json;
    json["table"] = ir::name(step.table);
    json["hook"] = ir::name(step.hook);
    json["chain"] = step.chain->name;
    json["rule"] = rule_text(step, family);
    if (place) {
        json["file"] = place->file;
        json["line"] = place->line;
        json["column"] = place->column;
    }
    return json;
}

std::string chain_text(const semantics::Step& step) {
    std::string text = fmt::format("{} {}", ir::name(step.table), ir::name(step.hook));
    if (step.chain->name != ir::name(step.hook)) text += fmt::format(", {}", step.chain->name);
    return text;
}

}  // namespace natc::cli

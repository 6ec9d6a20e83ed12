// Rules that an answer speaks of: their words, and where they come from.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "base/source.hpp"
#include "semantics/walk.hpp"

namespace natc::cli {

/// A place in a file, with the line that stands there.
struct Place {
    std::string file;
    std::size_t line = 0, column = 0;
    std::string text;
};

/// `-i enp5s0 -p tcp -j ACCEPT`, or `policy drop`.
[[nodiscard]] std::string rule_text(const semantics::Step& step, Family family);
/// The statement that caused the rule, or the rule's line in a dump. Nothing for a policy, and for the rules that every file gets.
[[nodiscard]] std::optional<Place> place_of(const ir::Rule& rule, const Sources& sources);
[[nodiscard]] std::optional<Place> place_of(const semantics::Step& step, const Sources& sources);
/// All of a step, for programs.
[[nodiscard]] nlohmann::ordered_json step_json(const semantics::Step& step, Family family, const std::optional<Place>& place);
/// `filter FORWARD`; for a chain that others call, `filter FORWARD, natc-guard`.
[[nodiscard]] std::string chain_text(const semantics::Step& step);

}  // namespace natc::cli

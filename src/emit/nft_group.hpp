// Rules that differ in values alone, as one. Inner header of src/emit.
#pragma once

#include <string>
#include <vector>

#include "emit/nft_rule.hpp"

namespace natc::nft {

/// Rules of one shape: `varying` says which of the fields differ, `rows` what each rule has there.
struct Group {
    Rule rule;  ///< the first of them
    std::vector<std::size_t> varying;
    std::vector<std::vector<Value>> rows;   ///< a row a rule; with one varying field, several values of it may stand in a row
    std::vector<Action> actions;            ///< a row's own, if they differ
    [[nodiscard]] bool maps() const { return !actions.empty(); }
};

/// Joins rules that can become one, without changing what any packet meets first. Remarks of rules that join a group stand above it.
[[nodiscard]] std::vector<Group> group(std::vector<Rule> rules);

/// The text of a group: one rule of nft.
[[nodiscard]] std::string print(const Group& group);

}  // namespace natc::nft

// A rule of a dump. Inner header of src/read.
#pragma once

#include <optional>
#include <vector>
#include <span>

#include "base/diagnostic.hpp"
#include "ir/program.hpp"
#include "read/evidence.hpp"
#include "read/words.hpp"

namespace natc::read {

/// Where a rule stands.
struct RulePlace {
    const ir::Table& table;  ///< with the chains that are declared by then
    const ir::Chain& chain;
    Span line;
    Span command;  ///< `-A CHAIN`
};

/// Reads the words behind the chain's name. Its families are left for who knows them. Nothing where it cannot be read: one error was said
/// then. Errors: unknown_option and those of single options; verdict_not_here, clause_not_here, unknown_name of chains.
[[nodiscard]] std::optional<ir::Rule> read_rule(std::span<const Word> words, const RulePlace& place, Evidence& evidence, Diagnostics& diagnostics);


}  // namespace natc::read

// A rule of a dump. Inner header of src/read.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>

#include "base/diagnostic.hpp"
#include "ir/program.hpp"
#include "read/evidence.hpp"
#include "read/words.hpp"

namespace natc::read {

/// The chains of a table, by name: their places in it.
using ChainIndex = std::unordered_map<std::string, std::size_t>;

/// Where a rule stands.
struct RulePlace {
    const ir::Table& table;
    const ChainIndex& chains;  ///< those that are declared by then
    const ir::Chain& chain;
    Span line;
};

/// Reads the words behind the chain's name. Its families are left for who knows them. Nothing where it cannot be read: one error was said
/// then. Errors: unknown_option and those of single options; verdict_not_here, clause_not_here, unknown_name of chains.
[[nodiscard]] std::optional<ir::Rule> read_rule(std::span<const Word> words, const RulePlace& place, Evidence& evidence, Diagnostics& diagnostics);


}  // namespace natc::read

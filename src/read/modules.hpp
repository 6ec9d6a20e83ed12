// The matches and targets of a rule, with the options that belong to each. Inner header of src/read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "ir/match.hpp"
#include "ir/statement.hpp"
#include "net/protocol.hpp"
#include "read/evidence.hpp"
#include "read/words.hpp"

namespace natc::read {

/// `! --dport 22`
struct Option {
    std::string_view name;  ///< the one name that stands for all spellings of it
    bool negated = false;
    std::vector<Word> values;
    Span span;
    std::string spelling;  ///< word for word
};

/// `-m tcp --dport 22`, or a target with its options.
struct Module {
    std::string name;
    Span span;
    bool known = false;           ///< its options are read; else there are none, and all stands in `spelling`
    std::vector<Option> options;
    std::string spelling;         ///< word for word, with `-m NAME`; of a target, without `-j`

    [[nodiscard]] const Option* find(std::string_view option) const;
};

enum class ModuleKind : std::uint8_t { match, target };

/// An option of a match or target that natc reads.
struct KnownOption {
    ModuleKind kind;
    std::string_view module;
    std::string_view spelling;
    std::string_view name;
    unsigned values;
};

[[nodiscard]] bool is_known(ModuleKind kind, std::string_view module);
/// nullptr where the module has no such option.
[[nodiscard]] const KnownOption* known_option(ModuleKind kind, std::string_view module, std::string_view spelling);

/// Whether iptables takes a word for an option of its own, not of a match: its parser takes every beginning of one that is not
/// ambiguous.
[[nodiscard]] bool is_own_option(std::string_view word);

/// What a rule is made of beside its modules, as far as they depend on it.
struct RuleContext {
    std::optional<Protocol> protocol;  ///< asked for, not excluded
    Evidence& evidence;
    Diagnostics& diagnostics;
};

/// What a known match asks, word for word where natc has no structure for it. A comment goes to `comment`. False where it cannot
/// be read, which was said then. Errors: of values; part_twice, missing_word, misplaced_sign, ports_without_protocol.
[[nodiscard]] bool read_match(const Module& module, RuleContext& context, std::vector<ir::Match>& matches, std::string& comment);

/// What a target does; `Foreign` where natc does not look into it. Nothing where it cannot be read, which was said then.
[[nodiscard]] std::optional<ir::Statement> read_target(const Module& module, RuleContext& context);

/// At most `most` bytes of a text, without half a character at its end.
[[nodiscard]] std::string cut(std::string_view text, std::size_t most);

}  // namespace natc::read

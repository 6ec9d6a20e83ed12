// The rule program: what natc makes of a file before it is written in some tool's spelling. One
// program is for both families; each rule says in which of them it holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/source.hpp"
#include "ir/match.hpp"
#include "ir/port_map.hpp"
#include "ir/statement.hpp"
#include "net/address.hpp"

namespace natc::ir {

enum class TableName : std::uint8_t { raw, mangle, nat, filter, security };
enum class Hook : std::uint8_t { prerouting, input, forward, output, postrouting };
enum class Policy : std::uint8_t { accept, drop };

[[nodiscard]] std::string_view name(TableName table);
/// As chains are called: `PREROUTING`.
[[nodiscard]] std::string_view name(Hook hook);
/// Whether a table has a chain at that hook.
[[nodiscard]] bool has_hook(TableName table, Hook hook);
/// The built-in chains of a table in the order that the tools print them in.
[[nodiscard]] const std::vector<Hook>& hooks_of(TableName table);

/// What goes above a rule in the output, line by line, without `#`; mostly empty. Each family has a text of
/// its own, and a statement's comment stands in both, above different rules maybe.
struct Remark {
    Remark() = default;
    Remark(std::string both) : texts{both, both} {}  // NOLINT
    Remark(const char* both) : Remark(std::string(both)) {}  // NOLINT

    std::string texts[2];  ///< by family

    [[nodiscard]] const std::string& of(Family family) const { return texts[static_cast<std::size_t>(family)]; }
    [[nodiscard]] std::string& of(Family family) { return texts[static_cast<std::size_t>(family)]; }
    void clear() {
        for (std::string& text : texts) text.clear();
    }
};

struct Rule {
    std::vector<Match> matches;
    Statement statement;
    FamilySet families = FamilySet::both();
    /// The statements of the input that this rule is there for: never empty for a rule that stands in a program
    /// made from a file, but for those that every file gets.
    std::vector<Span> origins;
    Remark remark;
    /// The rule's own comment, which the kernel keeps: at most 255 bytes.
    std::string comment;
    /// The rule in the words of the dump that it was read from, without counters and `-A CHAIN`: the iptables
    /// emitter writes these, and passes leave such a rule as it is, since it loads as it is. Empty for a rule of natc's own.
    std::string spelling;
};

struct Chain {
    std::string name;
    std::optional<Hook> hook;  ///< none: a chain that others jump to
    Policy policy = Policy::accept;
    FamilySet families = FamilySet::both();  ///< where it stands, even if it is empty
    std::vector<Rule> rules;

    Chain& operator<<(Rule rule) {
        rules.push_back(std::move(rule));
        return *this;
    }
};

struct Table {
    TableName table;
    std::vector<Chain> chains;
    std::vector<PortMap> port_maps = {};  ///< what ByPort looks up; empty but in nat

    /// nullptr if there is none of that name.
    [[nodiscard]] Chain* find(std::string_view chain);
    [[nodiscard]] const Chain* find(std::string_view chain) const;
    [[nodiscard]] Chain& at(Hook hook);
};

/// Complete tables, in the order in which they are to be loaded.
struct Program {
    std::vector<Table> tables;

    [[nodiscard]] Table* find(TableName table);
    [[nodiscard]] const Table* find(TableName table) const;
    /// Those that its chains stand in: both, unless it was read from a tool that knows only one.
    [[nodiscard]] FamilySet families() const;
};

/// A table with its built-in chains, empty, policies accept.
[[nodiscard]] Table empty_table(TableName table);

/// What is wrong with a program that should never leave a phase: a jump to a chain that is not there,
/// ports without their protocol, a rule without family, two positive addresses on one side, a map that is out of order. Empty if all is well. For assertions and tests.
[[nodiscard]] std::string fault(const Program& program);

}  // namespace natc::ir

// A rule in nft's terms: fields with values, and what is done. Inner header of src/emit.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/diagnostic.hpp"
#include "ir/program.hpp"

namespace natc::nft {

/// A value of a field, as text and as the numbers that it stands for, where it has any. One number: an exact value.
struct Value {
    std::string text;
    Family family = Family::ipv4;
    uint128 first = 0;
    uint128 last = 0;
    bool numeric = false;   ///< `first` and `last` say what it is
    bool wildcard = false;  ///< "vnet*", and "vnet\*": cannot stand in a set (nft 1.0.6 lists such a set wrongly)

    [[nodiscard]] bool exact() const { return !wildcard && (!numeric || first == last); }
    /// Whether no packet has both.
    [[nodiscard]] bool excludes(const Value& o) const;
    bool operator==(const Value& o) const { return text == o.text; }
};

/// One thing that a rule asks. With `name` empty, `whole` is all of its text.
struct Field {
    std::string name;  ///< "ip saddr", "th dport"
    std::vector<Value> values;
    bool negated = false;
    std::string whole;

    [[nodiscard]] bool plain() const { return !name.empty() && !negated; }
    [[nodiscard]] bool exact() const { return plain() && values.size() == 1 && values.front().exact(); }
    bool operator==(const Field&) const = default;
};

/// What is done: a text, or a target that may differ within a map.
struct Action {
    std::string text;     ///< all of it, if it leads nowhere in particular
    std::string prefix;   ///< "dnat ip to": what a map of targets stands behind
    std::string target;   ///< "10.1.1.28 . 22" in a map
    std::string alone;    ///< "10.1.1.28:22" in a rule of its own
    bool verdict = false; ///< accept, drop, return, jump or goto: may stand in a verdict map
    bool ends = false;    ///< the packet goes no further in this chain
    bool ports = false;   ///< gives new ports, for which nft wants to see the protocol in the same rule

    bool operator==(const Action&) const = default;
};

struct Rule {
    std::vector<Field> fields;  ///< in the order in which they are asked
    Action action;
    std::string comment;
    std::string remark;
    bool counts = false;  ///< has a limit: two of them must not become one
    /// Interfaces, as in a value's text: behind this rule, no packet is on its way from one of them to another.
    std::vector<std::string> walls;
};

/// Takes a rule of the program apart. It may become several (a reject that each family spells in its own way), or none (CHECKSUM).
/// `table` is the one that it stands in. `chain_name` says what a chain is called in the script.
[[nodiscard]] std::vector<Rule> take_apart(const ir::Rule& rule, FamilySet chain_families, const ir::Table& table, Diagnostics& diagnostics);

/// `filter-WEB`: no name of a user's can then be a word of nft's. A byte that nft has no place for stands as `/3a`.
[[nodiscard]] std::string chain_name(ir::TableName table, std::string_view chain);

/// What a map of ports is called in the script: its name, or where it keeps ports that get no new number, `natc-tcp-kept`.
[[nodiscard]] std::string map_name(const ir::PortMap& map, bool kept);

/// Whether an entry keeps its ports' numbers: its targets are addresses alone, and stand in a map of their own.
[[nodiscard]] inline bool keeps_ports(const ir::PortMap::Entry& entry) { return !entry.to.ports; }

/// A name of an interface, in quotes; nothing where nft has no way to write it.
[[nodiscard]] std::optional<std::string> interface_text(const InterfaceName& name);

/// In quotes. nft 1.0.6 knows no escape for a quote within.
[[nodiscard]] std::string quoted(std::string_view text);

/// In a log prefix, `$word` is a variable to nft, and there is no other way to write a `$`: such a prefix becomes a variable itself.
[[nodiscard]] bool has_variable(std::string_view prefix);
[[nodiscard]] std::string variable_of(std::string_view prefix);

/// Longest comment that nft takes.
inline constexpr std::size_t longest_comment = 128;

}  // namespace natc::nft

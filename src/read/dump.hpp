// What iptables-save and ip6tables-save print, as a rule program.
//
// What was taken from where: the order and spelling of options from iptables 1.8.9's own output, and what
// iptables-restore takes from trying it, both backends.
#pragma once

#include <optional>
#include <string_view>

#include "base/diagnostic.hpp"
#include "base/source.hpp"
#include "ir/program.hpp"
#include "net/address.hpp"

namespace natc {

struct Dump {
    ir::Program program;   ///< the tables that the dump has, in its order, each with all its built-in chains
    FamilySet families;    ///< what the dump is of: one family; empty where that is not known, which is an error
    Span told_by;          ///< the place that tells the family, if one does
};

/// Whether a text is a dump, not a .net file: told by the first line that is neither blank nor a comment.
[[nodiscard]] bool looks_like_dump(std::string_view text);

/// Reads all of `text`. Every rule has the words of its line as its spelling, and the line as its origin. Counters, comment lines and
/// the order of chains go nowhere. A second table of the same name stands in place of the first, as it does when it is restored. At most
/// one error a line.
///
/// The family is what an address or a word of only one family tells, else `family`, else what is hinted at by what both tools take but
/// only one family needs (`-p ipv6-icmp`), else `otherwise`.
///
/// Errors: those of the N5 group; of the text, values and words; unknown_name, name_twice, jump_loop, bad_chain_name,
/// policy_not_here, verdict_not_here, clause_not_here.
[[nodiscard]] Dump read_iptables_save(Span text, const Sources& sources, std::optional<Family> family, Diagnostics& diagnostics,
                                      std::optional<Family> otherwise = std::nullopt);

}  // namespace natc

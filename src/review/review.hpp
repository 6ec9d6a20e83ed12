// What a careful colleague would say of a program: findings about what its rules do, not about how they are written.
#pragma once

#include <optional>
#include <vector>

#include "base/diagnostic.hpp"
#include "ir/program.hpp"
#include "net/address.hpp"

namespace natc {

/// Statements of a file, or rules of a dump, that no packet ever meets: because earlier ones take all of theirs, alone or together, or because what they
/// ask excludes itself. A statement counts if that is so of all of its rules, in every family. Errors: shadowed (it would have
/// decided otherwise), never_matches. Warnings: idle, policy_unreached. Note: review_undecided, where that was too much work.
///
/// `written`: the places of the rules that somebody wrote, sorted, where natc made others: only these are spoken of, and none is idle because of natc's own.
void review_never(const ir::Program& program, FamilySet families, const std::optional<std::vector<Span>>& written, Diagnostics& diagnostics);

}  // namespace natc

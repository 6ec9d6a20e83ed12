// The rule program as a script for nft: one table `inet natc` for both families, or `ip natc` or `ip6 natc` for a program of
// one family, replaced as a whole.
#pragma once

#include <string>

#include "base/diagnostic.hpp"
#include "ir/program.hpp"

namespace natc {

/// Rules that differ in values alone become one rule over a set, those that lead to different places one over a map.
/// Errors: no_nft_counterpart (a `match` that is iptables' alone). Warnings: checksum_by_tc.
[[nodiscard]] std::string emit_nft(const ir::Program& program, Diagnostics& diagnostics);

}  // namespace natc

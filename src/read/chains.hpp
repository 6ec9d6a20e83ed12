// What is wrong between the chains of a table. Inner header of src/read.
#pragma once

#include "base/diagnostic.hpp"
#include "ir/program.hpp"

namespace natc::read {

/// Follows jumps from the built-in chains. Errors: jump_loop (what no packet reaches may loop: it loads), verdict_not_here and
/// clause_not_here for rules in chains that hooks lead to where the kernel does not take them.
void check_chains(const ir::Table& table, Diagnostics& diagnostics);

}  // namespace natc::read

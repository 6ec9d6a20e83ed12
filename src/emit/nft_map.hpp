// Maps of ports to where they are translated. Inner header of src/emit.
#pragma once

#include <string>

#include "base/diagnostic.hpp"
#include "ir/program.hpp"

namespace natc::nft {

/// A rule with the statement ByPort: one rule of nft over a map, or two, where some entries give a port and others keep the one that they took.
/// `families`: those that come by the rule's chain.
void append_look_up(std::string& out, const ir::Rule& rule, const ir::Table& table, FamilySet families, Diagnostics& diagnostics);

/// Every line of `remark` as a comment.
void append_remark(std::string& out, std::string_view remark, std::string_view indent);

}  // namespace natc::nft

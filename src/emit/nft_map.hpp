// Maps of ports to where they are translated. Inner header of src/emit.
#pragma once

#include <string>
#include <string_view>

#include "ir/program.hpp"

namespace natc::nft {

/// The maps that rules of a table look up, with their elements. One map of the program is two, where some entries give a port and others
/// keep the one that they took.
void append_maps(std::string& out, const ir::Table& table);

/// Every line of `remark` as a comment.
void append_remark(std::string& out, std::string_view remark, std::string_view indent);

}  // namespace natc::nft

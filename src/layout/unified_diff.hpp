// What a layout changes, as `patch` and `git apply` take it.
#pragma once

#include <string>
#include <string_view>

#include "layout/format.hpp"

namespace natc::layout {

/// A unified diff with three lines of context, of a file as it is, bytes and all, and as it was laid out. Empty if nothing changes. In
/// linear time: which line became which is known from the layout.
[[nodiscard]] std::string unified_diff(std::string_view name, std::string_view before, const Formatted& after);

}  // namespace natc::layout

// One side of the packet that `natc explain` is asked about.
#pragma once

#include <optional>
#include <string_view>

#include "base/diagnostic.hpp"
#include "explain/packet_text.hpp"
#include "model/model.hpp"

namespace natc::explain {

/// Reads `lxdev01:22`, `[fd00::5]:22`, `10.1.1.0/24`. Nothing, with an error (N2001 to N2005, N2011, N3001), where it is none. `dump`: there are no names.
[[nodiscard]] std::optional<End> read_end(std::string_view text, Span span, const Model& model, bool dump, Diagnostics& diagnostics);

}  // namespace natc::explain

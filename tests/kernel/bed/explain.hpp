#pragma once

#include <filesystem>
#include <string>

namespace bed {

/// Puts every probe of a scenario that is about one packet to `natc explain`, and compares its answer with the fate that the probe
/// expects. No kernel has a part in that. Exit status: 0 all as expected, 1 not (or no probe
/// could be asked), 77 where the scenario says throughout why none is.
int explain(const std::string& natc, const std::filesystem::path& folder);

}  // namespace bed

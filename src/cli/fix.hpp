// natc check --fix: from the fixes that diagnostics carry to files that are rewritten.
#pragma once

#include <functional>
#include <string>

#include "cli/front.hpp"
#include "formats/report.hpp"
#include "syntax/load.hpp"

namespace natc::cli {

/// Looks for everything that may be wrong with a file; what it includes comes from the loader.
using Examine = std::function<Front(syntax::LoadedFile, const syntax::Loader&)>;

struct FixResult {
    Front front;  ///< what is left
    Report made;  ///< its `fixed`: what was written
    bool failed = false;  ///< a file could not be rewritten, which was said: `front` is of the files as they are
};

/// Makes the fixes of a file and of those that it includes, and again those that come up then, until none is left; then replaces each file that
/// changed as a whole. A dump stays as it is.
[[nodiscard]] FixResult fix_file(syntax::LoadedFile file, const Examine& examine);

}  // namespace natc::cli

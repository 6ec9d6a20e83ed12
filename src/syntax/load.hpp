// From the text of a file, and of those that it includes, to its statements.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostic.hpp"
#include "base/source.hpp"
#include "syntax/ast.hpp"

namespace natc::syntax {

/// No file of the language comes near it: 65,000 port-forwards have some 4 MB.
inline constexpr std::size_t largest_file = 32U << 20U;

/// A file that was read, or why not.
struct LoadedFile {
    std::string name;      ///< what diagnostics call it
    std::string identity;  ///< equal for two paths that lead to the same file
    std::string text;
    std::string error;  ///< in plain words; empty if all went well
};

/// Gives the file that `path`, as it stands in an include of the file called `from`, means. With `known` set, only
/// name and identity are asked for: the text may be left out.
using Loader = std::function<LoadedFile(std::string_view path, std::string_view from)>;

/// Reads `root` and, once each, what it includes. Errors of the text and the syntax, and: cannot_include, include_loop,
/// too_large, other_language.
[[nodiscard]] Input load(LoadedFile root, const Loader& loader, Sources& sources, Diagnostics& diagnostics);

/// Reads one file without what it includes, and gives its text, a byte order mark aside; nothing where there are errors of the text or the
/// syntax, or it is too_large or of other_language.
[[nodiscard]] std::optional<Span> read_alone(LoadedFile file, Sources& sources, Diagnostics& diagnostics);

/// Reads statements that natc brings along; they include nothing.
[[nodiscard]] Input load_builtin(std::string name, std::string_view text, Sources& sources, Diagnostics& diagnostics);

}  // namespace natc::syntax

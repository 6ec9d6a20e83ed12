// Names of files as other programs take them.
#pragma once

#include <string>
#include <string_view>

namespace natc {

/// A name without `./` and the like: from `directory` on where the file lies below it, else absolute. That of standard input stays.
[[nodiscard]] std::string tidy_path(std::string_view name, std::string_view directory);

/// A path in the spelling of a URI: what is neither a letter, a digit nor one of `-._~/` as `%20`.
[[nodiscard]] std::string percent_encoded(std::string_view path);

}  // namespace natc

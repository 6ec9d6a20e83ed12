// A report in the words of other programs.
#pragma once

#include <string>
#include <string_view>

#include "formats/report.hpp"

namespace natc {

/// A line a finding: `lab.net:3:12: error: message [N3006]`. What cannot be shown on a terminal stands as `?`.
[[nodiscard]] std::string as_short(const Report& report);

/// One JSON document: `diagnostics`, `fixed`, `unread` and `summary`.
[[nodiscard]] std::string as_json(const Report& report);

/// One run of SARIF 2.1.0. `version` is natc's; `directory`, absolute, is where natc was run: files below it are named from there.
[[nodiscard]] std::string as_sarif(const Report& report, std::string_view version, std::string_view directory);

/// Commands for the log of a GitHub Actions workflow, which makes annotations of them. `directory` as above.
[[nodiscard]] std::string as_github(const Report& report, std::string_view directory);

}  // namespace natc

// What the schema of SARIF 2.1.0 asks of the objects that natc writes.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace natc {

/// Every fault of a log, with the path to it; empty for a valid one.
[[nodiscard]] std::vector<std::string> faults_of_sarif(const nlohmann::json& log);

}  // namespace natc

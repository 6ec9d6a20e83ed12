// The services that natc knows by itself.
#pragma once

#include <string_view>
#include <vector>

#include "model/model.hpp"

namespace natc {

/// The text of rules/services.net, built in.
extern const std::string_view builtin_services_text;

/// What it says, by name. It is read when somebody asks first: most files name no service. Places in it are of no text of the run's.
[[nodiscard]] const std::vector<Service>& builtin_services();
/// nullptr for any other name.
[[nodiscard]] const Service* builtin_service(std::string_view name);

}  // namespace natc

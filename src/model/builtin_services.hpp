#pragma once

#include <string_view>

namespace natc {

/// The text of rules/services.net, built in.
extern const std::string_view builtin_services_text;

}  // namespace natc

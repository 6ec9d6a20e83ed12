// Services: from words to values. Inner header of src/model.
#pragma once

#include <vector>

#include "model/resolve_rule.hpp"
#include "model/scope.hpp"

namespace natc {

/// Makes services known by name.
void declare_services(const std::vector<syntax::Service>& written, RuleResolver& rules, Scope& scope);

}  // namespace natc

// What may stand in `match "…"`. Inner header of src/model.
#pragma once

#include <string>
#include <string_view>

namespace natc {

/// Why a text is not one or more `-m MATCH` with their options, in plain words; empty if it is. Such a text goes
/// into a rule word for word, so that it must not end the rule, begin another one or say what natc says itself.
[[nodiscard]] std::string fault_of_match_text(std::string_view text);

}  // namespace natc

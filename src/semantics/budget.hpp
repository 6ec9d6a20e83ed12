// How much work an answer is worth.
#pragma once

#include <cstdint>

namespace natc::semantics {

/// Steps after which the answer is 'undecided': some seconds on one core. A step is one box looked at.
inline constexpr std::uint64_t steps = 1'000'000'000;

}  // namespace natc::semantics

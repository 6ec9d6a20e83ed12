// How much work an answer is worth.
#pragma once

#include <cstdint>

namespace natc::semantics {

/// Steps after which the answer is 'undecided'. A step is one box looked at; what takes memory counts as many. A thousand rules that all overlap, against
/// the same in another order, end here after some seconds on one core; 10,000 rules such as people write take a few million.
inline constexpr std::uint64_t steps = 100'000'000;

}  // namespace natc::semantics

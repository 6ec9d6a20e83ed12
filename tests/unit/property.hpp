// Properties that hold for whatever rapidcheck thinks of. The same cases each time, unless RC_PARAMS says otherwise.
#pragma once

#include <cstdlib>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace natc::testing {

// rapidcheck reads it once, with the first property.
inline const bool same_cases_each_time = setenv("RC_PARAMS", "seed=20 max_success=100", 0) == 0;

/// Fails the running test with the smallest counterexample found.
template <typename Property>
void check(Property property) {
    ASSERT_TRUE(rc::check(property));
}

}  // namespace natc::testing

// The order of places: that of the text.
#pragma once

#include "base/source.hpp"

namespace natc {

struct BySpan {
    bool operator()(const Span& a, const Span& b) const { return a.begin != b.begin ? a.begin < b.begin : a.end < b.end; }
};

}  // namespace natc

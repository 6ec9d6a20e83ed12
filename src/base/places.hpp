// Where many places are, one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/source.hpp"

namespace natc {

/// The line that a place lies on, and where on it; number and column as in Location.
struct PlaceInLine {
    Span line;
    std::size_t number = 0;
    std::size_t column = 0;
    std::string_view file;
};

/// As Sources::line_of and locate, but places on one line after another cost no second look at what
/// is before them: a file may be one line of a million errors.
class Places {
public:
    explicit Places(const Sources& sources) : sources_(sources) {}

    /// Good until the next call.
    const PlaceInLine& at(std::uint32_t offset);

private:
    const Sources& sources_;
    PlaceInLine place_;
    std::uint32_t counted_to_ = 0;
};

}  // namespace natc

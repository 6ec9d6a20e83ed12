#include "base/places.hpp"

#include <algorithm>

#include "base/showable.hpp"

namespace natc {

const PlaceInLine& Places::at(std::uint32_t offset) {
    if (place_.number == 0 || offset < place_.line.begin || offset > place_.line.end) {
        place_.line = sources_.line_of(offset);
        const Location start = sources_.locate(place_.line.begin);
        place_.number = start.line;
        place_.file = start.file;
        counted_to_ = offset + 1;
    }
    if (offset < counted_to_) {
        counted_to_ = place_.line.begin;
        place_.column = 1;
    }
    const auto between = sources_.text({counted_to_, offset});
    place_.column += static_cast<std::size_t>(std::count_if(between.begin(), between.end(), [](char c) { return !continues(c); }));
    counted_to_ = offset;
    return place_;
}

}  // namespace natc

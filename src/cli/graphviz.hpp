// Graphviz' `dot`, where it is installed.
#pragma once

#include <string>
#include <string_view>

namespace natc::cli {

struct Drawn {
    std::string svg;
    std::string error;  ///< empty if that went well, else why not, in one line
};

/// Has `dot` draw a picture.
[[nodiscard]] Drawn draw_svg(std::string_view dot);

}  // namespace natc::cli

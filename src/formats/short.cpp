#include <fmt/format.h>

#include "base/showable.hpp"
#include "formats/formats.hpp"

namespace natc {

std::string as_short(const Report& report) {
    std::string text;
    for (const Finding& finding : report.findings()) {
        append_shown(text, finding.place.file);
        if (const auto& region = finding.place.region) text += fmt::format(":{}:{}", region->line, region->column);
        text += fmt::format(": {}: ", word_of(finding.severity));
        append_prose(text, finding.message);
        text += fmt::format(" [{}]\n", spelled(finding.code));
    }
    if (report.unlisted() != 0) text += fmt::format("natc: {} more are not shown\n", report.unlisted());
    return text;
}

}  // namespace natc

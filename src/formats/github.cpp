#include <algorithm>
#include <fmt/format.h>

#include "formats/formats.hpp"
#include "formats/path.hpp"

namespace natc {

namespace {

/// What a command says: one line, in which `%` stands for the signs that end it.
std::string data(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '%' || c == '\r' || c == '\n')
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        else
            out += c;
    }
    return out;
}

/// The value of a property: `:` and `,` end it too.
std::string property(std::string_view text) {
    std::string out;
    for (const char c : data(text)) {
        if (c == ':' || c == ',')
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        else
            out += c;
    }
    return out;
}

std::string_view command_of(Severity severity) { return severity == Severity::note ? "notice" : word_of(severity); }

std::string command(std::string_view name, const std::string& properties, std::string_view title, std::string_view message) {
    return fmt::format("::{} {}title={}::{}\n", name, properties, property(title), data(message));
}

std::string properties_of(const Place& place, std::string_view directory) {
    std::string text = fmt::format("file={},", property(tidy_path(place.file, directory)));
    const auto& region = place.region;
    if (!region) return text;
    text += fmt::format("line={},", region->line);
    // Columns go with one line alone, and the last one is within.
    if (region->line == region->end_line)
        return text + fmt::format("col={},endLine={},endColumn={},", region->column, region->end_line, std::max(region->column + 1, region->end_column) - 1);
    return text + fmt::format("endLine={},", region->end_line);
}

}  // namespace

std::string as_github(const Report& report, std::string_view directory) {
    std::string text;
    for (const Unread& file : report.unread())
        text += command("error", properties_of({file.file, std::nullopt}, directory), "natc", fmt::format("cannot read {}: {}", file.file, file.reason));
    for (const Finding& finding : report.findings()) {
        std::string message = finding.message;
        for (const PlacedText& label : finding.labels) {
            const Place& place = label.place;
            message += fmt::format("\n{}{}: {}", tidy_path(place.file, directory), place.region ? fmt::format(":{}", place.region->line) : "", label.text);
        }
        if (!finding.help.empty()) message += fmt::format("\nhelp: {}", finding.help);
        text += command(command_of(finding.severity), properties_of(finding.place, directory), spelled(finding.code), message);
    }
    if (report.unlisted() != 0) text += command("warning", {}, "natc", fmt::format("{} more are not listed", report.unlisted()));
    return text;
}

}  // namespace natc

#include <nlohmann/json.hpp>

#include "formats/formats.hpp"

namespace natc {

namespace {

using nlohmann::ordered_json;

ordered_json at(const Place& place) {
    ordered_json object;
    object["file"] = place.file;
    if (const auto& region = place.region) {
        object["line"] = region->line;
        object["column"] = region->column;
        object["end_line"] = region->end_line;
        object["end_column"] = region->end_column;
    }
    return object;
}

ordered_json list_of(const std::vector<PlacedText>& texts, const char* called) {
    ordered_json list = ordered_json::array();
    for (const PlacedText& text : texts) {
        ordered_json one = at(text.place);
        one[called] = text.text;
        list.push_back(std::move(one));
    }
    return list;
}

ordered_json list_of(const std::vector<Finding>& findings) {
    ordered_json list = ordered_json::array();
    for (const Finding& finding : findings) {
        ordered_json one = at(finding.place);
        one["severity"] = word_of(finding.severity);
        one["code"] = spelled(finding.code);
        one["message"] = finding.message;
        one["labels"] = list_of(finding.labels, "message");
        if (!finding.help.empty()) one["help"] = finding.help;
        one["fixes"] = list_of(finding.fixes, "text");
        list.push_back(std::move(one));
    }
    return list;
}

}  // namespace

std::string as_json(const Report& report) {
    ordered_json unread = ordered_json::array();
    for (const Unread& file : report.unread()) unread.push_back({{"file", file.file}, {"reason", file.reason}});
    ordered_json document;
    document["diagnostics"] = list_of(report.findings());
    document["fixed"] = list_of(report.fixed());
    document["unread"] = std::move(unread);
    document["summary"] = {{"errors", report.errors()}, {"warnings", report.warnings()}, {"not_listed", report.unlisted()}};
    // Names of files are bytes, and a message may have cut a word of the input.
    return document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace natc

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

#include "formats/formats.hpp"
#include "formats/path.hpp"
#include "manual/manual.hpp"

namespace natc {

namespace {

using nlohmann::ordered_json;

constexpr const char* base_id = "%SRCROOT%";

/// `natc` has no other words than SARIF for how grave a finding is.
std::string_view level_of(Severity severity) { return word_of(severity); }

ordered_json message(std::string_view text) { return {{"text", text}}; }

ordered_json artifact_location(const std::string& file, std::string_view directory) {
    const std::string path = tidy_path(file, directory);
    if (path.starts_with('/')) return {{"uri", "file://" + percent_encoded(path)}};
    ordered_json location{{"uri", percent_encoded(path)}};
    if (path != standard_input) location["uriBaseId"] = base_id;
    return location;
}

ordered_json region_of(const Region& region) {
    return {{"startLine", region.line}, {"startColumn", region.column}, {"endLine", region.end_line}, {"endColumn", region.end_column}};
}

ordered_json location_of(const Place& place, std::string_view directory) {
    ordered_json physical{{"artifactLocation", artifact_location(place.file, directory)}};
    if (place.region) physical["region"] = region_of(*place.region);
    return {{"physicalLocation", std::move(physical)}};
}

ordered_json rule_of(Code code) {
    const std::string_view entry = manual_entry(code);
    ordered_json rule;
    rule["id"] = spelled(code);
    rule["shortDescription"] = message(title_of(code));
    rule["fullDescription"] = message(meaning(entry));
    rule["help"] = {{"text", plain_text(entry)}, {"markdown", entry}};
    rule["defaultConfiguration"] = {{"level", level_of(severity_of(code))}};
    return rule;
}

/// All of a finding's texts as one fix, with a change for each file.
ordered_json fix_of(const Finding& finding, std::string_view directory) {
    std::map<std::string, ordered_json> files;
    for (const PlacedText& fix : finding.fixes) {
        if (!fix.place.region) continue;
        ordered_json& replacements = files.try_emplace(fix.place.file, ordered_json::array()).first->second;
        replacements.push_back({{"deletedRegion", region_of(*fix.place.region)}, {"insertedContent", message(fix.text)}});
    }
    ordered_json changes = ordered_json::array();
    for (auto& [file, replacements] : files) changes.push_back({{"artifactLocation", artifact_location(file, directory)}, {"replacements", std::move(replacements)}});
    ordered_json fix;
    if (!finding.help.empty()) fix["description"] = message(finding.help);
    fix["artifactChanges"] = std::move(changes);
    return fix;
}

ordered_json result_of(const Finding& finding, std::size_t rule, std::string_view directory) {
    ordered_json result;
    result["ruleId"] = spelled(finding.code);
    result["ruleIndex"] = rule;
    result["level"] = level_of(finding.severity);
    result["message"] = message(finding.help.empty() ? finding.message : fmt::format("{}\nhelp: {}", finding.message, finding.help));
    result["locations"] = ordered_json::array({location_of(finding.place, directory)});
    if (!finding.labels.empty()) {
        ordered_json related = ordered_json::array();
        for (const PlacedText& label : finding.labels) {
            ordered_json location{{"id", related.size()}};
            location.update(location_of(label.place, directory));
            location["message"] = message(label.text);
            related.push_back(std::move(location));
        }
        result["relatedLocations"] = std::move(related);
    }
    if (!finding.fixes.empty()) result["fixes"] = ordered_json::array({fix_of(finding, directory)});
    return result;
}

/// What natc says of its own work.
ordered_json notifications_of(const Report& report, std::string_view directory) {
    ordered_json list = ordered_json::array();
    for (const Unread& file : report.unread()) {
        ordered_json one{{"level", "error"}, {"message", message(fmt::format("cannot read {}: {}", file.file, file.reason))}};
        one["locations"] = ordered_json::array({location_of({file.file, std::nullopt}, directory)});
        list.push_back(std::move(one));
    }
    if (report.unlisted() != 0) list.push_back({{"level", "warning"}, {"message", message(fmt::format("{} more findings are not listed", report.unlisted()))}});
    return list;
}

}  // namespace

std::string as_sarif(const Report& report, std::string_view version, std::string_view directory) {
    std::map<Code, std::size_t> rules;
    for (const Finding& finding : report.findings()) rules.emplace(finding.code, 0);
    ordered_json descriptors = ordered_json::array();
    for (auto& [code, index] : rules) {
        index = descriptors.size();
        descriptors.push_back(rule_of(code));
    }
    ordered_json results = ordered_json::array();
    for (const Finding& finding : report.findings()) results.push_back(result_of(finding, rules.at(finding.code), directory));

    ordered_json invocation{{"executionSuccessful", report.unread().empty()}};
    if (ordered_json notifications = notifications_of(report, directory); !notifications.empty()) invocation["toolExecutionNotifications"] = std::move(notifications);

    ordered_json run;
    run["tool"]["driver"] = {{"name", "natc"}, {"version", version}, {"semanticVersion", version}, {"rules", std::move(descriptors)}};
    run["invocations"] = ordered_json::array({std::move(invocation)});
    run["originalUriBaseIds"][base_id]["description"] = message("the directory that natc was run in");
    run["columnKind"] = "unicodeCodePoints";
    run["results"] = std::move(results);

    ordered_json log;
    log["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json";
    log["version"] = "2.1.0";
    log["runs"] = ordered_json::array({std::move(run)});
    return log.dump(2, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace natc

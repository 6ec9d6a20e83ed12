#include "unit/formats/sarif_rules.hpp"

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <set>
#include <string_view>

namespace natc {

namespace {

using nlohmann::json;

class Validator {
public:
    std::vector<std::string> faults;

    void log(const json& at) {
        object(at, "log", {"$schema", "version", "runs"}, {"version", "runs"});
        one_of(at, "log", "version", {"2.1.0"});
        each(at, "log", "runs", [this](const json& run, const std::string& path) { this->run(run, path); });
    }

private:
    using Names = std::set<std::string>;
    using Check = std::function<void(const json&, const std::string&)>;

    void fault(const std::string& path, const std::string& what) { faults.push_back(path + ": " + what); }

    /// The schema closes nearly every object: only these properties, and all of `required`.
    bool object(const json& at, const std::string& path, const Names& known, const Names& required) {
        if (!at.is_object()) {
            fault(path, "is no object");
            return false;
        }
        for (const auto& [name, value] : at.items())
            if (!known.contains(name)) fault(path, "has `" + name + "`");
        for (const std::string& name : required)
            if (!at.contains(name)) fault(path, "lacks `" + name + "`");
        return true;
    }

    void one_of(const json& at, const std::string& path, const char* name, const Names& values) {
        if (at.contains(name) && (!at[name].is_string() || !values.contains(at[name].get<std::string>()))) fault(path + '/' + name, "is " + at[name].dump());
    }

    void text(const json& at, const std::string& path, const char* name) {
        if (at.contains(name) && !at[name].is_string()) fault(path + '/' + name, "is no text");
    }

    void part(const json& at, const std::string& path, const char* name, const Check& check) {
        if (at.contains(name)) check(at[name], path + '/' + name);
    }

    void each(const json& at, const std::string& path, const char* name, const Check& check, std::size_t least = 0) {
        if (!at.contains(name)) return;
        const json& list = at[name];
        if (!list.is_array()) return fault(path + '/' + name, "is no list");
        if (list.size() < least) fault(path + '/' + name, "is too short");
        for (std::size_t i = 0; i < list.size(); ++i) check(list[i], path + '/' + name + '/' + std::to_string(i));
    }

    void number(const json& at, const std::string& path, const char* name, int least) {
        if (at.contains(name) && (!at[name].is_number_integer() || at[name].get<long>() < least)) fault(path + '/' + name, "is " + at[name].dump());
    }

    void level(const json& at, const std::string& path) { one_of(at, path, "level", {"none", "note", "warning", "error"}); }

    void message(const json& at, const std::string& path) {
        if (!object(at, path, {"text", "markdown", "id", "arguments"}, {})) return;
        if (!at.contains("text") && !at.contains("id")) fault(path, "has neither text nor id");
        text(at, path, "text");
        text(at, path, "markdown");
    }

    /// Of a multiformatMessageString.
    void formatted(const json& at, const std::string& path) {
        object(at, path, {"text", "markdown", "properties"}, {"text"});
        text(at, path, "text");
        text(at, path, "markdown");
        if (at.value("text", "").empty()) fault(path, "is empty");
    }

    Check messages() {
        return [this](const json& at, const std::string& path) { message(at, path); };
    }
    Check formatted_ones() {
        return [this](const json& at, const std::string& path) { formatted(at, path); };
    }

    void artifact_location(const json& at, const std::string& path) {
        if (!object(at, path, {"uri", "uriBaseId", "index", "description"}, {})) return;
        text(at, path, "uri");
        text(at, path, "uriBaseId");
        part(at, path, "description", messages());
        const std::string uri = at.value("uri", "");
        for (std::size_t i = 0; i < uri.size(); ++i) {
            const auto hex = [&](std::size_t k) { return k < uri.size() && std::isxdigit(static_cast<unsigned char>(uri[k])) != 0; };
            const bool plain = std::isalnum(static_cast<unsigned char>(uri[i])) != 0 || std::string_view("-._~/:").find(uri[i]) != std::string_view::npos;
            if (!plain && !(uri[i] == '%' && hex(i + 1) && hex(i + 2))) fault(path, "is no URI: " + uri);
        }
        if (at.contains("uriBaseId")) {
            if (uri.starts_with('/') || uri.find(':') != std::string::npos) fault(path, "is absolute, and has a base");
            if (!bases_.contains(at["uriBaseId"].get<std::string>())) fault(path, "has a base that the run does not name");
        }
    }

    void region(const json& at, const std::string& path) {
        object(at, path, {"startLine", "startColumn", "endLine", "endColumn"}, {"startLine"});
        for (const char* name : {"startLine", "startColumn", "endLine", "endColumn"}) number(at, path, name, 1);
        if (at.value("endLine", 1) < at.value("startLine", 1)) fault(path, "ends before it begins");
        if (at.value("endLine", 1) == at.value("startLine", 1) && at.value("endColumn", 1) < at.value("startColumn", 1)) fault(path, "ends before it begins");
    }

    void location(const json& at, const std::string& path) {
        if (!object(at, path, {"id", "physicalLocation", "message", "logicalLocations"}, {})) return;
        number(at, path, "id", -1);
        part(at, path, "message", messages());
        part(at, path, "physicalLocation", [this](const json& physical, const std::string& inside) {
            object(physical, inside, {"artifactLocation", "region", "contextRegion"}, {"artifactLocation"});
            part(physical, inside, "artifactLocation", [this](const json& a, const std::string& p) { artifact_location(a, p); });
            part(physical, inside, "region", [this](const json& a, const std::string& p) { region(a, p); });
        });
    }

    Check locations() {
        return [this](const json& at, const std::string& path) { location(at, path); };
    }

    void fix(const json& at, const std::string& path) {
        object(at, path, {"description", "artifactChanges"}, {"artifactChanges"});
        part(at, path, "description", messages());
        const Check replacement = [this](const json& one, const std::string& inside) {
            object(one, inside, {"deletedRegion", "insertedContent"}, {"deletedRegion"});
            part(one, inside, "deletedRegion", [this](const json& a, const std::string& p) { region(a, p); });
            part(one, inside, "insertedContent", [this](const json& a, const std::string& p) { object(a, p, {"text", "binary", "rendered"}, {}); });
        };
        const Check change = [this, &replacement](const json& one, const std::string& inside) {
            object(one, inside, {"artifactLocation", "replacements"}, {"artifactLocation", "replacements"});
            part(one, inside, "artifactLocation", [this](const json& a, const std::string& p) { artifact_location(a, p); });
            each(one, inside, "replacements", replacement, 1);
        };
        each(at, path, "artifactChanges", change, 1);
    }

    void rule(const json& at, const std::string& path) {
        object(at, path, {"id", "name", "shortDescription", "fullDescription", "help", "helpUri", "defaultConfiguration"}, {"id"});
        text(at, path, "id");
        for (const char* name : {"shortDescription", "fullDescription", "help"}) part(at, path, name, formatted_ones());
        part(at, path, "defaultConfiguration", [this](const json& a, const std::string& p) {
            object(a, p, {"enabled", "level", "rank"}, {});
            level(a, p);
        });
    }

    void result(const json& at, const std::string& path, const json& rules) {
        object(at, path, {"ruleId", "ruleIndex", "kind", "level", "message", "locations", "relatedLocations", "fixes"}, {"message"});
        level(at, path);
        part(at, path, "message", messages());
        each(at, path, "locations", locations(), 1);
        each(at, path, "relatedLocations", locations());
        each(at, path, "fixes", [this](const json& a, const std::string& p) { fix(a, p); });
        const auto index = at.value("ruleIndex", std::size_t{0});
        if (index >= rules.size() || rules[index].value("id", "") != at.value("ruleId", "-")) fault(path, "its ruleIndex is not that of its ruleId");
        std::set<long> ids;
        for (const json& related : at.value("relatedLocations", json::array()))
            if (!ids.insert(related.value("id", -1L)).second) fault(path, "two related locations have one id");
    }

    void invocation(const json& at, const std::string& path) {
        object(at, path, {"executionSuccessful", "toolExecutionNotifications", "exitCode"}, {"executionSuccessful"});
        if (!at.value("executionSuccessful", json()).is_boolean()) fault(path, "does not say whether it was successful");
        each(at, path, "toolExecutionNotifications", [this](const json& a, const std::string& p) {
            object(a, p, {"level", "message", "locations"}, {"message"});
            level(a, p);
            part(a, p, "message", messages());
            each(a, p, "locations", locations());
        });
    }

    void run(const json& at, const std::string& path) {
        if (!object(at, path, {"tool", "invocations", "originalUriBaseIds", "columnKind", "results"}, {"tool"})) return;
        one_of(at, path, "columnKind", {"utf16CodeUnits", "unicodeCodePoints"});
        part(at, path, "originalUriBaseIds", [this](const json& all, const std::string& inside) {
            for (const auto& [name, base] : all.items()) {
                bases_.insert(name);
                artifact_location(base, inside + '/' + name);
            }
        });
        json rules = json::array();
        part(at, path, "tool", [&](const json& tool, const std::string& inside) {
            object(tool, inside, {"driver", "extensions"}, {"driver"});
            part(tool, inside, "driver", [&](const json& driver, const std::string& p) {
                object(driver, p, {"name", "version", "semanticVersion", "informationUri", "rules"}, {"name"});
                for (const char* name : {"name", "version", "semanticVersion"}) text(driver, p, name);
                each(driver, p, "rules", [this](const json& a, const std::string& q) { rule(a, q); });
                rules = driver.value("rules", json::array());
            });
        });
        if (std::set<json>(rules.begin(), rules.end()).size() != rules.size()) fault(path, "a rule is there twice");
        each(at, path, "invocations", [this](const json& a, const std::string& p) { invocation(a, p); });
        each(at, path, "results", [&](const json& a, const std::string& p) { result(a, p, rules); });
    }

    Names bases_;
};

}  // namespace

std::vector<std::string> faults_of_sarif(const nlohmann::json& log) {
    Validator validator;
    validator.log(log);
    return validator.faults;
}

}  // namespace natc

#include "formats/formats.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/files.hpp"
#include "cli/front.hpp"
#include "unit/formats/sarif_rules.hpp"

namespace natc {
namespace {

using nlohmann::json;

/// A report on a file with characters of several bytes, some of them beyond UTF-16's first 65,536.
class Formats : public testing::Test {
protected:
    Formats() {
        file_ = sources_.add("./rules/a b,c:d%.net", "define x = 1\n  # \xF0\x9F\x90\xA7\xC3\xA9 accept frm 10.1.1.5/24\ninput {\n}\n");
        other_ = sources_.add("../common.net", "define x = 1\n");
    }

    Span find(std::string_view text) const {
        const auto at = static_cast<std::uint32_t>(sources_.text(file_).find(text));
        return {file_.begin + at, file_.begin + at + static_cast<std::uint32_t>(text.size())};
    }

    Report report() {
        diagnostics_.settle(sources_);
        Report report;
        report.add(diagnostics_, sources_);
        return report;
    }
    json sarif(const Report& report) {
        const json log = json::parse(as_sarif(report, "1.2.3", "/work"));
        EXPECT_EQ(faults_of_sarif(log), std::vector<std::string>());
        return log["runs"][0];
    }

    Sources sources_;
    Span file_, other_;
    Diagnostics diagnostics_;
};

TEST_F(Formats, CountCharacters) {
    diagnostics_.add(Code::host_bits, find("10.1.1.5/24"), "host bits").replace(find("10.1.1.5/24"), "10.1.1.0/24");
    const Report all = report();
    EXPECT_EQ(as_short(all), "./rules/a b,c:d%.net:2:19: error: host bits [N2003]\n");
    EXPECT_EQ(as_github(all, "/work"), "::error file=rules/a b%2Cc%3Ad%25.net,line=2,col=19,endLine=2,endColumn=29,title=N2003::host bits%0Ahelp: write 10.1.1.0/24\n");
    const json run = sarif(all);
    EXPECT_EQ(run["columnKind"], "unicodeCodePoints");
    const json wanted = {{"startLine", 2}, {"startColumn", 19}, {"endLine", 2}, {"endColumn", 30}};
    EXPECT_EQ(run["results"][0]["locations"][0]["physicalLocation"]["region"], wanted);
    const json change = run["results"][0]["fixes"][0]["artifactChanges"][0];
    EXPECT_EQ(change["artifactLocation"]["uri"], "rules/a%20b%2Cc%3Ad%25.net");
    EXPECT_EQ(change["replacements"][0]["deletedRegion"], wanted);
    EXPECT_EQ(change["replacements"][0]["insertedContent"]["text"], "10.1.1.0/24");
}

TEST_F(Formats, TellOtherPlacesAndSeveralLines) {
    diagnostics_.add(Code::port_forward_twice, join(find("frm"), find("input {")), "50% twice").see(other_, "the same one, or not");
    const Report all = report();
    EXPECT_EQ(as_short(all), "./rules/a b,c:d%.net:2:15: warning: 50% twice [N3016]\n");
    // Columns only go with one line.
    EXPECT_EQ(as_github(all, "/work"), "::warning file=rules/a b%2Cc%3Ad%25.net,line=2,endLine=3,title=N3016::50%25 twice%0A/common.net:1: the same one, or not\n");
    const json result = sarif(all)["results"][0];
    EXPECT_EQ(result["level"], "warning");
    EXPECT_EQ(result["relatedLocations"][0]["message"]["text"], "the same one, or not");
    EXPECT_EQ(result["relatedLocations"][0]["physicalLocation"]["artifactLocation"], json({{"uri", "file:///common.net"}}));
    const json one = json::parse(as_json(all))["diagnostics"][0];
    EXPECT_EQ(one, json({{"file", "./rules/a b,c:d%.net"},
                         {"line", 2},
                         {"column", 15},
                         {"end_line", 3},
                         {"end_column", 8},
                         {"severity", "warning"},
                         {"code", "N3016"},
                         {"message", "50% twice"},
                         {"labels", {{{"file", "../common.net"}, {"line", 1}, {"column", 1}, {"end_line", 2}, {"end_column", 1}, {"message", "the same one, or not"}}}},
                         {"fixes", json::array()}}));
}

TEST_F(Formats, GiveNoRegionWhereNoPlaceIsKnown) {
    diagnostics_.note(Code::review_undecided, {}, "entangled");
    const Report all = report();
    EXPECT_EQ(as_short(all), "./rules/a b,c:d%.net: note: entangled [N4017]\n");
    EXPECT_EQ(as_github(all, "/work"), "::notice file=rules/a b%2Cc%3Ad%25.net,title=N4017::entangled\n");
    const json result = sarif(all)["results"][0];
    EXPECT_EQ(result["level"], "note");
    EXPECT_FALSE(result["locations"][0]["physicalLocation"].contains("region"));
    EXPECT_FALSE(json::parse(as_json(all))["diagnostics"][0].contains("line"));
}

TEST_F(Formats, AnEmptyPlaceStaysOne) {
    const std::uint32_t end = find("input").begin - 1;
    diagnostics_.add(Code::missing_word, {end, end}, "something");
    const Report all = report();
    EXPECT_EQ(as_github(all, "/work"), "::error file=rules/a b%2Cc%3Ad%25.net,line=2,col=30,endLine=2,endColumn=30,title=N1004::something\n");
    const json region = sarif(all)["results"][0]["locations"][0]["physicalLocation"]["region"];
    EXPECT_EQ(region["startColumn"], region["endColumn"]);
}

TEST_F(Formats, WhatCannotBeShownOrIsNoUtf8) {
    diagnostics_.add(Code::unknown_word, find("frm"), "\x1b[31m \xC3 \r\n::error::forged");
    const Report all = report();
    EXPECT_EQ(as_short(all), "./rules/a b,c:d%.net:2:15: error: ?[31m ? ??::error::forged [N1003]\n");
    EXPECT_EQ(std::ranges::count(as_github(all, "/work"), '\n'), 1);
    EXPECT_EQ(json::parse(as_json(all))["diagnostics"][0]["message"], "\x1b[31m \xEF\xBF\xBD \r\n::error::forged");
    sarif(all);
}

TEST_F(Formats, SayWhatIsNotListed) {
    for (int i = 0; i < 130; ++i) diagnostics_.add(Code::unknown_word, find("frm"), std::to_string(i));
    const Report all = report();
    EXPECT_NE(as_short(all).find("\nnatc: 30 more are not shown\n"), std::string::npos);
    EXPECT_NE(as_github(all, "/work").find("\n::warning title=natc::30 more are not listed\n"), std::string::npos);
    EXPECT_EQ(json::parse(as_json(all))["summary"], json({{"errors", 130}, {"warnings", 0}, {"not_listed", 30}}));
    const json run = sarif(all);
    EXPECT_EQ(run["results"].size(), 100U);
    EXPECT_EQ(run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"], "30 more findings are not listed");
}

TEST_F(Formats, SayWhatCouldNotBeRead) {
    Report all;
    all.add_unread("no,where.net", "No such file");
    EXPECT_EQ(as_github(all, "/work"), "::error file=no%2Cwhere.net,title=natc::cannot read no,where.net: No such file\n");
    EXPECT_EQ(json::parse(as_json(all))["unread"], json({{{"file", "no,where.net"}, {"reason", "No such file"}}}));
    const json run = sarif(all);
    EXPECT_EQ(run["invocations"][0]["executionSuccessful"], false);
    EXPECT_EQ(run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"], "cannot read no,where.net: No such file");
    EXPECT_EQ(run["results"], json::array());
}

TEST_F(Formats, WhatTwoFilesIncludeIsToldOnce) {
    diagnostics_.add(Code::unknown_word, {other_.begin, other_.begin + 6}, "once");
    diagnostics_.add(Code::egress_missing, {other_.begin, other_.begin + 6}, "once");
    Report all = report();
    all.add(diagnostics_, sources_);
    EXPECT_EQ(all.findings().size(), 2U);
    EXPECT_EQ(all.errors(), 1U);
    EXPECT_EQ(all.warnings(), 1U);
    EXPECT_EQ(sarif(all)["tool"]["driver"]["rules"].size(), 2U);
}

TEST(Formats_, StandardInputIsNoFileBelowTheDirectory) {
    Sources sources;
    Diagnostics diagnostics;
    const Span text = sources.add(std::string(standard_input), "x");
    diagnostics.add(Code::unknown_word, text, "x");
    Report report;
    report.add(diagnostics, sources);
    const json log = json::parse(as_sarif(report, "1", "/work"));
    EXPECT_EQ(faults_of_sarif(log), std::vector<std::string>());
    EXPECT_EQ(log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"], json({{"uri", "%3Cstdin%3E"}}));
    EXPECT_TRUE(as_github(report, "/work").starts_with("::error file=<stdin>,line=1"));
}

/// Everything that the goldens are told is a valid log.
TEST(Formats_, EveryGoldenGivesAValidLog) {
    std::size_t results = 0;
    Report together;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(NATC_GOLDEN)) {
        if (entry.path().stem() != "input") continue;
        const cli::Front front = cli::run_front(cli::read_file(entry.path().string()), {{}, Family::ipv4});
        Report report;
        report.add(front.diagnostics, front.sources);
        together.add(front.diagnostics, front.sources);
        EXPECT_EQ(faults_of_sarif(json::parse(as_sarif(report, "1", NATC_GOLDEN))), std::vector<std::string>()) << entry.path();
        results += report.findings().size();
    }
    EXPECT_GT(results, 500U);
    const json all = json::parse(as_sarif(together, "1", NATC_GOLDEN));
    EXPECT_EQ(faults_of_sarif(all), std::vector<std::string>());
    EXPECT_EQ(all["runs"][0]["results"].size(), together.findings().size());
    EXPECT_EQ(json::parse(as_json(together))["diagnostics"].size(), together.findings().size());
}

/// The validator sees what it is there to see: whatever is taken out of a log, or put into it.
TEST(SarifRules, SeeFaults) {
    Sources sources;
    Diagnostics diagnostics;
    const Span text = sources.add("a.net", "x");
    diagnostics.add(Code::unknown_word, text, "x").see(text, "y").replace(text, "z");
    Report report;
    report.add(diagnostics, sources);
    report.add_unread("b.net", "gone");
    const json log = json::parse(as_sarif(report, "1", "/"));
    ASSERT_EQ(faults_of_sarif(log), std::vector<std::string>());
    for (const char* path : {"/version", "/runs", "/runs/0/tool", "/runs/0/tool/driver", "/runs/0/tool/driver/name", "/runs/0/tool/driver/rules", "/runs/0/tool/driver/rules/0/id",
                             "/runs/0/tool/driver/rules/0/help/text", "/runs/0/results/0/message", "/runs/0/results/0/message/text", "/runs/0/results/0/ruleId", "/runs/0/originalUriBaseIds",
                             "/runs/0/results/0/locations/0/physicalLocation/artifactLocation", "/runs/0/results/0/locations/0/physicalLocation/region/startLine",
                             "/runs/0/results/0/fixes/0/artifactChanges", "/runs/0/results/0/fixes/0/artifactChanges/0/replacements/0/deletedRegion", "/runs/0/invocations/0/executionSuccessful",
                             "/runs/0/invocations/0/toolExecutionNotifications/0/message"}) {
        json less = log;
        const json::json_pointer at(path);
        ASSERT_TRUE(less.contains(at)) << path;
        less[at.parent_pointer()].erase(at.back());
        EXPECT_NE(faults_of_sarif(less), std::vector<std::string>()) << path;
    }
    for (const auto& [path, value] : std::initializer_list<std::pair<const char*, json>>{{"/runs/0/columnKind", "bytes"},
                                                                                          {"/runs/0/results/0/level", "notice"},
                                                                                          {"/runs/0/results/0/ruleIndex", 1},
                                                                                          {"/runs/0/results/0/line", 1},
                                                                                          {"/runs/0/results/0/locations/0/physicalLocation/region/startColumn", 0},
                                                                                          {"/runs/0/results/0/locations/0/physicalLocation/region/endColumn", 0},
                                                                                          {"/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri", "a b.net"},
                                                                                          {"/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uriBaseId", "OTHER"}}) {
        json other = log;
        other[json::json_pointer(path)] = value;
        EXPECT_NE(faults_of_sarif(other), std::vector<std::string>()) << path;
    }
}

}  // namespace
}  // namespace natc

#include <gtest/gtest.h>

#include "layout/format.hpp"
#include "layout/unified_diff.hpp"
#include "unit/layout/patch.hpp"

namespace natc::testing {
namespace {

std::string diff_of(const std::string& text) { return layout::unified_diff("lab.net", text, layout::format(text)); }

TEST(UnifiedDiff, IsNothingWhereNothingChanges) {
    EXPECT_EQ(diff_of(""), "");
    EXPECT_EQ(diff_of("uplink eth0\n"), "");
}

TEST(UnifiedDiff, HasThreeLinesAround) {
    EXPECT_EQ(diff_of("# 1\n# 2\n# 3\n# 4\nuplink  eth0\n# 6\n# 7\n# 8\n# 9\n"),
              "--- lab.net\n+++ lab.net\n@@ -2,7 +2,7 @@\n # 2\n # 3\n # 4\n-uplink  eth0\n+uplink eth0\n # 6\n # 7\n # 8\n");
}

TEST(UnifiedDiff, TellsOfAMissingLineEnd) {
    EXPECT_EQ(diff_of("uplink eth0"), "--- lab.net\n+++ lab.net\n@@ -1 +1 @@\n-uplink eth0\n\\ No newline at end of file\n+uplink eth0\n");
}

TEST(UnifiedDiff, NamesTheLineAheadOfWhatIsTakenOut) { EXPECT_EQ(diff_of("\n\n"), "--- lab.net\n+++ lab.net\n@@ -1,2 +0,0 @@\n-\n-\n"); }

TEST(UnifiedDiff, PutsDistantChangesIntoHunksOfTheirOwn) {
    const std::string six = "# 1\n# 2\n# 3\n# 4\n# 5\n# 6\n";
    EXPECT_NE(diff_of("uplink  a\n" + six + "uplink  b\n").find("@@ -1,8 +1,8 @@"), std::string::npos);
    const std::string apart = diff_of("uplink  a\n" + six + "# 7\nuplink  b\n");
    EXPECT_NE(apart.find("@@ -1,4 +1,4 @@"), std::string::npos);
    EXPECT_NE(apart.find("@@ -6,4 +6,4 @@"), std::string::npos);
}

TEST(UnifiedDiff, KeepsLinesThatStay) {
    const std::string text = "input { accept\n\n\n    accept tcp 22\n}\n";
    EXPECT_EQ(diff_of(text), "--- lab.net\n+++ lab.net\n@@ -1,5 +1,5 @@\n-input { accept\n-\n+input {\n+    accept\n \n     accept tcp 22\n }\n");
}

}  // namespace
}  // namespace natc::testing

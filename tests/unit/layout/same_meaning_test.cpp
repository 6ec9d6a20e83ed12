// What a file means does not change with its layout: for every .net file of this repository.

#include <gtest/gtest.h>

#include "unit/layout/files.hpp"

namespace natc::testing {
namespace {

std::string laid_out(std::string text) {
    const std::optional<std::string> read = readable(text);
    return read ? layout::format(*read).text : text;
}

TEST(SameMeaning, OfEveryFile) {
    std::size_t changed = 0;
    for (const std::string& path : net_files()) {
        SCOPED_TRACE(path);
        const syntax::LoadedFile file = cli::read_file(path);
        const std::optional<std::string> text = readable(file);
        if (!text) continue;
        const std::string formatted = layout::format(*text).text;
        changed += static_cast<std::size_t>(formatted != *text);
        ASSERT_EQ(layout::format(formatted).text, formatted) << "once more, it is another";
        ASSERT_EQ(all_of_it(path, formatted, laid_out), all_of_it(path, *text, [](std::string same) { return same; }));
    }
    EXPECT_GT(changed, 100U);
}

}  // namespace
}  // namespace natc::testing

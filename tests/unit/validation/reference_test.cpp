// Every golden's iptables text does to every packet what the file's model promises.
#include <gtest/gtest.h>

#include "promised.hpp"

namespace natc::validation {
namespace {

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, DoesWhatIsPromised) {
    const auto written = write_up(GetParam());
    ASSERT_EQ(written->diagnostics.errors(), 0U);
    for (const Family family : all_families) {
        const std::string text = text_of(GetParam(), family);
        if (text.empty()) continue;
        const auto read = read_back(text, family);
        ASSERT_EQ(print(read->diagnostics, read->sources, false), "");
        EXPECT_EQ(departures(promised_by(written->model, family), *read, family), "") << name(family);
    }
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
    std::string name = info.param;
    for (char& c : name)
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
    return name;
}

TEST(Goldens, AreThere) { EXPECT_GE(goldens().size(), 89U); }

INSTANTIATE_TEST_SUITE_P(All, Golden, testing::ValuesIn(goldens()), test_name);

}  // namespace
}  // namespace natc::validation

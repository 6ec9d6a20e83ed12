#include "base/print.hpp"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace natc {
namespace {

class Print : public testing::Test {
protected:
    Sources sources;
    Span file;
    Diagnostics diagnostics;

    void text(std::string text) { file = sources.add("lab.net", std::move(text)); }
    Span at(std::string_view word) {
        const auto begin = static_cast<std::uint32_t>(sources.text(file).find(word)) + file.begin;
        return {begin, begin + static_cast<std::uint32_t>(word.size())};
    }
    std::string printed(bool colour = false) { return print(diagnostics, sources, colour); }
    /// The source line and the line of carets of the only diagnostic.
    std::string excerpt() {
        std::string all = printed();
        std::size_t begin = 0;
        for (int line = 0; line < 3; ++line) begin = all.find('\n', begin) + 1;
        return all.substr(begin);
    }
};

TEST_F(Print, NothingIsNothing) { EXPECT_EQ(printed(), ""); }

TEST_F(Print, PlaceLabelAndHelp) {
    text("# lab\n\n    subnet 10.1.0.0/16\n\n    subnet   10.1.1.7/24\n");
    diagnostics.add(at("10.1.1.7/24"), {Code::host_bits, "10.1.1.7/24 has host bits set", {}, {}})
        .see(at("subnet"), "first one stands here")
        .advise("write 10.1.1.0/24");
    EXPECT_EQ(printed(), R"(error[N2003]: 10.1.1.7/24 has host bits set
 --> lab.net:5:14
  |
5 |     subnet   10.1.1.7/24
  |              ^^^^^^^^^^^
 --> lab.net:3:5: first one stands here
  |
3 |     subnet 10.1.0.0/16
  |     ^^^^^^
  = help: write 10.1.1.0/24
)");
}

TEST_F(Print, TheGutterIsAsWideAsTheWidestNumber) {
    text("one\n2\n3\n4\n5\n6\n7\n8\n9\nten\n");
    diagnostics.add(Code::name_twice, at("one"), "twice").see(at("ten"), "here").advise("rename");
    EXPECT_EQ(printed(), R"(error[N3002]: twice
  --> lab.net:1:1
   |
1  | one
   | ^^^
  --> lab.net:10:1: here
   |
10 | ten
   | ^^^
   = help: rename
)");
}

TEST_F(Print, WithoutAPlace) {
    diagnostics.add(Code::too_large, {}, "too large").advise("split it");
    EXPECT_EQ(printed(), "error[N1015]: too large\n  = help: split it\n");
}

TEST_F(Print, ALabelInAnotherFile) {
    const Span other = sources.add("other.net", "guest a\n");
    text("guest a\n");
    diagnostics.add(Code::name_twice, at("a"), "a is there twice").see(other, "first");
    EXPECT_EQ(printed(), R"(error[N3002]: a is there twice
 --> lab.net:1:7
  |
1 | guest a
  |       ^
 --> other.net:1:1: first
  |
1 | guest a
  | ^^^^^^^
)");
}

TEST_F(Print, AFixStandsInForMissingHelp) {
    text("10.1.1.7/24");
    diagnostics.add(at("10.1.1.7/24"), {Code::host_bits, "host bits", {}, "10.1.1.0/24"});
    EXPECT_NE(printed().find("\n  = help: write 10.1.1.0/24\n"), std::string::npos);
}

TEST_F(Print, OneFixAloneAndOnlyWithoutHelp) {
    text("word");
    Diagnostic& one = diagnostics.add(Code::unknown_word, at("word"), "unknown");
    one.replace(at("word"), "a").replace(at("word"), "b");
    EXPECT_EQ(printed().find("help"), std::string::npos);
    one.fixes.pop_back();
    one.advise("say it");
    EXPECT_NE(printed().find("  = help: say it\n"), std::string::npos);
    EXPECT_EQ(printed().find("write"), std::string::npos);
    one.advise("");
    one.fixes[0].text = "";
    EXPECT_NE(printed().find("  = help: leave it out\n"), std::string::npos);
}

TEST_F(Print, SeveralLinesShowTheFirst) {
    text("network a {  \n  bridge b\n}\n");
    diagnostics.add(Code::incomplete_network, {file.begin, file.end}, "incomplete");
    EXPECT_EQ(excerpt(), "1 | network a {  \n  | ^^^^^^^^^^^\n");
}

TEST_F(Print, AnEmptyPlaceHasOneCaret) {
    text("accept tcp\r\ndrop");
    diagnostics.add(Code::missing_word, {file.begin + 10, file.begin + 10}, "missing");
    EXPECT_EQ(excerpt(), "1 | accept tcp\n  |           ^\n");
}

TEST_F(Print, ALineEndHasOneCaret) {
    text("accept tcp\r\ndrop");
    diagnostics.add(Code::missing_word, {file.begin + 11, file.begin + 12}, "missing");
    EXPECT_EQ(excerpt(), "1 | accept tcp\n  |           ^\n");
}

TEST_F(Print, TheEndOfTheFileHasOneCaret) {
    text("accept tcp");
    diagnostics.add(Code::missing_word, {file.end, file.end}, "missing");
    EXPECT_EQ(excerpt(), "1 | accept tcp\n  |           ^\n");
}

TEST_F(Print, AnEmptyLastLineHasOneCaret) {
    text("input {\n");
    diagnostics.add(Code::unclosed_brace, {file.end, file.end}, "unclosed");
    EXPECT_EQ(printed(), "error[N1005]: unclosed\n --> lab.net:2:1\n  |\n2 |\n  | ^\n");
}

TEST_F(Print, AnEmptyFileHasOneCaret) {
    text("");
    diagnostics.add(Code::missing_word, file, "empty");
    EXPECT_EQ(printed(), "error[N1004]: empty\n --> lab.net:1:1\n  |\n1 |\n  | ^\n");
}

TEST_F(Print, TabsStayTabs) {
    text("\taccept\ttcp 0\n");
    diagnostics.add(Code::bad_port, at("0"), "port 0");
    EXPECT_EQ(excerpt(), "1 | \taccept\ttcp 0\n  | \t      \t    ^\n");
}

TEST_F(Print, TabsInThePlace) {
    text("\taccept\ttcp 0\n");
    diagnostics.add(Code::bad_port, at("accept\ttcp"), "port 0");
    EXPECT_EQ(excerpt(), "1 | \taccept\ttcp 0\n  | \t^^^^^^\t^^^\n");
}

TEST_F(Print, CountsCharactersNotBytes) {
    text("# äöü\nlog \"Übergröße\" x");
    diagnostics.add(Code::extra_word, at("x"), "extra").see(at("\"Übergröße\""), "text");
    EXPECT_EQ(printed(), "error[N1011]: extra\n"
                         " --> lab.net:2:17\n  |\n"
                         "2 | log \"Übergröße\" x\n  |                 ^\n"
                         " --> lab.net:2:5: text\n  |\n"
                         "2 | log \"Übergröße\" x\n  |     ^^^^^^^^^^^\n");
}

TEST_F(Print, WhatCannotBeShown) {
    // A lone continuation, a lead without its tail, escape, DEL, NEL, a surrogate, an overlong
    // slash, a right-to-left override; the euro sign is fine.
    using namespace std::string_literals;
    text("a\x80 \xC3 \x1b[31m \x7f \xC2\x85 \xED\xA0\x80 \xC0\xAF "
         "\xE2\x80\xAE \xE2\x82\xAC \0 \xF4\x90\x80\x80 !"s);
    diagnostics.add(Code::not_utf8, at("!"), "odd");
    EXPECT_EQ(excerpt(), "1 | a? ? ?[31m ? ? ??? ?? ? \xE2\x82\xAC ? ???? !\n"
                         "  |                                  ^\n");
}

TEST_F(Print, WhatCannotBeShownInAMessage) {
    text("x");
    diagnostics.add(Code::unknown_word, at("x"), "\x1b[2J\n is\tunknown \xFF");
    EXPECT_EQ(printed().substr(0, printed().find('\n')), "error[N1003]: ?[2J? is\tunknown ?");
}

TEST_F(Print, WhatCannotBeShownInAName) {
    const Span other = sources.add("a\nb\x1b.net", "x");
    diagnostics.add(Code::unknown_word, other, "unknown");
    EXPECT_NE(printed().find(" --> a?b?.net:1:1\n"), std::string::npos);
}

TEST_F(Print, VeryLongWordsAreCut) {
    text("x");
    diagnostics.add(Code::unknown_word, at("x"), std::string(100'000, 'y') + " is unknown");
    EXPECT_LT(printed().size(), 400U);
    EXPECT_NE(printed().find("… is unknown\n"), std::string::npos);
}

TEST_F(Print, ALineAtTheLimitIsWhole) {
    text(std::string(159, 'a') + "!");
    diagnostics.add(Code::unknown_word, at("!"), "unknown");
    EXPECT_EQ(excerpt(),
              "1 | " + std::string(159, 'a') + "!\n  | " + std::string(159, ' ') + "^\n");
}

TEST_F(Print, ALongLineIsCutAtItsEnd) {
    text("!" + std::string(160, 'a'));
    diagnostics.add(Code::unknown_word, at("!"), "unknown");
    EXPECT_EQ(excerpt(), "1 | !" + std::string(159, 'a') + "…\n  | ^\n");
}

TEST_F(Print, ALongLineIsCutAtItsStart) {
    text(std::string(160, 'a') + "!");
    diagnostics.add(Code::unknown_word, at("!"), "unknown");
    EXPECT_EQ(excerpt(),
              "1 | …" + std::string(159, 'a') + "!\n  | " + std::string(160, ' ') + "^\n");
}

TEST_F(Print, ALongLineIsCutAroundThePlace) {
    text(std::string(1000, 'a') + "!!" + std::string(1000, 'b'));
    diagnostics.add(Code::unknown_word, at("!!"), "unknown");
    EXPECT_EQ(excerpt(), "1 | …" + std::string(79, 'a') + "!!" + std::string(79, 'b') + "…\n  | " +
                             std::string(80, ' ') + "^^\n");
}

TEST_F(Print, ALongPlaceIsCutToo) {
    text(std::string(1000, 'a') + std::string(1000, '!') + "b");
    diagnostics.add(Code::unknown_word, {file.begin + 1000, file.begin + 2000}, "unknown");
    EXPECT_EQ(excerpt(), "1 | …" + std::string(20, 'a') + std::string(140, '!') + "…\n  | " +
                             std::string(21, ' ') + std::string(140, '^') + "\n");
}

TEST_F(Print, ALongLineIsCutBetweenCharacters) {
    for (int shift = 0; shift < 4; ++shift) {
        std::string line(static_cast<std::size_t>(shift), 'a');
        for (int i = 0; i < 100; ++i) line += "€";
        line += "!";
        for (int i = 0; i < 100; ++i) line += "€";
        Sources own;
        const Span all = own.add("lab.net", line);
        const auto begin = all.begin + static_cast<std::uint32_t>(line.find('!'));
        Diagnostics list;
        list.add(Code::unknown_word, {begin, begin + 1}, "unknown");
        const std::string out = print(list, own, false);
        EXPECT_EQ(out.find('?'), std::string::npos) << out;
        EXPECT_NE(out.find("| …€"), std::string::npos) << out;
        EXPECT_NE(out.find("€…\n"), std::string::npos) << out;
    }
}

TEST_F(Print, ABlankLineBetweenAndACountAtTheEnd) {
    text("a b");
    diagnostics.add(Code::bad_port, at("a"), "one");
    diagnostics.add(Code::egress_missing, at("b"), "two");
    diagnostics.note(Code::load_both, {}, "three");
    EXPECT_EQ(printed(), R"(error[N2005]: one
 --> lab.net:1:1
  |
1 | a b
  | ^

warning[N3012]: two
 --> lab.net:1:3
  |
1 | a b
  |   ^

note[N4101]: three

natc: 1 error, 1 warning
)");
}

TEST_F(Print, CountsOfMany) {
    text("a");
    const auto last_line = [&] {
        std::string all = printed();
        return all.substr(all.rfind('\n', all.size() - 2) + 1);
    };
    diagnostics.add(Code::egress_missing, at("a"), "one");
    EXPECT_EQ(printed().find("natc:"), std::string::npos);
    diagnostics.add(Code::egress_missing, at("a"), "two");
    EXPECT_EQ(last_line(), "natc: 2 warnings\n");
    for (int i = 0; i < 3; ++i) diagnostics.add(Code::bad_port, at("a"), "more");
    EXPECT_EQ(last_line(), "natc: 3 errors, 2 warnings\n");
    for (int i = 0; i < 200; ++i) diagnostics.add(Code::bad_port, at("a"), std::to_string(i));
    diagnostics.settle(sources);
    // What was said twice is said and counted once.
    EXPECT_EQ(last_line(), "natc: 201 errors, 2 warnings (100 shown)\n");
}

TEST_F(Print, InColour) {
    text("a b");
    diagnostics.add(Code::bad_port, at("a"), "one").see(at("b"), "two").advise("three");
    EXPECT_EQ(printed(true), "\x1b[1;31merror[N2005]\x1b[0m\x1b[1m: one\x1b[0m\n"
                             " \x1b[34m-->\x1b[0m lab.net:1:1\n"
                             "\x1b[34m  |\x1b[0m\n"
                             "\x1b[34m1 |\x1b[0m a b\n"
                             "\x1b[34m  |\x1b[0m \x1b[1;31m^\x1b[0m\n"
                             " \x1b[34m-->\x1b[0m lab.net:1:3: two\n"
                             "\x1b[34m  |\x1b[0m\n"
                             "\x1b[34m1 |\x1b[0m a b\n"
                             "\x1b[34m  |\x1b[0m   \x1b[34m^\x1b[0m\n"
                             "  \x1b[34m=\x1b[0m \x1b[32mhelp\x1b[0m: three\n");
}

TEST_F(Print, WithoutColourThereIsNoEscape) {
    text("a b");
    diagnostics.add(Code::bad_port, at("a"), "one");
    diagnostics.add(Code::egress_missing, at("a"), "one").advise("x");
    EXPECT_EQ(printed().find('\x1b'), std::string::npos);
}

TEST_F(Print, ColumnsAreThoseOfLocate) {
    text("ä\tbc\r\n\r\nd\xFF e\n€");
    for (std::uint32_t begin = file.begin; begin <= file.end; ++begin)
        for (std::uint32_t other = file.begin; other <= file.end; ++other) {
            Diagnostics list;
            list.add(Code::bad_port, {begin, begin}, "x");
            list.add(Code::bad_port, {other, other}, "x");
            const std::string out = print(list, sources, false);
            for (const std::uint32_t offset : {begin, other}) {
                const Location at = sources.locate(offset);
                EXPECT_NE(out.find(" --> lab.net:" + std::to_string(at.line) + ":" +
                                   std::to_string(at.column) + "\n"),
                          std::string::npos)
                    << out;
            }
        }
}

TEST_F(Print, AFileOfOneLineTakesNoLongerThanOthers) {
    // 32 MB in one line: to look through all of it for each diagnostic would take seconds.
    text(std::string(32'000'000, 'a'));
    for (std::uint32_t i = 0; i < Diagnostics::limit; ++i)
        diagnostics.add(Code::unknown_word, {file.end - 1000 + i, file.end - 999 + i}, "unknown")
            .see({file.end - 2000 + i, file.end - 1999 + i}, "see");
    const auto start = std::chrono::steady_clock::now();
    EXPECT_LT(printed().size(), 100'000U);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

}  // namespace
}  // namespace natc

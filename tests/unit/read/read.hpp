// What the tests of the reader share.
#pragma once

#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <string_view>

#include "base/print.hpp"
#include "read/dump.hpp"

namespace natc {

struct ReadDump {
    Sources sources;
    Diagnostics diagnostics;
    Dump dump;
    std::string said;  ///< as text
};

inline ReadDump read_text(std::string text, std::optional<Family> family = Family::ipv4) {
    ReadDump read;
    const Span span = read.sources.add("dump", std::move(text));
    read.dump = read_iptables_save(span, read.sources, family, read.diagnostics);
    read.said = print(read.diagnostics, read.sources, false);
    return read;
}

/// The rule that a line of FORWARD becomes, or of another chain of another table.
inline ir::Rule read_rule(std::string_view words, std::string_view table = "filter", std::string_view chain = "FORWARD") {
    const ReadDump read = read_text("*" + std::string(table) + "\n:other - [0:0]\n-A " + std::string(chain) + " " + std::string(words) + "\nCOMMIT\n");
    EXPECT_EQ(read.said, "") << words;
    for (const ir::Table& one : read.dump.program.tables)
        for (const ir::Chain& in : one.chains)
            if (!in.rules.empty()) return in.rules.front();
    ADD_FAILURE() << "no rule: " << words;
    return {};
}

}  // namespace natc

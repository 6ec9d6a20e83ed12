// The goldens, as the tests of validation want them: the model of what was written, and the rules of the text that natc made of it.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/print.hpp"
#include "check/checks.hpp"
#include "cli/files.hpp"
#include "model/resolve.hpp"
#include "read/dump.hpp"
#include "syntax/load.hpp"

namespace natc::validation {

inline std::string slurp(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Where the goldens are; NATC_GOLDENS names another folder of that kind, with whatever shall be proved.
inline std::string root() {
    const char* other = std::getenv("NATC_GOLDENS");
    return other != nullptr ? other : NATC_GOLDEN;
}

inline std::string text_of(const std::string& golden, Family family) {
    return slurp(root() + "/" + golden + (family == Family::ipv4 ? "/expected.iptables" : "/expected.ip6tables"));
}

/// `between/two` …: those whose input is a .net file with texts for iptables.
inline std::vector<std::string> goldens() {
    std::vector<std::string> names;
    for (const auto& area : std::filesystem::directory_iterator(root())) {
        if (!area.is_directory()) continue;
        for (const auto& golden : std::filesystem::directory_iterator(area.path()))
            if (exists(golden.path() / "input.net") && (exists(golden.path() / "expected.iptables") || exists(golden.path() / "expected.ip6tables")))
                names.push_back(area.path().filename().string() + '/' + golden.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// A .net file as far as its model.
struct Written {
    Sources sources;
    Diagnostics diagnostics;
    Model model;
};

inline std::unique_ptr<Written> write_up(const std::string& golden) {
    auto written = std::make_unique<Written>();
    const syntax::Input input = syntax::load(cli::read_file(root() + "/" + golden + "/input.net"), cli::read_included, written->sources, written->diagnostics);
    written->model = resolve(input, written->sources, written->diagnostics);
    check(written->model, written->diagnostics);
    // The policy of a network that writes none has been filled in: what it is to be, the tests say themselves.
    for (std::size_t i = 0; i < input.networks.size(); ++i)
        if (!input.networks[i].forward) written->model.networks.at(i).forward.reset();
    return written;
}

/// A text of iptables-save, read back.
struct Read {
    Sources sources;
    Diagnostics diagnostics;
    ir::Program program;
};

inline std::unique_ptr<Read> read_back(std::string text, Family family) {
    auto read = std::make_unique<Read>();
    const Span span = read->sources.add("text", std::move(text));
    read->program = read_iptables_save(span, read->sources, family, read->diagnostics).program;
    return read;
}

}  // namespace natc::validation

// Fuzzing the reader of dumps: whatever the bytes, natc says errors or reads them; and what it read, it writes so that
// it reads the same again.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/print.hpp"
#include "emit/iptables.hpp"
#include "emit/nft.hpp"
#include "optimise/passes.hpp"
#include "read/dump.hpp"

namespace {

using namespace natc;

Dump read(std::string text, std::string& said) {
    Sources sources;
    Diagnostics diagnostics;
    const Span span = sources.add("dump", std::move(text));
    Dump dump = read_iptables_save(span, sources, Family::ipv4, diagnostics);
    diagnostics.settle(sources);
    said = print(diagnostics, sources, false);
    return dump;
}

void expect(bool good, std::string_view what, std::string_view text) {
    if (good) return;
    std::fprintf(stderr, "%.*s\n%.*s", static_cast<int>(what.size()), what.data(), static_cast<int>(text.size()), text.data());
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string text(reinterpret_cast<const char*>(data), size);  // NOLINT(*-reinterpret-cast): bytes are what it gets
    static_cast<void>(looks_like_dump(text));
    std::string said;
    Dump dump = read(std::move(text), said);
    if (!said.empty()) return 0;
    const Family family = dump.families.contains(Family::ipv4) ? Family::ipv4 : Family::ipv6;

    const std::string written = emit_iptables(for_iptables(dump.program), family);
    Dump again = read(written, said);
    expect(said.empty(), "natc does not read what it wrote:", written + said);
    expect(emit_iptables(for_iptables(std::move(again.program)), family) == written, "what natc wrote is read as something else:", written);

    Diagnostics diagnostics;
    static_cast<void>(emit_nft(dump.program, diagnostics));

    for (ir::Table& table : dump.program.tables)
        for (ir::Chain& chain : table.chains)
            for (ir::Rule& rule : chain.rules) rule.spelling.clear();
    const std::string own = emit_iptables(for_iptables(std::move(dump.program)), family);
    static_cast<void>(read(own, said));
    expect(said.empty(), "natc does not read its own words:", own + said);
    return 0;
}

// Fuzzing the language: whatever the bytes, natc says errors or has a model of them. What has no errors of the syntax can be laid out, once for all.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "base/print.hpp"
#include "check/checks.hpp"
#include "layout/format.hpp"
#include "model/resolve.hpp"
#include "syntax/load.hpp"

namespace {

void lay_out(const std::string& bytes) {
    using namespace natc;
    Sources sources;
    Diagnostics diagnostics;
    const std::optional<Span> text = syntax::read_alone({"input", "input", bytes, {}}, sources, diagnostics);
    if (!text) return;
    const std::string once = layout::format(sources.text(*text)).text;
    const std::optional<Span> again = syntax::read_alone({"again", "again", once, {}}, sources, diagnostics);
    if (!again || layout::format(sources.text(*again)).text != once) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace natc;
    std::string text(reinterpret_cast<const char*>(data), size);  // NOLINT(*-reinterpret-cast): bytes are what it gets
    lay_out(text);
    Sources sources;
    Diagnostics diagnostics;
    const syntax::Loader nothing = [](std::string_view, std::string_view) { return syntax::LoadedFile{"other", "other", {}, "there is no other file"}; };
    const syntax::Input input = syntax::load({"input", "input", std::move(text), {}}, nothing, sources, diagnostics);
    Model model = resolve(input, sources, diagnostics);
    check(model, diagnostics);
    diagnostics.settle(sources);
    static_cast<void>(print(diagnostics, sources, false));
    return 0;
}

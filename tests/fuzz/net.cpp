// Fuzzing the language: whatever the bytes, natc says errors or has a model of them.
#include <cstdint>
#include <string>

#include "base/print.hpp"
#include "check/checks.hpp"
#include "model/resolve.hpp"
#include "syntax/load.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace natc;
    std::string text(reinterpret_cast<const char*>(data), size);  // NOLINT(*-reinterpret-cast): bytes are what it gets
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

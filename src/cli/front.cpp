#include "cli/front.hpp"

#include <utility>

#include "check/checks.hpp"
#include "cli/files.hpp"
#include "emit/iptables.hpp"
#include "emit/nft.hpp"
#include "lower/lower.hpp"
#include "model/resolve.hpp"
#include "optimise/passes.hpp"

namespace natc::cli {

Front run_front(syntax::LoadedFile file) {
    Front front;
    const auto loader = [&](std::string_view path, std::string_view from) {
        front.included.push_back(path_of_included(path, from));
        return read_included(path, from);
    };
    const syntax::Input input = syntax::load(std::move(file), loader, front.sources, front.diagnostics);
    // Names and values are looked at even where the syntax has faults: as many errors in one run as are not each other's.
    Model model = resolve(input, front.sources, front.diagnostics);
    check(model, front.diagnostics);
    // Rules are made only of a model that is true.
    if (front.diagnostics.errors() == 0) front.program = lower(model, front.diagnostics);
    front.model = std::move(model);
    front.diagnostics.settle(front.sources);
    return front;
}

std::string emit(Front& front, Target target) {
    std::string text;
    switch (target) {
        case Target::iptables: text = emit_iptables(for_iptables(std::move(front.program)), Family::ipv4); break;
        case Target::ip6tables: text = emit_iptables(for_iptables(std::move(front.program)), Family::ipv6); break;
        case Target::nft: text = emit_nft(front.program, front.diagnostics); break;
    }
    front.diagnostics.settle(front.sources);
    return text;
}

}  // namespace natc::cli

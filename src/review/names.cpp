#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "review/review.hpp"

namespace natc {

namespace {

/// A run of values of one kind, whichever that is.
struct Run {
    uint128 first, last;
    std::string text;
    Span span;
};

void say_held(const Run& inner, const Run& outer, std::string_view define, Diagnostics& diagnostics) {
    const bool twice = inner.text == outer.text;
    diagnostics
        .add(Code::held_by_another, inner.span,
             twice ? fmt::format("{} stands in `{}` twice", inner.text, define)
                   : fmt::format("{} lies in {}, which stands in `{}` too", inner.text, outer.text, define))
        .see(outer.span, twice ? "the first time" : "it lies in this one")
        .advise("leave it out");
}

void runs(std::vector<Run> all, std::string_view define, Diagnostics& diagnostics) {
    // What holds another one stands ahead of it; of the same, the one that was written first.
    std::stable_sort(all.begin(), all.end(), [](const Run& a, const Run& b) { return a.first != b.first ? a.first < b.first : b.last < a.last; });
    const Run* widest = nullptr;
    for (const Run& run : all) {
        if (widest != nullptr && run.last <= widest->last) {
            say_held(run, *widest, define, diagnostics);
        } else {
            widest = &run;
        }
    }
}

void interfaces(const Define& define, Diagnostics& diagnostics) {
    std::map<std::string, Span> seen;
    const auto held = [&](const Define::Element<InterfaceName>& element, const std::string& by, Span span) {
        say_held({0, 0, std::string(element.value.text()), element.span}, {0, 0, by, span}, define.name, diagnostics);
    };
    for (const auto& element : define.interfaces) {
        const auto [at, fresh] = seen.try_emplace(std::string(element.value.text()), element.span);
        if (!fresh) held(element, at->first, at->second);
    }
    for (const auto& element : define.interfaces) {
        const std::string_view stem = element.value.stem();
        for (std::size_t length = 1; length <= stem.size(); ++length) {
            const auto at = seen.find(std::string(stem.substr(0, length)) + "+");
            if (at == seen.end() || at->first == element.value.text()) continue;
            held(element, at->first, at->second);
            break;
        }
    }
}

void unused(std::string_view kind, const std::string& name, Span span, Diagnostics& diagnostics) {
    diagnostics.add(Code::unused, span, fmt::format("nothing uses the {} `{}`", kind, name)).advise("leave it out");
}

}  // namespace

void review_names(const Model& model, const Sources& sources, Diagnostics& diagnostics) {
    for (const Define& define : model.defines) {
        std::vector<Run> of_family[2], ports;
        for (const auto& [range, span] : define.addresses)
            of_family[static_cast<std::size_t>(range.family())].push_back({range.first().value(), range.last().value(), to_string(range), span});
        for (const auto& [range, span] : define.ports) ports.push_back({range.first, range.last, to_string(range), span});
        for (auto* all : {&of_family[0], &of_family[1], &ports}) runs(std::move(*all), define.name, diagnostics);
        interfaces(define, diagnostics);
    }
    // A file of names alone is there for others to include; and of one that is included, nobody uses everything.
    const bool names_alone =
        model.networks.empty() && model.port_forwards.empty() && model.chains.empty() && !model.input && !model.output && !model.forward;
    if (names_alone) return;
    const Span own = sources.first();
    const auto is_own = [&](Span span) { return own.begin <= span.begin && span.end <= own.end; };
    for (const Define& define : model.defines)
        if (!define.used && is_own(define.span)) unused("define", define.name, define.span, diagnostics);
    for (const Service& service : model.services)
        if (!service.used && is_own(service.span)) unused("service", service.name, service.span, diagnostics);
    for (const ChainBlock& chain : model.chains)
        if (chain.hooks == 0 && !chain.body.rules.empty() && is_own(chain.span))
            diagnostics.add(Code::unused, chain.span, fmt::format("no packet comes to chain `{}`: no rule that is asked jumps there", chain.name))
                .advise("let a rule `jump` to it, or leave it out");
}

}  // namespace natc

// How long each phase of a compile takes. The number behind the name is that of the port-forwards.
#include <string>
#include <utility>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "check/checks.hpp"
#include "cli/front.hpp"
#include "lower/lower.hpp"
#include "model/resolve.hpp"
#include "syntax/load.hpp"

namespace natc {
namespace {

std::string port_forwards(std::int64_t count) {
    std::string text = "uplink enp5s0\nnetwork lab {\n    bridge labbr0\n    subnet 10.0.0.0/8\n    masquerade\n";
    constexpr std::int64_t guests = 250;
    for (std::int64_t i = 0; i < guests; ++i) text += fmt::format("    guest g{} 10.1.0.{}\n", i, i + 2);
    text += "}\n";
    for (std::int64_t i = 0; i < count; ++i) text += fmt::format("port-forward tcp {} to g{}:22\n", i + 1, i % guests);
    return text;
}

syntax::LoadedFile nothing(std::string_view, std::string_view) { return {}; }

/// All that the phases make, one of the other.
struct Made {
    explicit Made(std::int64_t count) : text(port_forwards(count)), input(syntax::load({"lab.net", "lab.net", text, {}}, nothing, sources, diagnostics)), model(resolve(input, sources, diagnostics)) {
        check(model, diagnostics);
        program = lower(model, diagnostics, PortForwards::as_maps);
    }
    std::string text;
    Sources sources;
    Diagnostics diagnostics;
    syntax::Input input;
    Model model;
    ir::Program program;
};

void parse(benchmark::State& state) {
    const std::string text = port_forwards(state.range(0));
    for (auto _ : state) {
        Sources sources;
        Diagnostics diagnostics;
        benchmark::DoNotOptimize(syntax::load({"lab.net", "lab.net", text, {}}, nothing, sources, diagnostics));
    }
}

void resolve_names(benchmark::State& state) {
    Made made(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(resolve(made.input, made.sources, made.diagnostics));
}

void check_model(benchmark::State& state) {
    Made made(state.range(0));
    for (auto _ : state) check(made.model, made.diagnostics);
}

void lower_model(benchmark::State& state) {
    Made made(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(lower(made.model, made.diagnostics, PortForwards::as_maps));
}

/// From the rule program to the text: what is done to the rules for a target, and their spelling.
void text_of(benchmark::State& state, cli::Target target) {
    const Made made(state.range(0));
    for (auto _ : state) {
        state.PauseTiming();
        cli::Front front;
        front.program = made.program;
        state.ResumeTiming();
        benchmark::DoNotOptimize(cli::emit(front, target));
    }
}
void text_of_iptables(benchmark::State& state) { text_of(state, cli::Target::iptables); }
void text_of_nft(benchmark::State& state) { text_of(state, cli::Target::nft); }

/// All of it, to the text of iptables.
void whole(benchmark::State& state) {
    const std::string text = port_forwards(state.range(0));
    for (auto _ : state) {
        cli::Front front = cli::run_front({"lab.net", "lab.net", text, {}}, {{}, {}, nullptr, PortForwards::as_maps}, nothing);
        benchmark::DoNotOptimize(cli::emit(front, cli::Target::iptables));
    }
}

#define PHASE(function, name) BENCHMARK(function)->Name(name)->Arg(100)->Arg(10'000)->Arg(65'000)->Unit(benchmark::kMillisecond)
PHASE(whole, "whole");
PHASE(parse, "parse");
PHASE(resolve_names, "resolve");
PHASE(check_model, "check");
PHASE(lower_model, "lower");
PHASE(text_of_iptables, "optimise and emit, iptables");
PHASE(text_of_nft, "optimise and emit, nft");

}  // namespace
}  // namespace natc

BENCHMARK_MAIN();

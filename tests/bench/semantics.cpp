// How long the analysis takes. The number behind the name is that of the rules.
#include <algorithm>
#include <random>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "semantics/budget.hpp"
#include "semantics/differ.hpp"
#include "semantics/never.hpp"

namespace natc::semantics {
namespace {

std::mt19937 random_numbers(1);
std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_numbers() % end); }

/// Two addresses, protocol, two ports, two interfaces and the state, each in a good part of the rules.
ir::Rule random_rule() {
    ir::Rule rule;
    rule.families = Family::ipv4;
    const auto prefix = [] { return AddressRange::prefix(Address(Family::ipv4, 0x0A00'0000U + (below(1U << 16U) << 8U)), 10 + static_cast<int>(below(15))); };
    const auto ports = [] {
        const std::uint16_t first = static_cast<std::uint16_t>(1 + below(60'000));
        return std::vector<PortRange>{{first, static_cast<std::uint16_t>(first + (below(2) == 0 ? 0 : below(5'000)))}};
    };
    const auto masked = [](AddressRange range) { return AddressRange::prefix(range.first(), *range.prefix_length()); };
    if (below(20) != 0) rule.matches.emplace_back(ir::SourceAddress{masked(prefix()), false});
    if (below(20) != 0) rule.matches.emplace_back(ir::DestinationAddress{masked(prefix()), false});
    if (below(10) != 0) {
        rule.matches.emplace_back(ir::ProtocolIs{below(2) == 0 ? tcp : udp, false});
        if (below(4) == 0) rule.matches.emplace_back(ir::SourcePorts{ports(), false});
        if (below(4) != 0) rule.matches.emplace_back(ir::DestinationPorts{ports(), false});
    }
    if (below(2) == 0) rule.matches.emplace_back(ir::InInterface{*parse_interface(fmt::format("eth{}", below(8))), false});
    if (below(2) == 0) rule.matches.emplace_back(ir::OutInterface{*parse_interface(fmt::format("eth{}", below(8))), false});
    if (below(2) == 0) rule.matches.emplace_back(ir::Conntrack{});
    if (auto* tracked = rule.matches.empty() ? nullptr : std::get_if<ir::Conntrack>(&rule.matches.back()); tracked != nullptr) tracked->states.bits = static_cast<std::uint8_t>(1U << below(4));
    rule.statement = below(2) == 0 ? ir::Statement(ir::Accept{}) : ir::Statement(ir::Drop{});
    return rule;
}

ir::Program random_rules(std::size_t count) {
    random_numbers.seed(1);
    ir::Program program;
    program.tables.push_back(ir::empty_table(ir::TableName::filter));
    for (std::size_t i = 0; i < count; ++i) program.tables.front().at(ir::Hook::forward) << random_rule();
    return program;
}

/// What a file with many port-forwards becomes.
ir::Program port_forwards(std::size_t count) {
    ir::Program program;
    program.tables.push_back(ir::empty_table(ir::TableName::nat));
    program.tables.push_back(ir::empty_table(ir::TableName::filter));
    ir::Chain& forward = program.tables.back().at(ir::Hook::forward);
    ir::Rule established;
    established.families = Family::ipv4;
    ir::Conntrack tracked;
    tracked.states = ir::established_or_related;
    established.matches = {tracked};
    established.statement = ir::Accept{};
    forward << established;
    for (std::size_t i = 0; i < count; ++i) {
        ir::Rule rule;
        rule.families = Family::ipv4;
        const auto port = static_cast<std::uint16_t>(1 + i % 65'000);
        const Address inner(Family::ipv4, 0x0A01'0000U + static_cast<std::uint32_t>(i % 200 + 10));
        rule.matches = {ir::InInterface{*parse_interface("enp5s0"), false}, ir::ProtocolIs{i % 2 == 0 ? tcp : udp, false}, ir::DestinationPorts{{{port, port}}, false}, ir::DestinationIsLocal{}};
        rule.statement = ir::DestinationNat{AddressRange(inner), PortRange{22, 22}, {}, {}};
        program.tables.front().at(ir::Hook::prerouting) << rule;
    }
    ir::Rule let_in = established;
    tracked.states = ir::ConntrackState::dnat;
    let_in.matches = {ir::InInterface{*parse_interface("enp5s0"), false}, tracked};
    forward << let_in;
    forward.policy = ir::Policy::drop;
    return program;
}

/// Rules of which each meets each other.
ir::Program entangled_rules(std::size_t count) {
    random_numbers.seed(7);
    ir::Program program;
    program.tables.push_back(ir::empty_table(ir::TableName::filter));
    const auto wide = [] {
        const auto first = static_cast<std::uint16_t>(1 + below(30'000));
        return std::vector<PortRange>{{first, static_cast<std::uint16_t>(35'000 + below(30'000))}};
    };
    const auto addresses = [] { return AddressRange(Address(Family::ipv4, below(0x7000'0000U)), Address(Family::ipv4, 0x8000'0000U + below(0x7000'0000U))); };
    for (std::size_t i = 0; i < count; ++i) {
        ir::Rule rule;
        rule.families = Family::ipv4;
        rule.matches = {ir::SourceAddress{addresses(), false}, ir::DestinationAddress{addresses(), false}, ir::ProtocolIs{tcp, false}, ir::SourcePorts{wide(), false}, ir::DestinationPorts{wide(), false}};
        rule.statement = i % 2 == 0 ? ir::Statement(ir::Accept{}) : ir::Statement(ir::Drop{});
        program.tables.front().at(ir::Hook::forward) << rule;
    }
    return program;
}

void never(benchmark::State& state, const ir::Program& program) {
    for (auto _ : state) {
        packet::Budget budget(steps);
        Progress progress;
        const NeverMatches found = never_match(program, Family::ipv4, budget, progress);
        state.counters["never"] = static_cast<double>(found.rules.size());
        state.counters["undecided"] = found.undecided ? 1 : 0;
    }
}

void compare(benchmark::State& state, const ir::Program& before, const ir::Program& after) {
    for (auto _ : state) {
        const ir::Program* const two[] = {&before, &after};
        const Space space(Family::ipv4, two);
        packet::Budget budget(steps);
        const Differences found = differ({before}, {after}, space, budget);
        state.counters["classes"] = static_cast<double>(found.classes.size());
        state.counters["undecided"] = found.undecided ? 1 : 0;
    }
}

void never_of_random_rules(benchmark::State& state) { never(state, random_rules(static_cast<std::size_t>(state.range(0)))); }
void never_of_port_forwards(benchmark::State& state) { never(state, port_forwards(static_cast<std::size_t>(state.range(0)))); }
void never_of_entangled_rules(benchmark::State& state) { never(state, entangled_rules(static_cast<std::size_t>(state.range(0)))); }

/// Neighbours that no packet matches both change places.
void differ_reordered(benchmark::State& state) {
    const ir::Program before = random_rules(static_cast<std::size_t>(state.range(0)));
    ir::Program after = before;
    const ir::Program* const one[] = {&before};
    const Space space(Family::ipv4, one);
    const ir::Chain& chain = *before.tables.front().find("FORWARD");
    const Path path = space.unknowns().root(chain);
    const auto& rules = chain.rules;
    auto& moved = after.tables.front().at(ir::Hook::forward).rules;
    packet::Budget budget(steps);
    for (std::size_t i = 0; i + 1 < rules.size(); i += 2) {
        packet::Box both;
        bool meet = false;
        for (const packet::Box& a : space.boxes_of(rules[i], path, budget))
            for (const packet::Box& b : space.boxes_of(rules[i + 1], path, budget)) meet = meet || packet::meet(a, b, both);
        if (!meet) std::swap(moved[i], moved[i + 1]);
    }
    compare(state, before, after);
}

void differ_one_changed(benchmark::State& state) {
    const ir::Program before = random_rules(static_cast<std::size_t>(state.range(0)));
    ir::Program after = before;
    auto& rules = after.tables.front().at(ir::Hook::forward).rules;
    ir::Rule& rule = rules[rules.size() / 2];
    rule.statement = std::holds_alternative<ir::Accept>(rule.statement) ? ir::Statement(ir::Drop{}) : ir::Statement(ir::Accept{});
    compare(state, before, after);
}

/// All rules do something else: as many differences as there are rules.
void differ_all_changed(benchmark::State& state) {
    const ir::Program before = random_rules(static_cast<std::size_t>(state.range(0)));
    ir::Program after = before;
    for (ir::Rule& rule : after.tables.front().at(ir::Hook::forward).rules) rule.statement = std::holds_alternative<ir::Accept>(rule.statement) ? ir::Statement(ir::Drop{}) : ir::Statement(ir::Accept{});
    compare(state, before, after);
}

/// Chains that call the next one twice.
void never_of_calls(benchmark::State& state) {
    ir::Program program;
    program.tables.push_back(ir::empty_table(ir::TableName::filter));
    ir::Table& table = program.tables.front();
    const auto jump = [](std::int64_t to) {
        ir::Rule rule;
        rule.statement = ir::Jump{fmt::format("c{}", to)};
        return rule;
    };
    for (std::int64_t i = 0; i < state.range(0); ++i) {
        ir::Chain chain;
        chain.name = fmt::format("c{}", i);
        if (i + 1 < state.range(0)) chain << jump(i + 1) << jump(i + 1);
        table.chains.push_back(std::move(chain));
    }
    table.at(ir::Hook::input) << jump(0);
    never(state, program);
}

void differ_of_port_forwards(benchmark::State& state) {
    const ir::Program before = port_forwards(static_cast<std::size_t>(state.range(0)));
    ir::Program after = before;
    after.tables.front().at(ir::Hook::prerouting).rules.pop_back();
    compare(state, before, after);
}

void differ_entangled(benchmark::State& state) {
    const ir::Program before = entangled_rules(static_cast<std::size_t>(state.range(0)));
    ir::Program after = before;
    auto& rules = after.tables.front().at(ir::Hook::forward).rules;
    std::shuffle(rules.begin(), rules.end(), random_numbers);
    compare(state, before, after);
}

// A few for the test that these run at all; the others by `--benchmark_filter`.
BENCHMARK(never_of_random_rules)->Arg(100)->Arg(10'000)->Unit(benchmark::kMillisecond);
BENCHMARK(never_of_port_forwards)->Arg(100)->Arg(65'000)->Unit(benchmark::kMillisecond);
BENCHMARK(never_of_entangled_rules)->Arg(20)->Arg(1'000)->Unit(benchmark::kMillisecond);
BENCHMARK(differ_reordered)->Arg(100)->Arg(10'000)->Unit(benchmark::kMillisecond);
BENCHMARK(differ_one_changed)->Arg(100)->Arg(10'000)->Unit(benchmark::kMillisecond);
BENCHMARK(differ_of_port_forwards)->Arg(100)->Arg(65'000)->Unit(benchmark::kMillisecond);
BENCHMARK(differ_all_changed)->Arg(100)->Arg(3'000)->Unit(benchmark::kMillisecond);
BENCHMARK(never_of_calls)->Arg(10)->Arg(40)->Unit(benchmark::kMillisecond);
BENCHMARK(differ_entangled)->Arg(20)->Arg(1'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace natc::semantics

BENCHMARK_MAIN();

#include "lower/lower.hpp"

#include <algorithm>
#include <cassert>
#include <fmt/format.h>

#include "lower/make_rule.hpp"
#include "lower/tables.hpp"

namespace natc {

void lower_chain_blocks(const Model& model, ir::Table& table, Diagnostics& diagnostics) {
    constexpr std::uint8_t with_in = 0b00111;   // PREROUTING, INPUT, FORWARD
    constexpr std::uint8_t with_out = 0b11100;  // FORWARD, OUTPUT, POSTROUTING
    for (const ChainBlock& block : model.chains) {
        if (block.table != table.table) continue;
        ir::Chain* chain = nullptr;
        if (block.hook) {
            chain = &table.at(*block.hook);
            if (block.body.policy) chain->policy = *block.body.policy;
        } else {
            chain = &table.chains.emplace_back();
            chain->name = block.name;
        }
        // A bridge is put into a rule only where every packet that comes this way has one on that side.
        const View view{block.hooks != 0 && (block.hooks & ~with_in) == 0, block.hooks != 0 && (block.hooks & ~with_out) == 0};
        for (const Rule& rule : block.body.rules) lower_rule(rule, view, *chain, diagnostics);
        put_remark(block.body.remark, *chain, 0);
    }
}

namespace {

/// Whether a network or a port-forward names so many interfaces and addresses that each with each would be too much.
bool too_large(const Model& model, Diagnostics& diagnostics) {
    const std::size_t errors = diagnostics.errors();
    const auto limit = [&](std::size_t rules, Span span) {
        if (rules > most_rules) diagnostics.add(Code::too_many_rules, span, fmt::format("this becomes more than {} rules", most_rules));
    };
    for (const Network& network : model.networks) {
        const std::size_t except = std::max(network.egress_of(Family::ipv4).except.size(), network.egress_of(Family::ipv6).except.size());
        limit(network.subnets.size() * (network.uplinks.size() + 1) * (except + 1), network.head);
    }
    for (const PortForward& forward : model.port_forwards) {
        const std::size_t sources = forward.from_negated ? 1 : std::max<std::size_t>(forward.from.size(), 1);
        const std::size_t interfaces = forward.in_negated ? 1 : (forward.in.empty() ? model.networks[forward.network].uplinks : forward.in).size() + 1;
        // Those that keep their number share a rule for each protocol.
        const auto moved = std::count_if(forward.moves.begin(), forward.moves.end(), [](const PortMove& move) { return move.ports != move.target; });
        limit(sources * interfaces * (static_cast<std::size_t>(moved) + 1), forward.span);
    }
    return diagnostics.errors() > errors;
}

}  // namespace

ir::Program lower(const Model& model, Diagnostics& diagnostics) {
    ir::Program program;
    if (too_large(model, diagnostics)) return program;
    const bool raw = std::any_of(model.chains.begin(), model.chains.end(), [](const ChainBlock& c) { return c.table == ir::TableName::raw; });
    // Each table is committed by itself: filter ahead of nat, so that nothing is translated before it is filtered.
    for (const auto name : {ir::TableName::raw, ir::TableName::filter, ir::TableName::mangle, ir::TableName::nat}) {
        if (name == ir::TableName::raw && !raw) continue;
        ir::Table table = ir::empty_table(name);
        // Ahead even of the user's own chains: nothing that is forged is to be let through by mistake.
        if (name == ir::TableName::mangle) lower_forged_sources(model, table);
        lower_chain_blocks(model, table, diagnostics);
        switch (name) {
            case ir::TableName::raw: break;
            case ir::TableName::mangle: lower_checksums(model, table); break;
            case ir::TableName::nat:
                lower_port_forwards(model, table);
                lower_egress(model, table);
                break;
            case ir::TableName::filter:
                lower_input(model, table, diagnostics);
                lower_forward(model, table, diagnostics);
                lower_output(model, table, diagnostics);
                break;
        }
        program.tables.push_back(std::move(table));
    }
    assert(diagnostics.errors() > 0 || ir::fault(program).empty());
    return program;
}

}  // namespace natc

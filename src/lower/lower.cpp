#include "lower/lower.hpp"

#include <algorithm>
#include <cassert>

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

ir::Program lower(const Model& model, Diagnostics& diagnostics) {
    ir::Program program;
    const bool raw = std::any_of(model.chains.begin(), model.chains.end(), [](const ChainBlock& c) { return c.table == ir::TableName::raw; });
    // Each table is committed by itself: filter ahead of nat, so that nothing is translated before it is filtered.
    for (const auto name : {ir::TableName::raw, ir::TableName::filter, ir::TableName::mangle, ir::TableName::nat}) {
        if (name == ir::TableName::raw && !raw) continue;
        ir::Table table = ir::empty_table(name);
        // Ahead even of the user's own chains: nothing that is forged is to be let through by mistake.
        if (name == ir::TableName::mangle) lower_forged_sources(model, table);
        lower_chain_blocks(model, table, diagnostics);
        switch (name) {
            case ir::TableName::raw:
            case ir::TableName::security: break;
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

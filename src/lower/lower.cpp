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

/// Adds up what the statements of one kind become, at the most; says which of them are too much, by themselves or with those
/// above them.
class Count {
public:
    explicit Count(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

    void add(double rules, Span span) {
        if (rules > static_cast<double>(most_rules)) {
            diagnostics_.add(Code::too_many_rules, span, fmt::format("this becomes more than {} rules", most_rules));
            return;
        }
        const bool before = all_ > static_cast<double>(most_rules);
        all_ += rules;
        if (!before && all_ > static_cast<double>(most_rules))
            diagnostics_.add(Code::too_many_rules, span, fmt::format("this and what stands above it become more than {} rules", most_rules));
    }

private:
    Diagnostics& diagnostics_;
    double all_ = 0;  // no whole number: the product of long lists would not fit one
};

/// How many rules a port-forward becomes in nat for one source and one interface: those that are moved have one each, the others
/// share one for as many as fit it.
double translations(const PortForward& forward) {
    const auto kept = static_cast<std::size_t>(std::ranges::count_if(forward.moves, [](const PortMove& move) { return move.ports == move.target; }));
    return static_cast<double>(forward.moves.size() - kept + (kept == 0 ? 0 : rules_of_ports(kept)));
}

/// Whether networks and port-forwards name so many interfaces and addresses that each with each would be too much.
bool too_large(const Model& model, Diagnostics& diagnostics) {
    const std::size_t errors = diagnostics.errors();
    Count networks(diagnostics);
    for (const Network& network : model.networks) {
        double made = 0;
        for (const Subnet& subnet : network.subnets) {
            const Egress& egress = network.egress_of(subnet.range.family());
            if (egress.translates()) made += static_cast<double>(std::max<std::size_t>(network.uplinks.size(), 1)) * static_cast<double>(egress.except.size() + 1);
        }
        networks.add(made, network.head);
    }
    Count forwards(diagnostics);
    for (const PortForward& forward : model.port_forwards) {
        const auto alternatives = [](const auto& list, bool negated) { return negated || list.empty() ? 1.0 : static_cast<double>(list.size()); };
        const auto& in = forward.in.empty() ? model.networks[forward.network].uplinks : forward.in;
        forwards.add(alternatives(forward.from, forward.from_negated) * alternatives(in, forward.in_negated) * translations(forward), forward.span);
    }
    return diagnostics.errors() > errors;
}

}  // namespace

ir::Program lower(const Model& model, Diagnostics& diagnostics, PortForwards as) {
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
            case ir::TableName::raw:
            case ir::TableName::security: break;
            case ir::TableName::mangle: lower_checksums(model, table); break;
            case ir::TableName::nat:
                lower_port_forwards(model, table, as);
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

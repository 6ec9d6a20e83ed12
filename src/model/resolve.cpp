#include "model/resolve.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "model/resolve_network.hpp"
#include "model/resolve_port_forward.hpp"
#include "model/resolve_rule.hpp"
#include "model/resolve_service.hpp"
#include "model/scope.hpp"
#include "model/subnet_index.hpp"

namespace natc {

namespace {

std::optional<ir::TableName> table_named(std::string_view name) {
    for (const auto table : {ir::TableName::raw, ir::TableName::mangle, ir::TableName::nat, ir::TableName::filter})
        if (ir::name(table) == name) return table;
    return std::nullopt;
}

std::optional<ir::Hook> hook_named(std::string_view name) {
    for (const auto hook : {ir::Hook::prerouting, ir::Hook::input, ir::Hook::forward, ir::Hook::output, ir::Hook::postrouting})
        if (ir::name(hook) == name) return hook;
    return std::nullopt;
}

/// Makes the chains known by name, so that rules above them can jump there.
std::vector<ChainBlock> declare_chains(const syntax::Input& input, Scope& scope) {
    std::vector<ChainBlock> chains;
    for (const syntax::ChainBlock& written : input.chains) {
        ChainBlock chain;
        chain.table = *table_named(scope.text(written.table));
        chain.name = scope.plain(written.name);
        chain.span = written.name.span;
        if (const auto hook = hook_named(chain.name); hook && ir::has_hook(chain.table, *hook)) chain.hook = hook;
        scope.declare_chain(chain.table, chain.name, chain.span);
        chains.push_back(std::move(chain));
    }
    return chains;
}

}  // namespace

Model resolve(const syntax::Input& input, Sources& sources, Diagnostics& diagnostics) {
    Model model;
    Scope scope(sources, diagnostics, input);
    RuleResolver rules(scope, model.networks);

    scope.declare_defines();

    // First what networks are, then what they say of each other: names may be used above their definition.
    model.networks.reserve(input.networks.size());
    for (const syntax::Network& written : input.networks) {
        model.networks.push_back(read_network(written, scope));
        const Network& network = model.networks.back();
        if (!network.name.empty()) scope.declare_network(model.networks.size() - 1, network);
    }
    for (std::size_t n = 0; n < model.networks.size(); ++n)
        for (std::size_t g = 0; g < model.networks[n].guests.size(); ++g) scope.declare_guest(n, g, model.networks[n].guests[g]);
    declare_services(input.services, rules, scope);
    model.chains = declare_chains(input, scope);
    scope.check_defines();

    (void)scope.interface_list(input.uplinks, model.uplinks, nullptr, model.networks);
    for (std::size_t n = 0; n < model.networks.size(); ++n)
        complete_network(input.networks[n], n, model.networks, model.uplinks, rules, scope);
    if (input.input) model.input = rules.policy(*input.input, ir::TableName::filter);
    if (input.output) model.output = rules.policy(*input.output, ir::TableName::filter);
    if (input.forward) model.forward = rules.policy(*input.forward, ir::TableName::filter);
    for (std::size_t c = 0; c < model.chains.size(); ++c)
        model.chains[c].body = rules.policy(input.chains[c].body, model.chains[c].table);

    const SubnetIndex subnets(model.networks);
    const auto forward = [&](const syntax::PortForward& written, std::optional<std::size_t> owner) {
        if (!read_port_forward(written, owner, model.networks, subnets, scope, model.port_forwards.emplace_back())) model.port_forwards.pop_back();
    };
    std::size_t count = input.port_forwards.size();
    for (const syntax::Network& network : input.networks) count += network.port_forwards.size();
    model.port_forwards.reserve(count);
    for (std::size_t n = 0; n < input.networks.size(); ++n)
        for (const syntax::PortForward& written : input.networks[n].port_forwards) forward(written, n);
    for (const syntax::PortForward& written : input.port_forwards) forward(written, std::nullopt);
    model.defines = scope.defines();
    model.services = scope.own_services();
    return model;
}

}  // namespace natc

// Where the kernel takes which verdict and match. Measured on iptables 1.8.9, both backends, by loading each in
// every chain, and in chains of one's own that are reached from there.

#include <fmt/format.h>
#include <string>
#include <type_traits>
#include <variant>

#include "check/checks.hpp"
#include "ir/placement.hpp"

namespace natc {

namespace {

using ir::Hook;
using ir::TableName;

using ir::bit;
using ir::sees_in;
using ir::sees_out;

std::string names_of_hooks(std::uint8_t hooks, TableName table) {
    std::string names;
    for (const Hook hook : ir::hooks_of(table))
        if ((hooks & bit(hook)) != 0) names += fmt::format("{}{}", names.empty() ? "" : ", ", ir::name(hook));
    return names;
}

/// Where a verdict belongs that does not belong in filter, the table of whoever did not think of one.
std::string_view instead_of(const ir::Statement& statement) {
    if (std::holds_alternative<ir::Masquerade>(statement)) return "a network has `masquerade`; as a rule it stands in `chain nat POSTROUTING`";
    if (std::holds_alternative<ir::SourceNat>(statement)) return "a network has `snat`; as a rule it stands in `chain nat POSTROUTING`";
    if (std::holds_alternative<ir::DestinationNat>(statement)) return "write a `port-forward`; as a rule it stands in `chain nat PREROUTING`";
    if (std::holds_alternative<ir::Redirect>(statement)) return "it stands in `chain nat PREROUTING`";
    if (std::holds_alternative<ir::FillChecksum>(statement)) return "it stands in `chain mangle POSTROUTING`";
    if (std::holds_alternative<ir::NoTrack>(statement)) return "it stands in `chain raw PREROUTING`";
    return {};
}

class HookChecks {
public:
    HookChecks(Diagnostics& diagnostics, TableName table, std::uint8_t hooks, std::string where)
        : diagnostics_(diagnostics), table_(table), hooks_(hooks), where_(std::move(where)) {}

    void rule(const Rule& rule) {
        verdict(rule);
        // Nobody knows what a chain sees that nothing leads to.
        if (hooks_ != 0) {
            clauses(rule);
        }
        states(rule);
    }

private:
    void verdict(const Rule& rule) {
        const ir::Placement where = ir::placement(rule.verdict);
        if ((where.tables & ir::bit(table_)) == 0) {
            std::string tables;
            for (const auto table : {TableName::raw, TableName::mangle, TableName::nat, TableName::filter})
                if ((where.tables & ir::bit(table)) != 0) tables += fmt::format("{}{}", tables.empty() ? "" : ", ", ir::name(table));
            diagnostics_.add(Code::verdict_not_here, rule.at.verdict,
                             fmt::format("the kernel does not take this in table {}, only in {}", ir::name(table_), tables))
                .advise(table_ == TableName::filter ? std::string(instead_of(rule.verdict)) : std::string());
            return;
        }
        const std::uint8_t wrong = hooks_ & static_cast<std::uint8_t>(~where.hooks);
        if (wrong == 0) return;
        const std::string hooks = names_of_hooks(wrong, table_);
        const std::string runs = where_ == "chain " + hooks ? std::string() : fmt::format(", where {} runs", where_);
        diagnostics_.add(Code::verdict_not_here, rule.at.verdict, fmt::format("the kernel does not take this in {}{}", hooks, runs))
            .advise(fmt::format("table {} takes it in {}", ir::name(table_), names_of_hooks(where.hooks, table_)));
    }

    void clauses(const Rule& rule) {
        const auto blind = [&](std::uint8_t seen, bool used, Span span, std::string_view side) {
            if (used && (hooks_ & seen) == 0)
                diagnostics_.add(Code::clause_not_here, span,
                                 fmt::format("{} sees no interface that packets {}, so this never matches", where_, side));
        };
        blind(sees_in, !rule.in.empty(), rule.at.in, "come in by");
        blind(sees_out, !rule.out.empty(), rule.at.out, "leave by");
        if (!rule.macs.empty() && (hooks_ & (bit(Hook::output) | bit(Hook::postrouting))) != 0)
            diagnostics_.add(Code::clause_not_here, rule.at.mac,
                             fmt::format("{} does not see the MAC address that a packet came from", where_));
        if (rule.to_local && hooks_ == bit(Hook::forward))
            diagnostics_.add(Code::clause_not_here, rule.at.to_local, "what is forwarded is never to an address of the host");
    }

    void states(const Rule& rule) {
        if (!rule.states) return;
        using enum ir::ConntrackState;
        if (table_ == TableName::raw)
            diagnostics_.add(Code::clause_not_here, rule.at.state, "table raw comes before connection tracking, and knows no states");
        constexpr std::uint8_t never_in_nat =
            static_cast<std::uint8_t>(established) | static_cast<std::uint8_t>(invalid) | static_cast<std::uint8_t>(untracked);
        if (table_ == TableName::nat && (rule.states->bits & static_cast<std::uint8_t>(~never_in_nat)) == 0)
            diagnostics_.add(Code::clause_not_here, rule.at.state, "table nat sees only the first packet of a connection, and none of this state");
    }

    Diagnostics& diagnostics_;
    TableName table_;
    std::uint8_t hooks_;
    std::string where_;
};

}  // namespace

void check_hooks(const Model& model, Diagnostics& diagnostics) {
    const auto policy = [&](const Policy& p, Hook hook, std::string where) {
        HookChecks checks(diagnostics, TableName::filter, bit(hook), std::move(where));
        for (const Rule& rule : p.rules) checks.rule(rule);
    };
    if (model.input) policy(*model.input, Hook::input, "`input`");
    if (model.output) policy(*model.output, Hook::output, "`output`");
    if (model.forward) policy(*model.forward, Hook::forward, "`forward`");
    for (const Network& network : model.networks)
        if (network.forward) policy(*network.forward, Hook::forward, "`forward`");
    for (const ChainBlock& chain : model.chains) {
        HookChecks checks(diagnostics, chain.table, chain.hooks, fmt::format("chain {}", chain.name));
        for (const Rule& rule : chain.body.rules) checks.rule(rule);
    }
}

}  // namespace natc

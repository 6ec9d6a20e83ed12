#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <utility>
#include <vector>

#include "check/checks.hpp"
#include "model/subnet_index.hpp"

namespace natc {

namespace {

bool accepts(const Rule& rule) { return std::holds_alternative<ir::Accept>(rule.verdict); }

class PolicyChecks {
public:
    PolicyChecks(const Model& model, Diagnostics& diagnostics) : model_(model), diagnostics_(diagnostics), subnets_(model.networks) {}

    void no_direction(const Policy& policy) {
        for (const Rule& rule : policy.rules)
            if (rule.direction != Direction::none)
                diagnostics_
                    .add(Code::wrong_place, rule.at.direction, "only the rules of a network's own `forward` have a word like this")
                    .advise("name the network: `from NETWORK`, `to NETWORK`");
    }

    void own(std::size_t n) {
        const Network& network = model_.networks[n];
        if (network.forward->policy)
            diagnostics_.add(Code::policy_not_here, network.forward->policy_word, "only the `forward` outside of all networks has a policy")
                .advise("end the rules with `drop rest` or `reject rest`");
        for (const Rule& rule : network.forward->rules) {
            if (rule.direction == Direction::none) {
                diagnostics_.add(Code::missing_word, rule.span, "a rule of a network says which way its packets go")
                    .advise("write `outbound`, `inbound`, `internal` or `rest`");
                continue;
            }
            const bool own_from = rule.direction == Direction::outbound || rule.direction == Direction::internal;
            const bool own_to = rule.direction == Direction::inbound || rule.direction == Direction::internal;
            side(network, n, rule, rule.from, rule.at.from, own_from);
            side(network, n, rule, rule.to, rule.at.to, own_to);
            interfaces(n, rule, rule.in_networks, rule.at.in);
            interfaces(n, rule, rule.out_networks, rule.at.out);
        }
    }

    void top(const Policy& policy) {
        for (const Rule& rule : policy.rules) {
            if (!accepts(rule)) continue;
            if (!rule.from_negated) opens(rule.from, rule.at.from);
            if (!rule.to_negated) opens(rule.to, rule.at.to);
            if (!rule.in_negated) opens(rule, rule.in_networks, rule.at.in);
            if (!rule.out_negated) opens(rule, rule.out_networks, rule.at.out);
        }
        // Most likely one mistake, in the network: said once, with the rules that show it.
        for (const auto& [isolated, rules] : opened_) {
            constexpr std::size_t most_told = 6;
            const auto& [n, family] = isolated;
            const Network& network = model_.networks[n];
            const bool said = network.egress_of(family).span.known();
            auto& diagnostic = diagnostics_.add(Code::isolated_opened, rules.front(),
                                                fmt::format("network `{}` is isolated: nothing is forwarded in or out", network.name));
            diagnostic.see(said ? network.egress_of(family).span : network.head, "isolated here");
            if (!said) diagnostic.advise("say in the network how it reaches out: `masquerade`, `snat to ADDRESS` or `route`");
            for (std::size_t i = 1; i < std::min(rules.size(), most_told); ++i) {
                const std::size_t more = rules.size() - most_told;
                diagnostic.see(rules[i], rules.size() <= most_told || i + 1 < most_told ? "opened here too" : fmt::format("opened here too, and {} times more", more));
            }
        }
    }

private:
    void crossing(Span span, std::size_t n, std::size_t other) {
        diagnostics_
            .add(Code::crossing, span,
                 fmt::format("this rule of network `{}` speaks of network `{}`", model_.networks[n].name, model_.networks[other].name))
            .advise("what passes between two networks stands in the top-level `forward`");
    }

    void side(const Network& network, std::size_t n, const Rule& rule, const std::vector<Side>& sides, Span span, bool own_side) {
        for (const Side& one : sides) {
            const SubnetIndex::Entry* in = subnets_.find(one.addresses);
            if (one.network && *one.network != n) {
                crossing(span, n, *one.network);
                return;
            }
            if (own_side && network.subnets_known && network.subnet_of(one.addresses) == nullptr) {
                diagnostics_
                    .add(Code::outside_subnet, span,
                         fmt::format("{} {} the subnets of network `{}`", to_string(one.addresses), network.outside(one.addresses), network.name))
                    .see(network.subnets.empty() ? Span{} : network.subnets.front().span, "its subnet");
                return;
            }
            if (!own_side && in != nullptr && in->network != n && accepts(rule)) {
                crossing(span, n, in->network);
                return;
            }
        }
    }

    void interfaces(std::size_t n, const Rule&, const std::vector<std::size_t>& networks, Span span) {
        for (const std::size_t other : networks)
            if (other != n) {
                crossing(span, n, other);
                return;
            }
    }

    void isolated(Span span, std::size_t n, Family family) { opened_[{n, family}].push_back(span); }

    void opens(const std::vector<Side>& sides, Span span) {
        for (const Side& one : sides) {
            const SubnetIndex::Entry* in = subnets_.find(one.addresses);
            if (in == nullptr) continue;
            const Family family = one.addresses.family();
            if (model_.networks[in->network].isolated(family)) {
                isolated(span, in->network, family);
                return;
            }
        }
    }

    void opens(const Rule& rule, const std::vector<std::size_t>& networks, Span span) {
        for (const std::size_t n : networks) {
            const FamilySet open = rule.families & (model_.networks[n].isolated(Family::ipv4) ? FamilySet() : FamilySet(Family::ipv4));
            const FamilySet open6 = rule.families & (model_.networks[n].isolated(Family::ipv6) ? FamilySet() : FamilySet(Family::ipv6));
            if ((open | open6).empty()) {
                isolated(span, n, Family::ipv4);
                return;
            }
        }
    }

    const Model& model_;
    Diagnostics& diagnostics_;
    SubnetIndex subnets_;
    std::map<std::pair<std::size_t, Family>, std::vector<Span>> opened_;  // networks that are isolated in a family, by what would open them
};

}  // namespace

void check_policies(const Model& model, Diagnostics& diagnostics) {
    PolicyChecks checks(model, diagnostics);
    for (const auto* policy : {&model.input, &model.output, &model.forward})
        if (*policy) checks.no_direction(**policy);
    for (const ChainBlock& chain : model.chains) checks.no_direction(chain.body);
    for (std::size_t n = 0; n < model.networks.size(); ++n)
        if (model.networks[n].forward) checks.own(n);
    if (model.forward) checks.top(*model.forward);
}

}  // namespace natc

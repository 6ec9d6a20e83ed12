// FORWARD: who reaches whom. The order keeps the promises: isolated networks ahead of all, then the user's own rules, then what
// belongs to connections that were let in, then port-forwards, then the walls between networks, then what each network says of itself.

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <string>
#include <unordered_set>

#include "lower/arrivals.hpp"
#include "lower/make_rule.hpp"
#include "lower/port_groups.hpp"
#include "lower/replies.hpp"
#include "lower/tables.hpp"

namespace natc {

namespace {

constexpr const char* chain_related = "natc-related";
constexpr const char* chain_guard = "natc-guard";
constexpr const char* chain_cross = "natc-cross";

/// iptables-restore takes 251 words a rule, of which a subnet has eight; and longer rules cost each packet more than a chain.
constexpr std::size_t most_subnets_in_a_rule = 8;

FamilySet open_families(const Network& network) {
    FamilySet open;
    for (const Family family : all_families)
        if (!network.isolated(family)) open |= family;
    return open;
}

class ForwardRules {
public:
    ForwardRules(const Model& model, ir::Table& filter, Diagnostics& diagnostics)
        : model_(model), filter_(filter), diagnostics_(diagnostics), chain_(filter.at(ir::Hook::forward)) {
        for (const Family family : all_families)
            if (open_networks(model, family) > 1) several_ |= family;
    }

    void all() {
        isolate();
        std::size_t closing = 0;
        FamilySet commented;
        if (model_.forward) {
            if (model_.forward->policy) chain_.policy = *model_.forward->policy;
            closing = closing_run(*model_.forward);
            const std::size_t before = chain_.rules.size();
            for (std::size_t i = 0; i < closing; ++i) lower_rule(model_.forward->rules[i], View{}, chain_, diagnostics_);
            commented = put_remark(model_.forward->remark, chain_, before);
        }
        replies();
        port_forwards();
        guards();
        for (const Network& network : model_.networks) own(network);
        if (model_.forward) {
            const std::size_t before = chain_.rules.size();
            for (std::size_t i = closing; i < model_.forward->rules.size(); ++i) lower_rule(model_.forward->rules[i], View{}, chain_, diagnostics_);
            put_remark(model_.forward->remark, chain_, before, complement(commented));
        }
        for (ir::Chain& chain : chains_) filter_.chains.push_back(std::move(chain));
    }

private:
    /// What would enter or leave an isolated network ends here, before any rule that accepts.
    void isolate() {
        for (const Network& network : model_.networks) {
            const FamilySet families = network.isolated_families();
            if (families.empty()) continue;
            const Egress& egress = network.egress_of(families.contains(Family::ipv4) ? Family::ipv4 : Family::ipv6);
            const Span origin = egress.span.known() ? egress.span : network.head;
            const std::size_t before = chain_.rules.size();
            chain_ << MakeRule(families, origin).in(network.bridge).out(network.bridge, true).then(ir::Reject{});
            chain_ << MakeRule(families, origin).in(network.bridge, true).out(network.bridge).then(ir::Reject{});
            for (const Family family : all_families) put_remark(network.egress_of(family).remark, chain_, before, family);
            put_remark(network.remark, chain_, before, complement(served_families(network)));
        }
    }

    void replies() {
        const FamilySet needed = replies_needed(model_);
        replied_ = needed | replies_accepted(model_);
        if (needed.empty()) return;
        const FamilySet together = needed & several_;
        const FamilySet alone = needed & complement(several_);
        const Span origin = model_.networks.empty() ? model_.forward->head : model_.networks.front().head;
        if (!alone.empty()) chain_ << MakeRule(alone, origin).state(ir::established_or_related).then(ir::Accept{});
        if (together.empty()) return;
        chain_ << MakeRule(together, origin).state(ir::ConntrackState::established).then(ir::Accept{});
        chain_ << MakeRule(together, origin).state(ir::ConntrackState::related).then(ir::Jump{chain_related});
        related(together);
    }

    /// What is related to a connection may come from anybody who has seen it. A guest may speak of connections of
    /// its own network: with an ICMP error about another's it would reach across. What stays within the bridge does not:
    /// that, the network's own guests may have of each other under any address.
    void related(FamilySet families) {
        ir::Chain chain = make_chain(chain_related, families);
        for (std::size_t n = 0; n < model_.networks.size(); ++n)
            for (const Family family : all_families) {
                const Network& network = model_.networks[n];
                if (!families.contains(family) || network.isolated(family)) continue;
                std::vector<AddressRange> subnets;
                for (const Subnet& subnet : network.subnets)
                    if (subnet.range.family() == family) subnets.push_back(subnet.range);
                if (subnets.size() <= most_subnets_in_a_rule) {
                    chain << related_in_a_rule(network, family, subnets);
                } else {
                    chain << related_in_a_chain(network, family, subnets, fmt::format("{}-{}", chain_related, n + 1));
                }
            }
        chain << MakeRule(families, Span{}).then(ir::Accept{});
        chains_.push_back(std::move(chain));
    }

    static ir::Rule related_in_a_rule(const Network& network, Family family, const std::vector<AddressRange>& subnets) {
        MakeRule rule(family, network.bridge_span);
        rule.in(network.bridge).out(network.bridge, true);
        for (const AddressRange& subnet : subnets) {
            ir::Conntrack neither;
            neither.original_source = neither.reply_source = subnet;
            neither.original_source_negated = neither.reply_source_negated = true;
            rule.match(neither);
        }
        return rule.then(ir::Drop{});
    }

    /// The same where a rule would have more words than iptables-restore takes.
    ir::Rule related_in_a_chain(const Network& network, Family family, const std::vector<AddressRange>& subnets, const std::string& name) {
        if (chains_.empty() || chains_.back().name != name) chains_.push_back(make_chain(name, FamilySet()));
        ir::Chain& chain = chains_.back();
        chain.families |= family;
        for (const AddressRange& subnet : subnets) {
            ir::Conntrack one;
            one.original_source = subnet;
            ir::Conntrack other;
            other.reply_source = subnet;
            for (const ir::Conntrack& side : {one, other}) chain << MakeRule(family, network.bridge_span).match(side).then(ir::Accept{});
        }
        chain << MakeRule(family, network.bridge_span).then(ir::Drop{});
        return MakeRule(family, network.bridge_span).in(network.bridge).out(network.bridge, true).then(ir::Jump{name});
    }

    /// What port-forwards have translated: a rule for each way in to each subnet.
    void port_forwards() {
        ir::Chain outside = make_chain_from_outside(model_);
        outside.families = FamilySet();
        // Ways that were seen, by what they consist of: thousands of port-forwards share a few. Those that take all arrive by the network's
        // uplinks, so that the subnet tells them apart.
        std::set<std::string> seen;
        std::unordered_set<const Subnet*> all_taken;
        const Subnet* last = nullptr;  // and neighbours mostly have that in common
        for (const PortForward& forward : model_.port_forwards) {
            if (forward.repeated) continue;
            const Network& network = model_.networks[forward.network];
            const bool all = takes_all(forward);
            for (const Address target : forward.targets) {
                if (all && last != nullptr && last->range.contains(target)) continue;
                const Subnet* subnet = network.subnet_of(target);
                if (all) last = subnet;
                if (all && !all_taken.insert(subnet).second) continue;
                for (const Arrival& arrival : arrivals(forward, model_, target.family()))
                    if (seen.insert(key(*subnet, arrival)).second) accept_forwarded(network, *subnet, arrival, forward.span, outside);
            }
        }
        for (const HairpinTarget& target : hairpin_targets(model_))
            chain_ << MakeRule(FamilySet::both(), target.origin).to(target.subnet).in(target.network->bridge).out(target.network->bridge)
                          .state(ir::ConntrackState::dnat).then(ir::Accept{});
        if (!outside.families.empty()) chains_.push_back(std::move(outside));
    }

    static std::string key(const Subnet& subnet, const Arrival& arrival) {
        std::string text = to_string(subnet.range);
        text += arrival.in_negated ? " not" : arrival.not_by_bridge ? " outside" : " in";
        for (const InterfaceName& name : arrival.in) text.append(" ").append(name.text());
        return text;
    }

    void accept_forwarded(const Network& network, const Subnet& subnet, const Arrival& arrival, Span origin, ir::Chain& outside) {
        MakeRule rule(FamilySet::both(), origin);
        rule.to(subnet.range);
        for (const InterfaceName& name : arrival.in) rule.in(name, arrival.in_negated);
        const bool in_the_rule = !arrival.not_by_bridge || outside_in_the_rule(model_);
        if (arrival.not_by_bridge && in_the_rule) rule.in(network.bridge, true);
        rule.out(network.bridge).state(ir::ConntrackState::dnat);
        if (in_the_rule) {
            chain_ << rule.then(ir::Accept{});
            return;
        }
        const Family family = subnet.range.family();
        if (!outside.families.contains(family)) {
            outside.families |= family;
            chain_ << MakeRule(family, origin).state(ir::ConntrackState::dnat).then(ir::Jump{chain_from_outside});
        }
        outside << rule.then(ir::Accept{});
    }

    /// Walls between networks: three rules for each, however many there are.
    void guards() {
        if (several_.empty()) return;
        chain_ << MakeRule(several_, Span{}).then(ir::Jump{chain_guard});
        ir::Chain guard = make_chain(chain_guard, several_);
        ir::Chain cross = make_chain(chain_cross, several_);
        for (const Network& network : model_.networks) {
            const FamilySet families = several_ & open_families(network);
            if (families.empty()) continue;
            guard << MakeRule(families, network.bridge_span).in(network.bridge).out(network.bridge).then(ir::Return{});
            guard << MakeRule(families, network.bridge_span).in(network.bridge).then(ir::Jump{chain_cross});
            cross << MakeRule(families, network.bridge_span).out(network.bridge).then(ir::Reject{});
        }
        chains_.push_back(std::move(guard));
        chains_.push_back(std::move(cross));
    }

    /// What a network says of itself. In a family that it is isolated in, that is what `isolated` means.
    void own(const Network& network) {
        if (!network.forward) return;
        const bool written = network.forward->head != network.head;
        const FamilySet isolated = network.isolated_families();
        const std::size_t before = chain_.rules.size();
        for (const Rule& rule : network.forward->rules) {
            Rule here = rule;
            if (written) here.families &= open_families(network);
            // Nothing that is left is one.
            if (!written && accepts_replies(rule)) here.families &= complement(replied_);
            if (!here.families.empty()) lower_network_rule(here, network, chain_, diagnostics_);
        }
        if (written && !isolated.empty())
            chain_ << MakeRule(isolated, network.head).in(network.bridge).out(network.bridge).then(ir::Accept{});
        if (written) put_remark(network.forward->remark, chain_, before);
        // `route` causes no rule but these; the other ways out have theirs elsewhere.
        for (const Family family : all_families)
            if (!written && network.egress_of(family).kind == EgressKind::route)
                put_remark(network.egress_of(family).remark, chain_, before, family);
        put_remark(network.remark, chain_, before, complement(served_families(network)) & open_families(network));
    }

    static ir::Chain make_chain(const std::string& name, FamilySet families) {
        ir::Chain chain;
        chain.name = name;
        chain.families = families;
        return chain;
    }

    const Model& model_;
    ir::Table& filter_;
    Diagnostics& diagnostics_;
    ir::Chain& chain_;
    std::vector<ir::Chain> chains_;  // of natc's own; they join the table at the end, where `chain_` may move
    FamilySet several_;              // families in which two networks or more are not isolated
    FamilySet replied_;              // families in which what belongs to connections was accepted ahead of the networks' own rules
};

}  // namespace

void lower_forward(const Model& model, ir::Table& filter, Diagnostics& diagnostics) { ForwardRules(model, filter, diagnostics).all(); }

}  // namespace natc

// FORWARD: who reaches whom. The order keeps the promises: isolated networks ahead of all, then the user's own rules, then what
// belongs to connections that were let in, then port-forwards, then the walls between networks, then what each network says of itself.

#include <algorithm>
#include <set>
#include <string>

#include "lower/arrivals.hpp"
#include "lower/make_rule.hpp"
#include "lower/tables.hpp"

namespace natc {

namespace {

constexpr const char* chain_related = "natc-related";
constexpr const char* chain_guard = "natc-guard";
constexpr const char* chain_cross = "natc-cross";

FamilySet open_families(const Network& network) {
    FamilySet open;
    for (const Family family : all_families)
        if (!network.isolated(family)) open |= family;
    return open;
}

/// Whether a rule asks for nothing but what its word and its state say.
bool is_plain(const Rule& rule) {
    return rule.what.empty() && rule.in.empty() && rule.out.empty() && rule.from.empty() && rule.to.empty() && rule.macs.empty() && !rule.limit &&
           !rule.mark && !rule.to_local && rule.verbatim.empty();
}

bool takes_established(const Rule& rule) { return !rule.states || rule.states->contains(ir::ConntrackState::established); }

bool accepts(const Rule& rule) { return std::holds_alternative<ir::Accept>(rule.verdict); }

/// Whether a network's own rules let pass what belongs to an established connection in that direction.
bool covers_established(const Policy& policy, Direction direction, Family family) {
    for (const Rule& rule : policy.rules) {
        if (!rule.families.contains(family) || !takes_established(rule)) continue;
        if (std::holds_alternative<ir::Log>(rule.verdict)) continue;
        const bool here = rule.direction == direction;
        if (accepts(rule)) {
            if (here && is_plain(rule)) return true;
            continue;
        }
        // Whatever else comes before may send it another way.
        if (here || rule.direction == Direction::rest) return false;
    }
    return false;
}

class ForwardRules {
public:
    ForwardRules(const Model& model, ir::Table& filter, Diagnostics& diagnostics)
        : model_(model), filter_(filter), diagnostics_(diagnostics), chain_(filter.at(ir::Hook::forward)) {
        for (const Family family : all_families)
            for (const Network& network : model.networks)
                if (!network.isolated(family)) ++open_[static_cast<std::size_t>(family)];
        for (const Family family : all_families)
            if (open_[static_cast<std::size_t>(family)] > 1) several_ |= family;
    }

    void all() {
        isolate();
        std::size_t closing = 0;
        if (model_.forward) {
            chain_.remark = model_.forward->remark;
            if (model_.forward->policy) chain_.policy = *model_.forward->policy;
            closing = closing_run(*model_.forward);
            for (std::size_t i = 0; i < closing; ++i) lower_rule(model_.forward->rules[i], View{}, chain_, diagnostics_);
        }
        replies(closing);
        port_forwards();
        guards();
        for (const Network& network : model_.networks) own(network);
        if (model_.forward)
            for (std::size_t i = closing; i < model_.forward->rules.size(); ++i) lower_rule(model_.forward->rules[i], View{}, chain_, diagnostics_);
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
            chain_ << MakeRule(families, origin).in(network.bridge).out(network.bridge, true).remark(egress.remark).then(ir::Reject{});
            chain_ << MakeRule(families, origin).in(network.bridge, true).out(network.bridge).then(ir::Reject{});
        }
    }

    /// In which families what belongs to an accepted connection needs rules of natc's own.
    [[nodiscard]] FamilySet replies_needed(std::size_t closing) const {
        bool top_accepts = false;
        if (model_.forward)
            for (std::size_t i = 0; i < closing; ++i) {
                const Rule& rule = model_.forward->rules[i];
                const bool all = accepts(rule) && is_plain(rule) && rule.states == ir::established_or_related && rule.families == FamilySet::both();
                if (all) return {};
                top_accepts = top_accepts || accepts(rule) || ir::called_chain(rule.verdict) != nullptr;
            }
        FamilySet needed = several_;
        for (const Family family : all_families) {
            const std::size_t open = open_[static_cast<std::size_t>(family)];
            if (open == 0 && top_accepts && (!model_.networks.empty() || closes(*model_.forward))) needed |= family;
            if (open != 1) continue;
            for (const Network& network : model_.networks)
                if (!network.isolated(family) && (top_accepts || !lets_replies_pass(network, family))) needed |= family;
        }
        return needed;
    }

    /// Whether the rules of the only network that is open do for all of its connections.
    [[nodiscard]] bool lets_replies_pass(const Network& network, Family family) const {
        if (!covers_established(*network.forward, Direction::inbound, family) || !covers_established(*network.forward, Direction::outbound, family))
            return false;
        for (const PortForward& forward : model_.port_forwards) {
            const bool here = std::any_of(forward.targets.begin(), forward.targets.end(), [&](Address a) { return a.family() == family; });
            if (!here) continue;
            if (forward.hairpin && !covers_established(*network.forward, Direction::internal, family)) return false;
            // The rules know the uplinks alone.
            if (!network.uplinks.empty())
                for (const Arrival& arrival : arrivals(forward, model_, family))
                    if (arrival.in_negated || arrival.in.empty() ||
                        std::find(network.uplinks.begin(), network.uplinks.end(), arrival.in.front()) == network.uplinks.end())
                        return false;
        }
        return true;
    }

    void replies(std::size_t closing) {
        const FamilySet needed = replies_needed(closing);
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
    /// its own network: with an ICMP error about another's it would reach across.
    void related(FamilySet families) {
        ir::Chain& chain = own_chain(chain_related, families);
        for (const Network& network : model_.networks)
            for (const Family family : all_families) {
                if (!families.contains(family) || network.isolated(family)) continue;
                MakeRule rule(family, network.bridge_span);
                rule.in(network.bridge);
                bool subnets = false;
                for (const Subnet& subnet : network.subnets) {
                    if (subnet.range.family() != family) continue;
                    ir::Conntrack neither;
                    neither.original_source = neither.reply_source = subnet.range;
                    neither.original_source_negated = neither.reply_source_negated = true;
                    rule.match(neither);
                    subnets = true;
                }
                if (!subnets) rule.out(network.bridge, true);
                chain << rule.then(ir::Drop{});
            }
        chain << MakeRule(families, Span{}).then(ir::Accept{});
    }

    /// What port-forwards have translated: a rule for each way in to each subnet.
    void port_forwards() {
        ir::Chain outside = make_chain_from_outside(model_);
        outside.families = FamilySet();
        // Ways that were seen, by what they consist of: thousands of port-forwards share a few.
        std::set<std::string> seen;
        for (const PortForward& forward : model_.port_forwards) {
            if (forward.repeated) continue;
            const Network& network = model_.networks[forward.network];
            for (const Address target : forward.targets) {
                const Subnet* subnet = network.subnet_of(target);
                for (const Arrival& arrival : arrivals(forward, model_, target.family()))
                    if (seen.insert(key(*subnet, arrival)).second) accept_forwarded(network, *subnet, arrival, forward.span, outside);
            }
        }
        for (const HairpinPath& path : hairpin_paths(model_))
            if (seen.insert("hairpin " + to_string(path.to)).second)
                chain_ << MakeRule(FamilySet::both(), path.origin).to(path.to).in(path.network->bridge).out(path.network->bridge)
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
        std::string remark = written ? network.forward->remark : std::string();
        if (remark.empty()) remark = network.remark;
        const std::size_t before = chain_.rules.size();
        for (const Rule& rule : network.forward->rules) {
            Rule here = rule;
            if (written) here.families &= open_families(network);
            if (!here.families.empty()) lower_network_rule(here, network, chain_, diagnostics_);
        }
        if (written && !isolated.empty())
            chain_ << MakeRule(isolated, network.head).in(network.bridge).out(network.bridge).then(ir::Accept{});
        if (chain_.rules.size() > before && !remark.empty()) {
            std::string& first = chain_.rules[before].remark;
            first = first.empty() ? remark : remark + "\n" + first;
        }
    }

    static FamilySet complement(FamilySet set) {
        FamilySet result;
        for (const Family family : all_families)
            if (!set.contains(family)) result |= family;
        return result;
    }

    static ir::Chain make_chain(const char* name, FamilySet families) {
        ir::Chain chain;
        chain.name = name;
        chain.families = families;
        return chain;
    }

    ir::Chain& own_chain(const char* name, FamilySet families) { return chains_.emplace_back(make_chain(name, families)); }

    const Model& model_;
    ir::Table& filter_;
    Diagnostics& diagnostics_;
    ir::Chain& chain_;
    std::vector<ir::Chain> chains_;  // of natc's own; they join the table at the end, where `chain_` may move
    std::size_t open_[2] = {0, 0};   // networks that are not isolated, by family
    FamilySet several_;              // families in which that is two or more
};

}  // namespace

void lower_forward(const Model& model, ir::Table& filter, Diagnostics& diagnostics) { ForwardRules(model, filter, diagnostics).all(); }

}  // namespace natc

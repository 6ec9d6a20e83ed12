#include "lower/replies.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <span>

#include "lower/arrivals.hpp"
#include "lower/make_rule.hpp"
#include "lower/port_groups.hpp"

namespace natc {

namespace {

/// Whether a rule asks for nothing but what its word and its state say.
bool is_plain(const Rule& rule) {
    return rule.what.empty() && rule.in.empty() && rule.out.empty() && rule.from.empty() && rule.to.empty() && rule.macs.empty() && !rule.limit &&
           !rule.mark && !rule.to_local && rule.verbatim.empty();
}

bool takes_established(const Rule& rule) { return !rule.states || rule.states->contains(ir::ConntrackState::established); }
bool takes_new(const Rule& rule) { return !rule.states || rule.states->contains(ir::ConntrackState::new_); }

bool accepts(const Rule& rule) { return std::holds_alternative<ir::Accept>(rule.verdict); }
bool opens(const Rule& rule) { return accepts(rule) || ir::called_chain(rule.verdict) != nullptr; }
bool refuses(const Rule& rule, Family family) {
    return rule.families.contains(family) && (std::holds_alternative<ir::Drop>(rule.verdict) || std::holds_alternative<ir::Reject>(rule.verdict));
}

/// The rules of the top-level policy that stand ahead of natc's own, and those behind.
std::span<const Rule> ahead(const Model& model) {
    return model.forward ? std::span(model.forward->rules).first(closing_run(*model.forward)) : std::span<const Rule>();
}
std::span<const Rule> behind(const Model& model) {
    return model.forward ? std::span(model.forward->rules).subspan(closing_run(*model.forward)) : std::span<const Rule>();
}

/// The new connections that a closing run refuses, whose rules name protocols and nothing closer.
struct RefusedNew {
    bool all = false;
    std::set<std::optional<Protocol>> protocols;

    RefusedNew(std::span<const Rule> run, Family family) {
        for (const Rule& rule : run) {
            if (!refuses(rule, family) || !takes_new(rule) || rule.limit) continue;
            all = all || rule.what.empty();
            for (const Traffic& kind : rule.what)
                if (kind.families.contains(family)) protocols.insert(kind.protocol);
        }
    }
};

/// Whether connections that nothing else speaks of are accepted in the end.
bool lets_the_rest_in(const Model& model, Family family) {
    return !model.forward || (model.forward->policy != ir::Policy::drop && !RefusedNew(behind(model), family).all);
}

/// Whether the closing run refuses what belongs to connections that it lets in.
bool closes_on_replies(const Model& model, Family family) {
    if (!lets_the_rest_in(model, family)) return false;
    const RefusedNew refused(behind(model), family);
    return std::ranges::any_of(behind(model), [&](const Rule& rule) {
        if (!refuses(rule, family) || !takes_established(rule) || (takes_new(rule) && !rule.limit)) return false;
        return rule.what.empty() || std::ranges::any_of(rule.what, [&](const Traffic& kind) { return kind.families.contains(family) && !refused.protocols.contains(kind.protocol); });
    });
}

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

/// Whether all interfaces toward the outside that the file knows are among the network's.
bool has_all_uplinks(const Network& network, const Model& model) {
    const std::set<InterfaceName> owns(network.uplinks.begin(), network.uplinks.end());
    const auto among = [&](const InterfaceName& name) { return owns.contains(name) || std::ranges::any_of(network.uplinks, [&](const InterfaceName& own) { return own.covers(name); }); };
    return std::ranges::all_of(model.uplinks, among) && std::ranges::all_of(model.networks, [&](const Network& other) { return std::ranges::all_of(other.uplinks, among); });
}

/// Whether a network leaves connections to what stands behind its rules, where they are accepted, and refuses some of what belongs to them.
bool refuses_what_others_let_in(const Network& network, const Model& model, Family family) {
    const auto& rules = network.forward->rules;
    const auto refuses_all = [&](const Rule& rule) { return refuses(rule, family) && is_plain(rule) && !rule.states; };
    if (!lets_the_rest_in(model, family) || std::ranges::any_of(rules, [&](const Rule& rule) { return rule.direction == Direction::rest && refuses_all(rule); })) return false;
    return std::ranges::any_of(rules, [&](const Rule& rule) { return refuses(rule, family) && takes_established(rule) && !refuses_all(rule); });
}

/// Whether the rules of the only network that is open do for all of its connections.
bool lets_replies_pass(const Network& network, const Model& model, Family family) {
    const auto covers = [&](Direction direction) { return covers_established(*network.forward, direction, family); };
    const bool rest = covers(Direction::rest);
    const bool internal = covers(Direction::internal);
    if (!covers(Direction::inbound) || !covers(Direction::outbound)) return false;
    // Where uplinks are known, those two are about packets by them alone.
    if (!network.uplinks.empty() && !has_all_uplinks(network, model)) return false;
    if (refuses_what_others_let_in(network, model, family)) return false;
    const bool covered = network.uplinks.empty() && network.families().contains(family);
    for (const Rule& rule : network.forward->rules) {
        const bool elsewhere = rule.direction == Direction::rest || (rule.direction == Direction::internal && !covered);
        if (opens(rule) && elsewhere && rule.families.contains(family) && !(rule.direction == Direction::rest ? rest : internal)) return false;
    }
    const std::set<InterfaceName> uplinks(network.uplinks.begin(), network.uplinks.end());
    for (const PortForward& forward : model.port_forwards) {
        const bool here = std::any_of(forward.targets.begin(), forward.targets.end(), [&](Address a) { return a.family() == family; });
        if (!here) continue;
        if (forward.hairpin && !internal) return false;
        // The rules know the uplinks alone, and what takes all into this network comes by no other.
        const bool by_its_uplinks = takes_all(forward) && &model.networks[forward.network] == &network;
        if (!uplinks.empty() && !by_its_uplinks)
            for (const Arrival& arrival : arrivals(forward, model, family))
                if (arrival.in_negated || arrival.in.empty() || !uplinks.contains(arrival.in.front())) return false;
    }
    return true;
}

/// Whether a rule behind natc's own refuses established packets by that word, and would do so in one family and not in the other.
bool refuses_by_word(const Model& model, Family family) {
    const auto does = [&](const Rule& rule) { return refuses(rule, family) && takes_established(rule) && !takes_new(rule); };
    return std::ranges::any_of(behind(model), does) ||
           std::ranges::any_of(model.networks, [&](const Network& network) { return !network.isolated(family) && network.forward && std::ranges::any_of(network.forward->rules, does); });
}

}  // namespace

std::size_t open_networks(const Model& model, Family family) {
    return static_cast<std::size_t>(std::ranges::count_if(model.networks, [&](const Network& network) { return !network.isolated(family); }));
}

FamilySet replies_needed(const Model& model) {
    FamilySet written;  // where the user's own rules accept them all
    bool top_accepts = false;
    for (const Rule& rule : ahead(model)) {
        if (accepts(rule) && is_plain(rule) && rule.states == ir::established_or_related) written |= rule.families;
        top_accepts = top_accepts || opens(rule);
    }
    FamilySet needed;
    for (const Family family : all_families) {
        const std::size_t open = open_networks(model, family);
        bool here = open > 1 || closes_on_replies(model, family);
        if (open == 0) here = here || (top_accepts && (!model.networks.empty() || closes(*model.forward)));
        if (open == 1)
            for (const Network& network : model.networks)
                if (!network.isolated(family)) here = here || top_accepts || !lets_replies_pass(network, model, family);
        if (here) needed |= family;
    }
    // What a file says of established packets it says of both families.
    for (const Family family : all_families)
        if (!needed.empty() && open_networks(model, family) > 0 && refuses_by_word(model, family)) needed |= family;
    return needed & complement(written);
}

bool accepts_replies(const Rule& rule) { return accepts(rule) && is_plain(rule) && rule.states == ir::established_or_related; }

FamilySet replies_accepted(const Model& model) {
    FamilySet families;
    for (const Rule& rule : ahead(model))
        if (accepts_replies(rule)) families |= rule.families;
    return families;
}

}  // namespace natc

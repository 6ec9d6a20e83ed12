#include "model/model.hpp"

#include <algorithm>

#include "model/builtin_services.hpp"

namespace natc {

FamilySet Network::isolated_families() const {
    FamilySet set;
    for (const Family family : all_families)
        if (isolated(family)) set |= family;
    return set;
}

FamilySet Network::families() const {
    FamilySet set;
    for (const Subnet& subnet : subnets) set |= subnet.range.family();
    return set;
}

void Network::add(const Subnet& subnet) {
    places_.try_emplace(subnet.range, subnets.size());
    lengths_[static_cast<std::size_t>(subnet.range.family())].insert(subnet.length);
    subnets.push_back(subnet);
}

const Subnet* Network::subnet_of(const AddressRange& addresses) const {
    const Subnet* first = nullptr;
    for (const int length : lengths_[static_cast<std::size_t>(addresses.family())]) {
        const AddressRange prefix = AddressRange::prefix(addresses.first(), length);
        const auto at = places_.find(prefix);
        if (at == places_.end() || !prefix.contains(addresses)) continue;
        const Subnet* subnet = &subnets[at->second];
        if (first == nullptr || subnet < first) first = subnet;
    }
    return first;
}

std::string_view Network::outside(const AddressRange& addresses) const {
    // One address is in or out.
    const bool partly = !addresses.single() && std::any_of(subnets.begin(), subnets.end(), [&](const Subnet& s) { return s.range.overlaps(addresses); });
    return partly ? "reaches beyond" : "lies outside of";
}

const Service* Model::service(std::string_view name) const {
    const auto at = std::ranges::find(services, name, &Service::name);
    return at == services.end() ? builtin_service(name) : &*at;
}

const ChainBlock* Model::chain(ir::TableName table, std::string_view name) const {
    const auto at = std::find_if(chains.begin(), chains.end(),
                                 [&](const ChainBlock& c) { return c.table == table && c.name == name; });
    return at == chains.end() ? nullptr : &*at;
}

namespace {

bool is_log(const Rule& rule) { return std::holds_alternative<ir::Log>(rule.verdict); }

bool refuses(const Rule& rule) {
    return std::holds_alternative<ir::Drop>(rule.verdict) || std::holds_alternative<ir::Reject>(rule.verdict);
}

/// Whether a rule speaks of particular ends or services: what it refuses is meant, not what is left over.
bool is_particular(const Rule& rule) {
    const bool service = std::any_of(rule.what.begin(), rule.what.end(), [](const Traffic& t) {
        return !t.ports.empty() || !t.source_ports.empty() || !t.icmp_types.empty();
    });
    return service || !rule.in.empty() || !rule.out.empty() || !rule.from.empty() || !rule.to.empty() ||
           !rule.macs.empty() || rule.mark || rule.to_local || !rule.verbatim.empty();
}

}  // namespace

bool closes(const Policy& policy) {
    if (policy.policy == ir::Policy::drop) return true;
    const auto last = std::find_if_not(policy.rules.rbegin(), policy.rules.rend(), is_log);
    return last != policy.rules.rend() && refuses(*last);
}

std::size_t closing_run(const Policy& policy) {
    const auto first = std::find_if_not(policy.rules.rbegin(), policy.rules.rend(), [](const Rule& rule) {
        return (refuses(rule) || is_log(rule)) && !is_particular(rule);
    });
    return static_cast<std::size_t>(policy.rules.rend() - first);
}

std::vector<Span> written_rules(const Model& model) {
    std::vector<Span> spans;
    const auto add = [&](const Policy& policy) {
        for (const Rule& rule : policy.rules) spans.push_back(rule.span);
    };
    for (const auto* policy : {&model.input, &model.output, &model.forward})
        if (*policy) add(**policy);
    for (const ChainBlock& chain : model.chains) add(chain.body);
    for (const Network& network : model.networks)
        if (network.forward) add(*network.forward);
    for (const PortForward& forward : model.port_forwards) spans.push_back(forward.span);
    std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
    return spans;
}

}  // namespace natc

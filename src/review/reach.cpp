#include "review/reach.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "semantics/budget.hpp"

namespace natc {

namespace {

using packet::Region;
using semantics::Field;
using semantics::Space;
using semantics::operator+;

class Uplinks final : public Reach {
public:
    Uplinks(const Subject& subject, Diagnostics& diagnostics) : subject_(subject), diagnostics_(diagnostics) {}

    /// Where the uplink of a network is the bridge of another one, the wall between the two stands in its way.
    void look_at(const Look& look) override {
        if (subject_.model == nullptr) return;
        const Space& space = look.space;
        const auto& networks = subject_.model->networks;
        std::map<std::string_view, const Network*> bridges;
        for (const Network& network : networks) bridges.emplace(network.bridge.text(), &network);
        for (const Network& network : networks)
            for (const InterfaceName& uplink : network.uplinks) {
                const auto at = bridges.find(uplink.text());
                if (at == bridges.end() || at->second == &network || network.isolated(space.family())) continue;
                Way& way = ways_[{&network, at->second}];
                for (const Subnet& subnet : network.subnets) {
                    if (subnet.range.family() != space.family()) continue;
                    Region region = space.whole();
                    region[+Field::in] = space.codes(network.bridge);
                    region[+Field::out] = space.codes(uplink);
                    region[+Field::source] = region[+Field::original_source] = space.codes(subnet.range);
                    region[+Field::state] = {semantics::state_new, semantics::state_new};
                    const Gate* gate = look.forward.get();
                    (gate != nullptr && gate->refuses(region) ? way.refused : way.passes) = true;
                }
            }
    }

    void report() override {
        for (const auto& [ends, way] : ways_) {
            if (way.passes || !way.refused) continue;
            const auto& [network, beyond] = ends;
            diagnostics_
                .add(Code::uplink_refused, network->head,
                     fmt::format("nothing of network `{}` gets out: its uplink {} is the bridge of network `{}`, and two networks do not reach each other", network->name,
                                 beyond->bridge.text(), beyond->name))
                .see(beyond->bridge_span, "the bridge")
                .advise(fmt::format("name the interface towards the outside as uplink, or let the top-level `forward` accept what goes from `{}` to `{}`",
                                    network->name, beyond->name));
        }
    }

private:
    struct Way {
        bool passes = false, refused = false;  ///< something of one of its subnets, in some family
    };

    const Subject& subject_;
    Diagnostics& diagnostics_;
    std::map<std::pair<const Network*, const Network*>, Way> ways_;  ///< from a network to the one whose bridge is its uplink
};

}  // namespace

std::unique_ptr<Reach> reach_of_uplinks(const Subject& subject, Diagnostics& diagnostics) { return std::make_unique<Uplinks>(subject, diagnostics); }

Dhcp dhcp_of(Family family) {
    if (family == Family::ipv4) return {"dhcp", Address(family, 0), Address(family, 0xFFFF'FFFFU), 68, 67};
    // fe80::/10 to ff02::1:2
    return {"dhcpv6", AddressRange::prefix(Address(family, uint128{0xFE80} << 112U), 10), Address(family, uint128{0xFF02} << 112U | 0x1'0002U), 546, 547};
}

Written::Written(const Model* model) : all_(model == nullptr) {
    if (model == nullptr) return;
    // Of a network without rules of its own, they stand for what it says of its way out.
    std::set<Span, BySpan> made;
    for (const Network& network : model->networks)
        if (network.forward && network.forward->head == network.head)
            for (const Rule& rule : network.forward->rules) made.insert(rule.span);
    spans_ = written_rules(*model);
    std::erase_if(spans_, [&](const Span& span) { return made.contains(span); });
    std::sort(spans_.begin(), spans_.end(), BySpan());
}

void show(Diagnostic& diagnostic, const Gate::Refusal& refusal, std::string_view chain, const Written& written) {
    constexpr std::size_t most_places = 3;
    const std::vector<Span> spans = places(refusal.rules);
    for (std::size_t i = 0; i < std::min(spans.size(), most_places); ++i) {
        const bool all = spans.size() == 1 && !refusal.policy;
        // natc's own rules stand for a whole statement.
        diagnostic.see(spans[i], !written.contains(spans[i]) ? "what comes of this refuses all that nothing accepts" : all ? "refuses it" : "refuses some of it");
    }
    if (spans.empty() && refusal.policy) diagnostic.message += fmt::format(", by the policy of {}", chain);
}

Span input_place(const Subject& subject, const Gate::Refusal& refusal) {
    if (subject.model != nullptr) {
        if (subject.model->input) return subject.model->input->head;
        if (const ChainBlock* chain = subject.model->chain(ir::TableName::filter, "INPUT")) return chain->span;
        return {};
    }
    const std::vector<Span> spans = places(refusal.rules);
    if (!spans.empty()) return spans.back();
    const ir::Table* filter = subject.program.find(ir::TableName::filter);
    const ir::Chain* chain = filter->find("INPUT");
    return chain->rules.empty() || chain->rules.back().origins.empty() ? Span{} : chain->rules.back().origins.front();
}

void review_reach(const Subject& subject, Diagnostics& diagnostics) {
    const std::unique_ptr<Reach> kinds[] = {reach_of_forwards(subject, diagnostics), reach_of_host(subject, diagnostics), reach_of_ssh(subject, diagnostics), reach_of_guests(subject, diagnostics),
                                            reach_of_uplinks(subject, diagnostics)};
    const ir::Program* const programs[] = {&subject.program};
    std::vector<InterfaceName> names;
    std::vector<AddressRange> addresses;
    for (const Family family : all_families) addresses.insert(addresses.end(), {dhcp_of(family).from, dhcp_of(family).to});
    if (subject.model != nullptr)
        for (const Network& network : subject.model->networks) {
            names.push_back(network.bridge);
            names.insert(names.end(), network.members.begin(), network.members.end());
            names.insert(names.end(), network.uplinks.begin(), network.uplinks.end());
            for (const Subnet& subnet : network.subnets) addresses.push_back(subnet.range);
        }
    for (const Family family : all_families) {
        if (!subject.families.contains(family)) continue;
        packet::Budget budget(semantics::steps);
        const Space space(family, programs, addresses, names);
        LazyGate forward(subject.program, ir::Hook::forward, space, budget);
        LazyGate input(subject.program, ir::Hook::input, space, budget);
        for (const auto& kind : kinds) kind->look_at({space, forward, input, budget});
    }
    for (const auto& kind : kinds) kind->report();
}

}  // namespace natc

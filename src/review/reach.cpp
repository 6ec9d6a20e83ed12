#include "review/gate.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "model/subnet_index.hpp"
#include "review/review.hpp"
#include "semantics/budget.hpp"

namespace natc {

namespace {

using packet::Interval;
using packet::Region;
using semantics::Entry;
using semantics::Field;
using semantics::Space;
using semantics::operator+;

struct BySpan {
    bool operator()(const Span& a, const Span& b) const { return a.begin != b.begin ? a.begin < b.begin : a.end < b.end; }
};

/// So many of the places that refuse something are shown.
constexpr std::size_t most_places = 3;

template <typename IsWritten>
void show(Diagnostic& diagnostic, const Gate::Refusal& refusal, std::string_view chain, const IsWritten& is_written) {
    const std::vector<Span> spans = places(refusal.rules);
    for (std::size_t i = 0; i < std::min(spans.size(), most_places); ++i) {
        const bool all = spans.size() == 1 && !refusal.policy;
        // natc's own rules stand for a whole statement.
        diagnostic.see(spans[i], !is_written(spans[i]) ? "what comes of this refuses all that nothing accepts" : all ? "refuses it" : "refuses some of it");
    }
    if (spans.empty() && refusal.policy) diagnostic.message += fmt::format(", by the policy of {}", chain);
}

/// What the families have found about one statement.
struct Verdict {
    bool passes = false;  ///< some of its packets may, in some family
    Gate::Refusal refusal;
    std::string what;
};

/// Prefixes that rules of one family name: of a size that a network has.
class Prefixes {
public:
    explicit Prefixes(const ir::Program& program) {
        const auto add = [&](const AddressRange& range) {
            const auto length = range.prefix_length();
            if (!length) return;
            const int host_bits = address_bits(range.family()) - *length;
            if (*length >= 8 && host_bits >= 2) lengths_[static_cast<std::size_t>(range.family())].insert(*length), all_.insert(range);
        };
        for (const ir::Table& table : program.tables)
            for (const ir::Chain& chain : table.chains)
                for (const ir::Rule& rule : chain.rules)
                    for (const ir::Match& match : rule.matches) {
                        if (const auto* source = std::get_if<ir::SourceAddress>(&match)) add(source->range);
                        if (const auto* destination = std::get_if<ir::DestinationAddress>(&match)) add(destination->range);
                    }
    }
    /// Whether an address lies in one of them, and not where a router's own stands: at its beginning or its end.
    [[nodiscard]] bool is_a_guests(Address address) const {
        for (const int length : lengths_[static_cast<std::size_t>(address.family())]) {
            const AddressRange prefix = AddressRange::prefix(address, length);
            if (all_.contains(prefix)) return address.value() > prefix.first().value() + 1 && address.value() + 1 < prefix.last().value();
        }
        return false;
    }

private:
    std::set<AddressRange> all_;
    std::set<int> lengths_[2];
};

class Reach {
public:
    Reach(const Subject& subject, Diagnostics& diagnostics) : subject_(subject), diagnostics_(diagnostics), prefixes_(subject.program) {
        if (subject.model == nullptr) return;
        written_ = written_rules(*subject.model);
        for (const Network& network : subject.model->networks)
            if (network.forward && network.forward->head == network.head)
                for (const Rule& rule : network.forward->rules) made_.insert(rule.span);
        subnets_.emplace(subject.model->networks);
        for (const PortForward& forward : subject.model->port_forwards) forwards_.insert(forward.span);
    }

    void look_at(Family family) {
        packet::Budget budget(semantics::steps);
        const ir::Program* const programs[] = {&subject_.program};
        std::vector<InterfaceName> names;
        std::vector<AddressRange> addresses;
        if (subject_.model != nullptr)
            for (const Network& network : subject_.model->networks) {
                names.push_back(network.bridge);
                names.insert(names.end(), network.uplinks.begin(), network.uplinks.end());
                for (const Subnet& subnet : network.subnets) addresses.push_back(subnet.range);
            }
        const Space space(family, programs, addresses, names);
        LazyGate forward(subject_.program, ir::Hook::forward, space, budget);
        LazyGate input(subject_.program, ir::Hook::input, space, budget);
        translated(space, forward, input, budget);
        replies(space, input);
        served(space, input);
        uplinks(space, forward);
    }

    void report() {
        for (const auto& [span, verdict] : forwarded_) {
            if (verdict.passes) continue;
            Diagnostic& diagnostic = diagnostics_.add(Code::forward_refused, span, fmt::format("nothing of this arrives: what is sent to {} is refused behind it", verdict.what));
            show(diagnostic, verdict.refusal, "FORWARD", [&](Span place) { return is_written(place); });
            diagnostic.advise(forwards_.contains(span)     ? "let an `accept` for it stand ahead of what refuses it, or leave the port-forward out"
                              : subject_.model != nullptr ? "write a `port-forward` in place of this, or let the top-level `forward` accept it"
                                                          : "let FORWARD accept it, ahead of what refuses it");
        }
        for (const auto& [span, verdict] : served_) {
            if (verdict.passes) continue;
            Diagnostic& diagnostic = diagnostics_.add(Code::serve_refused, span, fmt::format("guests do not reach {}: `input` refuses it first", verdict.what));
            show(diagnostic, verdict.refusal, "INPUT", [&](Span place) { return is_written(place); });
            diagnostic.advise("let what refuses it leave the bridge out, or stand at the end: what networks serve stands ahead of the last rules that refuse everything");
        }
    }

private:
    [[nodiscard]] bool is_written(Span span) const {
        return subject_.model == nullptr || (!made_.contains(span) && std::binary_search(written_.begin(), written_.end(), span, [](const Span& a, const Span& b) { return a.begin < b.begin; }));
    }

    /// What is translated on its way in: whether the filter lets it pass, and whether the host has such a service of its own.
    void translated(const Space& space, LazyGate& forward, LazyGate& input, packet::Budget& budget) {
        const ir::Table* nat = subject_.program.find(ir::TableName::nat);
        const auto translates = [&](const ir::Chain& chain) {
            return std::any_of(chain.rules.begin(), chain.rules.end(), [&](const ir::Rule& rule) { return rule.families.contains(space.family()) && std::holds_alternative<ir::DestinationNat>(rule.statement); });
        };
        if (nat == nullptr || std::none_of(nat->chains.begin(), nat->chains.end(), translates)) return;
        const auto list = semantics::unfold(*nat, ir::Hook::prerouting, space, budget);
        if (!list) return;
        const OwnServices services(*this, input.get(), space);
        for (const Entry& entry : list->entries) {
            if (entry.rule == nullptr || entry.rule->origins.empty()) continue;
            const auto* dnat = std::get_if<ir::DestinationNat>(&entry.rule->statement);
            if (dnat == nullptr || !dnat->to || !dnat->to->single()) continue;
            const Span span = entry.rule->origins.front();
            for (std::uint32_t number = entry.first; number < entry.last; ++number) {
                Region region = space.whole();
                if (!packet::meet(region, list->boxes[number])) continue;
                services.ask(region, span, budget);
                if (const Gate* gate = forward.get()) passes(space, *gate, *dnat, span, std::move(region));
            }
        }
    }

    void passes(const Space& space, const Gate& forward, const ir::DestinationNat& dnat, Span span, Region region) {
        const Address to = dnat.to->first();
        Interval out = space.real_interface();
        const SubnetIndex::Entry* at = subnets_ ? subnets_->find(to) : nullptr;
        if (at != nullptr) {
            const Network& network = subject_.model->networks[at->network];
            if (to == network.subnets[at->subnet].gateway) return;
            out = space.codes(network.bridge);
        } else if (!prefixes_.is_a_guests(to)) {
            return;
        }
        Verdict& verdict = forwarded_[span];
        if (verdict.passes) return;
        region[+Field::out] = out;
        region[+Field::destination] = region[+Field::reply_source] = space.codes(*dnat.to);
        region[+Field::destination_local] = {0, 0};
        region[+Field::dnat] = {1, 1};
        region[+Field::state] = {semantics::state_new, semantics::state_new};
        Interval& port = region[+Field::destination_port];
        if (dnat.ports && dnat.base && *dnat.base <= port.first && port.last - *dnat.base < dnat.ports->size()) {
            const std::uint32_t offset = port.first - *dnat.base;
            port = {dnat.ports->first + offset, dnat.ports->first + offset + (port.last - port.first)};
        } else if (dnat.ports) {
            port = {dnat.ports->first, dnat.ports->last};
        }
        auto refusal = forward.refuses(region);
        if (!refusal) {
            verdict.passes = true;
            return;
        }
        if (!verdict.what.empty()) return;
        verdict.refusal = std::move(*refusal);
        verdict.what = dnat.ports ? fmt::format("{}:{}", bracketed(to), to_string(*dnat.ports)) : to_string(to);
    }

    static std::string bracketed(Address address) { return address.family() == Family::ipv4 ? to_string(address) : "[" + to_string(address) + "]"; }

    /// The ports that INPUT opens, to be compared with those that are translated before it sees them.
    class OwnServices {
    public:
        OwnServices(Reach& reach, const Gate* input, const Space& space) : reach_(reach) {
            if (input == nullptr) return;
            for (const Entry& entry : input->list().entries) {
                if (entry.rule == nullptr || !std::holds_alternative<ir::Accept>(entry.rule->statement) || entry.rule->origins.empty() || !reach.is_written(entry.rule->origins.front())) continue;
                for (std::uint32_t number = entry.first; number < entry.last; ++number) {
                    if (!packet::names(input->list().boxes[number], +Field::destination_port)) continue;
                    boxes_.add(input->list().boxes[number]);
                    rules_.push_back(entry.rule);
                }
            }
            if (boxes_.size() != 0) index_.emplace(boxes_, space.whole().size());
            whole_ = space.whole();
        }

        void ask(const Region& claimed, Span span, packet::Budget& budget) const {
            // What takes every port does so on purpose; and types of ICMP are no ports.
            const Interval protocol = claimed[+Field::protocol];
            if (!index_ || claimed[+Field::destination_port] == whole_[+Field::destination_port] || !protocol.single() || !has_ports(protocol.first)) return;
            for (const std::uint32_t number : index_->overlapping(asked(claimed), boxes_.size(), budget)) {
                Region own = whole_;
                if (!packet::meet(own, boxes_[number]) || !takes(claimed, own)) continue;
                if (std::exchange(reach_.told_[{span.begin, rules_[number]->origins.front().begin}], true)) continue;
                const Interval ports = own[+Field::destination_port];
                reach_.diagnostics_
                    .add(Code::own_service_taken, span,
                         fmt::format("this takes {} {} from the host itself: what arrives here does not come to `input`", to_string(Protocol{static_cast<std::uint8_t>(protocol.first)}),
                                     to_string(PortRange{static_cast<std::uint16_t>(ports.first), static_cast<std::uint16_t>(ports.last)})))
                    .see(rules_[number]->origins.front(), "which opens it")
                    .advise("forward another port, or let `in` say by which interfaces the host's own service is reached");
                return;
            }
        }

    private:
        static bool has_ports(std::uint32_t protocol) { return protocol == tcp.number || protocol == udp.number; }
        /// The state and what routing says of the destination are of no interest here.
        [[nodiscard]] Region asked(Region claimed) const {
            for (const Field field : {Field::state, Field::destination_local, Field::tcp_flags, Field::forged}) claimed[+field] = whole_[+field];
            return claimed;
        }
        /// Whether all of the service is claimed, by some interface at least.
        [[nodiscard]] bool takes(const Region& claimed, const Region& own) const {
            const Region all = asked(claimed);
            for (packet::FieldIndex field = 0; field < own.size(); ++field) {
                if (field == +Field::in || field == +Field::out) continue;
                if (!all[field].contains(own[field])) return false;
            }
            return true;
        }

        Reach& reach_;
        Region whole_;
        packet::Boxes boxes_;
        std::vector<const ir::Rule*> rules_;  ///< of each box
        std::optional<packet::Index> index_;
    };

    /// What arrives by lo, or by a bridge, says nothing of the outside.
    void replies(const Space& space, LazyGate& lazy) {
        const Gate* input = lazy.get();
        if (input == nullptr) return;
        packet::Boxes inside;
        inside.add(packet::Box{{+Field::in, space.codes(*parse_interface("lo"))}});
        if (subject_.model != nullptr)
            for (const Network& network : subject_.model->networks) inside.add(packet::Box{{+Field::in, space.codes(network.bridge)}});
        Region region = space.whole();
        region[+Field::in] = space.real_interface();
        region[+Field::out] = {semantics::Interfaces::none, semantics::Interfaces::none};
        region[+Field::protocol] = {tcp.number, tcp.number};
        region[+Field::state] = {semantics::state_established, semantics::state_established};
        region[+Field::forged] = {0, 0};
        const auto refusal = input->refuses(region, inside);
        if (!refusal || std::exchange(replies_told_, true)) return;
        const Span place = input_place(*refusal);
        if (!place.known()) return;
        Diagnostic& diagnostic = diagnostics_.add(Code::replies_refused, place, "INPUT refuses what belongs to established connections: sessions with the host end, and what it asks for itself is never answered");
        std::vector<Span> spans = places(refusal->rules);
        std::erase(spans, place);
        for (std::size_t i = 0; i < std::min(spans.size(), most_places); ++i) diagnostic.see(spans[i], "refused here");
        diagnostic.advise(subject_.model != nullptr ? "begin with `accept established`" : "begin with `-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`");
    }

    [[nodiscard]] Span input_place(const Gate::Refusal& refusal) const {
        if (subject_.model != nullptr) {
            if (subject_.model->input) return subject_.model->input->head;
            if (const ChainBlock* chain = subject_.model->chain(ir::TableName::filter, "INPUT")) return chain->span;
            return {};
        }
        const std::vector<Span> spans = places(refusal.rules);
        if (!spans.empty()) return spans.back();
        const ir::Table* filter = subject_.program.find(ir::TableName::filter);
        const ir::Chain* chain = filter->find("INPUT");
        return chain->rules.empty() || chain->rules.back().origins.empty() ? Span{} : chain->rules.back().origins.front();
    }

    void served(const Space& space, LazyGate& lazy) {
        const Gate* input = lazy.get();
        if (subject_.model == nullptr || input == nullptr) return;
        for (const Network& network : subject_.model->networks) {
            if (!network.families().contains(space.family())) continue;
            for (const Served& service : network.serves)
                for (const Traffic& traffic : service.traffic) {
                    if (!traffic.families.contains(space.family()) || !traffic.protocol || traffic.ports_negated) continue;
                    std::vector<PortRange> ports = traffic.ports;
                    if (ports.empty()) ports.push_back({0, 65535});
                    for (const PortRange range : ports) {
                        Region region = space.whole();
                        region[+Field::in] = space.codes(network.bridge);
                        region[+Field::out] = {semantics::Interfaces::none, semantics::Interfaces::none};
                        region[+Field::protocol] = {traffic.protocol->number, traffic.protocol->number};
                        region[+Field::destination_port] = {range.first, range.last};
                        region[+Field::state] = {semantics::state_new, semantics::state_new};
                        region[+Field::destination_local] = {1, 1};
                        Verdict& verdict = served_[service.span];
                        auto refusal = verdict.passes ? std::nullopt : input->refuses(region);
                        verdict.passes = !refusal;
                        if (!refusal) continue;
                        verdict.refusal = std::move(*refusal);
                        verdict.what = fmt::format("the service `{}` that network `{}` serves", service.name, network.name);
                    }
                }
        }
    }

    /// Where the uplink of a network is the bridge of another one, the wall between the two stands in its way.
    void uplinks(const Space& space, LazyGate& forward) {
        if (subject_.model == nullptr) return;
        const auto& networks = subject_.model->networks;
        std::map<std::string_view, const Network*> bridges;
        for (const Network& network : networks) bridges.emplace(network.bridge.text(), &network);
        for (const Network& network : networks)
            for (const InterfaceName& uplink : network.uplinks) {
                const auto at = bridges.find(uplink.text());
                if (at == bridges.end() || at->second == &network || network.isolated(space.family())) continue;
                for (const Subnet& subnet : network.subnets) {
                    if (subnet.range.family() != space.family()) continue;
                    Region region = space.whole();
                    region[+Field::in] = space.codes(network.bridge);
                    region[+Field::out] = space.codes(uplink);
                    region[+Field::source] = region[+Field::original_source] = space.codes(subnet.range);
                    region[+Field::state] = {semantics::state_new, semantics::state_new};
                    const Gate* gate = forward.get();
                    if (gate == nullptr || !gate->refuses(region)) continue;
                    diagnostics_
                        .add(Code::uplink_refused, network.head,
                             fmt::format("nothing of network `{}` gets out: its uplink {} is the bridge of network `{}`, and two networks do not reach each other", network.name, uplink.text(), at->second->name))
                        .see(at->second->bridge_span, "the bridge")
                        .advise(fmt::format("name the interface towards the outside as uplink, or let the top-level `forward` accept what goes from `{}` to `{}`", network.name, at->second->name));
                    break;
                }
            }
    }

    const Subject& subject_;
    Diagnostics& diagnostics_;
    Prefixes prefixes_;
    std::vector<Span> written_;
    std::set<Span, BySpan> made_;  ///< by networks that have no rules of their own
    std::optional<SubnetIndex> subnets_;
    std::set<Span, BySpan> forwards_;
    std::map<Span, Verdict, BySpan> forwarded_, served_;
    std::map<std::pair<std::uint32_t, std::uint32_t>, bool> told_;  ///< port-forwards with the rules of `input` whose packets they take
    bool replies_told_ = false;
};

}  // namespace

void review_reach(const Subject& subject, Diagnostics& diagnostics) {
    Reach reach(subject, diagnostics);
    for (const Family family : all_families)
        if (subject.families.contains(family)) reach.look_at(family);
    reach.report();
}

}  // namespace natc

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "model/subnet_index.hpp"
#include "review/reach.hpp"

namespace natc {

namespace {

using packet::Interval;
using packet::Region;
using semantics::Entry;
using semantics::Field;
using semantics::Space;
using semantics::operator+;

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

class Forwards final : public Reach {
public:
    Forwards(const Subject& subject, Diagnostics& diagnostics) : subject_(subject), diagnostics_(diagnostics), prefixes_(subject.program), written_(subject.model) {
        if (subject.model == nullptr) return;
        subnets_.emplace(subject.model->networks);
        for (const PortForward& forward : subject.model->port_forwards) forwards_.insert(forward.span);
    }

    /// What is translated on its way in: whether the filter lets it pass, and whether the host has such a service of its own.
    void look_at(const Look& look) override {
        const Space& space = look.space;
        const ir::Table* nat = subject_.program.find(ir::TableName::nat);
        const auto translates = [&](const ir::Chain& chain) {
            return std::any_of(chain.rules.begin(), chain.rules.end(), [&](const ir::Rule& rule) {
                return rule.families.contains(space.family()) && std::holds_alternative<ir::DestinationNat>(rule.statement);
            });
        };
        if (nat == nullptr || std::none_of(nat->chains.begin(), nat->chains.end(), translates)) return;
        const auto list = semantics::unfold(*nat, ir::Hook::prerouting, space, look.budget);
        if (!list) return;
        const OwnServices services(*this, look.input.get(), space);
        for (const Entry& entry : list->entries) {
            if (entry.rule == nullptr || entry.rule->origins.empty()) continue;
            const auto* dnat = std::get_if<ir::DestinationNat>(&entry.rule->statement);
            if (dnat == nullptr || !dnat->to || !dnat->to->single()) continue;
            const Span span = entry.rule->origins.front();
            for (std::uint32_t number = entry.first; number < entry.last; ++number) {
                Region region = space.whole();
                if (!packet::meet(region, list->boxes[number])) continue;
                services.ask(region, span, look.budget);
                if (const Gate* gate = look.forward.get()) passes(space, *gate, *dnat, span, std::move(region));
            }
        }
    }

    void report() override {
        for (const auto& [span, refused] : forwarded_) {
            if (refused.passes) continue;
            Diagnostic& diagnostic = diagnostics_.add(Code::forward_refused, span,
                                                      fmt::format("nothing of this arrives: what is sent to {} is refused behind it", refused.what));
            show(diagnostic, refused.by, "FORWARD", written_);
            diagnostic.advise(forwards_.contains(span)     ? "let an `accept` for it stand ahead of what refuses it, or leave the port-forward out"
                              : subject_.model != nullptr ? "write a `port-forward` in place of this, or let the top-level `forward` accept it"
                                                          : "let FORWARD accept it, ahead of what refuses it");
        }
    }

private:
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
        Refused& refused = forwarded_[span];
        if (refused.passes) return;
        region[+Field::out] = out;
        region[+Field::destination] = region[+Field::reply_source] = space.codes(*dnat.to);
        region[+Field::destination_local] = {0, 0};
        region[+Field::dnat] = {1, 1};
        region[+Field::state] = {semantics::state_new, semantics::state_new};
        Interval port = region[+Field::destination_port];
        if (dnat.ports && dnat.base && *dnat.base <= port.first && port.last - *dnat.base < dnat.ports->size()) {
            const std::uint32_t offset = port.first - *dnat.base;
            port = {dnat.ports->first + offset, dnat.ports->first + offset + (port.last - port.first)};
        } else if (dnat.ports) {
            port = {dnat.ports->first, dnat.ports->last};
        }
        region[+Field::destination_port] = port;
        auto refusal = forward.refuses(region);
        if (!refusal) {
            refused.passes = true;
            return;
        }
        if (!refused.what.empty()) return;
        refused.by = std::move(*refusal);
        refused.what = dnat.ports ? fmt::format("{}:{}", bracketed(to), to_string(*dnat.ports)) : to_string(to);
    }

    static std::string bracketed(Address address) { return address.family() == Family::ipv4 ? to_string(address) : "[" + to_string(address) + "]"; }

    /// The ports that INPUT opens, to be compared with those that are translated before it sees them.
    class OwnServices {
    public:
        OwnServices(Forwards& owner, const Gate* input, const Space& space) : owner_(owner) {
            if (input == nullptr) return;
            for (const Entry& entry : input->list().entries) {
                if (entry.rule == nullptr || !std::holds_alternative<ir::Accept>(entry.rule->statement)) continue;
                if (entry.rule->origins.empty() || !owner.written_.contains(entry.rule->origins.front())) continue;
                for (std::uint32_t number = entry.first; number < entry.last; ++number) {
                    if (!packet::names(input->list().boxes[number], +Field::destination_port)) continue;
                    boxes_.add(input->list().boxes[number]);
                    rules_.push_back(entry.rule);
                }
            }
            if (boxes_.size() != 0) index_.emplace(boxes_);
            whole_ = space.whole();
        }

        void ask(const Region& claimed, Span span, packet::Budget& budget) const {
            // What takes every port does so on purpose; and types of ICMP are no ports.
            const Interval protocol = claimed[+Field::protocol];
            if (!index_ || claimed[+Field::destination_port] == whole_[+Field::destination_port] || !protocol.single() || !has_ports(protocol.first)) return;
            for (const std::uint32_t number : index_->overlapping(asked(claimed), boxes_.size(), budget)) {
                Region own = whole_;
                if (!packet::meet(own, boxes_[number]) || !takes(claimed, own)) continue;
                if (std::exchange(owner_.told_[{span.begin, rules_[number]->origins.front().begin}], true)) continue;
                const Interval ports = own[+Field::destination_port];
                owner_.diagnostics_
                    .add(Code::own_service_taken, span,
                         fmt::format("this takes {} {} from the host itself: what arrives here does not come to `input`",
                                     to_string(Protocol{static_cast<std::uint8_t>(protocol.first)}),
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
            if (!packet::covers(all.answers(), own)) return false;
            for (packet::FieldIndex field = 0; field < semantics::known_fields; ++field) {
                if (field == +Field::in || field == +Field::out) continue;
                if (!all[field].contains(own[field])) return false;
            }
            return true;
        }

        Forwards& owner_;
        Region whole_;
        packet::Boxes boxes_;
        std::vector<const ir::Rule*> rules_;  ///< of each box
        std::optional<packet::Index> index_;
    };

    const Subject& subject_;
    Diagnostics& diagnostics_;
    Prefixes prefixes_;
    Written written_;
    std::optional<SubnetIndex> subnets_;
    std::set<Span, BySpan> forwards_;
    std::map<Span, Refused, BySpan> forwarded_;
    std::map<std::pair<std::uint32_t, std::uint32_t>, bool> told_;  ///< port-forwards with the rules of `input` whose packets they take
};

}  // namespace

std::unique_ptr<Reach> reach_of_forwards(const Subject& subject, Diagnostics& diagnostics) { return std::make_unique<Forwards>(subject, diagnostics); }

}  // namespace natc

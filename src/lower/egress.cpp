// POSTROUTING of nat: masquerade and snat.

#include <algorithm>

#include "lower/make_rule.hpp"
#include "lower/tables.hpp"

namespace natc {

namespace {

/// What every subnet exempts: packets that no router passes on, and that must arrive as they were sent.
std::vector<AddressRange> always_exempt(Family family) {
    if (family == Family::ipv4)
        return {AddressRange::prefix(Address(family, 0xE0000000U), 24), Address(family, 0xFFFFFFFFU)};
    return {AddressRange::prefix(Address(family, uint128{0xFF02} << 112U), 16)};
}

/// With more subnets of a family than this, those that no uplink tells apart from the outside stand in a chain that all share:
/// rules then grow with their number, not with its square.
constexpr std::size_t most_subnets_in_line = 4;
constexpr const char* chain_other_subnets = "natc-subnets";

class EgressRules {
public:
    EgressRules(const Model& model, ir::Table& nat) : nat_(nat), chain_(nat.at(ir::Hook::postrouting)) {
        for (const Network& network : model.networks)
            for (const Subnet& subnet : network.subnets) subnets_[static_cast<std::size_t>(subnet.range.family())].push_back(&subnet);
        shared_.name = chain_other_subnets;
        shared_.families = FamilySet();
    }

    void subnet(const Network& network, const Subnet& subnet, const Egress& egress, std::string& remark) {
        if (network.uplinks.empty()) block(subnet.range, egress, std::nullopt, remark);
        for (const InterfaceName& uplink : network.uplinks) block(subnet.range, egress, uplink, remark);
    }

    void finish() {
        if (!shared_.families.empty()) nat_.chains.push_back(std::move(shared_));
    }

private:
    MakeRule begin(const AddressRange& subnet, const Egress& egress, std::string& remark) {
        MakeRule rule(FamilySet::both(), egress.span);
        rule.from(subnet).remark(std::exchange(remark, {}));
        return rule;
    }

    void block(const AddressRange& subnet, const Egress& egress, const std::optional<InterfaceName>& uplink, std::string& remark) {
        if (!egress.exempts_nothing) {
            if (!uplink) other_subnets(subnet, egress, remark);
            for (const AddressRange& range : always_exempt(subnet.family())) exempt(subnet, range, egress, uplink, remark);
            for (const AddressRange& range : egress.except)
                if (range.family() == subnet.family()) exempt(subnet, range, egress, uplink, remark);
        }
        if (egress.ports)
            for (const Protocol protocol : {tcp, udp})
                chain_ << begin(subnet, egress, remark).to(subnet, true).out(uplink).protocol(protocol).then(translation(egress, egress.ports));
        chain_ << begin(subnet, egress, remark).to(subnet, true).out(uplink).then(translation(egress, std::nullopt));
    }

    void exempt(const AddressRange& subnet, const AddressRange& range, const Egress& egress, const std::optional<InterfaceName>& uplink, std::string& remark) {
        chain_ << begin(subnet, egress, remark).to(range).out(uplink).then(ir::Return{});
    }

    void other_subnets(const AddressRange& subnet, const Egress& egress, std::string& remark) {
        const auto& all = subnets_[static_cast<std::size_t>(subnet.family())];
        if (all.size() <= most_subnets_in_line) {
            for (const Subnet* other : all)
                if (other->range != subnet) exempt(subnet, other->range, egress, std::nullopt, remark);
            return;
        }
        if (!shared_.families.contains(subnet.family())) {
            shared_.families |= subnet.family();
            // Accept, not return: who is in this chain came from a subnet, and must not meet the rest of the calling one.
            for (const Subnet* other : all) shared_ << MakeRule(FamilySet::both(), other->span).to(other->range).then(ir::Accept{});
        }
        chain_ << begin(subnet, egress, remark).then(ir::Jump{chain_other_subnets});
    }

    static ir::Statement translation(const Egress& egress, std::optional<PortRange> ports) {
        if (egress.kind == EgressKind::snat) return ir::SourceNat{egress.to, ports};
        return ir::Masquerade{ports};
    }

    ir::Table& nat_;
    ir::Chain& chain_;
    ir::Chain shared_;
    std::vector<const Subnet*> subnets_[2];  // of all networks, by family
};

}  // namespace

void lower_egress(const Model& model, ir::Table& nat) {
    EgressRules rules(model, nat);
    for (const Network& network : model.networks)
        for (const Subnet& subnet : network.subnets) {
            const Egress& egress = network.egress_of(subnet.range.family());
            if (!egress.translates()) continue;
            // Above the first rule of the statement, which is that of the network's first subnet of the family.
            const auto first = std::find_if(network.subnets.begin(), network.subnets.end(),
                                            [&](const Subnet& s) { return s.range.family() == subnet.range.family(); });
            std::string remark = &*first == &subnet ? egress.remark : std::string();
            rules.subnet(network, subnet, egress, remark);
        }
    rules.finish();
}

}  // namespace natc

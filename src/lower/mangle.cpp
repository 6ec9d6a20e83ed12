#include "lower/make_rule.hpp"
#include "lower/tables.hpp"

namespace natc {

void lower_forged_sources(const Model& model, ir::Table& mangle) {
    // With one network alone, what is forged can be taken for nobody else's guest.
    if (model.networks.size() < 2) return;
    for (const Network& network : model.networks)
        mangle.at(ir::Hook::prerouting)
            << MakeRule(FamilySet::both(), network.bridge_span).in(network.bridge).match(ir::ForgedSource{}).then(ir::Drop{});
}

void lower_checksums(const Model& model, ir::Table& mangle) {
    // DHCP clients look at packets before the kernel has filled in checksums that it leaves to the hardware.
    for (const Network& network : model.networks)
        if (serves_dhcp(network, Family::ipv4))
            mangle.at(ir::Hook::postrouting)
                << MakeRule(Family::ipv4, network.serve_span).out(network.bridge).protocol(udp).port(68).then(ir::FillChecksum{});
}

}  // namespace natc

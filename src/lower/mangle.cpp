#include "lower/make_rule.hpp"
#include "lower/tables.hpp"

namespace natc {

void lower_forged_sources(const Model& model, ir::Table& mangle) {
    // With one network alone, what is forged can be taken for nobody else's guest.
    if (model.networks.size() < 2) return;
    // Nor can a link-local address, which is never forwarded. A bridge with a querier of its own hears its questions about multicast
    // from itself, under such an address of the host's; unanswered, the host's neighbours do not find it any more after a while.
    const AddressRange link_local = AddressRange::prefix(Address(Family::ipv6, uint128{0xFE80} << 112U), 10);
    ir::Chain& chain = mangle.at(ir::Hook::prerouting);
    // A family after the other, so that each is a row.
    for (const Network& network : model.networks) chain << MakeRule(Family::ipv4, network.bridge_span).in(network.bridge).match(ir::ForgedSource{}).then(ir::Drop{});
    for (const Network& network : model.networks)
        chain << MakeRule(Family::ipv6, network.bridge_span).from(link_local, true).in(network.bridge).match(ir::ForgedSource{}).then(ir::Drop{});
}

void lower_checksums(const Model& model, ir::Table& mangle) {
    // DHCP clients look at packets before the kernel has filled in checksums that it leaves to the hardware.
    for (const Network& network : model.networks)
        if (serves_dhcp(network, Family::ipv4))
            mangle.at(ir::Hook::postrouting)
                << MakeRule(Family::ipv4, network.serve_span).out(network.bridge).protocol(udp).port(68).then(ir::FillChecksum{});
}

}  // namespace natc

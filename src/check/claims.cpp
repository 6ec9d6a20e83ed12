#include <fmt/format.h>
#include <map>
#include <string>
#include <unordered_map>

#include "check/checks.hpp"

namespace natc {

namespace {

struct Use {
    std::string what;
    Span span;
    std::size_t network;
    bool bridge;
};

void check_interfaces(const Model& model, Diagnostics& diagnostics) {
    std::unordered_map<std::string_view, Use> uses;
    const auto claim = [&](const InterfaceName& name, Use use) {
        if (name.text().empty()) return;
        const auto [at, fresh] = uses.try_emplace(name.text(), use);
        if (fresh) return;
        // A tap is a member of its bridge, and may be named as both.
        const bool tap_and_member = at->second.network == use.network && at->second.what != use.what && !at->second.bridge && !use.bridge;
        if (!tap_and_member)
            diagnostics
                .add(Code::bridge_twice, use.span,
                     at->second.network == use.network && at->second.what == use.what
                         ? fmt::format("{} is {} twice", name.text(), use.what)
                         : fmt::format("{} is {}, and {} as well", name.text(), use.what, at->second.what))
                .see(at->second.span == use.span ? Span{} : at->second.span, "claimed here already");
    };
    for (std::size_t n = 0; n < model.networks.size(); ++n) {
        const Network& network = model.networks[n];
        claim(network.bridge, {fmt::format("the bridge of network `{}`", network.name), network.bridge_span, n, true});
    }
    for (std::size_t n = 0; n < model.networks.size(); ++n) {
        const Network& network = model.networks[n];
        for (const InterfaceName& member : network.members)
            claim(member, {fmt::format("a member of {}", network.bridge.text()), network.bridge_span, n, false});
        for (const Guest& guest : network.guests)
            if (guest.tap) claim(*guest.tap, {fmt::format("the tap of guest `{}`", guest.name), guest.span, n, false});
        for (const InterfaceName& uplink : network.uplinks) {
            if (uplink == network.bridge) {
                diagnostics.add(Code::bridge_twice, network.bridge_span,
                                fmt::format("{} is the bridge of network `{}` and its uplink as well", uplink.text(), network.name));
                continue;
            }
            const auto at = uses.find(uplink.text());
            if (at == uses.end() || at->second.bridge) continue;
            diagnostics
                .add(Code::uplink_in_bridge, network.head,
                     fmt::format("the uplink {} of network `{}` is {}: what it brings arrives by the bridge, and rules on {} never match", uplink.text(),
                                 network.name, at->second.what, uplink.text()))
                .see(at->second.span, "it is said here")
                .advise("name the interface that bears the host's address as uplink");
        }
    }
}

void check_guests(const Model& model, Diagnostics& diagnostics) {
    std::map<Address, const Guest*> addresses;
    std::map<Mac, std::pair<std::string, Span>> macs;
    const auto claim_mac = [&](const std::optional<Mac>& mac, const std::string& who, Span span) {
        if (!mac) return;
        const auto [at, fresh] = macs.try_emplace(*mac, who, span);
        if (!fresh)
            diagnostics.add(Code::mac_twice, span, fmt::format("{} has the MAC address {} of {}", who, to_string(*mac), at->second.first))
                .see(at->second.second, "which has it here");
    };
    for (const Network& network : model.networks) {
        claim_mac(network.mac, fmt::format("the bridge {}", network.bridge.text()), network.bridge_span);
        for (const Guest& guest : network.guests) {
            claim_mac(guest.mac, fmt::format("guest `{}`", guest.name), guest.span);
            for (const Address address : guest.addresses) {
                const auto [at, fresh] = addresses.try_emplace(address, &guest);
                if (!fresh)
                    diagnostics
                        .add(Code::address_twice, guest.span,
                             at->second == &guest ? fmt::format("guest `{}` has the address {} twice", guest.name, to_string(address))
                                                  : fmt::format("guest `{}` has the address {} of guest `{}`", guest.name, to_string(address), at->second->name))
                        .see(at->second == &guest ? Span{} : at->second->span, "which has it here");
            }
        }
    }
}

}  // namespace

void check_claims(const Model& model, Diagnostics& diagnostics) {
    check_interfaces(model, diagnostics);
    check_guests(model, diagnostics);
}

}  // namespace natc

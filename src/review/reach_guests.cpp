#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "review/reach.hpp"

namespace natc {

namespace {

using packet::Region;
using semantics::Field;
using semantics::Space;
using semantics::operator+;

/// Whether guests reach DHCP on the host because the network says so.
bool serves(const Network& network, Family family) {
    const std::uint16_t port = dhcp_of(family).server_port;
    return std::any_of(network.serves.begin(), network.serves.end(), [&](const Served& service) {
        return std::any_of(service.traffic.begin(), service.traffic.end(), [&](const Traffic& traffic) {
            const auto holds = [&](PortRange ports) { return ports.first <= port && port <= ports.last; };
            return traffic.families.contains(family) && traffic.protocol && traffic.protocol->number == udp.number &&
                   (traffic.ports.empty() || std::any_of(traffic.ports.begin(), traffic.ports.end(), holds) != traffic.ports_negated);
        });
    });
}

/// Guests that ask the host for their addresses. That they do is certain where the network has a range for them. A guest with a MAC beside its address is
/// likely one of those for whom a DHCP server keeps it, but that server may be a guest as well: it is the host where another network serves DHCP.
class Guests final : public Reach {
public:
    Guests(const Subject& subject, Diagnostics& diagnostics) : subject_(subject), diagnostics_(diagnostics), written_(subject.model) {
        if (subject.model == nullptr) return;
        for (const Network& network : subject.model->networks)
            if (serving_ == nullptr && serves(network, Family::ipv4)) serving_ = &network;
    }

    void look_at(const Look& look) override {
        if (subject_.model == nullptr) return;
        const Family family = look.space.family();
        for (const Network& network : subject_.model->networks) {
            // What `input` refuses of it then is said of `serve`.
            if (serves(network, family)) continue;
            const Asking asking = who_asks(network, family);
            if (!asking.span.known()) continue;
            const Gate* input = look.input.get();
            if (input == nullptr) return;
            if (auto refusal = refused(look.space, *input, network)) unserved_.push_back({&network, family, asking, std::move(*refusal)});
        }
    }

    void report() override {
        for (const auto& [network, family, asking, by] : unserved_) {
            const Dhcp dhcp = dhcp_of(family);
            Diagnostic& diagnostic = diagnostics_.add(
                Code::guests_unserved, asking.span,
                fmt::format("{} of network `{}` gets no address from the host: `input` refuses udp {} from {}", asking.who, network->name, dhcp.server_port, network->bridge.text()));
            if (asking.reserved) diagnostic.see(serving_->serve_span, fmt::format("the host serves DHCP to network `{}`", serving_->name));
            show(diagnostic, by, "INPUT", written_);
            diagnostic.advise(subject_.model->input ? fmt::format("write `serve {}` in the network", dhcp.service)
                                                    : fmt::format("write `accept udp {} in {}` ahead of what refuses it", dhcp.server_port, network->bridge.text()));
        }
    }

private:
    struct Asking {
        Span span;  ///< unknown if nobody does
        std::string who;
        bool reserved = false;
    };
    struct Unserved {
        const Network* network;
        Family family;
        Asking asking;
        Gate::Refusal by;
    };

    [[nodiscard]] Asking who_asks(const Network& network, Family family) const {
        for (const DhcpRange& range : network.dhcp_ranges)
            if (range.addresses.family() == family) return {range.span, fmt::format("a guest that asks for one of {}", to_string(range.addresses)), false};
        // Of IPv6, nobody keeps addresses by MAC; a network that serves something else was thought about.
        if (family != Family::ipv4 || serving_ == nullptr || !network.serves.empty()) return {};
        for (const Guest& guest : network.guests)
            if (guest.mac && std::any_of(guest.addresses.begin(), guest.addresses.end(), [](Address a) { return a.family() == Family::ipv4; }))
                return {guest.span, fmt::format("guest `{}`", guest.name), true};
        return {};
    }

    /// What a client sends before it has an address, by the bridge, and by its members: the server may sit at one.
    [[nodiscard]] static std::optional<Gate::Refusal> refused(const Space& space, const Gate& input, const Network& network) {
        const Dhcp dhcp = dhcp_of(space.family());
        Region region = space.whole();
        region[+Field::out] = {semantics::Interfaces::none, semantics::Interfaces::none};
        region[+Field::source] = region[+Field::original_source] = space.codes(dhcp.from);
        region[+Field::destination] = region[+Field::reply_source] = space.codes(dhcp.to);
        region[+Field::protocol] = {udp.number, udp.number};
        region[+Field::source_port] = {dhcp.client_port, dhcp.client_port};
        region[+Field::destination_port] = {dhcp.server_port, dhcp.server_port};
        region[+Field::state] = {semantics::state_new, semantics::state_new};
        if (space.family() == Family::ipv4) region[+Field::destination_local] = {semantics::destination_broadcast, semantics::destination_broadcast};
        for (const InterfaceName& member : network.members) {
            region[+Field::in] = space.codes(member);
            if (!input.refuses(region)) return std::nullopt;
        }
        region[+Field::in] = space.codes(network.bridge);
        return input.refuses(region);
    }

    const Subject& subject_;
    Diagnostics& diagnostics_;
    Written written_;
    const Network* serving_ = nullptr;  ///< the first that the host serves DHCP to
    std::vector<Unserved> unserved_;
};

}  // namespace

std::unique_ptr<Reach> reach_of_guests(const Subject& subject, Diagnostics& diagnostics) { return std::make_unique<Guests>(subject, diagnostics); }

}  // namespace natc

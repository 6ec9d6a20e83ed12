#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "review/review.hpp"

namespace natc {

namespace {

/// A guest's address, or the host's own.
struct Taken {
    Address address;
    std::string whose;
    Span span;
    bool guest;
};

class NetworkReview {
public:
    NetworkReview(const Network& network, Diagnostics& diagnostics) : network_(network), diagnostics_(diagnostics) {}

    void room() const {
        for (const Subnet& subnet : network_.subnets) {
            const int free_bits = address_bits(subnet.range.family()) - subnet.length;
            const bool named = std::any_of(network_.guests.begin(), network_.guests.end(), [&](const Guest& guest) {
                return std::any_of(guest.addresses.begin(), guest.addresses.end(), [&](Address a) { return subnet.range.contains(a); });
            });
            // A subnet of two addresses whose guest is named is meant so.
            if (free_bits > 1 || (free_bits == 1 && named)) continue;
            diagnostics_
                .add(Code::no_room, subnet.span,
                     free_bits == 0 ? fmt::format("{} is a single address, which is the host's own: there is none for a guest", to_string(subnet.range))
                                    : fmt::format("{} has room for the host and a single guest, and none is named", to_string(subnet.range)))
                .advise(subnet.range.family() == Family::ipv4 ? "a bridge for several guests has a subnet such as 10.1.1.0/24" : "a bridge has a subnet of /64, mostly");
        }
    }

    void dhcp_ranges() const {
        if (network_.dhcp_ranges.empty()) return;
        std::vector<Taken> taken;
        for (const Subnet& subnet : network_.subnets) taken.push_back({subnet.gateway, "the gateway's: the host itself", subnet.span, false});
        // One that is bound to a MAC is a reservation, which DHCP servers keep for it.
        for (const Guest& guest : network_.guests)
            for (const Address address : guest.addresses)
                if (!guest.mac) taken.push_back({address, fmt::format("the address of guest `{}`", guest.name), guest.span, true});
        std::stable_sort(taken.begin(), taken.end(), [](const Taken& a, const Taken& b) { return a.address < b.address; });

        std::vector<const DhcpRange*> ranges;
        for (const DhcpRange& range : network_.dhcp_ranges) ranges.push_back(&range);
        std::stable_sort(ranges.begin(), ranges.end(), [](const auto* a, const auto* b) { return a->addresses.first() < b->addresses.first(); });
        const DhcpRange* widest = nullptr;
        for (const DhcpRange* range : ranges) {
            const auto first = std::lower_bound(taken.begin(), taken.end(), range->addresses.first(), [](const Taken& t, Address a) { return t.address < a; });
            if (first != taken.end() && range->addresses.contains(first->address))
                diagnostics_
                    .add(Code::dhcp_range_taken, range->span, fmt::format("{} holds {}, {}", to_string(range->addresses), to_string(first->address), first->whose))
                    .see(first->span, "it is taken here")
                    .advise(first->guest ? "let the range leave it out, or say which `mac` it is kept for" : "let the range leave it out");
            if (widest != nullptr && widest->addresses.overlaps(range->addresses)) {
                const bool later = widest->span.begin < range->span.begin;
                diagnostics_
                    .add(Code::dhcp_range_taken, later ? range->span : widest->span,
                         fmt::format("{} and {} overlap", to_string(widest->addresses), to_string(range->addresses)))
                    .see(later ? widest->span : range->span, "the other range")
                    .advise("make one range of them, or let them lie side by side");
            }
            if (widest == nullptr || widest->addresses.last() < range->addresses.last()) widest = range;
        }
    }

    void exemptions() const {
        for (const Family family : all_families) {
            const Egress& egress = network_.egress_of(family);
            if (!egress.translates()) continue;
            // Those of one family, so that what holds another one stands ahead of it.
            std::vector<AddressRange> blocks;
            for (const AddressRange& block : egress.except)
                if (block.family() == family) blocks.push_back(block);
            std::stable_sort(blocks.begin(), blocks.end(),
                             [](const AddressRange& a, const AddressRange& b) { return a.first() != b.first() ? a.first() < b.first() : b.last() < a.last(); });
            const AddressRange* widest = nullptr;
            for (const AddressRange& block : blocks) {
                if (widest != nullptr && widest->contains(block)) {
                    idle(egress, *widest == block ? fmt::format("{} is exempt twice", to_string(block))
                                                  : fmt::format("{} lies in {}, which is exempt too", to_string(block), to_string(*widest)));
                    continue;
                }
                widest = &block;
                if (block == AddressRange::all(family)) {
                    diagnostics_.add(Code::nothing_translated, egress.span, fmt::format("{} is every {} address: nothing is translated", to_string(block), name(family)))
                        .advise(fmt::format("write `route{}`, if the guests' addresses are to leave as they are", family == Family::ipv4 ? " ipv4" : " ipv6"));
                    continue;
                }
                const Subnet* own = network_.subnet_of(block);
                const auto of_family = std::count_if(network_.subnets.begin(), network_.subnets.end(), [&](const Subnet& s) { return s.range.family() == family; });
                if (own != nullptr && of_family == 1)
                    idle(egress, fmt::format("{} is within the subnet itself, where nothing is translated", to_string(block))).see(own->span, "the subnet");
            }
        }
    }

private:
    Diagnostic& idle(const Egress& egress, std::string message) const {
        return diagnostics_.add(Code::idle_exemption, egress.span, std::move(message))
            .advise("leave it out: what is exempt is said by where packets go, not by where they come from");
    }

    const Network& network_;
    Diagnostics& diagnostics_;
};

/// Networks that name no guest, although port-forwards lead to some of theirs by number: told once, of the first of these.
void unnamed(const Model& model, Diagnostics& diagnostics) {
    std::vector<bool> told(model.networks.size());
    for (const PortForward& forward : model.port_forwards) {
        const Network& network = model.networks[forward.network];
        if (!network.guests.empty() || told[forward.network] || forward.targets.empty()) continue;
        told[forward.network] = true;
        const std::string target = to_string(forward.targets.front());
        diagnostics.add(Code::unnamed_target, forward.span, fmt::format("this leads to {} in network `{}`, which names no guest", target, network.name))
            .see(network.span, "the network")
            .advise(fmt::format("give the address one name: `guest NAME {}` in the network, and `to NAME` wherever it is meant", target));
    }
}

/// Port-forwards to addresses that no guest has, where the network names those that it has.
void targets(const Model& model, Diagnostics& diagnostics) {
    std::vector<std::set<Address>> guests(model.networks.size());
    for (std::size_t n = 0; n < model.networks.size(); ++n)
        for (const Guest& guest : model.networks[n].guests) guests[n].insert(guest.addresses.begin(), guest.addresses.end());
    for (const PortForward& forward : model.port_forwards) {
        const Network& network = model.networks[forward.network];
        for (const Address target : forward.targets) {
            if (guests[forward.network].empty() || guests[forward.network].contains(target)) continue;
            diagnostics.add(Code::no_guest, forward.span, fmt::format("{} is the address of no guest of network `{}`", to_string(target), network.name))
                .see(network.guests.front().span, network.guests.size() == 1 ? "its only guest" : "its first guest")
                .advise(fmt::format("if that is meant, give it a name: `guest NAME {}`", to_string(target)));
        }
    }
}

}  // namespace

void review_networks(const Model& model, Diagnostics& diagnostics) {
    for (const Network& network : model.networks) {
        const NetworkReview review(network, diagnostics);
        review.room();
        review.dhcp_ranges();
        review.exemptions();
    }
    targets(model, diagnostics);
    unnamed(model, diagnostics);
}

}  // namespace natc

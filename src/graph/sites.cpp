#include "graph/sites.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "semantics/space.hpp"

namespace natc::graph {

using packet::Interval;
using packet::IntervalSet;

namespace {

/// Guests that an arrow each is drawn to; of more, the words tell.
constexpr std::size_t most_guests = 4;
/// Addresses and guests that are named in words.
constexpr std::size_t most_named = 4;

/// What is sent to nobody or to everybody, or never leaves its link or the host.
std::vector<AddressRange> special(Family family) {
    std::vector<AddressRange> ranges = semantics::addresses_of_many(family);
    ranges.push_back(semantics::loopbacks(family));
    ranges.emplace_back(Address(family, 0));
    if (family == Family::ipv4) ranges.push_back(AddressRange::prefix(Address(family, 0xF000'0000U), 4));
    if (family == Family::ipv6) ranges.push_back(AddressRange::prefix(Address(family, uint128{0xFE80} << 112U), 10));
    return ranges;
}

/// Addresses of a subnet that are no host's, as resolve has it; but for the gateway.
std::vector<AddressRange> reserved(const Subnet& subnet) {
    if (address_bits(subnet.range.family()) - subnet.length < 2) return {};
    if (subnet.range.family() == Family::ipv4) return {subnet.range.first(), subnet.range.last()};
    return {subnet.range.first()};
}

std::vector<Address> own(const Model& model, Family family) {
    std::vector<Address> all;
    for (const Network& network : model.networks)
        for (const natc::Subnet& subnet : network.subnets)
            if (subnet.range.family() == family) all.push_back(subnet.gateway);
    for (const PortForward& forward : model.port_forwards)
        if (forward.on && forward.on->family() == family) all.push_back(*forward.on);
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

IntervalSet without(const IntervalSet& set, const IntervalSet& others, Interval whole) { return packet::meet(set, packet::complement(others, whole)); }

}  // namespace

std::vector<AddressRange> edges(const Model& model, Family family) {
    std::vector<AddressRange> all = special(family);
    for (const Address address : own(model, family)) all.emplace_back(address);
    for (const Network& network : model.networks) {
        for (const natc::Subnet& subnet : network.subnets) {
            if (subnet.range.family() != family) continue;
            all.push_back(subnet.range);
            for (const AddressRange& range : reserved(subnet)) all.push_back(range);
        }
        for (const Guest& guest : network.guests)
            for (const Address address : guest.addresses)
                if (address.family() == family) all.emplace_back(address);
    }
    return all;
}

Sites::Sites(const Model& model, const semantics::Space& space) : model_(model), space_(space) {
    const Family family = space.family();
    const Interval whole = space.whole()[semantics::index(semantics::Field::source)];
    IntervalSet own_codes;
    for (const Address address : own(model, family)) own_codes.push_back(space.codes(address));
    own_codes = packet::normal(std::move(own_codes));
    IntervalSet elsewhere;
    for (const AddressRange& range : special(family)) elsewhere.push_back(space.codes(range));
    for (std::size_t number = 0; number < model.networks.size(); ++number) {
        IntervalSet all, no_hosts = own_codes;
        for (const natc::Subnet& subnet : model.networks[number].subnets) {
            if (subnet.range.family() != family) continue;
            all.push_back(space.codes(subnet.range));
            subnets_.push_back({all.back(), number});
            elsewhere.push_back(all.back());
            for (const AddressRange& range : reserved(subnet)) no_hosts.push_back(space.codes(range));
        }
        std::vector<IntervalSet>& guests = guests_.emplace_back();
        for (const Guest& guest : model.networks[number].guests) {
            IntervalSet codes;
            for (const Address address : guest.addresses)
                if (address.family() == family) codes.push_back(space.codes(address));
            if (codes.size() == 1) only_address_.emplace(codes.front(), guests.size());
            guests.push_back(packet::normal(std::move(codes)));
        }
        all = packet::normal(std::move(all));
        no_hosts = packet::normal(std::move(no_hosts));
        networks_.push_back(without(all, no_hosts, whole));
        unused_.push_back(packet::meet(all, no_hosts));
    }
    std::sort(subnets_.begin(), subnets_.end(), [](const Subnet& a, const Subnet& b) { return a.codes < b.codes; });
    const IntervalSet not_in_networks = packet::complement(packet::normal(std::move(elsewhere)), whole);
    outside_ = without(not_in_networks, own_codes, whole);
    host_ = packet::unite(not_in_networks, own_codes);
}

const IntervalSet& Sites::of(Place place) const {
    switch (place.kind) {
        case Place::Kind::outside: return outside_;
        case Place::Kind::host: return host_;
        case Place::Kind::network: break;
    }
    return networks_[place.number];
}

std::vector<std::size_t> Sites::networks_among(Interval addresses) const {
    std::vector<std::size_t> found;
    auto at = std::partition_point(subnets_.begin(), subnets_.end(), [&](const Subnet& subnet) { return subnet.codes.last < addresses.first; });
    for (; at != subnets_.end() && at->codes.first <= addresses.last; ++at) found.push_back(at->network);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

std::string Sites::words(const IntervalSet& addresses) const {
    std::vector<std::string> named;
    for (std::size_t i = 0; i < std::min(addresses.size(), most_named); ++i) named.push_back(to_string(space_.addresses(addresses[i])));
    if (addresses.size() > most_named) named.push_back(fmt::format("{} more", addresses.size() - most_named));
    return fmt::format("{}", fmt::join(named, ", "));
}

IntervalSet Sites::with_unused(const IntervalSet& addresses, std::size_t network) const {
    IntervalSet runs = packet::unite(addresses, unused_[network]);
    std::erase_if(runs, [&](Interval run) { return packet::meet(addresses, {run}).empty(); });
    return runs;
}

Part Sites::part(Place place, const IntervalSet& addresses, std::string_view word) const {
    const Interval whole = space_.whole()[semantics::index(semantics::Field::source)];
    const IntervalSet& all = of(place);
    const IntervalSet some = packet::meet(addresses, all);
    const IntervalSet others = without(all, some, whole);
    Part part;
    part.end.place = place;
    if (others.empty()) return part;
    const auto shorter = [&](const std::string& in, std::size_t named_in, const std::string& out, std::size_t named_out) {
        return named_out < named_in ? fmt::format(", not {} {}", word, out) : fmt::format(", {} {}", word, in);
    };
    if (place.kind != Place::Kind::network) {
        part.words = shorter(words(some), some.size(), words(others), others.size());
        part.tells_family = true;
        return part;
    }
    if (some.size() == 1)
        if (const auto only = only_address_.find(some.front()); only != only_address_.end()) {
            part.end = {place, false, {only->second}};
            return part;
        }
    // By guests, as far as these go.
    const std::vector<Guest>& guests = model_.networks[place.number].guests;
    IntervalSet rest_in = some, rest_out = others, of_guests;
    std::vector<std::size_t> in, out, partly;
    for (std::size_t number = 0; number < guests.size(); ++number) {
        const IntervalSet& codes = guests_[place.number][number];
        if (codes.empty()) continue;
        const bool all_in = packet::meet(codes, some) == codes;
        if (!all_in && !packet::meet(codes, some).empty()) {
            partly.push_back(number);
            continue;
        }
        (all_in ? in : out).push_back(number);
        of_guests.insert(of_guests.end(), codes.begin(), codes.end());
    }
    of_guests = packet::normal(std::move(of_guests));
    // One of several addresses of a guest.
    if (in.empty() && partly.size() == 1 && without(some, guests_[place.number][partly.front()], whole).empty()) {
        part.end = {place, false, std::move(partly)};
        part.words = fmt::format(", {} {}", word, words(some));
        part.tells_family = true;
        return part;
    }
    rest_in = with_unused(without(rest_in, of_guests, whole), place.number);
    rest_out = with_unused(without(rest_out, of_guests, whole), place.number);
    if (rest_in.empty() && in.size() <= most_guests) {
        part.end.all = false;
        part.end.guests = std::move(in);
        return part;
    }
    const auto named = [&](const std::vector<std::size_t>& numbers, const IntervalSet& rest) {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < std::min(numbers.size(), most_named); ++i) names.push_back(guests[numbers[i]].name);
        if (numbers.size() > most_named) names.push_back(fmt::format("{} more guests", numbers.size() - most_named));
        if (!rest.empty()) names.push_back(words(rest));
        return fmt::format("{}", fmt::join(names, ", "));
    };
    part.words = shorter(named(in, rest_in), in.size() + rest_in.size(), named(out, rest_out), out.size() + rest_out.size());
    part.tells_family = !rest_in.empty() && !rest_out.empty();
    return part;
}

}  // namespace natc::graph

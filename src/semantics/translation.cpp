#include "semantics/translation.hpp"

#include <algorithm>

namespace natc::semantics {

using packet::Interval;

namespace {

bool moves(const ir::DestinationNat& dnat) { return dnat.ports && dnat.base && !dnat.ports->single(); }
// A range of ports that keeps the offset: `(port - base) % size`, of 16 bits (nf_nat_core.c).
std::uint32_t offset(const ir::DestinationNat& dnat, std::uint32_t port) { return (port - *dnat.base) & 0xFFFFU; }
/// The last port that is moved as far as `port` is.
std::uint32_t last_of_shift(const ir::DestinationNat& dnat, std::uint32_t port) {
    const std::uint32_t last = port + dnat.ports->size() - 1 - offset(dnat, port) % dnat.ports->size();
    return std::min({last, port < *dnat.base ? *dnat.base - 1U : 0xFFFFU, std::uint32_t{0xFFFF}});
}
/// How far the traveller's ports are moved; not 0 where that is not one number.
std::int32_t shift(const Traveller& t, const ir::DestinationNat& dnat) {
    if (!moves(dnat)) return 1;
    const std::uint32_t first = t.journey.now[+Field::destination_port].first;
    return static_cast<std::int32_t>(dnat.ports->first + offset(dnat, first) % dnat.ports->size()) - static_cast<std::int32_t>(first);
}

bool is_loopback(const AddressRange& to) { return loopbacks(to.family()).contains(to); }

}  // namespace

void Translation::part_for(Traveller& t, const Entry& entry) {
    if (entry.rule == nullptr) return;
    part_for_ports(t, entry.rule->statement);
    if (t.journey.course == Course::from_host) part_for_place(t, entry.rule->statement);
}

void Translation::part_for_place(Traveller& t, const ir::Statement& statement) {
    const auto* dnat = std::get_if<ir::DestinationNat>(&statement);
    const auto* foreign = std::get_if<ir::Foreign>(&statement);
    const bool somewhere = foreign != nullptr && translates(*foreign);
    if (!somewhere && (dnat == nullptr || !dnat->to)) return;
    if (dnat != nullptr && (t.journey.now[+Field::destination] == space_.codes(*dnat->to) || own(space_.codes(*dnat->to)))) return;
    (void)travellers_.is(t, Field::new_destination_local);
}

void Translation::part_for_ports(Traveller& t, const ir::Statement& statement) {
    if (const auto* redirect = std::get_if<ir::Redirect>(&statement)) {
        if (redirect->ports) {
            part_icmp(t);
            part_those_that_stay(t, *redirect->ports);
        }
        // What was sent to the host itself may be sent to where it goes anyway.
        const Interval loopback = space_.codes(loopbacks(space_.family()));
        const Interval own{destination_own, destination_own};
        if (t.journey.course == Course::from_host) {
            if (t.journey.now[+Field::destination].overlaps(loopback)) travellers_.part(t, +Field::destination, loopback);
        } else if (t.journey.now[+Field::destination_local].overlaps(own)) {
            travellers_.part(t, +Field::destination_local, own);
        }
    }
    if (const auto* foreign = std::get_if<ir::Foreign>(&statement); foreign != nullptr && translates(*foreign)) part_icmp(t);
    const auto* dnat = std::get_if<ir::DestinationNat>(&statement);
    if (dnat == nullptr) return;
    if (dnat->ports) part_icmp(t);
    if (moves(*dnat) && !is_icmp(t)) {
        const std::uint32_t first = t.journey.now[+Field::destination_port].first;
        travellers_.part(t, +Field::destination_port, {first, last_of_shift(*dnat, first)});
    } else if (dnat->ports) {
        part_those_that_stay(t, *dnat->ports);
    }
    // What is translated to what it is already, is not: it has no `--ctstate DNAT`.
    if (dnat->to && !dnat->to->single()) return;
    const Interval to = dnat->to ? space_.codes(*dnat->to) : t.journey.now[+Field::destination];
    if (!to.overlaps(t.journey.now[+Field::destination])) return;
    travellers_.part(t, +Field::destination, to);
}

void Translation::part_those_that_stay(Traveller& t, PortRange ports) {
    const Interval range{ports.first, ports.last};
    if (!is_icmp(t) && t.journey.now[+Field::destination_port].overlaps(range)) travellers_.part(t, +Field::destination_port, range);
}

bool Translation::stays(const Traveller& t, PortRange ports, const ir::NatFlags& flags) {
    return !flags.random && !flags.random_fully && Interval{ports.first, ports.last}.contains(t.journey.now[+Field::destination_port]);
}

void Translation::part_icmp(Traveller& t) {
    const Interval number{icmp_number(), icmp_number()};
    const Interval now = t.journey.now[+Field::protocol];
    if (now != number && now.overlaps(number)) travellers_.part(t, +Field::protocol, number);
}
std::uint32_t Translation::icmp_number() const { return space_.family() == Family::ipv4 ? icmp.number : icmpv6.number; }
bool Translation::is_icmp(const Traveller& t) const { return t.journey.now[+Field::protocol].contains(icmp_number()); }


void Translation::translate(Traveller& t, const ir::Statement& statement) {
    Fate& fate = t.journey.fate;
    if (const auto* masquerade = std::get_if<ir::Masquerade>(&statement)) {
        fate.masqueraded = true;
        fate.from_ports = masquerade->ports;
        fate.from_flags = masquerade->flags;
    } else if (const auto* snat = std::get_if<ir::SourceNat>(&statement)) {
        if (snat->to) fate.from = space_.codes(*snat->to);
        fate.from_ports = snat->ports;
        fate.from_flags = snat->flags;
    } else if (const auto* dnat = std::get_if<ir::DestinationNat>(&statement)) {
        const Interval destination = t.journey.now[+Field::destination];
        const Interval port = t.journey.now[+Field::destination_port];
        fate.to_flags = dnat->flags;
        bool same = true;
        if (dnat->to) {
            const Interval to = space_.codes(*dnat->to);
            same = to.single() && destination == to;
            overwrite(t, Field::destination, to);
            fate.to = to;
            t.translated = !same;
            if (!same && t.journey.course == Course::from_host) place_anew(t);
        }
        if (dnat->ports && !is_icmp(t)) {
            new_ports(t, *dnat);
            same = same && port == t.journey.now[+Field::destination_port] && (port.single() || moves(*dnat) || stays(t, *dnat->ports, dnat->flags));
        }
        overwrite(t, Field::dnat, same ? Interval{0, 0} : Interval{1, 1});
    } else if (const auto* redirect = std::get_if<ir::Redirect>(&statement)) {
        // To the address that it was sent to, maybe: then it is not translated.
        const bool to_loopback = t.journey.course == Course::from_host && is_loopback(space_.addresses(t.journey.now[+Field::destination]));
        const bool to_own = t.journey.course != Course::from_host && t.journey.now[+Field::destination_local] == Interval{destination_own, destination_own};
        const bool keeps_port = !redirect->ports || is_icmp(t) || stays(t, *redirect->ports, redirect->flags);
        t.translated = true;
        fate.redirected = true;
        fate.to_flags = redirect->flags;
        overwrite(t, Field::destination, t.journey.course == Course::from_host ? space_.codes(Address(space_.family(), space_.family() == Family::ipv4 ? 0x7F00'0001U : 1U)) : space_.whole()[+Field::destination]);
        overwrite(t, Field::destination_local, {1, 1});
        if (!keeps_port) {
            overwrite(t, Field::destination_port, {redirect->ports->first, redirect->ports->last});
            fate.to_ports = t.journey.now[+Field::destination_port];
        }
        overwrite(t, Field::dnat, {(to_loopback || to_own) && keeps_port ? 0U : 1U, 1});
    }
}

void Translation::translate_somewhere(Traveller& t, const ir::Foreign& foreign) {
    const ir::Hook hook = t.journey.steps.back().hook;
    if (hook == ir::Hook::postrouting || hook == ir::Hook::input) return;  // the source: no rule behind it asks for that
    Fate& fate = t.journey.fate;
    t.translated = fate.unknown_target = true;
    overwrite(t, Field::destination, space_.whole()[+Field::destination]);
    fate.to = t.journey.now[+Field::destination];
    overwrite(t, Field::dnat, {0, 1});
    if (t.journey.course == Course::from_host) place_anew(t);
    if (keeps_ports(foreign) || is_icmp(t)) return;
    overwrite(t, Field::destination_port, space_.whole()[+Field::destination_port]);
    fate.to_ports = t.journey.now[+Field::destination_port];
}

std::optional<bool> Translation::own(Interval destination) const {
    const AddressRange to = space_.addresses(destination);
    if (is_loopback(to)) return true;
    return surroundings_.own(to);
}

void Translation::place_anew(Traveller& t) {
    const auto known = own(t.journey.now[+Field::destination]);
    overwrite(t, Field::destination_local, known ? Interval{*known, *known} : t.journey.now[+Field::new_destination_local]);
}

void Translation::reroute(Traveller& t) {
    Interval out = space_.real_interface();
    if (t.journey.now[+Field::destination_local].first == 1)
        out = space_.codes(*parse_interface("lo"));
    else if (const InterfaceName* link = surroundings_.link_of(space_.addresses(t.journey.now[+Field::destination])))
        out = space_.codes(*link);
    overwrite(t, Field::out, out);
}

void Translation::new_ports(Traveller& t, const ir::DestinationNat& dnat) {
    Fate& fate = t.journey.fate;
    if (moves(dnat)) {
        fate.shift = shift(t, dnat);
        const Interval now = t.journey.now[+Field::destination_port];
        t.journey.now[+Field::destination_port] = {static_cast<std::uint32_t>(static_cast<std::int32_t>(now.first) + fate.shift), static_cast<std::uint32_t>(static_cast<std::int32_t>(now.last) + fate.shift)};
        return;
    }
    if (stays(t, *dnat.ports, dnat.flags)) return;
    overwrite(t, Field::destination_port, {dnat.ports->first, dnat.ports->last});
    fate.to_ports = t.journey.now[+Field::destination_port];
}

}  // namespace natc::semantics

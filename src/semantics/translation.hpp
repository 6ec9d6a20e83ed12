// What translation does to packets, and where it sends them. Inner header of src/semantics.
#pragma once

#include <optional>

#include "semantics/travellers.hpp"

namespace natc::semantics {

class Translation {
public:
    Translation(const Surroundings& surroundings, const Space& space, Travellers& travellers) : surroundings_(surroundings), space_(space), travellers_(travellers) {}

    /// Where a translation does several things, leaves in `t` those that get one of them. The others come back to the same place.
    void part_for(Traveller& t, const Entry& entry);
    /// What a rule does that translates.
    void translate(Traveller& t, const ir::Statement& statement);
    /// The same of one that natc does not look into.
    void translate_somewhere(Traveller& t, const ir::Foreign& foreign);
    /// Whether what packets are translated to is the host's own, where that is known.
    [[nodiscard]] std::optional<bool> own(packet::Interval destination) const;
    /// Behind a translation of the host's own packets, routing is asked again (ip_route_me_harder): the rules of OUTPUT still see the interface of before.
    void reroute(Traveller& t);

private:
    /// Where the host's own packets are translated to an address that may be the host's own, or not.
    void part_for_place(Traveller& t, const ir::Statement& statement);
    void part_for_ports(Traveller& t, const ir::Statement& statement);
    /// Ports of ICMP are its identifier, which no rule asks for: where others are translated too, they go apart.
    void part_icmp(Traveller& t);
    /// A port within a range that it may be translated to stays what it is (nf_nat_core.c, get_unique_tuple()), unless the kernel is told to choose at random.
    void part_those_that_stay(Traveller& t, PortRange ports);
    [[nodiscard]] static bool stays(const Traveller& t, PortRange ports, const ir::NatFlags& flags);
    [[nodiscard]] std::uint32_t icmp_number() const;
    [[nodiscard]] bool is_icmp(const Traveller& t) const;
    /// A packet of the host's own that was translated: see part_for().
    void place_anew(Traveller& t);
    void new_ports(Traveller& t, const ir::DestinationNat& dnat);

    const Surroundings& surroundings_;
    const Space& space_;
    Travellers& travellers_;
};

}  // namespace natc::semantics

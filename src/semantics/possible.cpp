#include "semantics/possible.hpp"

namespace natc::semantics {

using packet::Interval;
using packet::Region;

std::vector<Region> possible_packets(const Space& space, Origin origin) {
    Region all = space.whole();
    const Interval none{Interfaces::none, Interfaces::none};
    all[+Field::in] = origin == Origin::host ? none : space.real_interface();
    all[+Field::out] = space.real_interface();
    std::vector<Region> result;
    const auto tracked = [&](const Region& kind) {
        Region fresh = kind;
        fresh[+Field::state] = {state_new, state_new};
        fresh[+Field::dnat] = fresh[+Field::snat] = {0, 0};
        result.push_back(fresh);
        Region lost = fresh;
        lost[+Field::state] = {state_invalid, state_invalid};
        result.push_back(lost);
        Region known = kind;
        known[+Field::state] = {state_related, state_established};
        result.push_back(known);
    };
    if (space.family() == Family::ipv4) {
        tracked(all);
        return result;
    }
    constexpr std::uint32_t icmp_number = 58;
    Region other = all;
    other[+Field::protocol] = {0, icmp_number - 1};
    tracked(other);
    other[+Field::protocol] = {icmp_number + 1, 255};
    tracked(other);
    other[+Field::protocol] = {icmp_number, icmp_number};
    // Types that nf_conntrack_proto_icmpv6.c leaves untracked: multicast listeners and neighbour discovery, 130 to 136 and 143.
    for (const Interval types : {Interval{0, 129}, Interval{137, 142}, Interval{144, 255}}) {
        other[+Field::destination_port] = {types.first * 256, types.last * 256 + 255};
        tracked(other);
    }
    other[+Field::destination_port] = {256 * 256, 65535};
    for (const Interval types : {Interval{130, 136}, Interval{143, 143}}) {
        Region untracked = other;
        untracked[+Field::destination_port] = {types.first * 256, types.last * 256 + 255};
        untracked[+Field::state] = {state_untracked, state_untracked};
        untracked[+Field::dnat] = untracked[+Field::snat] = {0, 0};
        result.push_back(untracked);
    }
    return result;
}

}  // namespace natc::semantics

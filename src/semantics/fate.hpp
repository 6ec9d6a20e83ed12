// What becomes of a packet.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ir/program.hpp"
#include "packet/region.hpp"

namespace natc::semantics {

/// Something that a rule did to a packet on its way, which natc has only words for: see Doing.
struct Deed {
    std::string words;
    bool lasting = false;
    ir::Hook hook;            ///< where
    bool translated = false;  ///< its destination had been changed by then
    std::optional<packet::Interval> mark;  ///< the mark that it had got by then
    auto operator<=>(const Deed&) const = default;
};

/// How a packet's way ends.
struct Fate {
    enum class Kind : std::uint8_t { accept, drop, reject, elsewhere };

    Kind kind = Kind::accept;
    std::string words;     ///< reject: with what, as the family's iptables names it; elsewhere: the target that natc does not look into
    bool certain = true;   ///< false: that target may as well let it go on
    std::vector<Deed> deeds;  ///< in their order; of one that is not accepted, those that last
    /// Its new destination. Of one that is not accepted, only where it is one of several, and others may have met another fate.
    std::optional<packet::Interval> to;
    bool redirected = false;                   ///< its new destination is an address of the host, whichever
    std::optional<packet::Interval> to_ports;  ///< likewise its new port, out of these
    bool unknown_target = false;               ///< its new destination is one that natc does not know: `to` is what it may be
    // Of an accepted one:
    std::int32_t shift = 0;                    ///< or what is added to its port
    std::optional<packet::Interval> from;      ///< its new source
    bool masqueraded = false;                  ///< its new source is the address of the interface that it leaves by
    std::optional<PortRange> from_ports;
    ir::NatFlags to_flags, from_flags;     ///< how the kernel chooses among several
    std::optional<packet::Interval> mark;  ///< the mark that it got
    std::optional<packet::Interval> routed;  ///< the mark that routing saw, where rules gave it one that can be told
    std::vector<ir::SetMark> mark_changes;  ///< where that cannot be told: what was done to the mark
    bool clamped = false;                  ///< its MSS
    bool filled = false;                   ///< its checksum
    bool untracked = false;                ///< it was kept from connection tracking

    auto operator<=>(const Fate&) const = default;
};

/// The same without what a translation chose, where that is nothing to those who are refused.
[[nodiscard]] Fate unchosen(Fate fate);

/// Leaves out of the fate of some packets what they had already: the address that all of them were sent to, and so on.
void leave_out_unchanged(Fate& fate, const packet::Region& packets);

}  // namespace natc::semantics

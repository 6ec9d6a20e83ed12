// All that rules can ask of a packet, as fields of codes: where ir::Match becomes boxes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ir/program.hpp"
#include "net/address.hpp"
#include "packet/region.hpp"
#include "semantics/interfaces.hpp"
#include "semantics/scale.hpp"
#include "semantics/unknowns.hpp"

namespace natc::semantics {

/// What a packet has, one family at a time. Behind the last of these come the matches that natc does not look into, a field of
/// two codes (no, yes) for each.
enum class Field : packet::FieldIndex {
    in,
    out,
    source,
    destination,
    protocol,
    source_port,
    destination_port,  ///< of ICMP: 256 times the type, plus the code
    tcp_flags,
    state,
    dnat,  ///< whether the connection's destination is translated (`--ctstate DNAT`)
    snat,
    original_source,  ///< who opened the connection: of a new one, its source
    reply_source,     ///< who answers: of a new one, its destination
    mac,
    source_local,
    destination_local,  ///< whether the destination is the host's own: a DestinationCode
    forged,  ///< what `rpfilter --invert` finds
    mark,
    new_destination_local,  ///< whether what it is translated to is an address of the host's own, where nothing tells
    count_,
};

[[nodiscard]] constexpr packet::FieldIndex index(Field field) { return static_cast<packet::FieldIndex>(field); }
inline constexpr packet::FieldIndex known_fields = index(Field::count_);

/// Codes of Field::destination_local. What comes to the host stands together.
enum DestinationCode : std::uint32_t { destination_elsewhere, destination_own, destination_broadcast };

/// Codes of Field::state, in an order in which what rules ask for together stands together.
enum StateCode : std::uint32_t { state_invalid, state_untracked, state_new, state_related, state_established };
[[nodiscard]] packet::FieldIndex constexpr operator+(Field field) { return index(field); }

/// What is addressed to many, and comes to the host: 224.0.0.0/4 and 255.255.255.255, or ff00::/8. Multicast routing is left aside.
[[nodiscard]] std::vector<AddressRange> addresses_of_many(Family family);
/// What every host has for itself: 127.0.0.0/8, or ::1.
[[nodiscard]] AddressRange loopbacks(Family family);

/// The fields and their codes, for programs that are to be looked at together.
class Space {
public:
    /// `further`: addresses that will be asked about besides those of the programs; so `names` and `mac`.
    Space(Family family, std::span<const ir::Program* const> programs, std::span<const AddressRange> further = {}, std::span<const InterfaceName> names = {}, const std::optional<Mac>& mac = {});

    [[nodiscard]] Family family() const { return family_; }
    [[nodiscard]] const packet::Region& whole() const { return whole_; }

    /// The packets that a rule matches, as boxes that may overlap; none if its matches exclude each other. The rule must be one of the
    /// programs that the space was made for. `path`: where the rule's chain is called from. Lists of ports and negations multiply: it takes from the budget what
    /// it makes, and makes nothing if that does not last.
    [[nodiscard]] std::vector<packet::Box> boxes_of(const ir::Rule& rule, Path path, packet::Budget& budget) const;

    // Values to codes and back.
    [[nodiscard]] packet::Interval codes(const AddressRange& range) const;
    [[nodiscard]] packet::Interval codes(const InterfaceName& name) const { return interfaces_.codes(name); }
    [[nodiscard]] std::vector<packet::Interval> codes_of_mark(std::uint32_t value, std::uint32_t mask) const;
    [[nodiscard]] packet::Interval codes_of_mac(const Mac& mac) const;
    /// Of packets that came without one: by `lo`, a tunnel, a line from point to point.
    [[nodiscard]] std::uint32_t no_mac() const { return macs_.all().last + 1; }
    [[nodiscard]] packet::Interval codes_of_flags(std::uint8_t flags) const;
    [[nodiscard]] packet::Interval real_interface() const { return interfaces_.any(); }
    [[nodiscard]] AddressRange addresses(packet::Interval codes) const;
    [[nodiscard]] const Interfaces& interfaces() const { return interfaces_; }
    [[nodiscard]] std::uint8_t flags_of(std::uint32_t code) const { return flags_by_code_[code]; }
    [[nodiscard]] Mac mac_of(std::uint32_t code) const;
    [[nodiscard]] std::uint32_t mark_of(std::uint32_t code) const;
    [[nodiscard]] std::uint32_t code_of_mark(std::uint32_t mark) const;
    /// The mark's code after `(mark & ~mask) ^ value`.
    [[nodiscard]] std::uint32_t set_mark(std::uint32_t code, const ir::SetMark& set) const;
    /// Whether rules ask for and set a few bits of the mark alone: there are as many codes as those have values. Else a mark is its own code.
    [[nodiscard]] bool few_marks() const { return few_marks_; }
    [[nodiscard]] const Unknown& unknown(packet::FieldIndex field) const { return unknowns_.all()[field - known_fields]; }
    [[nodiscard]] const Unknowns& unknowns() const { return unknowns_; }

private:
    struct Collector;
    void collect(const ir::Program& program);
    void part_marks();
    [[nodiscard]] bool looks_into(const ir::MarkIs& mark) const;
    void order_flags();
    friend class RuleBoxes;

    Family family_;
    packet::Region whole_;
    Interfaces interfaces_;
    Scale addresses_;
    Scale macs_{48};
    std::vector<ir::TcpFlags> flag_matches_;
    std::array<std::uint8_t, 64> flags_by_code_{};
    std::array<std::uint8_t, 64> codes_by_flags_{};
    std::uint32_t marks_asked_ = 0;       ///< the bits that rules ask for
    std::vector<ir::SetMark> marks_set_;
    bool marks_change_ = false;           ///< on the way, by some rule
    bool few_marks_ = true;
    std::vector<std::uint32_t> mark_parts_;  ///< for each bit of a code, the bits of the mark that it stands for: they are always set and asked for together
    Unknowns unknowns_;
};

}  // namespace natc::semantics

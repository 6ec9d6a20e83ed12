// Packets on their way, and how they part. Inner header of src/semantics.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "semantics/walk.hpp"

namespace natc::semantics {

/// A rule of a chain that packets have come to.
struct Place {
    const ir::Chain* chain = nullptr;
    Path path = 0;
    std::size_t rule = 0;
};

/// Packets on their way.
struct Traveller {
    Journey journey;
    const std::vector<Stop>* stops = nullptr;
    std::size_t at = 0;        ///< which of the stops
    std::uint32_t box = 0;     ///< from which box of its list on
    std::uint32_t met = 0;     ///< one more than the last entry met there: an entry's boxes may overlap
    std::uint32_t loose = 0;   ///< the fields, as bits, whose value now is not that on arrival
    bool translated = false;   ///< to another address
    bool restored = false;     ///< its mark is one that nobody knows
    std::optional<packet::Interval> tracked_state;  ///< in raw, the state that connection tracking will give it
    std::vector<Place> places;  ///< where a list is followed chain by chain: in each of the chains that called each other, the rule that is next
};

static_assert(known_fields <= 32);

[[nodiscard]] inline bool is_loose(const Traveller& t, packet::FieldIndex field) { return field < known_fields && (t.loose >> field & 1U) != 0; }
/// Gives a packet another value than it had on arrival.
void overwrite(Traveller& t, Field field, packet::Interval value);
/// Cuts a traveller down to an interval of a field.
void narrow(Traveller& t, packet::FieldIndex field, packet::Interval interval);

/// All who are under way.
class Travellers {
public:
    explicit Travellers(packet::Budget& budget) : budget_(budget) {}

    void add(Traveller t) { under_way_.push_back(std::move(t)); }
    [[nodiscard]] bool empty() const { return under_way_.empty(); }
    [[nodiscard]] Traveller take();

    /// Another one that stands where `t` does. nullptr if the budget does not last.
    Traveller* send_off(const Traveller& t);
    /// Leaves in `t` what is in the interval, which must be some of it, and sends off the rest from where it stands.
    void part(Traveller& t, packet::FieldIndex field, packet::Interval interval);
    /// Whether it has a property; where some have and others not, those that have.
    [[nodiscard]] bool is(Traveller& t, Field field);

private:
    packet::Budget& budget_;
    std::vector<Traveller> under_way_;
};

}  // namespace natc::semantics

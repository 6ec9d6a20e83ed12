// What a program does to packets: their way through the hooks, rule by rule, to what becomes of them.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ir/program.hpp"
#include "packet/index.hpp"
#include "packet/region.hpp"
#include "semantics/space.hpp"
#include "semantics/surroundings.hpp"
#include "semantics/unfold.hpp"

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
    std::optional<packet::Interval> mark;  ///< the mark that it got
    std::vector<ir::SetMark> mark_changes;  ///< where that cannot be told: what was done to the mark
    bool clamped = false;                  ///< its MSS
    bool filled = false;                   ///< its checksum
    bool untracked = false;                ///< it was kept from connection tracking

    auto operator<=>(const Fate&) const = default;
};

/// A rule that a packet met, or a policy.
struct Step {
    ir::TableName table;
    ir::Hook hook;
    const ir::Chain* chain = nullptr;
    const ir::Rule* rule = nullptr;  ///< nullptr: the chain's policy
    bool ends = false;
    bool operator==(const Step&) const = default;
};

/// Where routing sends packets; `undecided`: they did not come so far.
enum class Course : std::uint8_t { undecided, to_host, through_host, from_host };

/// Packets that go one way together.
struct Journey {
    packet::Region first;  ///< what they are on arrival
    packet::Region now;    ///< what they are in the end
    Fate fate;
    Course course = Course::undecided;
    std::vector<Step> steps;
};

/// Where packets come from.
enum class Origin : std::uint8_t { outside, host };

/// The lists of one program, ready to be asked.
class Rulings {
public:
    /// Nothing is decided where the budget is spent meanwhile: see Budget.
    Rulings(const ir::Program& program, const Space& space, packet::Budget& budget, const Surroundings& surroundings = {});

    struct Stage {
        List list;
        std::vector<std::uint32_t> owner;  ///< the entry of each box
        std::unique_ptr<packet::Index> index;
        // Where rules ask for what others change, its chains are followed rule by rule instead.
        Chains chains;
        const ir::Chain* chain = nullptr;
        Path path = 0;
        std::map<std::pair<Path, const ir::Rule*>, std::vector<packet::Box>> boxes_of;
    };
    /// nullptr: no such table, or no such chain.
    [[nodiscard]] const Stage* stage(ir::TableName table, ir::Hook hook) const;
    [[nodiscard]] const ir::Program& program() const { return program_; }
    [[nodiscard]] const Surroundings& surroundings() const { return surroundings_; }
    /// Whether a field is a question that a single place of the lists asks.
    [[nodiscard]] bool asked_once(packet::FieldIndex field) const { return field >= known_fields && asked_[field - known_fields] == 1; }

private:
    void follow_chains(Stage& stage, const Space& space, packet::Budget& budget) const;

    const ir::Program& program_;
    Surroundings surroundings_;
    std::map<std::pair<ir::TableName, ir::Hook>, Stage> stages_;
    std::vector<std::uint32_t> asked_;  ///< of each question, how many boxes of all lists ask it
};

/// A table's hook on the way.
struct Stop {
    ir::TableName table;
    ir::Hook hook;
    auto operator<=>(const Stop&) const = default;
};

/// What a packet passes, in netfilter's order: before routing, then one of the ways behind it.
[[nodiscard]] const std::vector<Stop>& before_routing();
[[nodiscard]] const std::vector<Stop>& to_the_host();
[[nodiscard]] const std::vector<Stop>& through_the_host();
[[nodiscard]] const std::vector<Stop>& from_the_host();

/// The packets that there can be, as disjoint regions: those of a connection that is not yet open have no translation, and neighbour discovery is
/// never tracked. Established ones stand with the addresses that the filter sees; whether they are translated was decided when their connection was opened.
[[nodiscard]] std::vector<packet::Region> possible_packets(const Space& space, Origin origin);

/// Leaves out of the fate of some packets what they had already: the address that all of them were sent to, and so on.
void leave_out_unchanged(Fate& fate, const packet::Region& packets);

/// Follows all packets of a region, and parts them where they go different ways. Where a translation may choose among several addresses or ports
/// and a later rule tells them apart, the same packets stand in several journeys. `thorough`: steps of rules that let packets go on as well.
[[nodiscard]] std::vector<Journey> follow(const Rulings& rulings, const Space& space, Origin origin, packet::Region region, bool thorough, packet::Budget& budget);

}  // namespace natc::semantics

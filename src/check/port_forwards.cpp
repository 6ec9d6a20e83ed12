// Which port-forwards claim the same packet. A claim is a box: protocol, port, address of the host, interface, source. Two that
// overlap are found without comparing each with each: only port-forwards that share a port are looked at, their boxes are parted along
// one field after the other into groups that cannot meet, and only what cannot be parted is compared.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "check/checks.hpp"

namespace natc {

namespace {

struct Interval {
    uint128 first;
    uint128 last;
    [[nodiscard]] bool overlaps(const Interval& o) const { return first <= o.last && o.first <= last; }
};

constexpr Interval everything{0, ~uint128{0}};
constexpr std::size_t fields = 5;  // protocol with family, port, address, interface, source

struct Claim {
    std::array<Interval, fields> box;
    const PortForward* forward;
    bool hairpin;  ///< what `hairpin` claims, which `in` and `from` do not limit
    bool by_bridge_excluded;  ///< arrives by an interface that is no network's bridge
};

/// Names of interfaces as numbers, in the order of their bytes: a wildcard is an interval of them.
Interval interval_of(const InterfaceName& name) {
    uint128 first = 0;
    uint128 last = 0;
    const std::string_view stem = name.stem();
    for (std::size_t i = 0; i < 16; ++i) {
        const auto byte = static_cast<unsigned char>(i < stem.size() ? stem[i] : 0);
        first = first << 8U | byte;
        last = last << 8U | (i < stem.size() || !name.wildcard() ? byte : 0xFFU);
    }
    return {first, last};
}

/// No interface has an empty name: packets of the host's own.
constexpr Interval the_host_itself{0, 0};

Interval interval_of(const AddressRange& range) { return {range.first().value(), range.last().value()}; }

/// Intervals, of which none overlaps another one.
class Intervals {
public:
    Intervals() = default;
    explicit Intervals(std::vector<Interval> all) {
        std::sort(all.begin(), all.end(), [](const Interval& a, const Interval& b) { return a.first < b.first; });
        for (const Interval& one : all) {
            if (joined_.empty() || joined_.back().last < one.first) {
                joined_.push_back(one);
            } else {
                joined_.back().last = std::max(joined_.back().last, one.last);
            }
        }
    }
    /// Whether one of them holds all of `other`.
    [[nodiscard]] bool hold(const Interval& other) const {
        const auto after = std::upper_bound(joined_.begin(), joined_.end(), other.first, [](uint128 v, const Interval& i) { return v < i.first; });
        return after != joined_.begin() && other.last <= std::prev(after)->last;
    }

private:
    std::vector<Interval> joined_;
};

class Claims {
public:
    /// `rivals`: the port-forwards that may meet.
    Claims(const Model& model, const std::vector<PortForward*>& rivals, Diagnostics& diagnostics) : model_(model), diagnostics_(diagnostics) {
        std::vector<Interval> bridges;
        for (const Network& network : model.networks) bridges.push_back(interval_of(network.bridge));
        bridges_ = Intervals(std::move(bridges));
        if (!countable()) return;
        for (const PortForward* forward : rivals)
            if (!forward->repeated) add(*forward);
    }

    void check() {
        std::vector<const Claim*> all;
        all.reserve(claims_.size());
        for (const Claim& claim : claims_) all.push_back(&claim);
        part(all);
        for (const auto& [later, found] : found_) report(*later, found);
    }

private:
    /// Whether there is room for each source with each interface and each port; says of which port-forward on there is not.
    bool countable() {
        constexpr double most = 4'000'000;
        double all = 0;  // no whole number: the product of long lists would not fit one
        for (const PortForward& forward : model_.port_forwards) {
            const auto alternatives = [](const auto& list, bool negated) { return negated || list.empty() ? 1.0 : static_cast<double>(list.size()); };
            const auto& in = forward.in.empty() ? model_.networks[forward.network].uplinks : forward.in;
            const double ways = alternatives(forward.from, forward.from_negated) * alternatives(in, forward.in_negated) + (forward.hairpin ? 2 : 0);
            all += ways * static_cast<double>(forward.moves.size() * forward.targets.size());
            if (all <= most) continue;
            diagnostics_.add(Code::too_many_rules, forward.span,
                             fmt::format("this and the port-forwards above it take more than {} combinations of ports, interfaces and sources", most));
            return false;
        }
        return true;
    }

    void add(const PortForward& forward) {
        exclude(forward);
        for (const Address target : forward.targets)
            for (const PortMove& move : forward.moves) {
                Claim claim{};
                claim.forward = &forward;
                const uint128 protocol = uint128{move.protocol.number} * 2 + static_cast<unsigned>(target.family());
                claim.box[0] = {protocol, protocol};
                claim.box[1] = {move.ports.first, move.ports.last};
                claim.box[2] = forward.on ? Interval{forward.on->value(), forward.on->value()} : everything;
                arrivals(forward, target.family(), claim);
                if (!forward.hairpin) continue;
                claim.hairpin = true;
                claim.by_bridge_excluded = false;
                claim.box[4] = everything;
                claim.box[3] = interval_of(model_.networks[forward.network].bridge);
                claims_.push_back(claim);
                claim.box[3] = the_host_itself;
                claims_.push_back(claim);
            }
    }

    void exclude(const PortForward& forward) {
        if (!forward.in_negated && !forward.from_negated) return;
        Excluded& excluded = excluded_[&forward];
        std::vector<Interval> intervals;
        if (forward.in_negated)
            for (const InterfaceName& name : forward.in) intervals.push_back(interval_of(name));
        excluded.interfaces = Intervals(std::move(intervals));
        for (const Family family : all_families) {
            intervals.clear();
            if (forward.from_negated)
                for (const Side& side : forward.from)
                    if (side.addresses.family() == family) intervals.push_back(interval_of(side.addresses));
            excluded.sources[static_cast<std::size_t>(family)] = Intervals(intervals);
        }
    }

    /// Once for each interface and each source that it takes.
    void arrivals(const PortForward& forward, Family family, Claim claim) {
        const auto sources = [&](const Interval* in) {
            if (forward.from.empty() || forward.from_negated) {
                claim.box[3] = in != nullptr ? *in : everything;
                claim.box[4] = everything;
                claims_.push_back(claim);
                return;
            }
            for (const Side& side : forward.from) {
                if (side.addresses.family() != family) continue;
                claim.box[4] = interval_of(side.addresses);
                claim.box[3] = in != nullptr ? *in : everything;
                Claim one = claim;
                if (forward.in.empty() && side.bridge) {
                    one.box[3] = interval_of(*side.bridge);
                    one.by_bridge_excluded = false;
                }
                claims_.push_back(one);
            }
        };
        const auto& in = forward.in.empty() ? model_.networks[forward.network].uplinks : forward.in;
        if (in.empty() || forward.in_negated) {
            claim.by_bridge_excluded = in.empty();
            sources(nullptr);
            return;
        }
        for (const InterfaceName& name : in) {
            const Interval interval = interval_of(name);
            sources(&interval);
        }
    }

    /// Parts claims along the first field that parts them at all.
    void part(std::vector<const Claim*>& claims) {
        std::vector<std::vector<const Claim*>> work;
        work.push_back(std::move(claims));
        while (!work.empty()) {
            std::vector<const Claim*> group = std::move(work.back());
            work.pop_back();
            if (group.size() < 2) continue;
            bool parted = false;
            for (std::size_t field = 0; field < fields && !parted; ++field) {
                sort_by(field, group);
                std::vector<std::vector<const Claim*>> pieces;
                uint128 reach = 0;
                for (const Claim* claim : group) {
                    if (pieces.empty() || claim->box[field].first > reach) {
                        pieces.emplace_back();
                        reach = claim->box[field].last;
                    }
                    pieces.back().push_back(claim);
                    reach = std::max(reach, claim->box[field].last);
                }
                parted = pieces.size() > 1;
                if (parted)
                    for (auto& piece : pieces)
                        if (piece.size() > 1) work.push_back(std::move(piece));
            }
            if (!parted) compare(group);
        }
    }

    static void sort_by(std::size_t field, std::vector<const Claim*>& group) {
        std::stable_sort(group.begin(), group.end(), [&](const Claim* a, const Claim* b) { return a->box[field].first < b->box[field].first; });
    }

    /// Compares those that meet in one field: the one in which the fewest do.
    void compare(std::vector<const Claim*>& group) {
        std::size_t best = 0;
        std::size_t fewest = ~std::size_t{0};
        for (std::size_t field = 0; field < fields; ++field) {
            sort_by(field, group);
            std::size_t pairs = 0;
            for (std::size_t i = 0; i < group.size(); ++i) {
                const auto after = std::upper_bound(group.begin(), group.end(), group[i]->box[field].last,
                                                    [&](uint128 v, const Claim* claim) { return v < claim->box[field].first; });
                pairs += static_cast<std::size_t>(after - group.begin()) - i - 1;
            }
            if (pairs >= fewest) continue;
            fewest = pairs;
            best = field;
        }
        sort_by(best, group);
        for (std::size_t i = 0; i < group.size(); ++i)
            for (std::size_t k = i + 1; k < group.size() && group[k]->box[best].first <= group[i]->box[best].last; ++k) {
                compare(*group[i], *group[k]);
                if (found_.size() > Diagnostics::limit) return;
            }
    }

    void compare(const Claim& a, const Claim& b) {
        if (a.forward == b.forward || !meet(a, b)) return;
        const bool a_first = a.forward->span.begin < b.forward->span.begin;
        // One report for each that comes too late is enough.
        const PortMove both{Protocol{static_cast<std::uint8_t>(a.box[0].first / 2)},
                            {static_cast<std::uint16_t>(std::max(a.box[1].first, b.box[1].first)),
                             static_cast<std::uint16_t>(std::min(a.box[1].last, b.box[1].last))},
                            {}};
        found_.try_emplace(a_first ? b.forward : a.forward, Found{a_first ? a.forward : b.forward, both});
    }

    [[nodiscard]] bool meet(const Claim& a, const Claim& b) const {
        for (std::size_t field = 0; field < fields; ++field)
            if (!a.box[field].overlaps(b.box[field])) return false;
        return !shuts_out(a, b) && !shuts_out(b, a) && !other_source(a, b) && !other_source(b, a);
    }

    /// Whether what `a` leaves out of the interfaces is all that `b` takes.
    [[nodiscard]] bool shuts_out(const Claim& a, const Claim& b) const {
        const bool whole = b.box[3].first == everything.first && b.box[3].last == everything.last;
        const bool own = b.box[3].first == the_host_itself.first && b.box[3].last == the_host_itself.last;
        if (whole || a.hairpin) return false;
        if (own) return true;
        if (a.by_bridge_excluded) return bridges_.hold(b.box[3]);
        return a.forward->in_negated && excluded_.at(a.forward).interfaces.hold(b.box[3]);
    }

    /// Whether what `a` leaves out of the sources is all that `b` takes.
    [[nodiscard]] bool other_source(const Claim& a, const Claim& b) const {
        if (a.hairpin || !a.forward->from_negated) return false;
        return excluded_.at(a.forward).sources[static_cast<std::size_t>(a.box[0].first % 2)].hold(b.box[4]);
    }

    struct Found {
        const PortForward* earlier;
        PortMove both;  ///< the protocol and ports that both claim
    };

    void report(const PortForward& later, const Found& found) {
        diagnostics_
            .add(Code::same_claim, later.span,
                 fmt::format("another port-forward claims {} {} too", to_string(found.both.protocol), to_string(found.both.ports)))
            .see(found.earlier->span, "the other one")
            .advise("take other ports, or let `in`, `on` or `from` keep them apart");
    }

    const Model& model_;
    Diagnostics& diagnostics_;
    Intervals bridges_;
    struct Excluded {
        Intervals interfaces;
        Intervals sources[2];  // by family
    };
    std::unordered_map<const PortForward*, Excluded> excluded_;
    std::vector<Claim> claims_;
    struct ByPlace {
        bool operator()(const PortForward* a, const PortForward* b) const { return a->span.begin < b->span.begin; }
    };
    std::map<const PortForward*, Found, ByPlace> found_;
};

/// What tells port-forwards apart, but for their sources.
auto key(const PortForward& f) { return std::tie(f.moves, f.targets, f.on, f.in, f.in_negated, f.from_negated, f.hairpin); }

/// In an order that puts the same ones next to each other, each where it stands in the input.
bool comes_before(const PortForward* a, const PortForward* b) {
    const auto order = [](const Side& x, const Side& y) { return std::tie(x.addresses, x.bridge) < std::tie(y.addresses, y.bridge); };
    if (key(*a) != key(*b)) return key(*a) < key(*b);
    if (std::lexicographical_compare(a->from.begin(), a->from.end(), b->from.begin(), b->from.end(), order)) return true;
    if (std::lexicographical_compare(b->from.begin(), b->from.end(), a->from.begin(), a->from.end(), order)) return false;
    return a->span.begin < b->span.begin;
}

/// The port-forwards that share a port of a protocol with another one: what is to be looked at closely. In the order of the input.
std::vector<PortForward*> rivals(Model& model) {
    struct Taken {
        std::uint64_t ports;  // protocol, first port and last port, in an order that puts what overlaps next to each other
        std::size_t forward;
    };
    std::vector<Taken> taken;
    taken.reserve(model.port_forwards.size());
    for (std::size_t i = 0; i < model.port_forwards.size(); ++i)
        for (const PortMove& move : model.port_forwards[i].moves)
            taken.push_back({std::uint64_t{move.protocol.number} << 32U | std::uint64_t{move.ports.first} << 16U | move.ports.last, i});
    const auto order = [](const Taken& a, const Taken& b) { return a.ports < b.ports; };
    // Who writes many of them mostly counts up.
    if (!std::is_sorted(taken.begin(), taken.end(), order)) std::sort(taken.begin(), taken.end(), order);

    std::vector<bool> shared(model.port_forwards.size());
    const Taken* reaching = nullptr;  // the one so far that goes furthest
    for (const Taken& one : taken) {
        if (reaching != nullptr && one.ports >> 32U == reaching->ports >> 32U && (one.ports >> 16U & 0xFFFFU) <= (reaching->ports & 0xFFFFU)) {
            shared[one.forward] = shared[reaching->forward] = true;
            if ((one.ports & 0xFFFFU) > (reaching->ports & 0xFFFFU)) reaching = &one;
        } else {
            reaching = &one;
        }
    }
    std::vector<PortForward*> result;
    for (std::size_t i = 0; i < shared.size(); ++i)
        if (shared[i]) result.push_back(&model.port_forwards[i]);
    return result;
}

void mark_repeated(std::vector<PortForward*> sorted, Diagnostics& diagnostics) {
    std::sort(sorted.begin(), sorted.end(), comes_before);
    for (std::size_t i = 1; i < sorted.size(); ++i) {
        const PortForward* earlier = sorted[i - 1];
        if (key(*earlier) != key(*sorted[i]) || earlier->from != sorted[i]->from) continue;
        sorted[i]->repeated = true;
        diagnostics.add(Code::port_forward_twice, sorted[i]->span, "this port-forward is there already").see(earlier->span, "the same one").replace(sorted[i]->span, {});
    }
}

}  // namespace

void check_port_forwards(Model& model, Diagnostics& diagnostics) {
    if (model.port_forwards.size() < 2) return;
    const std::vector<PortForward*> contested = rivals(model);
    mark_repeated(contested, diagnostics);
    Claims(model, contested, diagnostics).check();
}

}  // namespace natc

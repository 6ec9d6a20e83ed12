// Sets of packets that the tests of validation ask about.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>
#include <variant>
#include <vector>

#include "packet/product.hpp"
#include "packet/remainder.hpp"
#include "semantics/space.hpp"
#include "semantics/walk.hpp"

namespace natc::validation {

using packet::Interval;
using packet::Region;
using semantics::Field;
using semantics::Rulings;
using semantics::Space;

inline constexpr std::uint64_t patience = 200'000'000;

/// Boxes that take something away together.
class Set {
public:
    explicit Set(const Space& space) : space_(space) {}
    void add(packet::BoxView box) { boxes_.add(box); }
    void add(const Region& region) { boxes_.add(packet::sides_of(region, space_.whole())); }
    /// What is in the region and in none of them.
    [[nodiscard]] std::vector<Region> outside(const Region& region, packet::Budget& budget) const {
        std::vector<std::uint32_t> all(boxes_.size());
        std::iota(all.begin(), all.end(), 0U);
        std::vector<Region> pieces;
        packet::Remainder left(boxes_, std::move(all), region, budget);
        while (left.next()) pieces.push_back(left.piece());
        return pieces;
    }
    [[nodiscard]] std::vector<Region> inside(const Region& region) const {
        std::vector<Region> pieces;
        for (std::size_t i = 0; i < boxes_.size(); ++i)
            if (Region piece = region; packet::meet(piece, boxes_[i])) pieces.push_back(std::move(piece));
        return pieces;
    }
    [[nodiscard]] bool empty() const { return boxes_.size() == 0; }

private:
    const Space& space_;
    packet::Boxes boxes_;
};

/// A region as tests name it: by the fields in which it is smaller than all.
inline packet::Product product_of(const Region& region, const Space& space) {
    packet::Product product;
    for (const packet::Side& side : packet::sides_of(region, space.whole())) product.push_back({side.field, {side.interval}});
    return product;
}

/// The packets of `within` that a list's rules come to, by whether `wanted(entry)`.
template <typename Wanted>
std::vector<Region> decided(const Rulings::Stage& stage, const Space& space, const Region& within, packet::Budget& budget, Wanted wanted) {
    std::vector<Region> found;
    Set earlier(space);
    for (const semantics::Entry& entry : stage.list.entries)
        for (std::uint32_t number = entry.first; number < entry.last; ++number) {
            const packet::BoxView box = stage.list.boxes[number];
            Region region = within;
            if (wanted(entry) && packet::meet(region, box))
                for (Region& piece : earlier.outside(region, budget)) found.push_back(std::move(piece));
            if (entry.way == semantics::Way::ends) earlier.add(box);
        }
    return found;
}

inline bool accepts(const semantics::Entry& entry) {
    if (entry.way != semantics::Way::ends) return false;
    if (entry.rule == nullptr || std::holds_alternative<ir::Return>(entry.rule->statement)) return entry.chain->policy == ir::Policy::accept;
    return std::holds_alternative<ir::Accept>(entry.rule->statement);
}

/// What the other end of a new connection sends back, as FORWARD sees it: "which uplink a reply leaves by is routing's affair", so that one uplink stands for each.
inline std::vector<Region> answers(const Region& first, const Space& space, const std::vector<InterfaceName>& uplinks) {
    Region back = space.whole();
    const auto become = [&](Field field, Field of) { back[+field] = first[+of]; };
    become(Field::in, Field::out);
    become(Field::out, Field::in);
    become(Field::source, Field::destination);
    become(Field::destination, Field::source);
    become(Field::protocol, Field::protocol);
    become(Field::original_source, Field::source);
    become(Field::reply_source, Field::destination);
    become(Field::dnat, Field::dnat);
    constexpr std::uint32_t icmp_number = 1;
    constexpr std::uint32_t icmpv6_number = 58;
    if (!first[+Field::protocol].contains(icmp_number) && !first[+Field::protocol].contains(icmpv6_number)) {
        become(Field::source_port, Field::destination_port);
        become(Field::destination_port, Field::source_port);
    }
    back[+Field::state] = {semantics::state_established, semantics::state_established};
    std::vector<Region> all{back};
    for (const Field field : {Field::in, Field::out}) {
        const bool by_uplink = std::any_of(uplinks.begin(), uplinks.end(), [&](const InterfaceName& uplink) { return space.codes(uplink).overlaps(back[+field]); });
        if (!by_uplink) continue;
        for (const InterfaceName& uplink : uplinks) {
            Region other = back;
            other[+field] = space.codes(uplink);
            all.push_back(std::move(other));
        }
    }
    return all;
}

/// All uplinks that the file knows, those too that no network's own rules speak of in this family: an answer may come by any of them.
inline std::vector<InterfaceName> uplinks_of(const Model& model) {
    std::vector<InterfaceName> all = model.uplinks;
    for (const Network& network : model.networks) all.insert(all.end(), network.uplinks.begin(), network.uplinks.end());
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

}  // namespace natc::validation

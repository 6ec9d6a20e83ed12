#include "lower/port_groups.hpp"

#include <algorithm>
#include <utility>

namespace natc {

namespace {

ir::DestinationNat translation(const PortMove& move, Address target) {
    ir::DestinationNat to;
    to.to = target;
    // A single port reads better with its number on both sides. A range that keeps its numbers has none; one that is moved has a base,
    // without which the kernel hands out its ports one after the other.
    if (move.ports == move.target && !move.ports.single()) return to;
    to.ports = move.target;
    if (!move.target.single()) to.base = move.ports.first;
    return to;
}

/// What overlaps is of one port-forward, which names a port twice: ports that keep their numbers, or they would not be told apart.
void join_overlapping(std::vector<ir::PortMap::Entry>& entries) {
    std::size_t last = 0;
    for (std::size_t i = 1; i < entries.size(); ++i) {
        ir::PortMap::Entry& before = entries[last];
        if (entries[i].ports.first > before.ports.last) {
            if (++last != i) entries[last] = std::move(entries[i]);
            continue;
        }
        before.ports.last = std::max(before.ports.last, entries[i].ports.last);
        if (before.remark == 0) before.remark = entries[i].remark;
        if (before.ports.single()) continue;
        before.to.ports.reset();
        before.to.base.reset();
    }
    if (!entries.empty()) entries.resize(last + 1);
}

}  // namespace

PortGroups::Group& PortGroups::group(PortUse use, std::size_t way, Family family, Protocol protocol, const PortForward& forward) {
    const std::uint64_t key = std::uint64_t{way} << 16U | static_cast<std::uint64_t>(use) << 12U | static_cast<std::uint64_t>(family) << 8U | protocol.number;
    if (key == last_key_) return groups_[last_];
    const auto [at, fresh] = places_.try_emplace(key, groups_.size());
    if (fresh) {
        Group& made = groups_.emplace_back();
        made.use = use;
        made.first = &forward;
        made.map.protocol = protocol;
        made.map.family = family;
    }
    last_key_ = key;
    last_ = at->second;
    return groups_[last_];
}

void PortGroups::add(PortUse use, std::size_t way, const PortForward& forward, Address target, bool with_remark) {
    bool remark = with_remark && !forward.remark.empty();
    for (const PortMove& move : forward.moves) {
        ir::PortMap& map = group(use, way, target.family(), move.protocol, forward).map;
        ir::PortMap::Entry& entry = map.entries.emplace_back();
        entry.ports = move.ports;
        entry.origin = forward.span;
        entry.to = translation(move, target);
        if (!std::exchange(remark, false)) continue;
        map.remarks.push_back(forward.remark);
        entry.remark = static_cast<std::uint32_t>(map.remarks.size());
    }
}

void PortGroups::name(ir::PortMap& map) {
    map.name = "natc-" + to_string(map.protocol);
    if (map.family == Family::ipv6) map.name += '6';
    const std::size_t number = ++named_[{map.family, map.protocol}];
    if (number > 1) map.name += '.' + std::to_string(number);
}

std::vector<PortGroups::Group> PortGroups::take() {
    const auto by_port = [](const ir::PortMap::Entry& a, const ir::PortMap::Entry& b) { return a.ports.first < b.ports.first; };
    for (Group& group : groups_) {
        auto& entries = group.map.entries;
        if (!std::is_sorted(entries.begin(), entries.end(), by_port)) std::stable_sort(entries.begin(), entries.end(), by_port);
        join_overlapping(entries);
    }
    places_.clear();
    last_key_ = ~std::uint64_t{0};
    return std::exchange(groups_, {});
}

std::size_t count_ports(const Model& model) {
    std::size_t count = 0;
    for (const PortForward& forward : model.port_forwards)
        if (!forward.repeated) count += forward.moves.size() * forward.targets.size();
    return count;
}

}  // namespace natc

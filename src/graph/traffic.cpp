#include "graph/traffic.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <type_traits>

#include "net/port.hpp"
#include "net/protocol.hpp"

namespace natc::graph {

using packet::Interval;
using packet::IntervalSet;

namespace {

/// So many ports are named; of more, how many there are.
constexpr std::size_t most_ports = 8;

constexpr Interval all_ports{0, 65535};

/// What is said of some of the protocols.
struct Words {
    std::vector<std::string> parts;
    std::size_t values = 0;  ///< protocols and ports that they name
};

/// `exceptions`: `tcp but 22` may be said.
Words words_of(const std::vector<IntervalSet>& ports, const std::vector<Protocols>& protocols, bool exceptions) {
    Words words;
    for (std::size_t i = 0; i < protocols.size(); ++i) {
        if (ports[i].empty()) continue;
        const IntervalSet others = packet::complement(ports[i], protocols[i].ports);
        const bool but = exceptions && others.size() < ports[i].size();
        words.values += others.empty() ? 1 : but ? 1 + others.size() : ports[i].size();
        if (others.empty())
            words.parts.push_back(protocols[i].words);
        else
            words.parts.push_back(fmt::format("{} {}{}", protocols[i].words, but ? "but " : "", words_of_ports(but ? others : ports[i])));
    }
    return words;
}

}  // namespace

std::vector<Protocols> protocols_of(const ir::Program& program, Family family) {
    const Protocol ping = family == Family::ipv4 ? icmp : icmpv6;
    const std::uint32_t echo_request = (family == Family::ipv4 ? 8U : 128U) * 256U;
    std::vector<Protocols> protocols{{"tcp", tcp.number, all_ports, true}, {"udp", udp.number, all_ports, true}, {"ping", ping.number, {echo_request, echo_request}, false}};
    std::set<Protocol> named;
    for (const ir::Table& table : program.tables)
        for (const ir::Chain& chain : table.chains)
            for (const ir::Rule& rule : chain.rules)
                for (const ir::Match& match : rule.matches)
                    if (const auto* is = std::get_if<ir::ProtocolIs>(&match); is != nullptr && rule.families.contains(family)) named.insert(is->protocol);
    for (const Protocol known : {tcp, udp, ping}) named.erase(known);
    for (const Protocol protocol : named) {
        const std::string words = to_string(protocol);
        protocols.push_back({protocol_named(words) ? words : "proto " + words, protocol.number, all_ports, has_ports(protocol)});
    }
    // Set aside for experiments first; 1 to 255 cannot all be taken.
    std::uint32_t other = 253;
    const auto taken = [&] { return std::any_of(protocols.begin(), protocols.end(), [&](const Protocols& p) { return p.number == other; }); };
    while (other > 0 && taken()) --other;
    if (other > 0) protocols.push_back({"other protocols", other, all_ports, false});
    return protocols;
}

std::string words_of_ports(const IntervalSet& ports) {
    std::string words;
    for (std::size_t i = 0; i < std::min(ports.size(), most_ports); ++i)
        words += (i == 0 ? "" : ",") + to_string(PortRange{static_cast<std::uint16_t>(ports[i].first), static_cast<std::uint16_t>(ports[i].last)});
    return ports.size() <= most_ports ? words : fmt::format("{} and {} more", words, ports.size() - most_ports);
}

void Traffic::add(const Traffic& other) {
    ports_.resize(other.ports_.size());
    for (std::size_t i = 0; i < ports_.size(); ++i) ports_[i] = packet::unite(ports_[i], other.ports_[i]);
}

void Traffic::remove(const Traffic& other, const std::vector<Protocols>& protocols) {
    const Traffic left = other.rest(protocols);
    for (std::size_t i = 0; i < ports_.size(); ++i) ports_[i] = packet::meet(ports_[i], left.ports_[i]);
}

Traffic Traffic::rest(const std::vector<Protocols>& protocols) const {
    Traffic rest;
    for (std::size_t i = 0; i < protocols.size(); ++i) rest.ports_.push_back(packet::complement(ports_[i], protocols[i].ports));
    return rest;
}

IntervalSet Traffic::among(std::uint32_t protocol, const IntervalSet& ports, const std::vector<Protocols>& protocols) const {
    for (std::size_t i = 0; i < protocols.size(); ++i)
        if (protocols[i].number == protocol) return packet::meet(ports_[i], ports);
    return {};
}

IntervalSet Traffic::ports(const std::vector<Protocols>& protocols, std::int32_t shift) const {
    const auto shifted = [shift](std::uint32_t port) { return static_cast<std::uint32_t>(static_cast<std::int64_t>(port) + shift); };
    IntervalSet all;
    for (std::size_t i = 0; i < protocols.size(); ++i)
        if (protocols[i].has_ports)
            for (const Interval interval : ports_[i]) all.push_back({shifted(interval.first), shifted(interval.last)});
    return packet::normal(std::move(all));
}

bool Traffic::empty() const {
    return std::all_of(ports_.begin(), ports_.end(), [](const IntervalSet& ports) { return ports.empty(); });
}

std::string Traffic::words(const std::vector<Protocols>& protocols) const {
    const Words some = words_of(ports_, protocols, true);
    const Words others = words_of(rest(protocols).ports_, protocols, false);
    if (others.parts.empty()) return "all";
    return others.values < some.values ? fmt::format("all but {}", fmt::join(others.parts, ", ")) : fmt::format("{}", fmt::join(some.parts, ", "));
}

}  // namespace natc::graph

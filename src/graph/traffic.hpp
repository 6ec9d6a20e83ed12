// Which packets pass, by protocol and port, and the words for it. Inner header of src/graph.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ir/program.hpp"
#include "net/address.hpp"
#include "packet/interval_set.hpp"

namespace natc::graph {

/// Packets of one protocol that are told apart from others.
struct Protocols {
    std::string words;
    std::uint32_t number = 0;     ///< that is asked for; of those that no rule names, one for all of them
    packet::Interval ports;       ///< that are asked for: codes of Field::destination_port
    bool has_ports = false;       ///< and whether these are ports
};

/// tcp, udp, ping, those that rules of the program name besides, and all others, in this order.
[[nodiscard]] std::vector<Protocols> protocols_of(const ir::Program& program, Family family);

/// For each of the protocols, which of its ports.
class Traffic {
public:
    Traffic() = default;
    /// Ports of one of the protocols.
    Traffic(std::size_t protocol, packet::Interval ports, const std::vector<Protocols>& protocols) : ports_(protocols.size()) { ports_[protocol] = {ports}; }

    void add(const Traffic& other);
    void remove(const Traffic& other, const std::vector<Protocols>& protocols);
    [[nodiscard]] bool empty() const;
    /// Those of some ports that are in it.
    [[nodiscard]] packet::IntervalSet among(std::uint32_t protocol, const packet::IntervalSet& ports, const std::vector<Protocols>& protocols) const;
    /// All ports, as they are once something is added to them.
    [[nodiscard]] packet::IntervalSet ports(const std::vector<Protocols>& protocols, std::int32_t shift) const;
    /// `all`, `tcp 22,80, ping`, `all but tcp 25`: the shortest that says it.
    [[nodiscard]] std::string words(const std::vector<Protocols>& protocols) const;

private:
    [[nodiscard]] Traffic rest(const std::vector<Protocols>& protocols) const;

    std::vector<packet::IntervalSet> ports_;  ///< by protocol
};

/// `22,80,8000-8010`; of very many, the first ones.
[[nodiscard]] std::string words_of_ports(const packet::IntervalSet& ports);

}  // namespace natc::graph

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bed {

using Bytes = std::vector<std::uint8_t>;

/// Every way in which this program fails but by a probe: a tool that is missing, a line that it cannot read.
struct Trouble {
    std::string message;
};

bool is_ipv6(const std::string& address);
/// Is ADDRESS in PREFIX (`10.1.0.0/24`, or an address)?
bool is_in(const std::string& address, const std::string& prefix);
/// The address of PREFIX, without its length.
std::string bare(const std::string& prefix);

struct EndPoint {
    std::string address;
    std::uint16_t port = 0;

    bool operator==(const EndPoint&) const = default;
};

std::string to_string(const EndPoint& point);

namespace protocol {
constexpr int icmp = 1, tcp = 6, udp = 17, esp = 50, icmpv6 = 58, sctp = 132;
}

namespace flag {
constexpr std::uint8_t fin = 1, syn = 2, rst = 4, psh = 8, ack = 16;
}

/// An IP packet, as far as probes look into it. Addresses are as inet_ntop() spells them.
struct Packet {
    EndPoint from, to;
    int protocol = 0;
    std::uint8_t tcp_flags = 0;
    /// The verification tag of SCTP is its `seq`.
    std::uint32_t seq = 0, ack = 0;
    /// What a SYN says; 0 where it says none.
    int mss = 0;
    /// Of UDP: whether the checksum is right, or none. As something to encode: whether it is to be.
    bool has_good_checksum = true;
    int icmp_type = -1, icmp_code = 0;
    /// The identification of IPv4 or the flow label of IPv6: what no translation touches.
    std::uint32_t label = 0;
    Bytes payload;
    /// What an ICMP error quotes.
    std::vector<Packet> quoted;

    [[nodiscard]] bool is_icmp_error() const { return !quoted.empty(); }
};

/// One line, for the report of a probe that failed.
std::string describe(const Packet& packet);
/// `port-unreachable`, `reset` …: how a packet refuses, as `reject with` names it; nothing if it does not.
std::optional<std::string> refusal(const Packet& packet);

/// Decodes an IP packet; a quoted one may be cut short.
std::optional<Packet> decode(const std::uint8_t* data, std::size_t size, bool is_quoted = false);
/// An IP packet with right checksums (but that of UDP, where it says so). The first of QUOTED is quoted by an ICMP error.
Bytes encode(const Packet& packet);
/// The same within an Ethernet frame.
Bytes frame(const Bytes& destination, const Bytes& source, std::uint16_t type, const Bytes& payload);

}  // namespace bed

#include "packet.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace bed {

namespace {

using namespace protocol;

Bytes address_bytes(const std::string& text) {
    Bytes result(is_ipv6(text) ? 16 : 4);
    if (inet_pton(is_ipv6(text) ? AF_INET6 : AF_INET, text.c_str(), result.data()) != 1) throw Trouble{"'" + text + "' is no address"};
    return result;
}

std::string address_text(const std::uint8_t* bytes, bool ipv6) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(ipv6 ? AF_INET6 : AF_INET, bytes, text.data(), text.size());
    return text.data();
}

std::uint16_t get16(const std::uint8_t* at) { return static_cast<std::uint16_t>(at[0] << 8 | at[1]); }
std::uint32_t get32(const std::uint8_t* at) { return std::uint32_t{get16(at)} << 16 | get16(at + 2); }

void put16(Bytes& to, std::size_t value) {
    to.push_back(static_cast<std::uint8_t>(value >> 8));
    to.push_back(static_cast<std::uint8_t>(value));
}
void put32(Bytes& to, std::uint32_t value) {
    put16(to, value >> 16);
    put16(to, value & 0xFFFF);
}
void put(Bytes& to, const Bytes& bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

std::uint16_t checksum(const Bytes& bytes) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < bytes.size(); i++) sum += i % 2 ? bytes[i] : std::uint32_t{bytes[i]} << 8;
    while (sum >> 16) sum = (sum & 0xFFFF) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

/// CRC32c, as SCTP has it.
std::uint32_t crc32c(const Bytes& bytes) {
    std::uint32_t crc = ~0U;
    for (const std::uint8_t byte : bytes) {
        crc ^= byte;
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78U : 0);
    }
    return ~crc;
}

/// What goes into the sum of a packet's body ahead of it.
Bytes pseudo_header(const Bytes& from, const Bytes& to, int protocol, std::size_t size) {
    Bytes result = from;
    put(result, to);
    put32(result, static_cast<std::uint32_t>(size));
    put32(result, static_cast<std::uint32_t>(protocol));
    return result;
}

int mss_of(std::span<const std::uint8_t> options) {
    for (std::size_t at = 0; at + 1 < options.size() && options[at] != 0;) {
        if (options[at] == 1) {
            at++;
            continue;
        }
        if (options[at] == 2 && at + 4 <= options.size()) return get16(&options[at + 2]);
        at += std::max<std::size_t>(options[at + 1], 2);
    }
    return 0;
}

void set16(Bytes& in, std::size_t at, std::uint16_t value) {
    in[at] = static_cast<std::uint8_t>(value >> 8);
    in[at + 1] = static_cast<std::uint8_t>(value);
}

bool is_error_type(int protocol, int type) {
    return protocol == icmp ? type == 3 || type == 4 || type == 11 || type == 12 : type >= 1 && type <= 4;
}

}  // namespace

bool is_ipv6(const std::string& address) { return address.find(':') != std::string::npos; }

std::string bare(const std::string& prefix) { return prefix.substr(0, prefix.find('/')); }

bool is_in(const std::string& address, const std::string& prefix) {
    const auto slash = prefix.find('/');
    const std::string base = prefix.substr(0, slash);
    if (is_ipv6(address) != is_ipv6(base)) return false;
    const Bytes a = address_bytes(address), b = address_bytes(base);
    const std::size_t length = slash == std::string::npos ? a.size() * 8 : std::stoul(prefix.substr(slash + 1));
    for (std::size_t bit = 0; bit < length; bit++)
        if ((a[bit / 8] ^ b[bit / 8]) >> (7 - bit % 8) & 1) return false;
    return true;
}

std::string to_string(const EndPoint& point) {
    if (!point.port) return point.address;
    return (is_ipv6(point.address) ? "[" + point.address + "]" : point.address) + ":" + std::to_string(point.port);
}

std::string describe(const Packet& packet) {
    std::string result = to_string(packet.from) + " > " + to_string(packet.to);
    if (packet.protocol == tcp) {
        result += " tcp ";
        for (const auto& [bit, letter] : {std::pair{flag::syn, 'S'}, {flag::fin, 'F'}, {flag::rst, 'R'}, {flag::psh, 'P'}, {flag::ack, 'A'}})
            if (packet.tcp_flags & bit) result += letter;
        if (packet.mss) result += " mss " + std::to_string(packet.mss);
    } else if (packet.protocol == udp) {
        result += packet.has_good_checksum ? " udp" : " udp with an unfinished or wrong checksum";
    } else if (packet.icmp_type >= 0) {
        result += (packet.protocol == icmp ? " icmp " : " icmpv6 ") + std::to_string(packet.icmp_type) + "/" + std::to_string(packet.icmp_code);
    } else {
        result += " protocol " + std::to_string(packet.protocol);
    }
    if (packet.is_icmp_error()) result += " about (" + describe(packet.quoted.front()) + ")";
    return result;
}

std::optional<std::string> refusal(const Packet& packet) {
    if (packet.protocol == tcp && packet.tcp_flags & flag::rst) return "reset";
    if (packet.protocol == icmp && packet.icmp_type == 3) {
        switch (packet.icmp_code) {
            case 0: return "net-unreachable";
            case 1: return "host-unreachable";
            case 2: return "proto-unreachable";
            case 3: return "port-unreachable";
            case 4: return "too-big";
            case 9: return "net-prohibited";
            case 10: return "host-prohibited";
            case 13: return "admin-prohibited";
            default: return "unreachable-" + std::to_string(packet.icmp_code);
        }
    }
    if (packet.protocol == icmpv6 && packet.icmp_type == 1) {
        switch (packet.icmp_code) {
            case 0: return "no-route";
            case 1: return "adm-prohibited";
            case 3: return "addr-unreachable";
            case 4: return "port-unreachable";
            default: return "unreachable-" + std::to_string(packet.icmp_code);
        }
    }
    if (packet.protocol == icmpv6 && packet.icmp_type == 2) return "too-big";
    return std::nullopt;
}

std::optional<Packet> decode(const std::uint8_t* data, std::size_t size, bool is_quoted) {
    if (size < 20) return std::nullopt;
    const bool ipv6 = data[0] >> 4 == 6;
    if (!ipv6 && data[0] >> 4 != 4) return std::nullopt;
    Packet packet;
    std::size_t at = 0, end = size;
    if (ipv6) {
        if (size < 40) return std::nullopt;
        packet.label = get32(data) & 0xFFFFF;
        packet.protocol = data[6];
        packet.from.address = address_text(data + 8, true);
        packet.to.address = address_text(data + 24, true);
        at = 40;
        end = std::min<std::size_t>(size, 40U + get16(data + 4));
        if (packet.protocol == IPPROTO_HOPOPTS && size >= 48) {
            packet.protocol = data[40];
            at += 8U + data[41] * 8U;
        }
    } else {
        packet.label = get16(data + 4);
        packet.protocol = data[9];
        packet.from.address = address_text(data + 12, false);
        packet.to.address = address_text(data + 16, false);
        at = (data[0] & 15U) * 4U;
        end = std::min<std::size_t>(size, get16(data + 2));
        // A later piece of a packet has no header of its own.
        if (get16(data + 6) & 0x1FFF) return std::nullopt;
    }
    if (at > end) return std::nullopt;
    const std::span<const std::uint8_t> rest(data + at, end - at);
    const bool is_ping_or_error = packet.protocol == icmp || packet.protocol == icmpv6;
    std::size_t header = 0;
    if ((packet.protocol == tcp || packet.protocol == udp) && rest.size() >= 8) {
        packet.from.port = get16(rest.data());
        packet.to.port = get16(rest.data() + 2);
        header = 8;
        if (packet.protocol == tcp) {
            packet.seq = get32(rest.data() + 4);
            if (rest.size() >= 20) {
                packet.ack = get32(rest.data() + 8);
                packet.tcp_flags = rest[13];
                header = (rest[12] >> 4) * 4U;
                if (header > 20 && header <= rest.size()) packet.mss = mss_of(rest.subspan(20, header - 20));
            }
        } else if (!is_quoted && get16(rest.data() + 6)) {
            const std::size_t width = ipv6 ? 16 : 4;
            const std::uint8_t* addresses = data + (ipv6 ? 8 : 12);
            Bytes sum = pseudo_header(Bytes(addresses, addresses + width), Bytes(addresses + width, addresses + 2 * width), udp, rest.size());
            sum.insert(sum.end(), rest.begin(), rest.end());
            packet.has_good_checksum = checksum(sum) == 0;
        }
    } else if (packet.protocol == sctp && rest.size() >= 12) {
        packet.from.port = get16(rest.data());
        packet.to.port = get16(rest.data() + 2);
        packet.seq = get32(rest.data() + 4);
        header = 12;
    } else if (is_ping_or_error && rest.size() >= 8) {
        packet.icmp_type = rest[0];
        packet.icmp_code = rest[1];
        header = 8;
        if (!is_quoted && is_error_type(packet.protocol, packet.icmp_type))
            if (auto inner = decode(rest.data() + 8, rest.size() - 8, true)) packet.quoted.push_back(*inner);
    }
    if (header <= rest.size()) packet.payload.assign(rest.begin() + static_cast<std::ptrdiff_t>(header), rest.end());
    return packet;
}

Bytes encode(const Packet& packet) {
    const bool ipv6 = is_ipv6(packet.from.address);
    const Bytes from = address_bytes(packet.from.address), to = address_bytes(packet.to.address);

    Bytes body;
    std::size_t checksum_at = 0;
    if (packet.protocol == tcp || packet.protocol == udp || packet.protocol == sctp) {
        put16(body, packet.from.port);
        put16(body, packet.to.port);
    }
    if (packet.protocol == tcp) {
        put32(body, packet.seq);
        put32(body, packet.ack);
        put(body, {5 << 4, packet.tcp_flags});
        put16(body, 64000);
        checksum_at = body.size();
        put32(body, 0);
    } else if (packet.protocol == udp) {
        put16(body, packet.payload.size() + 8);
        checksum_at = body.size();
        put16(body, 0);
    } else if (packet.protocol == sctp) {
        put32(body, packet.seq);
        put32(body, 0);
    } else if (packet.icmp_type >= 0) {
        put(body, {static_cast<std::uint8_t>(packet.icmp_type), static_cast<std::uint8_t>(packet.icmp_code)});
        checksum_at = body.size();
        put16(body, 0);
        // The identifier and sequence of an echo; the size that fits, of a packet that is too big.
        put32(body, packet.is_icmp_error() ? 1280 : packet.seq);
    }
    if (packet.is_icmp_error()) {
        Bytes inner = encode(packet.quoted.front());
        put(body, inner);
    }
    put(body, packet.payload);

    if (packet.protocol == sctp) {
        const std::uint32_t crc = crc32c(body);
        for (unsigned i = 0; i < 4; i++) body[8 + i] = static_cast<std::uint8_t>(crc >> 8 * i);
    }

    // MLD goes with a router alert.
    Bytes options;
    if (packet.protocol == icmpv6 && (packet.icmp_type == 130 || packet.icmp_type == 143)) options = {icmpv6, 0, 5, 2, 0, 0, 1, 0};

    if (checksum_at) {
        Bytes sum;
        if (packet.protocol != icmp) sum = pseudo_header(from, to, packet.protocol, body.size());
        put(sum, body);
        set16(body, checksum_at, static_cast<std::uint16_t>(checksum(sum) ^ (packet.has_good_checksum ? 0 : 0x5555)));
    }

    Bytes result;
    if (ipv6) {
        put32(result, 6U << 28 | (packet.label & 0xFFFFF));
        put16(result, body.size() + options.size());
        const int next = options.empty() ? packet.protocol : IPPROTO_HOPOPTS;
        put(result, {static_cast<std::uint8_t>(next), static_cast<std::uint8_t>(options.empty() ? 64 : 1)});
        put(result, from);
        put(result, to);
        put(result, options);
    } else {
        put(result, {0x45, 0});
        put16(result, 20 + body.size());
        put16(result, packet.label);
        put16(result, 0x4000);
        put(result, {64, static_cast<std::uint8_t>(packet.protocol)});
        put16(result, 0);
        put(result, from);
        put(result, to);
        set16(result, 10, checksum(result));
    }
    put(result, body);
    return result;
}

Bytes frame(const Bytes& destination, const Bytes& source, std::uint16_t type, const Bytes& payload) {
    Bytes result = destination;
    put(result, source);
    put16(result, type);
    put(result, payload);
    if (result.size() < 60) result.resize(60);
    return result;
}

}  // namespace bed

// How iptables-save spells single values. All of it is the same in iptables-legacy and
// iptables-nft, measured with iptables 1.8.9.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ir/match.hpp"
#include "ir/statement.hpp"
#include "net/address.hpp"
#include "net/port.hpp"
#include "net/protocol.hpp"

namespace natc {

void append_number(std::string& out, unsigned number);
/// `0x5`
void append_hex(std::string& out, std::uint32_t number);
/// `22` or `22:30`, as matches have it.
void append_ports(std::string& out, PortRange ports);
/// `esp`, where every iptables knows the name; else the number.
void append_protocol(std::string& out, Protocol protocol);
/// Comments and log prefixes: as they are if they are one plain word, else in `"…"`.
void append_quoted(std::string& out, std::string_view text);
/// An interface's name. Never quoted but where a quote in it would end the word.
void append_interface(std::string& out, std::string_view name);
/// `SYN,RST`, or `NONE`.
void append_tcp_flags(std::string& out, std::uint8_t flags);
/// `NEW,RELATED`
void append_states(std::string& out, ir::ConntrackStates states);
/// `5/min`: what the kernel makes of a rate, which it keeps as the time between two packets.
void append_rate(std::string& out, const ir::RateLimit& limit);
/// `icmp-port-unreachable`: the nearest that the family has.
[[nodiscard]] std::string_view reject_name(ir::RejectWith with, Family family);

}  // namespace natc

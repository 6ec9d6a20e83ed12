// Single values as iptables writes them, where that is not how the language does. Inner header of src/read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "ir/match.hpp"
#include "net/address.hpp"
#include "net/port.hpp"

namespace natc::read {

/// A number as strtoul takes it: decimal, `0x…`, or octal behind a 0. Nothing where it is none, or above `most`.
[[nodiscard]] std::optional<std::uint64_t> number(std::string_view text, std::uint64_t most);

/// What an address with a mask means; a mask with holes is no range.
struct MaskedAddress {
    Family family = Family::ipv4;
    std::optional<AddressRange> range;
};

/// `10.1.1.5`, `10.1.1.7/24`, `10.1.1.0/255.255.255.0`; host bits do not count. Errors: bad_address, bad_prefix_length.
[[nodiscard]] Result<MaskedAddress> masked_address(std::string_view text);

/// `10.1.1.5-10.1.1.9`, or one address. Nothing in `range` where it ends before it begins: the tools take it, and it matches nothing.
[[nodiscard]] Result<MaskedAddress> address_range(std::string_view text);

/// Whether a text may be the name of a service, which only the host's /etc/services knows.
[[nodiscard]] bool may_name_service(std::string_view text);

/// `22` or `22:30`; an end that is left out is the first or the last port (if `open_ends`). Errors: bad_port, backward_range.
/// Nothing where a service is named.
[[nodiscard]] Result<std::optional<PortRange>> ports(std::string_view text, char between, bool open_ends);

/// `5/min`. Errors: bad_number.
[[nodiscard]] Result<ir::RateLimit> rate(std::string_view text);

struct MaskedNumber {
    std::uint32_t value = 0;
    std::optional<std::uint32_t> mask;
};

/// `0x5/0xff`. Errors: bad_number.
[[nodiscard]] Result<MaskedNumber> masked_number(std::string_view text);

/// `NEW,RELATED`; `translated`: SNAT and DNAT are states too. Errors: unknown_word.
[[nodiscard]] Result<ir::ConntrackStates> states(std::string_view text, bool translated);

/// `SYN,RST`, `ALL` or `NONE`. Errors: unknown_word.
[[nodiscard]] Result<std::uint8_t> tcp_flags(std::string_view text);

/// In small letters: names that iptables compares so.
[[nodiscard]] std::string lower(std::string_view text);

/// The first piece up to `sign`, which is taken away together with the sign.
[[nodiscard]] std::string_view next_piece(std::string_view& text, char sign);

}  // namespace natc::read

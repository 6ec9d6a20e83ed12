#include "net/address.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "net/digits.hpp"
#include "net/mac.hpp"

namespace natc {

std::string_view name(Family family) { return family == Family::ipv4 ? "IPv4" : "IPv6"; }

// ---- reading: no allocation, and no word on what is wrong ----

namespace {

/// A decimal number without sign and leading zeros, at most `limit` (which has three digits).
std::optional<unsigned> read_number(std::string_view text, unsigned limit) {
    if (!only_digits(text) || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return {};
    unsigned number = 0;
    for (const char c : text) number = number * 10 + static_cast<unsigned>(c - '0');
    if (number > limit) return {};
    return number;
}

std::optional<std::uint32_t> read_ipv4(std::string_view text) {
    std::uint32_t value = 0;
    std::size_t at = 0;
    for (int octet = 0; octet < 4; ++octet) {
        if (octet != 0 && (at == text.size() || text[at++] != '.')) return {};
        if (at == text.size() || !is_digit(text[at])) return {};
        auto number = static_cast<unsigned>(text[at++] - '0');
        // Behind a leading zero no digit may follow; the fourth one always makes more than 255.
        while (number != 0 && number <= 255 && at < text.size() && is_digit(text[at])) number = number * 10 + static_cast<unsigned>(text[at++] - '0');
        if (number > 255) return {};
        value = value << 8U | number;
    }
    if (at != text.size()) return {};
    return value;
}

std::optional<uint128> read_ipv6(std::string_view text) {
    constexpr int groups = 8;
    uint128 value = 0;  // the groups as they come, as if `::` stood for nothing
    int count = 0;
    int gap = -1;  // how many groups stand before `::`
    std::size_t at = 0;
    if (text.starts_with("::")) {
        gap = 0;
        at = 2;
    }
    while (at < text.size()) {
        if (count == groups) return {};
        const std::size_t begin = at;
        unsigned group = 0;
        while (at < text.size() && at - begin < 4 && hex_value(text[at]) >= 0)
            group = group << 4U | static_cast<unsigned>(hex_value(text[at++]));
        if (at == begin) return {};
        if (at < text.size() && text[at] == '.') {
            const auto tail = read_ipv4(text.substr(begin));
            if (!tail || count > groups - 2) return {};
            value = value << 32U | *tail;
            count += 2;
            break;
        }
        value = value << 16U | group;
        ++count;
        if (at == text.size()) break;
        if (text[at++] != ':') return {};
        if (at == text.size()) return {};
        if (text[at] == ':') {
            if (gap >= 0) return {};
            gap = count;
            ++at;
        }
    }
    if (gap < 0) return count == groups ? std::optional(value) : std::nullopt;
    if (count == groups) return {};
    if (gap == 0) return value;
    const int after = 16 * (count - gap);
    const uint128 low = value & ((uint128{1} << after) - 1);
    return value >> after << (16 * (groups - gap)) | low;
}

std::optional<Address> read_address(std::string_view text) {
    if (const auto value = read_ipv4(text)) return Address(Family::ipv4, *value);
    if (const auto value = read_ipv6(text)) return Address(Family::ipv6, *value);
    return {};
}

/// The bits that a prefix of this length leaves to the hosts, all set.
constexpr uint128 host_mask(Family family, int length) {
    const int bits = address_bits(family) - length;
    return bits == 128 ? ~uint128{0} : (uint128{1} << bits) - 1;
}

/// How many bits are set at the bottom, where all others are clear.
constexpr std::optional<int> low_ones(uint128 value) {
    if ((value & (value + 1)) != 0) return {};
    return std::popcount(static_cast<std::uint64_t>(value >> 64U)) +
           std::popcount(static_cast<std::uint64_t>(value));
}

// ---- what is wrong with a text that could not be read ----

/// Why a text is no address, and the address that may have been meant. That is for help alone: the
/// text may be a part of a longer one, and what is octal to some tools may have been meant so.
struct Fault {
    std::string message;
    std::string meant = {};
};

BadValue bad_address(std::string message, std::string help = {}) {
    return {Code::bad_address, std::move(message), std::move(help), {}};
}

BadValue bad_address(Fault fault) {
    return bad_address(std::move(fault.message), fault.meant.empty() ? "" : "write " + fault.meant);
}

/// For a text that surely means `text`, which stands in the place of all of it.
BadValue bad_but_clear(Code code, std::string message, std::string text) {
    return {code, std::move(message), "write " + text, std::move(text)};
}

/// `10.1.01.5` as `10.1.1.5`; nothing where that still is no address.
std::string without_leading_zeros(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool leads = at == 0 || !is_digit(text[at - 1]);
        if (leads)
            while (at + 1 < text.size() && text[at] == '0' && is_digit(text[at + 1])) ++at;
        out += text[at];
    }
    return read_ipv4(out) ? out : "";
}

Fault explain_ipv4(std::string_view text) {
    std::size_t octets = 0;
    for (std::string_view rest = text;;) {
        const auto end = std::min(rest.find('.'), rest.size());
        const auto octet = rest.substr(0, end);
        if (octet.empty())
            return {fmt::format("{} is no address: a number is missing {}", text,
                                octets == 0          ? "at its start"
                                : end == rest.size() ? "at its end"
                                                     : "between two dots")};
        if (!only_digits(octet))
            return {octets == 0 ? fmt::format("{} is no address", text)
                                : fmt::format("{} is no address: {} is no number", text, octet)};
        if (octet.size() > 1 && octet[0] == '0')
            return {
                fmt::format("{} has a number with a leading zero, which some tools read as octal",
                            text),
                without_leading_zeros(text)};
        if (!read_number(octet, 255))
            return {fmt::format("{} is no IPv4 address: {} is more than 255", text, octet)};
        ++octets;
        if (end == rest.size()) break;
        rest.remove_prefix(end + 1);
    }
    return {fmt::format("{} is no IPv4 address: it has {} number{} of 4", text, octets,
                        octets == 1 ? "" : "s")};
}

Fault explain_ipv6(std::string_view text) {
    if (const auto bare = text.substr(0, text.find('%')); bare != text && read_ipv6(bare))
        return {fmt::format("{} names an interface, which is no part of an address here", text),
                std::string(bare)};
    if (parse_mac(text)) return {fmt::format("{} is a MAC address, not one of IPv4 or IPv6", text)};
    const auto colon = text.find(':');
    const auto host = text.substr(0, colon);
    if (read_ipv4(host) && only_digits(text.substr(colon + 1)))
        return {fmt::format("{} has a port, where only an address belongs", text),
                std::string(host)};

    const auto no = [text](std::string_view why) {
        return Fault{fmt::format("{} is no IPv6 address: {}", text, why)};
    };
    int groups = 0;
    bool gap = false;
    if (text.starts_with("::")) {
        gap = true;
        text.remove_prefix(2);
    } else if (text.starts_with(':')) {
        return no("it begins with a single colon");
    }
    for (std::string_view rest = text; !rest.empty();) {
        const auto end = std::min(rest.find(':'), rest.size());
        const auto group = rest.substr(0, end);
        if (group.empty()) return no("it has three colons in a row");
        if (end == rest.size() && group.find('.') != std::string_view::npos) {
            if (!read_ipv4(group)) return no(explain_ipv4(group).message);
            ++groups;  // two in all
        } else {
            const auto bad =
                std::find_if(group.begin(), group.end(), [](char c) { return hex_value(c) < 0; });
            if (bad != group.end()) return no(fmt::format("{} is no hexadecimal number", group));
            if (group.size() > 4) return no(fmt::format("{} has more than four digits", group));
        }
        ++groups;
        rest.remove_prefix(end);
        if (rest.empty()) break;
        if (rest == ":") return no("it ends with a single colon");
        if (rest.starts_with("::")) {
            if (gap) return no(":: stands in it twice");
            gap = true;
            rest.remove_prefix(1);
        }
        rest.remove_prefix(1);
    }
    if (gap && groups == 8) return no("it has all of its 8 groups, and :: besides");
    return no(fmt::format("it has {} group{} of 8", groups, groups == 1 ? "" : "s"));
}

/// Why `read_address` took this text for none.
Fault explain_address(std::string_view text) {
    if (text.empty()) return {"an address is missing"};
    if (text.size() > 2 && text.front() == '[' && text.back() == ']')
        if (const auto inside = text.substr(1, text.size() - 2); read_ipv6(inside))
            return {fmt::format("{} has brackets, which only an end point has", text),
                    std::string(inside)};
    return text.find(':') == std::string_view::npos ? explain_ipv4(text) : explain_ipv6(text);
}

BadValue bad_length(std::string message, std::string help = {}) {
    return {Code::bad_prefix_length, std::move(message), std::move(help), {}};
}

/// An address and a length as they are to be written; where only the prefix counts, without what
/// the address has beyond it.
std::string with_length(Address address, int length, bool clear_hosts) {
    if (clear_hosts) address = AddressRange::prefix(address, length).first();
    return fmt::format("{}/{}", to_string(address), length);
}

/// What is wrong behind the slash.
BadValue explain_length(std::string_view text, Address address, std::string_view length,
                        bool clear_hosts) {
    const Family family = address.family();
    const int longest = address_bits(family);
    if (length.empty())
        return bad_length(fmt::format("{} does not say how long the prefix is", text));
    if (const auto mask = read_address(length); mask && mask->family() == family) {
        if (const auto hosts = low_ones(~mask->value() & host_mask(family, 0)))
            return bad_but_clear(Code::bad_prefix_length,
                                 fmt::format("{} has a netmask in place of its length", text),
                                 with_length(address, longest - *hosts, clear_hosts));
        return bad_length(fmt::format("{} is no netmask of a prefix, nor its length", length));
    }
    if (!only_digits(length))
        return bad_length(fmt::format("{} is no length of a prefix", length),
                          fmt::format("it is a number from 0 to {}", longest));
    const auto digits = length.substr(std::min(length.find_first_not_of('0'), length.size() - 1));
    const auto bits = read_number(digits, static_cast<unsigned>(longest));
    if (!bits)
        return bad_length(fmt::format("{} is too long: the longest prefix of {} is /{}", text,
                                      name(family), longest));
    return bad_but_clear(Code::bad_prefix_length,
                         fmt::format("the length of {} has a leading zero", text),
                         with_length(address, static_cast<int>(*bits), clear_hosts));
}

/// `10.1/16` as `10.1.0.0/16`, where the parts left out are all beyond the length.
std::optional<std::string> filled_up(std::string_view part, std::string_view length) {
    const auto octets = 1 + std::count(part.begin(), part.end(), '.');
    if (octets > 3) return {};
    const auto bits = read_number(length, 8 * static_cast<unsigned>(octets));
    if (!bits) return {};
    std::string full(part);
    for (auto have = octets; have < 4; ++have) full += ".0";
    const auto value = read_ipv4(full);
    if (!value || (*value & host_mask(Family::ipv4, static_cast<int>(*bits))) != 0) return {};
    return fmt::format("{}/{}", full, length);
}

/// `clear_hosts`: only the prefix counts to whoever asks, not the address in it.
Result<InterfaceAddress> parse_with_length(std::string_view text, std::size_t slash,
                                           bool clear_hosts) {
    const auto before = text.substr(0, slash);
    const auto length = text.substr(slash + 1);
    const auto bits_of = [length](Address address) {
        return read_number(length, static_cast<unsigned>(address_bits(address.family())));
    };
    if (const auto address = read_address(before)) {
        if (const auto bits = bits_of(*address))
            return InterfaceAddress{*address, static_cast<int>(*bits)};
        return explain_length(text, *address, length, clear_hosts);
    }
    Fault fault = explain_address(before);
    if (const auto full = filled_up(before, length))
        return bad_but_clear(Code::bad_address, std::move(fault.message), *full);
    if (const auto meant = read_address(fault.meant)) {
        const auto bits = bits_of(*meant);
        fault.meant = bits ? with_length(*meant, static_cast<int>(*bits), clear_hosts) : "";
    }
    return bad_address(std::move(fault));
}

Result<AddressRange> parse_range(std::string_view text, std::size_t hyphen) {
    const auto before = text.substr(0, hyphen);
    const auto after = text.substr(hyphen + 1);
    const auto first = read_address(before);
    const auto last = read_address(after);
    if (first && last) {
        if (first->family() != last->family())
            return BadValue{Code::wrong_family,
                            fmt::format("{} begins with an {} address and ends with an {} one",
                                        text, name(first->family()), name(last->family())),
                            {},
                            {}};
        if (*last < *first)
            return bad_but_clear(Code::backward_range,
                                 fmt::format("{} ends before it begins", text),
                                 fmt::format("{}-{}", after, before));
        return AddressRange(*first, *last);
    }
    // A word with a hyphen in it is no range for that alone.
    if (!first && !last && !looks_like_address(before) && !looks_like_address(after))
        return bad_address(fmt::format("{} is no address, prefix or range", text));
    if (before.empty()) return bad_address(fmt::format("{} does not say where it begins", text));
    if (after.empty()) return bad_address(fmt::format("{} does not say where it ends", text));
    if (before.find('/') != std::string_view::npos || after.find('/') != std::string_view::npos)
        return bad_address(fmt::format("{} has a prefix as an end: a range has addresses", text));
    if (first && first->family() == Family::ipv4 && only_digits(after)) {
        const auto full = fmt::format("{}{}", before.substr(0, before.rfind('.') + 1), after);
        const std::string message =
            fmt::format("{} ends with {}, which is no whole address", text, after);
        if (const auto end = read_ipv4(full); end && *end >= first->value())
            return bad_but_clear(Code::bad_address, message, fmt::format("{}-{}", before, full));
        return bad_address(message);
    }
    Fault fault = explain_address(first ? after : before);
    const auto from = first ? first : read_address(fault.meant);
    const auto to = first ? read_address(fault.meant) : last;
    const bool good = from && to && from->family() == to->family() && *from <= *to;
    fault.meant = good ? fmt::format("{}-{}", to_string(*from), to_string(*to)) : "";
    return bad_address(std::move(fault));
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
    if (const auto address = read_address(text)) return *address;
    if (text.find_first_of("/-") != std::string_view::npos) {
        if (const auto several = parse_addresses(text))
            return bad_address(
                fmt::format("{} is a {}, where one address belongs", text,
                            text.find('/') == std::string_view::npos ? "range" : "prefix"));
        if (const auto slash = text.find('/'); read_address(text.substr(0, slash)))
            return bad_address(fmt::format("{} is more than an address", text),
                               fmt::format("write {}", text.substr(0, slash)));
    }
    return bad_address(explain_address(text));
}

Result<InterfaceAddress> parse_interface_address(std::string_view text) {
    const auto slash = text.find('/');
    if (slash != std::string_view::npos) return parse_with_length(text, slash, false);
    const auto address = read_address(text);
    if (!address) return bad_address(explain_address(text));
    return bad_length(
        fmt::format("{} does not say how long its subnet's prefix is", text),
        fmt::format("such as {}/{}", text, address->family() == Family::ipv4 ? 24 : 64));
}

Result<AddressRange> parse_addresses(std::string_view text) {
    if (const auto address = read_address(text)) return AddressRange(*address);
    const auto slash = text.find('/');
    const auto hyphen = text.find('-');
    const bool negative_length = slash != std::string_view::npos && hyphen == slash + 1;
    if (hyphen != std::string_view::npos && !negative_length) return parse_range(text, hyphen);
    if (slash == std::string_view::npos) return bad_address(explain_address(text));
    const auto written = parse_with_length(text, slash, true);
    if (!written) return written.error();
    if (written->has_host_bits())
        return bad_but_clear(Code::host_bits, fmt::format("{} has host bits set", text),
                             with_length(written->address, written->length, true));
    return written->network();
}

bool looks_like_address(std::string_view text) {
    if (text.empty()) return false;
    // An end point of IPv6, or an address that was taken for one.
    if (text[0] == '[') return text.find(':') != std::string_view::npos;
    const auto sign = text.find_first_of(".:/-");
    if (sign == std::string_view::npos) return false;
    const auto head = text.substr(0, sign);
    const auto tail = text.substr(sign);

    const auto colon = text.find(':');
    const auto group = text.substr(0, colon);
    if (colon != std::string_view::npos &&
        std::all_of(group.begin(), group.end(), [](char c) { return hex_value(c) >= 0; })) {
        // A single colon is that of an end point, `cafe:80`.
        if (text.find(':', colon + 1) != std::string_view::npos) return true;
        if (text.find('/', colon + 1) != std::string_view::npos) return true;
    }
    if (!only_digits(head)) return false;
    if (tail.find('.') != std::string_view::npos) return true;
    return tail[0] == '/' && (tail.size() == 1 || is_digit(tail[1]));  // 10/8, but not 22/tcp
}

// ---- ranges ----

AddressRange AddressRange::prefix(Address address, int length) {
    assert(length >= 0 && length <= address_bits(address.family()));
    const uint128 hosts = host_mask(address.family(), length);
    return {Address(address.family(), address.value() & ~hosts),
            Address(address.family(), address.value() | hosts)};
}

AddressRange AddressRange::all(Family family) { return prefix(Address(family, 0), 0); }

std::optional<int> AddressRange::prefix_length() const {
    const uint128 differing = first().value() ^ last().value();
    const auto hosts = low_ones(differing);
    if (!hosts || (first().value() & differing) != 0) return {};
    return address_bits(family()) - *hosts;
}

// ---- writing ----

namespace {

char* write_number(char* to, unsigned number) {
    if (number >= 100) *to++ = static_cast<char>('0' + number / 100);
    if (number >= 10) *to++ = static_cast<char>('0' + number / 10 % 10);
    *to++ = static_cast<char>('0' + number % 10);
    return to;
}

char* write_ipv4(char* to, std::uint32_t value) {
    for (unsigned shift = 24;; shift -= 8) {
        to = write_number(to, value >> shift & 0xFFU);
        if (shift == 0) return to;
        *to++ = '.';
    }
}

char* write_group(char* to, unsigned group) {
    bool begun = false;
    for (unsigned shift = 12;; shift -= 4) {
        const unsigned digit = group >> shift & 0xFU;
        begun = begun || digit != 0 || shift == 0;
        if (begun) *to++ = "0123456789abcdef"[digit];
        if (shift == 0) return to;
    }
}

/// Byte for byte what glibc's inet_ntop writes, since iptables-save prints with it.
char* write_ipv6(char* to, uint128 value) {
    const auto group = [value](int at) {
        return static_cast<unsigned>(value >> (112 - 16 * at)) & 0xFFFFU;
    };
    // The longest run of zero groups, the first of equals; a single one is written out.
    int gap = 8;
    int gap_size = 1;
    for (int at = 0; at < 8;) {
        const int begin = at;
        while (at < 8 && group(at) == 0) ++at;
        if (at - begin > gap_size) {
            gap = begin;
            gap_size = at - begin;
        }
        ++at;
    }
    for (int at = 0; at < 8;) {
        if (at == gap) {
            *to++ = ':';
            at += gap_size;
            if (at == 8) *to++ = ':';
            continue;
        }
        if (at != 0) *to++ = ':';
        // IPv4 in its old places: ::a.b.c.d and ::ffff:a.b.c.d.
        if (at == 6 && gap == 0 && (gap_size == 6 || (gap_size == 5 && group(5) == 0xFFFF)))
            return write_ipv4(to, static_cast<std::uint32_t>(value));
        to = write_group(to, group(at++));
    }
    return to;
}

}  // namespace

char* write(char* to, Address address) {
    return address.family() == Family::ipv4
               ? write_ipv4(to, static_cast<std::uint32_t>(address.value()))
               : write_ipv6(to, address.value());
}

void append(std::string& out, Address address) {
    std::array<char, longest_address> text;
    out.append(text.data(), write(text.data(), address));
}

void append(std::string& out, const AddressRange& range) {
    std::array<char, longest_address + 1 + longest_address> text;
    char* end = write(text.data(), range.first());
    if (!range.single()) {
        if (const auto length = range.prefix_length()) {
            *end++ = '/';
            end = write_number(end, static_cast<unsigned>(*length));
        } else {
            *end++ = '-';
            end = write(end, range.last());
        }
    }
    out.append(text.data(), end);
}

std::string to_string(Address address) {
    std::string out;
    append(out, address);
    return out;
}

std::string to_string(const AddressRange& range) {
    std::string out;
    append(out, range);
    return out;
}

}  // namespace natc

// IPv4 and IPv6 addresses and runs of them, as one family-neutral kind of value.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace natc {

__extension__ using uint128 = unsigned __int128;

enum class Family : std::uint8_t { ipv4, ipv6 };

inline constexpr Family all_families[] = {Family::ipv4, Family::ipv6};

[[nodiscard]] constexpr Family other(Family family) {
    return family == Family::ipv4 ? Family::ipv6 : Family::ipv4;
}
/// "IPv4" or "IPv6", for messages.
[[nodiscard]] std::string_view name(Family family);
/// How many bits an address has: 32 or 128.
[[nodiscard]] constexpr int address_bits(Family family) { return family == Family::ipv4 ? 32 : 128; }

/// Which of the two families something holds in.
class FamilySet {
public:
    constexpr FamilySet() = default;
    constexpr FamilySet(Family family)  // NOLINT(*-explicit-*): one family is a set of families
        : bits_(static_cast<std::uint8_t>(1U << static_cast<unsigned>(family))) {}
    [[nodiscard]] static constexpr FamilySet both() {
        FamilySet set;
        set.bits_ = 3;
        return set;
    }
    [[nodiscard]] constexpr bool contains(Family family) const {
        return (bits_ >> static_cast<unsigned>(family) & 1U) != 0;
    }
    [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
    constexpr FamilySet operator&(FamilySet o) const { return of(bits_ & o.bits_); }
    constexpr FamilySet operator|(FamilySet o) const { return of(bits_ | o.bits_); }
    constexpr FamilySet& operator|=(FamilySet o) { return *this = *this | o; }
    constexpr FamilySet& operator&=(FamilySet o) { return *this = *this & o; }
    constexpr bool operator==(const FamilySet&) const = default;

private:
    static constexpr FamilySet of(unsigned bits) {
        FamilySet set;
        set.bits_ = static_cast<std::uint8_t>(bits);
        return set;
    }
    std::uint8_t bits_ = 0;
};

/// One address. Ordered by family, then by value. The value is the number in host order.
class Address {
public:
    constexpr Address() = default;
    constexpr Address(Family family, uint128 value)
        : family_(family), high_(static_cast<std::uint64_t>(value >> 64U)),
          low_(static_cast<std::uint64_t>(value)) {}

    [[nodiscard]] constexpr Family family() const { return family_; }
    [[nodiscard]] constexpr uint128 value() const { return uint128{high_} << 64U | low_; }
    constexpr auto operator<=>(const Address&) const = default;

private:
    Family family_ = Family::ipv4;
    std::uint64_t high_ = 0;  // two halves, so that the alignment stays at 8
    std::uint64_t low_ = 0;
};

/// Addresses from `first` to `last`, both in it, of one family: one address, a prefix or a range.
class AddressRange {
public:
    constexpr AddressRange() = default;
    constexpr AddressRange(Address one)  // NOLINT(*-explicit-*): one address is a run of one
        : AddressRange(one, one) {}
    /// `first` must not be after `last`, nor of another family.
    constexpr AddressRange(Address first, Address last)
        : first_(first), last_high_(static_cast<std::uint64_t>(last.value() >> 64U)),
          last_low_(static_cast<std::uint64_t>(last.value())) {}
    /// All addresses that share the first `length` bits of `address`.
    [[nodiscard]] static AddressRange prefix(Address address, int length);
    /// Every address of a family.
    [[nodiscard]] static AddressRange all(Family family);

    [[nodiscard]] constexpr Family family() const { return first_.family(); }
    [[nodiscard]] constexpr Address first() const { return first_; }
    [[nodiscard]] constexpr Address last() const {
        return {family(), uint128{last_high_} << 64U | last_low_};
    }
    [[nodiscard]] constexpr bool single() const { return first() == last(); }
    /// The length of the prefix that this is exactly, if it is one.
    [[nodiscard]] std::optional<int> prefix_length() const;
    [[nodiscard]] constexpr bool contains(Address a) const {
        return a.family() == family() && first().value() <= a.value() && a.value() <= last().value();
    }
    [[nodiscard]] constexpr bool contains(const AddressRange& o) const {
        return contains(o.first()) && contains(o.last());
    }
    [[nodiscard]] constexpr bool overlaps(const AddressRange& o) const {
        return family() == o.family() && first() <= o.last() && o.first() <= last();
    }
    constexpr auto operator<=>(const AddressRange&) const = default;

private:
    Address first_;
    std::uint64_t last_high_ = 0;
    std::uint64_t last_low_ = 0;
};

/// An address with the length of the subnet that it lies in: `10.1.1.7/24`.
struct InterfaceAddress {
    Address address;
    int length = 0;
    [[nodiscard]] AddressRange network() const { return AddressRange::prefix(address, length); }
    [[nodiscard]] bool has_host_bits() const { return network().first() != address; }
};

/// `10.1.1.5`, `fd00::5`. Errors: bad_address. Neither leading zeros (octal to some) nor short forms
/// such as `10.1` are taken; IPv6 in every form of RFC 4291, but without zone.
[[nodiscard]] Result<Address> parse_address(std::string_view text);
/// `10.1.1.7/24`, host bits allowed. Errors: bad_address, bad_prefix_length.
[[nodiscard]] Result<InterfaceAddress> parse_interface_address(std::string_view text);
/// An address, a prefix or a range. Errors: bad_address, bad_prefix_length, host_bits (with the prefix
/// that was meant as fix), backward_range, wrong_family.
[[nodiscard]] Result<AddressRange> parse_addresses(std::string_view text);
/// Whether a text that begins so can only be meant as an address, not as a name.
[[nodiscard]] bool looks_like_address(std::string_view text);

/// As people and the kernel's tools write it (RFC 5952 for IPv6): `10.1.1.5`, `fd00::5`.
[[nodiscard]] std::string to_string(Address address);
/// `10.1.1.5`, `10.1.1.0/24` or `10.1.1.5-10.1.1.9`: the shortest that says it.
[[nodiscard]] std::string to_string(const AddressRange& range);
void append(std::string& out, Address address);
/// Writes the text of an address, of at most `longest_address` bytes, and gives its end.
inline constexpr std::size_t longest_address = 45;  // INET6_ADDRSTRLEN less its NUL
[[nodiscard]] char* write(char* to, Address address);
void append(std::string& out, const AddressRange& range);

}  // namespace natc

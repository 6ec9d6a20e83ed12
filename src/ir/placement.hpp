// Where the kernel takes which statement, and which names are taken. Measured on iptables 1.8.9, both backends, by
// loading each in every chain, and in chains of one's own that are reached from there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ir/program.hpp"
#include "ir/statement.hpp"

namespace natc::ir {

/// Tables and hooks as sets, bit by bit.
[[nodiscard]] constexpr std::uint8_t bit(Hook hook) { return static_cast<std::uint8_t>(1U << static_cast<unsigned>(hook)); }
[[nodiscard]] constexpr std::uint8_t bit(TableName table) { return static_cast<std::uint8_t>(1U << static_cast<unsigned>(table)); }
inline constexpr std::uint8_t any_hook = 0x1F;
inline constexpr std::uint8_t any_table = 0x1F;

/// Where a packet has an interface that it came by, and one that it leaves by.
inline constexpr std::uint8_t sees_in = bit(Hook::prerouting) | bit(Hook::input) | bit(Hook::forward);
inline constexpr std::uint8_t sees_out = bit(Hook::forward) | bit(Hook::output) | bit(Hook::postrouting);

struct Placement {
    std::uint8_t tables;
    std::uint8_t hooks;
};

/// What is not looked into may stand anywhere.
[[nodiscard]] Placement placement(const Statement& statement);

/// The most bytes of a chain's name.
inline constexpr std::size_t longest_chain_name = 28;

/// Targets of iptables 1.8: a chain of the same name could not be told from one.
[[nodiscard]] bool is_target_name(std::string_view name);

}  // namespace natc::ir

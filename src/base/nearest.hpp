// Which known word somebody meant who wrote another.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace natc {

/// The candidate that is fewest edits (insert, delete, replace, swap neighbours) away, if it is near
/// enough to be what was meant: one edit in words of up to four letters, two in longer ones, three from nine on. Empty if
/// there is none; the first in the order given where several are equally near. Case counts half.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

/// The same, and a candidate that differs in the case of its letters alone: whoever knows iptables may write DROP.
[[nodiscard]] std::string_view meant(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace natc

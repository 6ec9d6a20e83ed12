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

/// Whose word it is that something was taken for a misspelling of.
enum class WordOf { language, user };

/// Whether `near`, which one of the two above gave for `word`, is certain to be what was meant: one edit away (in three letters at least), two in
/// words of the language from eight letters on, or in the wrong case alone; and no other candidate is as near. `web01` and `web02`, `node-a` and `node-b`, are a user's names of two
/// things, and neither is a misspelling of the other.
[[nodiscard]] bool surely(std::string_view word, std::string_view near, std::span<const std::string_view> candidates, WordOf whose);

}  // namespace natc

// The manual's entries on diagnostics: docs/diagnostics/N….md, built in.
//
// An entry is Markdown of a fixed form: `# N3006: ` and the title that the code has in base/codes.hpp; what it means; then the
// sections `## Why it matters`, `## Example` with what causes it, `## Instead` with what to write. Fenced blocks are of
// `net`, of `iptables` (a dump) or of `console`.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/codes.hpp"

namespace natc {

struct ManualEntry {
    Code code;
    std::string_view text;
};

/// All of them, by their codes.
extern const std::span<const ManualEntry> manual_entries;

/// The whole entry of a code; every code has one.
[[nodiscard]] std::string_view manual_entry(Code code);

/// An entry without its title, for a terminal: what is fenced in Markdown is indented, headings are lines that end in a colon.
[[nodiscard]] std::string plain_text(std::string_view entry);

/// What an entry says first, on one line: what the code means.
[[nodiscard]] std::string meaning(std::string_view entry);

}  // namespace natc

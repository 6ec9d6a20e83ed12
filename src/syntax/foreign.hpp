// Words of other firewalls that somebody brings along, and what natc writes in their place. None of them is a word of the
// language: they are asked for only where a word is an error anyway.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace natc::syntax {

struct Foreign {
    enum class Place : std::uint8_t { file, network, head, policy, verdict, part, side };

    Place place;
    std::string_view word;
    std::string_view meant;  ///< natc's word for just that; empty where there is none
    std::string_view help;   ///< what to do where one word is not enough
};

/// What is known of a word at a place, in whatever case it is written; nullptr for nothing.
[[nodiscard]] const Foreign* foreign(Foreign::Place place, std::string_view word);
/// The same as a help; empty for nothing.
[[nodiscard]] std::string foreign_help(Foreign::Place place, std::string_view word);

/// `22/tcp` and `tcp/22` as `tcp 22`; empty for all else.
[[nodiscard]] std::string port_with_protocol(std::string_view word);

/// What a text that is none of natc's seems to be, and the offset of what tells: "a script for nft". Empty name for nothing.
struct OtherLanguage {
    std::string_view name;
    std::string_view help;
    std::size_t at = 0;
    std::size_t length = 0;
};
[[nodiscard]] OtherLanguage other_language(std::string_view text);

}  // namespace natc::syntax

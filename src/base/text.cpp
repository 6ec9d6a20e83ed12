#include "base/text.hpp"

#include <cstddef>
#include <fmt/format.h>

namespace natc {

namespace {

/// How long the character of UTF-8 at the beginning of `text` is; 0 if there is none that is well formed (no
/// overlong form, no surrogate, nothing above U+10FFFF).
std::size_t character_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xC0U) != 0x80U) return 0;
    const unsigned second = byte(1);
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
        (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F))
        return 0;
    return length;
}

constexpr std::size_t block = 64;  // bytes that are looked at together: the compiler makes a few instructions of them

/// Whether all of a block are printable ASCII, blanks or line ends of LF: so are most texts.
bool is_plain(const char* bytes) {
    unsigned char odd = 0;
    for (std::size_t i = 0; i < block; ++i) {
        const auto c = static_cast<unsigned char>(bytes[i]);
        const auto control = static_cast<unsigned char>((c < 0x20) & (c != '\n') & (c != '\t'));
        odd = static_cast<unsigned char>(odd | control | (c >= 0x7F));
    }
    return odd == 0;
}

bool is_ascii(const char* bytes) {
    unsigned char bits = 0;
    for (std::size_t i = 0; i < block; ++i) bits = static_cast<unsigned char>(bits | static_cast<unsigned char>(bytes[i]));
    return bits < 0x80;
}

}  // namespace

std::size_t beyond_ascii(std::string_view text, std::size_t at) {
    while (text.size() - at >= block && is_ascii(text.data() + at)) at += block;
    while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
    return at;
}

bool is_text(std::string_view text, Span file, Diagnostics& diagnostics) {
    std::size_t not_plain = 0;  // up to here, each byte is looked at
    for (std::size_t at = 0; at < text.size();) {
        if (at >= not_plain && text.size() - at >= block) {
            if (is_plain(text.data() + at)) {
                at += block;
                continue;
            }
            not_plain = at + block;
        }
        const auto c = static_cast<unsigned char>(text[at]);
        const auto here = file.begin + static_cast<std::uint32_t>(at);
        const bool line_end = c == '\r' && at + 1 < text.size() && text[at + 1] == '\n';
        if ((c < 0x20 && c != '\n' && c != '\t' && !line_end) || c == 0x7F) {
            auto& diagnostic = diagnostics.add(Code::control_character, {here, here + 1},
                                               c == '\r' ? std::string("a carriage return (CR) without a line feed (LF) stands here")
                                                         : fmt::format("the byte 0x{:02x} stands here, which no text has", c));
            if (c == '\r') diagnostic.advise("save the file with line ends of LF, or of CR LF");
            return false;
        }
        const std::size_t length = character_length(text.substr(at));
        if (length == 0) {
            auto& diagnostic = diagnostics.add(Code::not_utf8, {here, here + 1}, fmt::format("the byte 0x{:02x} is no UTF-8: the file must be UTF-8 text", c));
            if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) diagnostic.advise("it seems to be UTF-16: save it as UTF-8");
            return false;
        }
        at += length;
    }
    return true;
}

}  // namespace natc

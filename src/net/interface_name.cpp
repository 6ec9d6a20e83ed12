#include "net/interface_name.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace natc {
namespace {

BadValue bad_interface(std::string message, std::string help = {}) {
    return {Code::bad_interface, std::move(message), std::move(help), {}};
}

}  // namespace

bool InterfaceName::covers(const InterfaceName& o) const {
    return wildcard() ? o.stem().starts_with(stem()) : text() == o.text();
}

Result<InterfaceName> parse_interface(std::string_view text) {
    InterfaceName name;
    if (text.empty()) return bad_interface("the name of an interface is missing");
    for (const char c : text) {
        if (c == ' ' || c == '\t')
            return bad_interface(fmt::format("{} has a blank, and no interface's name has", text));
        if (c < '!' || c > '~')
            return bad_interface(
                fmt::format("{} has a character that is not plain ASCII: tools would not agree on "
                            "such a name of an interface",
                            text));
        if (c == ':') {
            // An alias is a second address of its interface, not an interface.
            const auto before = text.substr(0, text.find(':'));
            return bad_interface(
                fmt::format("{} is no interface: no interface's name has a `:`", text),
                parse_interface(before) ? fmt::format("write {}", before) : "");
        }
        if (c == '/' || c == '%')
            return bad_interface(
                fmt::format("{} is no interface: no interface's name has a `{}`", text, c));
    }
    if (text == "." || text == "..")
        return bad_interface(fmt::format("{} is no name that an interface can have", text));
    if (text == "+")
        return bad_interface("`+` alone means every interface, like no interface at all",
                             "leave it out");
    if (text[0] == '!')
        return bad_interface(fmt::format("{} has its `!` in the name", text),
                             text.size() > 1 && text[1] != '!' && parse_interface(text.substr(1))
                                 ? fmt::format("write ! {}", text.substr(1))
                                 : "");
    if (text[0] == '-')
        return bad_interface(
            fmt::format("{} begins with `-`: tools would take it for an option", text));
    if (text.find('+') < text.size() - 1)
        return bad_interface(fmt::format(
            "{} has a `+` that is not at its end, where it means \"all that begin so\"", text));
    if (text.size() > name.bytes_.size())
        return bad_interface(
            fmt::format("{} has {} bytes, and the name of an interface has at most {}", text,
                        text.size(), name.bytes_.size()));
    std::copy(text.begin(), text.end(), name.bytes_.begin());
    name.size_ = static_cast<std::uint8_t>(text.size());
    return name;
}

}  // namespace natc

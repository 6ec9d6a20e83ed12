#include "formats/path.hpp"

#include <filesystem>
#include <fmt/format.h>

#include "base/source.hpp"

namespace natc {

std::string tidy_path(std::string_view name, std::string_view directory) {
    if (name == standard_input) return std::string(name);
    const std::filesystem::path base = std::filesystem::path(directory).lexically_normal();
    const std::filesystem::path whole = (base / name).lexically_normal();
    const std::filesystem::path inside = whole.lexically_relative(base);
    return inside.empty() || *inside.begin() == ".." ? whole.string() : inside.string();
}

std::string percent_encoded(std::string_view path) {
    constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    std::string text;
    for (const char c : path) {
        if (plain.find(c) != std::string_view::npos)
            text += c;
        else
            text += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return text;
}

}  // namespace natc

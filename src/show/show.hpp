// What a file says of its networks, as lists: networks, guests, port-forwards.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/source.hpp"
#include "model/model.hpp"

namespace natc::show {

/// For people in columns; with commas, as RFC 4180 quotes them; for programs.
enum class Format { table, csv, json };

/// All below are lists in the order of the file, of a model without errors. Where there is nothing to list, a table says so in a line, csv is the line of column names
/// alone, and json an empty list.

[[nodiscard]] std::string networks(const Model& model, Format format);

/// Csv has what DHCP and DNS servers are fed with: MAC, name with domain and addresses. MACs stand as the file spells them; in json in lower case, as `ip link` prints them.
[[nodiscard]] std::string guests(const Model& model, const Sources& sources, Format format);

/// A row for each protocol, way in and address of a guest.
[[nodiscard]] std::string port_forwards(const Model& model, Format format);

/// A guest, by its place in the model.
struct GuestPlace {
    std::size_t network = 0, guest = 0;
};

/// The guest of that name, with or without its domain.
[[nodiscard]] std::optional<GuestPlace> find_guest(const Model& model, std::string_view name);
/// The name that somebody meant who wrote one that no guest has; empty if none is near.
[[nodiscard]] std::string near_guest(const Model& model, std::string_view name);
/// That guest alone; as a table, one line without heading: name, addresses, MAC.
[[nodiscard]] std::string one_guest(const Model& model, const Sources& sources, GuestPlace place, Format format);

}  // namespace natc::show

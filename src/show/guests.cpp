#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/nearest.hpp"
#include "show/names.hpp"
#include "show/show.hpp"
#include "show/table.hpp"

namespace natc::show {

using nlohmann::ordered_json;

std::string full_name(const Guest& guest, const Network& network) {
    if (network.domain.empty()) return guest.name;
    const std::string end = '.' + network.domain;
    return guest.name.ends_with(end) ? guest.name : guest.name + end;
}

namespace {

/// As the file spells it; empty where the file does not say.
std::string mac_of(const Guest& guest, const Sources& sources) {
    if (!guest.mac) return {};
    std::string_view text = sources.text(guest.mac_span);
    if (text.starts_with('"')) text = text.substr(1, text.size() - 2);
    return std::string(text);
}

template <typename Value>
Cell cell_of(const std::optional<Value>& value) {
    return value ? Cell{text(*value)} : Cell{};
}

std::vector<GuestPlace> all_guests(const Model& model) {
    std::vector<GuestPlace> places;
    for (std::size_t network = 0; network < model.networks.size(); ++network)
        for (std::size_t guest = 0; guest < model.networks[network].guests.size(); ++guest) places.push_back({network, guest});
    return places;
}

std::string list(const Model& model, const Sources& sources, const std::vector<GuestPlace>& places, Format format) {
    Table table{{{"mac"}, {"name"}, {"address"}}, {}};
    if (format == Format::table) table.columns.insert(table.columns.end(), {{"network"}, {"bridge"}, {"tap", "-", false}});
    ordered_json objects = ordered_json::array();
    for (const GuestPlace place : places) {
        const Network& network = model.networks[place.network];
        const Guest& guest = network.guests[place.guest];
        if (format == Format::json) {
            ordered_json object;
            object["name"] = guest.name;
            object["full_name"] = full_name(guest, network);
            object["mac"] = guest.mac ? ordered_json(to_string(*guest.mac)) : ordered_json();
            object["addresses"] = cell(guest.addresses);
            object["network"] = network.name;
            object["bridge"] = text(network.bridge);
            object["tap"] = guest.tap ? ordered_json(text(*guest.tap)) : ordered_json();
            objects.push_back(std::move(object));
            continue;
        }
        const std::string mac = mac_of(guest, sources);
        std::vector<Cell> row{mac.empty() ? Cell{} : Cell{mac}, {full_name(guest, network)}, cell(guest.addresses)};
        if (format == Format::table) row.insert(row.end(), {{network.name}, {text(network.bridge)}, cell_of(guest.tap)});
        table.rows.push_back(std::move(row));
    }
    switch (format) {
        case Format::json: return printed(objects);
        case Format::csv: return with_commas(table);
        case Format::table: break;
    }
    return in_columns(table, "no guests");
}

}  // namespace

std::string guests(const Model& model, const Sources& sources, Format format) { return list(model, sources, all_guests(model), format); }

std::optional<GuestPlace> find_guest(const Model& model, std::string_view name) {
    std::optional<GuestPlace> with_domain;
    for (const GuestPlace place : all_guests(model)) {
        const Network& network = model.networks[place.network];
        const Guest& guest = network.guests[place.guest];
        if (guest.name == name) return place;
        if (!with_domain && full_name(guest, network) == name) with_domain = place;
    }
    return with_domain;
}

std::string near_guest(const Model& model, std::string_view name) {
    const std::vector<GuestPlace> places = all_guests(model);
    std::vector<std::string> full;
    std::vector<std::string_view> candidates;
    for (const GuestPlace place : places) {
        const Network& network = model.networks[place.network];
        candidates.push_back(network.guests[place.guest].name);
        full.push_back(full_name(network.guests[place.guest], network));
    }
    candidates.insert(candidates.end(), full.begin(), full.end());
    return std::string(meant(name, candidates));
}

std::string one_guest(const Model& model, const Sources& sources, GuestPlace place, Format format) {
    if (format != Format::table) return list(model, sources, {place}, format);
    const Network& network = model.networks[place.network];
    const Guest& guest = network.guests[place.guest];
    const std::string mac = mac_of(guest, sources);
    return fmt::format("{} {} {}\n", full_name(guest, network), fmt::join(cell(guest.addresses), ","), mac.empty() ? "-" : mac);
}

}  // namespace natc::show

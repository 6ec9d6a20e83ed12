#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <vector>

#include "show/names.hpp"
#include "show/show.hpp"
#include "show/table.hpp"

namespace natc::show {

using nlohmann::ordered_json;

namespace {

std::string_view word_of(EgressKind kind) {
    switch (kind) {
        case EgressKind::masquerade: return "masquerade";
        case EgressKind::snat: return "snat";
        case EgressKind::route: return "route";
        case EgressKind::isolated: break;
    }
    return "isolated";
}

std::string way_out(const Egress& egress) {
    return egress.kind == EgressKind::snat ? fmt::format("snat to {}", to_string(egress.to)) : std::string(word_of(egress.kind));
}

/// Whether it may send or be sent anything.
bool open(const Network& network) {
    return std::any_of(std::begin(all_families), std::end(all_families), [&](Family family) { return network.families().contains(family) && !network.isolated(family); });
}

/// Those that it uses.
Cell uplinks_of(const Network& network) { return open(network) ? cell(network.uplinks) : Cell{}; }

Cell way_out(const Network& network, Family family) { return network.families().contains(family) ? Cell{way_out(network.egress_of(family))} : Cell{}; }

/// Of the families that it has subnets of; with the family where they differ, unless an address tells it.
Cell ways_out(const Network& network) {
    Cell ways;
    for (const Family family : all_families) {
        const Cell way = way_out(network, family);
        ways.insert(ways.end(), way.begin(), way.end());
    }
    if (ways.size() < 2) return ways;
    if (ways[0] == ways[1]) return {ways[0]};
    for (const Family family : all_families)
        if (network.egress_of(family).kind != EgressKind::snat) ways[static_cast<std::size_t>(family)] += family == Family::ipv4 ? " ipv4" : " ipv6";
    return ways;
}

std::string prefix_of(const Subnet& subnet) { return fmt::format("{}/{}", to_string(subnet.range.first()), subnet.length); }

ordered_json object_of(const Egress& egress) {
    ordered_json object;
    object["kind"] = word_of(egress.kind);
    if (egress.kind == EgressKind::snat) object["to"] = to_string(egress.to);
    if (!egress.translates()) return object;
    if (egress.ports) object["ports"] = to_string(*egress.ports);
    if (egress.exempts_nothing || !egress.except.empty()) object["except"] = cell(egress.except);
    return object;
}

ordered_json object_of(const Network& network, const std::vector<std::string>& dhcp_ranges) {
    ordered_json object;
    object["name"] = network.name;
    object["bridge"] = text(network.bridge);
    object["bridge_mac"] = network.mac ? ordered_json(to_string(*network.mac)) : ordered_json();
    object["members"] = cell(network.members);
    ordered_json subnets = ordered_json::array();
    for (const Subnet& subnet : network.subnets) subnets.push_back({{"subnet", prefix_of(subnet)}, {"gateway", to_string(subnet.gateway)}});
    object["subnets"] = std::move(subnets);
    for (const Family family : all_families)
        object["way_out"][family == Family::ipv4 ? "ipv4" : "ipv6"] = network.families().contains(family) ? object_of(network.egress_of(family)) : ordered_json();
    object["uplinks"] = uplinks_of(network);
    object["guests"] = network.guests.size();
    object["domain"] = network.domain.empty() ? ordered_json() : ordered_json(network.domain);
    object["dhcp_ranges"] = dhcp_ranges;
    object["serves"] = ordered_json::array();
    for (const Served& served : network.serves) object["serves"].push_back(served.name);
    return object;
}

}  // namespace

std::string networks(const Model& model, Format format) {
    const bool for_people = format == Format::table;
    Table table{{{"name"}, {"bridge"}, {"subnet"}, {"gateway"}}, {}};
    if (for_people)
        table.columns.push_back({"way_out"});
    else
        table.columns.insert(table.columns.end(), {{"way_out_ipv4"}, {"way_out_ipv6"}});
    table.columns.insert(table.columns.end(), {{"uplink"}, {"guests"}, {"domain", "-", false}, {"dhcp_range", "-", false}});
    ordered_json objects = ordered_json::array();
    for (const Network& network : model.networks) {
        Cell subnets, gateways, dhcp_ranges;
        for (const Subnet& subnet : network.subnets) {
            subnets.push_back(prefix_of(subnet));
            gateways.push_back(to_string(subnet.gateway));
        }
        for (const DhcpRange& range : network.dhcp_ranges) dhcp_ranges.push_back(to_string(range.addresses));
        if (format == Format::json) {
            objects.push_back(object_of(network, dhcp_ranges));
            continue;
        }
        Cell uplinks = uplinks_of(network);
        if (for_people && uplinks.empty()) uplinks.emplace_back(open(network) ? "any" : "-");
        std::vector<Cell> row{{network.name}, {text(network.bridge)}, subnets, gateways};
        if (for_people)
            row.push_back(ways_out(network));
        else
            row.insert(row.end(), {way_out(network, Family::ipv4), way_out(network, Family::ipv6)});
        row.insert(row.end(), {uplinks, {std::to_string(network.guests.size())}, network.domain.empty() ? Cell{} : Cell{network.domain}, dhcp_ranges});
        table.rows.push_back(std::move(row));
    }
    switch (format) {
        case Format::json: return printed(objects);
        case Format::csv: return with_commas(table);
        case Format::table: break;
    }
    return in_columns(table, "no networks");
}

}  // namespace natc::show

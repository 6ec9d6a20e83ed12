#include "emit/nft_map.hpp"

#include <algorithm>
#include <cassert>
#include <fmt/format.h>

#include "emit/iptables_words.hpp"
#include "emit/nft_rule.hpp"

namespace natc::nft {

namespace {

constexpr std::string_view indent = "            ";

/// `2222 : 10.1.1.28 . 22`
void append_element(std::string& out, unsigned port, const ir::DestinationNat& to, unsigned target) {
    out += indent;
    append_number(out, port);
    out += " : ";
    append(out, to.to->first());
    out += " . ";
    append_number(out, target);
    out += ",\n";
}

/// One element a port where it gets a new one: nft's own ranges would hand ports out in sequence.
void append_entry(std::string& out, const ir::PortMap::Entry& entry) {
    assert(entry.to.to && entry.to.flags == ir::NatFlags{});
    if (keeps_ports(entry)) {
        out += indent;
        append_number(out, entry.ports.first);
        if (!entry.ports.single()) {
            out += '-';
            append_number(out, entry.ports.last);
        }
        out += " : ";
        append(out, entry.to.to->first());
        out += ",\n";
        return;
    }
    const PortRange target = *entry.to.ports;
    for (unsigned port = entry.ports.first; port <= entry.ports.last; ++port) {
        // The kernel counts from the base, and begins anew at the end.
        const unsigned offset = entry.to.base ? static_cast<unsigned>(port - *entry.to.base) % static_cast<unsigned>(target.size()) : 0U;
        append_element(out, port, entry.to, target.first + offset);
    }
}

void append_map(std::string& out, const ir::PortMap& map, bool kept) {
    const auto in_this = [&](const ir::PortMap::Entry& entry) { return keeps_ports(entry) == kept; };
    if (std::none_of(map.entries.begin(), map.entries.end(), in_this)) return;
    fmt::format_to(std::back_inserter(out), "    map {} {{\n        type inet_service : {}{}\n{}        elements = {{\n", map_name(map, kept),
                   map.family == Family::ipv4 ? "ipv4_addr" : "ipv6_addr", kept ? "" : " . inet_service", kept ? "        flags interval\n" : "");
    for (const ir::PortMap::Entry& entry : map.entries) {
        if (!in_this(entry)) continue;
        if (const std::string* remark = map.remark_of(entry)) append_remark(out, *remark, indent);
        append_entry(out, entry);
    }
    out += "        }\n    }\n";
}

}  // namespace

void append_remark(std::string& out, std::string_view remark, std::string_view before) {
    while (!remark.empty()) {
        const auto end = std::min(remark.find('\n'), remark.size());
        out += before;
        out += "# ";
        out += remark.substr(0, end);
        out += '\n';
        remark.remove_prefix(std::min(end + 1, remark.size()));
    }
}

void append_maps(std::string& out, const ir::Table& table) {
    std::vector<bool> used(table.port_maps.size());
    for (const ir::Chain& chain : table.chains)
        for (const ir::Rule& rule : chain.rules)
            if (const auto* by = std::get_if<ir::ByPort>(&rule.statement)) used[by->map] = true;
    for (std::size_t i = 0; i < used.size(); ++i)
        for (const bool kept : {false, true})
            if (used[i]) append_map(out, table.port_maps[i], kept);
}

}  // namespace natc::nft

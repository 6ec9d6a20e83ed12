#include "emit/nft_map.hpp"

#include <algorithm>
#include <cassert>
#include <fmt/format.h>

#include "emit/iptables_words.hpp"
#include "emit/nft_group.hpp"
#include "emit/nft_rule.hpp"

namespace natc::nft {

namespace {

constexpr std::string_view indent = "            ";

bool gives_port(const ir::PortMap::Entry& entry) { return entry.to.ports.has_value(); }

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
    if (!gives_port(entry)) {
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

void append_look_up(std::string& out, const ir::Rule& rule, const ir::Table& table, FamilySet families, Diagnostics& diagnostics) {
    const auto& by = std::get<ir::ByPort>(rule.statement);
    const ir::PortMap& map = table.port_maps[by.map];
    const auto begin = map.entries.begin() + by.begin;
    const auto end = map.entries.begin() + by.end;
    ir::Rule asks = rule;
    asks.statement = ir::Accept{};
    const std::vector<Rule> taken = take_apart(asks, families, table.table, diagnostics);
    for (const bool with_port : {true, false}) {
        const auto in_this = [&](const ir::PortMap::Entry& entry) { return gives_port(entry) == with_port; };
        if (std::none_of(begin, end, in_this)) continue;
        for (const Rule& one : taken) {
            Group group;
            group.rule = one;
            group.rule.action.text = fmt::format("dnat {} to {} dport map {{", map.family == Family::ipv4 ? "ip" : "ip6", to_string(map.protocol));
            append_remark(out, one.remark, "        ");
            out += "        ";
            out += print(group);
            out += '\n';
            for (auto entry = begin; entry != end; ++entry) {
                if (!in_this(*entry)) continue;
                if (const std::string* remark = map.remark_of(*entry)) append_remark(out, *remark, indent);
                append_entry(out, *entry);
            }
            out += "        }\n";
        }
    }
}

}  // namespace natc::nft

#include "ir/program.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <string_view>
#include <type_traits>
#include <unordered_set>

namespace natc::ir {

std::string_view name(TableName table) {
    constexpr std::array<std::string_view, 5> names{"raw", "mangle", "nat", "filter", "security"};
    return names[static_cast<std::size_t>(table)];
}

std::string_view name(Hook hook) {
    constexpr std::array<std::string_view, 5> names{"PREROUTING", "INPUT", "FORWARD", "OUTPUT",
                                                    "POSTROUTING"};
    return names[static_cast<std::size_t>(hook)];
}

const std::vector<Hook>& hooks_of(TableName table) {
    using enum Hook;
    static const std::array<std::vector<Hook>, 5> hooks{{
        {prerouting, output},
        {prerouting, input, forward, output, postrouting},
        {prerouting, input, output, postrouting},
        {input, forward, output},
        {input, forward, output},
    }};
    return hooks[static_cast<std::size_t>(table)];
}

bool has_hook(TableName table, Hook hook) {
    const auto& hooks = hooks_of(table);
    return std::find(hooks.begin(), hooks.end(), hook) != hooks.end();
}

const Chain* Table::find(std::string_view chain) const {
    const auto at = std::find_if(chains.begin(), chains.end(),
                                 [&](const Chain& c) { return c.name == chain; });
    return at == chains.end() ? nullptr : &*at;
}

Chain* Table::find(std::string_view chain) {
    return const_cast<Chain*>(std::as_const(*this).find(chain));  // NOLINT(*-const-cast)
}

Chain& Table::at(Hook hook) {
    Chain* chain = find(name(hook));
    assert(chain != nullptr);
    return *chain;
}

const Table* Program::find(TableName table) const {
    const auto at =
        std::find_if(tables.begin(), tables.end(), [&](const Table& t) { return t.table == table; });
    return at == tables.end() ? nullptr : &*at;
}

Table* Program::find(TableName table) {
    return const_cast<Table*>(std::as_const(*this).find(table));  // NOLINT(*-const-cast)
}

FamilySet Program::families() const {
    FamilySet all;
    for (const Table& table : tables)
        for (const Chain& chain : table.chains) all |= chain.families;
    return all.empty() ? FamilySet::both() : all;
}

Table empty_table(TableName table) {
    Table result{table, {}};
    for (const Hook hook : hooks_of(table)) {
        Chain chain;
        chain.name = name(hook);
        chain.hook = hook;
        result.chains.push_back(std::move(chain));
    }
    return result;
}

namespace {

std::string fault(const PortMap& map) {
    for (std::size_t i = 0; i < map.entries.size(); ++i) {
        if (i > 0 && map.entries[i].ports.first <= map.entries[i - 1].ports.last) return "a map of ports with entries that overlap, or out of order";
        if (map.entries[i].remark > map.remarks.size()) return "a map of ports with a remark that is not there";
    }
    return {};
}

std::string fault(const Rule& rule, const Table& table, const std::unordered_set<std::string_view>& chains) {
    if (rule.families.empty()) return "a rule without family";
    std::optional<Protocol> protocol;
    int sources = 0;
    int destinations = 0;
    for (const Match& match : rule.matches) {
        if (const auto* is = std::get_if<ProtocolIs>(&match); is != nullptr && !is->negated)
            protocol = is->protocol;
        if (const auto* from = std::get_if<SourceAddress>(&match)) {
            sources += from->negated ? 0 : 1;
            if (rule.families != FamilySet(from->range.family())) return "an address of another family";
        }
        if (const auto* to = std::get_if<DestinationAddress>(&match)) {
            destinations += to->negated ? 0 : 1;
            if (rule.families != FamilySet(to->range.family())) return "an address of another family";
        }
    }
    if (sources > 1 || destinations > 1) return "two addresses on one side";
    for (const Match& match : rule.matches) {
        const bool ports =
            std::holds_alternative<SourcePorts>(match) || std::holds_alternative<DestinationPorts>(match);
        if (ports && !(protocol && has_ports(*protocol))) return "ports without a protocol that has them";
        if (std::holds_alternative<TcpFlags>(match) && protocol != tcp) return "tcp flags without tcp";
        if (const auto* type = std::get_if<IcmpTypeIs>(&match)) {
            const Protocol wanted = type->type.family == Family::ipv4 ? icmp : icmpv6;
            if (protocol != wanted || rule.families != FamilySet(type->type.family))
                return "a type of ICMP without its ICMP";
        }
    }
    if (const auto* by = std::get_if<ByPort>(&rule.statement)) {
        if (by->map >= table.port_maps.size()) return "a look-up in a map that is not there";
        const PortMap& map = table.port_maps[by->map];
        if (by->begin > by->end || by->end > map.entries.size()) return "a look-up of entries that are not there";
        if (protocol != map.protocol || rule.families != FamilySet(map.family)) return "a look-up without its protocol or family";
    }
    if (const std::string* called = called_chain(rule.statement); called != nullptr)
        if (!chains.contains(*called)) return "a jump to " + *called + ", which is not there";
    return {};
}

}  // namespace

std::string fault(const Program& program) {
    for (const Table& table : program.tables) {
        std::unordered_set<std::string_view> chains;
        for (const Chain& chain : table.chains)
            if (!chains.insert(chain.name).second) return "chain " + chain.name + " twice";
        for (const PortMap& map : table.port_maps)
            if (std::string what = fault(map); !what.empty()) return std::string(name(table.table)) + ": " + what;
        for (const Chain& chain : table.chains)
            for (const Rule& rule : chain.rules)
                if (std::string what = fault(rule, table, chains); !what.empty())
                    return std::string(name(table.table)) + " " + chain.name + ": " + what;
    }
    return {};
}

}  // namespace natc::ir

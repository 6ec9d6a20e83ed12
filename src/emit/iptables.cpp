#include "emit/iptables.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <vector>

#include "emit/iptables_rule.hpp"

namespace natc {

namespace {

/// iptables-restore reads lines of up to 10239 bytes and takes the rest of a longer one for a line
/// of its own: of a comment that must not become a rule. Nobody reads lines that come near it
/// anyway.
constexpr std::size_t longest_comment = 1000;

/// Where a text of more than `longest_comment` bytes is cut: not inside a character of UTF-8.
std::size_t cut(std::string_view text) {
    if (text.size() <= longest_comment) return text.size();
    std::size_t at = longest_comment;
    // Four bytes are the longest character; what goes on longer is no UTF-8.
    while (at > longest_comment - 4 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U)
        --at;
    return at;
}

/// Every line of `remark` as a comment.
void append_remark(std::string& out, std::string_view remark) {
    while (!remark.empty()) {
        const std::size_t end = std::min(remark.find('\n'), remark.size());
        std::string_view line = remark.substr(0, end);
        remark.remove_prefix(std::min(end + 1, remark.size()));
        do {
            const std::string_view piece = line.substr(0, cut(line));
            line.remove_prefix(piece.size());
            out += piece.empty() ? "#" : "# ";
            out += piece;
            out += '\n';
        } while (!line.empty());
    }
}

/// The chains of a family in the order that iptables-save has: built-in ones, then those of users
/// by their bytes.
std::vector<const ir::Chain*> chains_of(const ir::Table& table, Family family) {
    std::vector<const ir::Chain*> chains;
    for (const ir::Chain& chain : table.chains)
        if (chain.families.contains(family)) chains.push_back(&chain);
    const auto key = [](const ir::Chain* chain) {
        return std::tuple(!chain->hook, chain->hook.value_or(ir::Hook{}),
                          std::string_view(chain->name));
    };
    std::sort(chains.begin(), chains.end(),
              [&](const ir::Chain* a, const ir::Chain* b) { return key(a) < key(b); });
    return chains;
}

void append_declaration(std::string& out, const ir::Chain& chain) {
    out += ':';
    out += chain.name;
    if (!chain.hook)
        out += " -";
    else
        out += chain.policy == ir::Policy::accept ? " ACCEPT" : " DROP";
    out += " [0:0]\n";
}

void append_look_up(std::string& out, const ir::Chain& chain, const ir::PortMap& map, const ir::ByPort& by, Family family) {
    const std::string start = start_of_port_rules(chain.name, map);
    for (std::size_t i = by.begin; i < by.end; ++i) {
        if (const std::string* remark = map.remark_of(map.entries[i])) append_remark(out, *remark);
        append_port_rule(out, start, map.entries[i], family);
    }
}

void append_rules(std::string& out, const ir::Table& table, const ir::Chain& chain, Family family) {
    for (const ir::Rule& rule : chain.rules) {
        if (!rule.families.contains(family)) continue;
        append_remark(out, rule.remark.of(family));
        if (const auto* by = std::get_if<ir::ByPort>(&rule.statement)) {
            assert(rule.matches.size() == 1);  // the map's protocol: grow_port_trees
            append_look_up(out, chain, table.port_maps[by->map], *by, family);
        } else {
            append_iptables_rule(out, chain.name, rule, family);
        }
    }
}

std::size_t count_rules(const ir::Program& program) {
    std::size_t count = 0;
    for (const ir::Table& table : program.tables) {
        for (const ir::Chain& chain : table.chains) count += chain.rules.size();
        for (const ir::PortMap& map : table.port_maps) count += map.entries.size();
    }
    return count;
}

}  // namespace

std::string emit_iptables(const ir::Program& program, Family family) {
    std::string out;
    out.reserve(1000 + 160 * count_rules(program));
    const bool ipv4 = family == Family::ipv4;
    out += ipv4 ? "# Made by natc for iptables-restore: IPv4."
                : "# Made by natc for ip6tables-restore: IPv6.";
    if (program.families() == FamilySet::both())
        out += ipv4 ? " The IPv6 rules are a text of their own (--target ip6tables); load both."
                    : " The IPv4 rules are a text of their own (--target iptables); load both.";
    out += '\n';
    bool first = true;
    for (const ir::Table& table : program.tables) {
        if (!first) out += '\n';
        first = false;
        out += '*';
        out += name(table.table);
        out += '\n';
        const std::vector<const ir::Chain*> chains = chains_of(table, family);
        for (const ir::Chain* chain : chains) append_declaration(out, *chain);
        for (const ir::Chain* chain : chains) append_rules(out, table, *chain, family);
        out += "COMMIT\n";
    }
    return out;
}

}  // namespace natc

#include "emit/nft.hpp"

#include <array>
#include <fmt/format.h>
#include <set>
#include <vector>

#include "emit/nft_group.hpp"
#include "emit/nft_map.hpp"
#include "emit/nft_rule.hpp"

namespace natc {

namespace {

/// When a base chain runs. nat's are one off the usual -100 and 100, so that they come first whichever other nat
/// table was loaded later; the rest are netfilter's own numbers, which all hooks take, as names they do not.
int priority(ir::TableName table, ir::Hook hook) {
    switch (table) {
        case ir::TableName::raw: return -300;
        case ir::TableName::mangle: return -150;
        case ir::TableName::filter: return 0;
        case ir::TableName::security: return 50;
        case ir::TableName::nat: return hook == ir::Hook::prerouting || hook == ir::Hook::output ? -101 : 99;
    }
    return 0;
}

std::string_view hook_name(ir::Hook hook) {
    static constexpr std::array<std::string_view, 5> names{"prerouting", "input", "forward", "output", "postrouting"};
    return names[static_cast<std::size_t>(hook)];
}

std::string_view type_of(ir::TableName table, ir::Hook hook) {
    if (table == ir::TableName::nat) return "nat";
    // A mark that is set on the host's own packets may route them anew.
    return table == ir::TableName::mangle && hook == ir::Hook::output ? "route" : "filter";
}

/// One interface that a rule asks for, exactly, and what else it asks.
template <typename Side>
std::optional<InterfaceName> only(const ir::Rule& rule) {
    if (rule.matches.size() != 1 || rule.families != FamilySet::both()) return std::nullopt;
    const auto* side = std::get_if<Side>(&rule.matches.front());
    if (side == nullptr || side->negated || side->name.wildcard()) return std::nullopt;
    return side->name;
}

bool within_one(const ir::Rule& rule) {
    if (rule.matches.size() != 2) return false;
    const auto* in = std::get_if<ir::InInterface>(&rule.matches.front());
    const auto* out = std::get_if<ir::OutInterface>(&rule.matches.back());
    return in != nullptr && out != nullptr && !in->negated && !out->negated && !in->name.wildcard() && in->name == out->name;
}

/// Interfaces between which no packet comes back from a chain that every packet is sent to: it lets go what stays within one
/// of them, and ends what comes from one and leaves by another. Empty if the chain is not of that kind.
std::vector<std::string> walls(const ir::Table& table, const ir::Rule& rule) {
    const auto* jump = std::get_if<ir::Jump>(&rule.statement);
    const ir::Chain* guard = jump != nullptr && rule.matches.empty() && rule.families == FamilySet::both() ? table.find(jump->chain) : nullptr;
    if (guard == nullptr) return {};
    std::set<std::string> from;
    const ir::Chain* cross = nullptr;
    for (const ir::Rule& one : guard->rules) {
        if (std::holds_alternative<ir::Return>(one.statement)) {
            if (!within_one(one)) return {};
            continue;
        }
        const std::string* called = ir::called_chain(one.statement);
        if (called == nullptr || (cross != nullptr && cross->name != *called)) return {};
        cross = table.find(*called);
        if (const auto in = only<ir::InInterface>(one)) from.insert(std::string(in->text()));
    }
    if (cross == nullptr) return {};
    std::vector<std::string> result;
    for (const ir::Rule& one : cross->rules) {
        if (!std::holds_alternative<ir::Reject>(one.statement) && !std::holds_alternative<ir::Drop>(one.statement)) return {};
        const auto out = only<ir::OutInterface>(one);
        const auto text = out ? nft::interface_text(*out) : std::nullopt;
        if (text && from.contains(std::string(out->text()))) result.push_back(*text);
    }
    return result;
}

class Script {
public:
    explicit Script(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

    std::string write(const ir::Program& program) {
        families_ = program.families();
        const bool both = families_ == FamilySet::both();
        const bool ipv4 = families_.contains(Family::ipv4);
        const std::string_view kind = both ? "inet" : ipv4 ? "ip" : "ip6";
        out_ = fmt::format("# Made by natc for `nft -f`: {}, replaced as a whole.\n", both ? "IPv4 and IPv6 in one table" : ipv4 ? "IPv4 in one table" : "IPv6 in one table");
        for (const ir::Table& table : program.tables) checksums(table);
        variables(program);
        // The first line makes sure that there is a table to delete; all of it is one transaction.
        fmt::format_to(std::back_inserter(out_), "table {0} natc\ndelete table {0} natc\ntable {0} natc {{\n", kind);
        for (const ir::Table& table : program.tables) nft::append_maps(out_, table);
        for (const ir::Table& table : program.tables)
            for (const ir::Chain& chain : table.chains) write(table, chain);
        out_ += "}\n";
        return std::move(out_);
    }

private:
    /// What fills in the checksums of DHCP replies, where nft cannot.
    void checksums(const ir::Table& table) {
        for (const ir::Chain& chain : table.chains)
            for (const ir::Rule& rule : chain.rules) {
                if (!std::holds_alternative<ir::FillChecksum>(rule.statement)) continue;
                std::string_view bridge = "BRIDGE";
                for (const ir::Match& match : rule.matches)
                    if (const auto* out = std::get_if<ir::OutInterface>(&match)) bridge = out->name.text();
                const std::string queue = fmt::format("tc qdisc replace dev {} clsact", bridge);
                const std::string filter = fmt::format(
                    "tc filter replace dev {} egress pref 2 handle 800::800 protocol ip u32 match ip protocol 17 0xff match ip dport 68 0xffff action csum udp", bridge);
                diagnostics_.add(Code::checksum_by_tc, rule.origins.empty() ? Span{} : rule.origins.front(),
                                 fmt::format("nft cannot fill in the checksums of DHCP replies on {}", bridge))
                    .advise(fmt::format("run `{}` and `{}`; both stand in the output as a comment", queue, filter));
                fmt::format_to(std::back_inserter(out_), "# Checksums of DHCP replies, which nft cannot fill in:\n# {}\n# {}\n", queue, filter);
            }
    }

    void variables(const ir::Program& program) {
        std::set<std::string> prefixes;
        for (const ir::Table& table : program.tables)
            for (const ir::Chain& chain : table.chains)
                for (const ir::Rule& rule : chain.rules)
                    if (const auto* log = std::get_if<ir::Log>(&rule.statement); log != nullptr && nft::has_variable(log->prefix)) prefixes.insert(log->prefix);
        for (const std::string& prefix : prefixes)
            fmt::format_to(std::back_inserter(out_), "define {} = {}\n", nft::variable_of(prefix), nft::quoted(prefix));
    }

    void write(const ir::Table& whole, const ir::Chain& chain) {
        const ir::TableName table = whole.table;
        const bool idle = chain.hook && chain.rules.empty() && chain.policy == ir::Policy::accept;
        if (idle) return;
        const std::size_t begin = out_.size();
        fmt::format_to(std::back_inserter(out_), "    chain {} {{\n", nft::chain_name(table, chain.name));
        if (chain.hook)
            fmt::format_to(std::back_inserter(out_), "        type {} hook {} priority {}; policy {};\n", type_of(table, *chain.hook), hook_name(*chain.hook),
                           priority(table, *chain.hook), chain.policy == ir::Policy::drop ? "drop" : "accept");
        std::vector<nft::Rule> rules;
        // Who comes by a hook is of any of the table's families; into another chain, only who was sent there.
        const FamilySet families = chain.hook ? families_ : chain.families;
        for (const ir::Rule& rule : chain.rules) {
            auto taken = nft::take_apart(rule, families, whole, diagnostics_);
            if (!taken.empty()) taken.front().walls = walls(whole, rule);
            std::move(taken.begin(), taken.end(), std::back_inserter(rules));
        }
        if (rules.empty() && chain.hook && chain.policy == ir::Policy::accept) {
            // All that it had is done by other means.
            out_.resize(begin);
            return;
        }
        // A statement's comment stands above its first rule in each family; here both are in one chain.
        std::string last_remark;
        for (const nft::Group& group : nft::group(std::move(rules))) {
            if (!last_remark.ends_with(group.rule.remark)) nft::append_remark(out_, group.rule.remark, "        ");
            if (!group.rule.remark.empty()) last_remark = group.rule.remark;
            fmt::format_to(std::back_inserter(out_), "        {}\n", nft::print(group));
        }
        out_ += "    }\n";
    }

    Diagnostics& diagnostics_;
    FamilySet families_;
    std::string out_;
};

}  // namespace

std::string emit_nft(const ir::Program& program, Diagnostics& diagnostics) { return Script(diagnostics).write(program); }

}  // namespace natc

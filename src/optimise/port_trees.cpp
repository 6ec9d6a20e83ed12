#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <utility>
#include <vector>

#include "net/port.hpp"
#include "optimise/passes.hpp"

namespace natc {

namespace {

/// How many chains a chain of the tree chooses from, and how many entries the last one holds. Measured with tools/bench on Linux 6: two, eight
/// and sixteen ways are slower, or more text, and two nest deeper than iptables-nft takes.
constexpr std::size_t ways = 4;
constexpr std::size_t leaf = 16;

/// A tree of chains over the ports of one map.
class Tree {
public:
    /// `place`: of the map, in its table. Its name is that of the first chain, and what the names of the others begin with.
    Tree(const ir::PortMap& map, std::uint32_t place, std::vector<ir::Chain>& out) : map_(map), place_(place), out_(out) {}

    void grow() {
        // All leaves of about one size.
        const std::size_t size = map_.entries.size();
        const std::size_t count = (size + leaf - 1) / leaf;
        Nodes nodes;
        nodes.reserve(count);
        for (std::size_t i = 0; i < count; ++i) nodes.push_back({i * size / count, (i + 1) * size / count});
        if (nodes.size() == 1) {
            out_.push_back(leaf_chain(map_.name, nodes.front()));
            return;
        }
        for (const Node& node : nodes) out_.push_back(leaf_chain(name_of(node), node));
        while (nodes.size() > ways) nodes = above(nodes);
        out_.push_back(inner_chain(map_.name, nodes.begin(), nodes.end()));
    }

private:
    /// Entries that one chain is for.
    struct Node {
        std::size_t begin, end;
    };
    using Nodes = std::vector<Node>;

    [[nodiscard]] PortRange ports(const Node& node) const { return {map_.entries[node.begin].ports.first, map_.entries[node.end - 1].ports.last}; }

    [[nodiscard]] std::string name_of(const Node& node) const {
        return fmt::format("{}-{}", map_.name, to_string(ports(node)));
    }

    /// The next level: a chain for every few of `nodes`.
    Nodes above(const Nodes& nodes) {
        Nodes result;
        for (std::size_t i = 0; i < nodes.size(); i += ways) {
            const std::size_t end = std::min(i + ways, nodes.size());
            const Node node{nodes[i].begin, nodes[end - 1].end};
            // One alone needs no chain above it: its name is that of the ports that it is for.
            if (end - i > 1) out_.push_back(inner_chain(name_of(node), nodes.begin() + static_cast<std::ptrdiff_t>(i), nodes.begin() + static_cast<std::ptrdiff_t>(end)));
            result.push_back(node);
        }
        return result;
    }

    [[nodiscard]] ir::Chain chain(std::string name) const {
        ir::Chain made;
        made.name = std::move(name);
        made.families = map_.family;
        return made;
    }

    /// Goes on to the one of them that has the packet's port. What goes on comes back to whoever called the tree.
    [[nodiscard]] ir::Chain inner_chain(std::string name, Nodes::const_iterator begin, Nodes::const_iterator end) const {
        ir::Chain made = chain(std::move(name));
        for (auto node = begin; node != end; ++node) {
            ir::Rule rule;
            rule.families = map_.family;
            rule.matches = {ir::ProtocolIs{map_.protocol, false}, ir::DestinationPorts{{ports(*node)}, false}};
            rule.statement = ir::Goto{name_of(*node)};
            rule.origins = {map_.entries[node->begin].origin};
            made << std::move(rule);
        }
        return made;
    }

    [[nodiscard]] ir::Chain leaf_chain(std::string name, const Node& node) const {
        ir::Chain made = chain(std::move(name));
        ir::Rule rule;
        rule.families = map_.family;
        rule.matches = {ir::ProtocolIs{map_.protocol, false}};
        rule.statement = ir::ByPort{place_, static_cast<std::uint32_t>(node.begin), static_cast<std::uint32_t>(node.end)};
        rule.origins = {map_.entries[node.begin].origin};
        return std::move(made << std::move(rule));
    }

    const ir::PortMap& map_;
    std::uint32_t place_;
    std::vector<ir::Chain>& out_;
};

}  // namespace

ir::Program grow_port_trees(ir::Program program) {
    program = ir::as_rules(std::move(program), ir::few_port_forwards);
    for (ir::Table& table : program.tables) {
        std::vector<bool> has_tree(table.port_maps.size());
        std::vector<ir::Chain> grown;
        for (ir::Chain& chain : table.chains)
            for (ir::Rule& rule : chain.rules) {
                const auto* by = std::get_if<ir::ByPort>(&rule.statement);
                if (by == nullptr) continue;
                const ir::PortMap& map = table.port_maps[by->map];
                assert(by->begin == 0 && by->end == map.entries.size());
                if (!has_tree[by->map]) Tree(map, by->map, grown).grow();
                has_tree[by->map] = true;
                rule.statement = ir::Jump{map.name};
            }
        std::move(grown.begin(), grown.end(), std::back_inserter(table.chains));
    }
    return program;
}

}  // namespace natc

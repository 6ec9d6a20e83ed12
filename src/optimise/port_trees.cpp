#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <fmt/compile.h>
#include <string>
#include <utility>
#include <vector>

#include "net/port.hpp"
#include "optimise/passes.hpp"
#include "optimise/tree.hpp"

namespace natc {

namespace {

/// A tree of chains over the ports of one map.
class Tree {
public:
    /// `place`: of the map, in its table. Its name is that of the first chain, and what the names of the others begin with.
    Tree(const ir::PortMap& map, std::uint32_t place, std::vector<ir::Chain>& out) : map_(map), place_(place), out_(out) {}

    void grow() {
        // All leaves of about one size.
        const std::size_t size = map_.entries.size();
        const std::size_t count = (size + tree_leaf - 1) / tree_leaf;
        std::vector<TreeNode> leaves;
        leaves.reserve(count);
        for (std::size_t i = 0; i < count; ++i) leaves.push_back({i * size / count, (i + 1) * size / count});
        for (const TreeNode& leaf : leaves) out_.push_back(leaf_chain(leaf));
        grow_tree(std::move(leaves), [this](const TreeNode& node, const TreeNode* first, const TreeNode* last) { out_.push_back(inner_chain(node, first, last)); });
    }

private:
    [[nodiscard]] PortRange ports(const TreeNode& node) const { return {map_.entries[node.begin].ports.first, map_.entries[node.end - 1].ports.last}; }

    [[nodiscard]] std::string name_of(const TreeNode& node) const {
        const bool root = node.begin == 0 && node.end == map_.entries.size();
        if (root) return map_.name;
        const PortRange range = ports(node);
        return range.single() ? fmt::format(FMT_COMPILE("{}-{}"), map_.name, range.first) : fmt::format(FMT_COMPILE("{}-{}-{}"), map_.name, range.first, range.last);
    }

    [[nodiscard]] ir::Chain chain(std::string name) const {
        ir::Chain made;
        made.name = std::move(name);
        made.families = map_.family;
        return made;
    }

    /// Goes on to the one of them that has the packet's port. What goes on comes back to whoever called the tree.
    [[nodiscard]] ir::Chain inner_chain(const TreeNode& above, const TreeNode* first, const TreeNode* last) const {
        ir::Chain made = chain(name_of(above));
        made.rules.reserve(tree_ways);
        for (const TreeNode* node = first; node != last; ++node) {
            ir::Rule rule;
            rule.families = map_.family;
            rule.matches = {ir::ProtocolIs{map_.protocol, false}, ir::DestinationPorts{{ports(*node)}, false}};
            rule.statement = ir::Goto{name_of(*node)};
            rule.origins = {map_.entries[node->begin].origin};
            made << std::move(rule);
        }
        return made;
    }

    [[nodiscard]] ir::Chain leaf_chain(const TreeNode& node) const {
        ir::Chain made = chain(name_of(node));
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

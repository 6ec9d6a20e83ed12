// The shape of the trees of chains that stand in place of long rows of rules. Inner header of src/optimise.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace natc {

/// How many chains a chain of a tree chooses from, and how many rules the last one holds. Measured once on Linux 6, for ports: two, eight and
/// sixteen ways are slower, or more text, and two nest deeper than iptables-nft takes.
inline constexpr std::size_t tree_ways = 4;
inline constexpr std::size_t tree_leaf = 16;

/// A part of what the tree is over, from `begin` up to `end`, that one chain is for.
struct TreeNode {
    std::size_t begin, end;
};

/// Builds a tree over `leaves`, of which there are two or more, from the leaves up. `inner(node, first, last)` is called for each chain above
/// others: it is for `node`, and chooses among the nodes from `first` up to `last`; the root comes last.
template <typename Inner>
void grow_tree(std::vector<TreeNode> leaves, Inner inner) {
    std::vector<TreeNode> nodes = std::move(leaves);
    while (nodes.size() > 1) {
        std::vector<TreeNode> above;
        above.reserve(nodes.size() / tree_ways + 1);
        for (std::size_t i = 0; i < nodes.size(); i += tree_ways) {
            const std::size_t end = std::min(i + tree_ways, nodes.size());
            const TreeNode node{nodes[i].begin, nodes[end - 1].end};
            // One alone needs no chain above it.
            if (end - i > 1) inner(node, nodes.data() + i, nodes.data() + end);
            above.push_back(node);
        }
        nodes = std::move(above);
    }
}

}  // namespace natc

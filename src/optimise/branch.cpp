// Long rows of rules that differ in one field, as trees of chains over that field.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "optimise/passes.hpp"
#include "optimise/rows.hpp"
#include "optimise/tree.hpp"

namespace natc {

namespace {

/// A field that a tree can be over.
enum class Key : std::uint8_t { destination_port, destination, source };
constexpr std::array all_keys{Key::destination_port, Key::destination, Key::source};

/// What a rule asks of the field, as numbers.
struct Interval {
    uint128 first = 0;
    uint128 last = 0;
};

template <typename Address>
std::optional<Interval> addresses(const ir::Match& match) {
    const auto* address = std::get_if<Address>(&match);
    if (address == nullptr || address->negated) return std::nullopt;
    return Interval{address->range.first().value(), address->range.last().value()};
}

std::optional<Interval> interval_of(const ir::Match& match, Key key) {
    if (key == Key::source) return addresses<ir::SourceAddress>(match);
    if (key == Key::destination) return addresses<ir::DestinationAddress>(match);
    const auto* ports = std::get_if<ir::DestinationPorts>(&match);
    if (ports == nullptr || ports->negated || ports->ranges.size() != 1) return std::nullopt;
    return Interval{ports->ranges.front().first, ports->ranges.front().last};
}

std::optional<Interval> interval_of(const ir::Rule& rule, Key key) {
    for (const ir::Match& match : rule.matches)
        if (const auto interval = interval_of(match, key)) return interval;
    return std::nullopt;
}

/// Rules next to each other in a chain, all of which ask for one range of a field, in an order that is that of the field.
class Row {
public:
    /// The rules may move afterwards; `grow` takes the same again.
    Row(std::span<const ir::Rule> rules, Key key) : key_(key) {
        order_.reserve(rules.size());
        for (std::size_t i = 0; i < rules.size(); ++i) order_.push_back({*interval_of(rules[i], key), i});
        std::stable_sort(order_.begin(), order_.end(), [](const Placed& a, const Placed& b) { return a.interval.first < b.interval.first; });
        // Rules that a packet may meet both of stay together, and in their order.
        uint128 reach = 0;
        for (std::size_t i = 0; i < order_.size(); ++i) {
            if (blocks_.empty() || order_[i].interval.first > reach) blocks_.push_back({i, i});
            blocks_.back().end = i + 1;
            reach = std::max(reach, order_[i].interval.last);
        }
        for (const TreeNode& block : blocks_)
            std::sort(order_.begin() + static_cast<std::ptrdiff_t>(block.begin), order_.begin() + static_cast<std::ptrdiff_t>(block.end),
                      [](const Placed& a, const Placed& b) { return a.rule < b.rule; });
    }

    [[nodiscard]] std::size_t size() const { return order_.size(); }

    /// How many chains of its tree are in one another.
    [[nodiscard]] std::size_t levels() const {
        std::size_t levels = 1;
        for (std::size_t nodes = leaves_of_blocks().size(); nodes > 1; nodes = (nodes + tree_ways - 1) / tree_ways) ++levels;
        return levels;
    }

    /// Whether a packet meets far fewer rules in a tree.
    [[nodiscard]] bool parts() const {
        std::size_t longest = 0;
        for (const TreeNode& block : blocks_) longest = std::max(longest, block.end - block.begin);
        return blocks_.size() > 1 && longest * 4 <= order_.size();
    }

    /// Puts the tree's chains behind `out` and gives the rule that leads to it. `name` is that of the first chain, and what the names of the others
    /// begin with. 
    ir::Rule grow(std::vector<ir::Rule> rules, const std::string& name, std::vector<ir::Chain>& out) const {
        const std::vector<ir::Match> common = common_matches(rules);
        const FamilySet families = rules.front().families;
        ir::Rule entry = leads(families, common, ir::Jump{name}, rules.front().origins);
        const std::vector<TreeNode> leaves = leaves_of_blocks();
        const auto name_of = [&](const TreeNode& node) {
            const bool root = node.begin == 0 && node.end == order_.size();
            return root ? name : fmt::format("{}-{}-{}", name, node.begin + 1, node.end);
        };
        // Before the rules move: where each leaf begins and ends, and what it is there for.
        struct Bounds {
            uint128 first = 0;  // of the leaf that begins here
            uint128 last = 0;   // of the leaf that ends with this rule
            std::vector<Span> origins;
        };
        std::vector<Bounds> bounds(order_.size());
        for (const TreeNode& leaf : leaves) {
            const Interval range = range_of(leaf);
            bounds[leaf.begin].first = range.first;
            bounds[leaf.begin].origins = rules[order_[leaf.begin].rule].origins;
            bounds[leaf.end - 1].last = range.last;
        }
        for (const TreeNode& leaf : leaves) {
            ir::Chain& chain = out.emplace_back();
            chain.name = name_of(leaf);
            chain.families = families;
            for (std::size_t i = leaf.begin; i < leaf.end; ++i) chain << without(std::move(rules[order_[i].rule]), common);
        }
        std::vector<ir::Match> ahead;  // what stands with its protocol asks for it in the chains of the tree as well
        if (key_ == Key::destination_port)
            std::copy_if(common.begin(), common.end(), std::back_inserter(ahead), [](const ir::Match& match) { return std::holds_alternative<ir::ProtocolIs>(match); });
        grow_tree(leaves, [&](const TreeNode& node, const TreeNode* first, const TreeNode* last) {
            ir::Chain& chain = out.emplace_back();
            chain.name = name_of(node);
            chain.families = families;
            for (const TreeNode* below = first; below != last; ++below) {
                std::vector<ir::Match> matches = ahead;
                matches.push_back(asks_for({bounds[below->begin].first, bounds[below->end - 1].last}, families));
                chain << leads(families, std::move(matches), ir::Goto{name_of(*below)}, bounds[below->begin].origins);
            }
        });
        return entry;
    }

private:
    struct Placed {
        Interval interval;
        std::size_t rule;
    };

    /// Whole blocks, as many as fit a leaf: one at the least.
    [[nodiscard]] std::vector<TreeNode> leaves_of_blocks() const {
        std::vector<TreeNode> leaves;
        for (const TreeNode& block : blocks_) {
            if (leaves.empty() || block.end - leaves.back().begin > tree_leaf) leaves.push_back(block);
            leaves.back().end = block.end;
        }
        return leaves;
    }

    [[nodiscard]] Interval range_of(const TreeNode& node) const {
        Interval range = order_[node.begin].interval;
        for (std::size_t i = node.begin; i < node.end; ++i) {
            range.first = std::min(range.first, order_[i].interval.first);
            range.last = std::max(range.last, order_[i].interval.last);
        }
        return range;
    }

    [[nodiscard]] ir::Match asks_for(const Interval& range, FamilySet families) const {
        if (key_ == Key::destination_port) return ir::DestinationPorts{{{static_cast<std::uint16_t>(range.first), static_cast<std::uint16_t>(range.last)}}, false};
        const Family family = families.contains(Family::ipv4) ? Family::ipv4 : Family::ipv6;
        const AddressRange addresses(Address(family, range.first), Address(family, range.last));
        if (key_ == Key::destination) return ir::DestinationAddress{addresses, false};
        return ir::SourceAddress{addresses, false};
    }

    Key key_;
    std::vector<Placed> order_;
    std::vector<TreeNode> blocks_;
};

std::optional<Protocol> protocol_of(const ir::Rule& rule) {
    for (const ir::Match& match : rule.matches)
        if (const auto* is = std::get_if<ir::ProtocolIs>(&match); is != nullptr && !is->negated) return is->protocol;
    return std::nullopt;
}

/// How many rules from each place on could be one row, by field.
using Lengths = std::array<std::size_t, all_keys.size()>;

std::vector<Lengths> lengths_of(const ir::Chain& chain) {
    std::vector<Lengths> lengths(chain.rules.size());
    for (std::size_t i = chain.rules.size(); i-- > 0;) {
        const ir::Rule& rule = chain.rules[i];
        if (!movable(rule, chain.hook.has_value())) continue;
        const ir::Rule* next = i + 1 < chain.rules.size() && chain.rules[i + 1].families == rule.families ? &chain.rules[i + 1] : nullptr;
        for (std::size_t k = 0; k < all_keys.size(); ++k) {
            if (!interval_of(rule, all_keys[k])) continue;
            const bool goes_on = next != nullptr && (all_keys[k] != Key::destination_port || protocol_of(rule) == protocol_of(*next));
            lengths[i][k] = 1 + (goes_on ? lengths[i + 1][k] : 0);
        }
    }
    return lengths;
}

/// A row and where it begins in its chain.
struct Found {
    std::size_t begin;
    Row row;
};

/// The rows of a chain that are worth a tree, in their order.
std::vector<Found> rows_of(const ir::Chain& chain) {
    std::vector<Found> found;
    if (chain.rules.size() <= few_rules) return found;
    const std::vector<Lengths> lengths = lengths_of(chain);
    for (std::size_t i = 0; i < chain.rules.size();) {
        std::array<std::size_t, all_keys.size()> keys{0, 1, 2};
        std::sort(keys.begin(), keys.end(), [&](std::size_t a, std::size_t b) { return lengths[i][a] > lengths[i][b]; });
        std::size_t next = i + 1;
        for (const std::size_t key : keys) {
            if (lengths[i][key] <= few_rules) break;
            Row row(std::span(chain.rules).subspan(i, lengths[i][key]), all_keys[key]);
            // What no field parts is not looked at again from its second rule on.
            next = std::max(next, i + row.size());
            if (!row.parts()) continue;
            next = i + row.size();
            found.push_back({i, std::move(row)});
            break;
        }
        i = next;
    }
    return found;
}

}  // namespace

ir::Program branch(ir::Program program) {
    for (ir::Table& table : program.tables) {
        std::vector<std::vector<Found>> rows;
        std::vector<std::size_t> levels;
        for (const ir::Chain& chain : table.chains) {
            rows.push_back(rows_of(chain));
            std::size_t most = 0;
            for (const Found& found : rows.back()) most = std::max(most, found.row.levels());
            levels.push_back(most);
        }
        const std::vector<bool> room = room_for(table, levels);
        std::vector<ir::Chain> grown;
        std::size_t trees = 0;
        for (std::size_t c = 0; c < table.chains.size(); ++c) {
            if (rows[c].empty() || !room[c]) continue;
            ir::Chain& chain = table.chains[c];
            std::vector<ir::Rule> rules;
            rules.reserve(chain.rules.size());
            std::size_t i = 0;
            const auto keep_up_to = [&](std::size_t end) {
                for (; i < end; ++i) rules.push_back(std::move(chain.rules[i]));
            };
            for (const Found& found : rows[c]) {
                keep_up_to(found.begin);
                rules.push_back(found.row.grow(take_rules(chain, i, found.row.size()), fmt::format("natc-by-{}", ++trees), grown));
                i += found.row.size();
            }
            keep_up_to(chain.rules.size());
            chain.rules = std::move(rules);
        }
        std::move(grown.begin(), grown.end(), std::back_inserter(table.chains));
    }
    return program;
}

}  // namespace natc

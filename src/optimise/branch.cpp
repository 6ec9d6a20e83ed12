// Long rows of rules that differ in one field, as trees of chains over that field.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "optimise/passes.hpp"
#include "optimise/rows.hpp"
#include "optimise/tree.hpp"

namespace natc {

namespace {

/// A field that a tree can be over. Where several would do, the first one is as good as any.
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
    Row(std::vector<ir::Rule> rules, Key key) : rules_(std::move(rules)), key_(key) {
        order_.reserve(rules_.size());
        for (std::size_t i = 0; i < rules_.size(); ++i) order_.push_back({*interval_of(rules_[i], key), i});
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

    /// Whether a packet meets far fewer rules in a tree.
    [[nodiscard]] bool parts() const {
        std::size_t longest = 0;
        for (const TreeNode& block : blocks_) longest = std::max(longest, block.end - block.begin);
        return blocks_.size() > 1 && longest * 4 <= rules_.size();
    }

    /// The rules again, as they were.
    [[nodiscard]] std::vector<ir::Rule> take() { return std::move(rules_); }

    /// Puts the tree's chains behind `out` and gives the rule that leads to it. `name` is that of the first chain, and what the names of the others
    /// begin with. The rules are used up.
    ir::Rule grow(const std::string& name, std::vector<ir::Chain>& out) {
        const std::vector<ir::Match> common = common_matches(rules_);
        const FamilySet families = rules_.front().families;
        ir::Rule entry = leads(families, common, ir::Jump{name}, rules_.front().origins);
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
            bounds[leaf.begin].origins = rules_[order_[leaf.begin].rule].origins;
            bounds[leaf.end - 1].last = range.last;
        }
        for (const TreeNode& leaf : leaves) {
            ir::Chain& chain = out.emplace_back();
            chain.name = name_of(leaf);
            chain.families = families;
            for (std::size_t i = leaf.begin; i < leaf.end; ++i) chain << without(std::move(rules_[order_[i].rule]), common);
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

    std::vector<ir::Rule> rules_;
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

}  // namespace

ir::Program branch(ir::Program program) {
    for (ir::Table& table : program.tables) {
        std::vector<ir::Chain> grown;
        std::size_t trees = 0;
        for (ir::Chain& chain : table.chains) {
            if (chain.rules.size() <= few_rules) continue;
            const std::vector<Lengths> lengths = lengths_of(chain);
            std::vector<ir::Rule> rules;
            rules.reserve(chain.rules.size());
            for (std::size_t i = 0; i < chain.rules.size();) {
                const auto longest = std::max_element(lengths[i].begin(), lengths[i].end());
                if (*longest <= few_rules) {
                    rules.push_back(std::move(chain.rules[i++]));
                    continue;
                }
                Row row(take_rules(chain, i, *longest), all_keys[static_cast<std::size_t>(longest - lengths[i].begin())]);
                if (row.parts()) {
                    rules.push_back(row.grow(fmt::format("natc-by-{}", ++trees), grown));
                } else {
                    for (ir::Rule& rule : row.take()) rules.push_back(std::move(rule));
                }
                i += *longest;
            }
            chain.rules = std::move(rules);
        }
        std::move(grown.begin(), grown.end(), std::back_inserter(table.chains));
    }
    return program;
}

}  // namespace natc

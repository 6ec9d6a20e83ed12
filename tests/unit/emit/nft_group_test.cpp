// Grouping changes no packet's fate: random chains, before and after, over all packets of a small world.

#include "emit/nft_group.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace natc::nft {
namespace {

using Packet = std::map<std::string, std::uint64_t>;

Value number(std::uint64_t first, std::uint64_t last) {
    return {first == last ? std::to_string(first) : std::to_string(first) + "-" + std::to_string(last), Family::ipv4, first, last, true, false};
}

bool holds(const Value& value, std::uint64_t seen) { return value.first <= seen && seen <= value.last; }

bool holds(const Field& field, const Packet& packet) {
    if (!field.whole.empty()) return packet.at(field.whole) != 0;
    for (const Value& value : field.values)
        if (holds(value, packet.at(field.name))) return !field.negated;
    return field.negated;
}

/// What happens in a chain, in words: what is done and goes on, then how it ends.
std::string walk(const std::vector<Rule>& rules, const Packet& packet) {
    std::string fate;
    for (const Rule& rule : rules) {
        bool all = true;
        for (const Field& field : rule.fields) all = all && holds(field, packet);
        if (!all) continue;
        fate += rule.action.text + rule.action.target + ";";
        if (rule.action.ends) return fate;
    }
    return fate;
}

/// A group is met as its set or map says: the first row that the packet fits, and no other.
std::string walk(const std::vector<Group>& groups, const Packet& packet) {
    std::string fate;
    for (const Group& group : groups) {
        bool all = true;
        for (std::size_t i = 0; i < group.rule.fields.size(); ++i) {
            const bool varies = std::find(group.varying.begin(), group.varying.end(), i) != group.varying.end();
            if (!varies) all = all && holds(group.rule.fields[i], packet);
        }
        if (!all) continue;
        for (std::size_t r = 0; r < group.rows.size(); ++r) {
            bool fits = true;
            if (group.varying.size() == 1) {
                const std::string& name = group.rule.fields[group.varying.front()].name;
                fits = std::any_of(group.rows[r].begin(), group.rows[r].end(), [&](const Value& v) { return holds(v, packet.at(name)); });
            } else {
                for (std::size_t k = 0; k < group.varying.size(); ++k)
                    fits = fits && holds(group.rows[r][k], packet.at(group.rule.fields[group.varying[k]].name));
            }
            if (!fits) continue;
            const Action& action = group.maps() ? group.actions[r] : group.rule.action;
            fate += action.text + action.target + ";";
            if (action.ends) return fate;
            break;
        }
    }
    return fate;
}

Rule random_rule(std::mt19937& random) {
    const auto roll = [&](int sides) { return std::uniform_int_distribution<int>(0, sides - 1)(random); };
    Rule rule;
    for (const char* name : {"iifname", "oifname", "th dport"}) {
        if (roll(3) == 0) continue;
        Field field;
        field.name = name;
        const int values = roll(4) == 0 ? 2 : 1;
        for (int v = 0; v < values; ++v) {
            const auto first = static_cast<std::uint64_t>(roll(4));
            const bool exact = field.name != "th dport" || roll(3) != 0;
            field.values.push_back(number(first, exact ? first : first + static_cast<std::uint64_t>(roll(3))));
        }
        field.negated = roll(8) == 0;
        rule.fields.push_back(std::move(field));
    }
    if (roll(5) == 0) rule.fields.push_back({{}, {}, false, "ct state new"});
    switch (roll(6)) {
        case 0: rule.action = {"drop", {}, {}, {}, true, true}; break;
        case 1: rule.action = {"jump a", {}, {}, {}, true, false}; break;
        case 2: rule.action = {"jump b", {}, {}, {}, true, false}; break;
        case 3: rule.action = {"log", {}, {}, {}, false, false}; break;
        case 4: rule.action = {{}, "dnat ip to", "10.0.0." + std::to_string(roll(3)), {}, false, true}; break;
        default: rule.action = {"accept", {}, {}, {}, true, true}; break;
    }
    return rule;
}

/// Another rule of the same shape.
Rule like(Rule rule, std::mt19937& random) {
    const auto roll = [&](int sides) { return std::uniform_int_distribution<int>(0, sides - 1)(random); };
    for (Field& field : rule.fields)
        for (Value& value : field.values)
            if (roll(3) == 0) {
                const auto first = static_cast<std::uint64_t>(roll(4));
                value = number(first, first + static_cast<std::uint64_t>(value.last - value.first));
            }
    if (roll(4) == 0) rule.action = random_rule(random).action;
    return rule;
}

std::string shown(const std::vector<Group>& groups) {
    std::string text;
    for (const Group& group : groups) text += print(group) + "\n";
    return text;
}

TEST(NftGroup, EveryPacketFaresAsBefore) {
    std::mt19937 random(20);  // the same chains in every run
    std::size_t joined = 0;
    for (int round = 0; round < 1000; ++round) {
        std::vector<Rule> rules;
        const int count = std::uniform_int_distribution<int>(1, 14)(random);
        // A few shapes a chain, with other values: what there is to join.
        const std::vector<Rule> shapes{random_rule(random), random_rule(random)};
        for (int i = 0; i < count; ++i) rules.push_back(like(shapes[static_cast<std::size_t>(i % 2)], random));
        const std::vector<Group> groups = group(rules);
        joined += rules.size() - groups.size();
        for (std::uint64_t in = 0; in < 4; ++in)
            for (std::uint64_t out = 0; out < 4; ++out)
                for (std::uint64_t port = 0; port < 6; ++port)
                    for (std::uint64_t fresh = 0; fresh < 2; ++fresh) {
                        const Packet packet{{"iifname", in}, {"oifname", out}, {"th dport", port}, {"ct state new", fresh}};
                        ASSERT_EQ(walk(rules, packet), walk(groups, packet))
                            << "in " << in << " out " << out << " port " << port << " new " << fresh << "\n"
                            << [&] {
                                   std::string flat;
                                   for (const Rule& rule : rules) flat += print(Group{rule, {}, {{}}, {}}) + "\n";
                                   return flat + "became\n" + shown(groups);
                               }();
                    }
    }
    EXPECT_GT(joined, 1000U) << "hardly anything was joined, so hardly anything was tried";
}

TEST(NftGroup, BehindWallsEveryPacketThatPassesFaresAsBefore) {
    std::mt19937 random(21);
    std::size_t joined = 0;
    std::size_t joined_without = 0;
    for (int round = 0; round < 1000; ++round) {
        Rule guard;
        guard.action = {"jump guard", {}, {}, {}, true, false};
        std::vector<Rule> rules{guard};
        const int count = std::uniform_int_distribution<int>(1, 14)(random);
        const std::vector<Rule> shapes{random_rule(random), random_rule(random), random_rule(random)};
        for (int i = 0; i < count; ++i) rules.push_back(like(shapes[static_cast<std::size_t>(i % 3)], random));
        joined_without += rules.size() - group(rules).size();
        rules.front().walls = {"0", "1", "2"};
        const std::vector<Group> groups = group(rules);
        joined += rules.size() - groups.size();
        for (std::uint64_t in = 0; in < 4; ++in)
            for (std::uint64_t out = 0; out < 4; ++out) {
                if (in != out && in < 3 && out < 3) continue;  // the guard has it
                for (std::uint64_t port = 0; port < 6; ++port)
                    for (std::uint64_t fresh = 0; fresh < 2; ++fresh) {
                        const Packet packet{{"iifname", in}, {"oifname", out}, {"th dport", port}, {"ct state new", fresh}};
                        ASSERT_EQ(walk(rules, packet), walk(groups, packet)) << "in " << in << " out " << out << " port " << port << " new " << fresh << "\n" << shown(groups);
                    }
            }
    }
    EXPECT_GT(joined, joined_without);
}

TEST(NftGroup, BothFamiliesAreEither) {
    std::mt19937 random(22);
    for (int round = 0; round < 1000; ++round) {
        std::vector<Rule> rules;
        const std::vector<Rule> shapes{random_rule(random), random_rule(random)};
        for (int i = 0; i < 10; ++i) {
            Rule rule = like(shapes[static_cast<std::size_t>(i / 2 % 2)], random);
            const std::uint64_t family = random() % 3;
            if (family != 0) rule.fields.insert(rule.fields.begin(), Field{"meta nfproto", {number(family, family)}, false, {}});
            rules.push_back(std::move(rule));
        }
        const std::vector<Group> groups = group(rules);
        for (std::uint64_t family = 1; family < 3; ++family)
            for (std::uint64_t in = 0; in < 4; ++in)
                for (std::uint64_t out = 0; out < 4; ++out)
                    for (std::uint64_t port = 0; port < 6; ++port) {
                        const Packet packet{{"meta nfproto", family}, {"iifname", in}, {"oifname", out}, {"th dport", port}, {"ct state new", 1}};
                        ASSERT_EQ(walk(rules, packet), walk(groups, packet)) << shown(groups);
                    }
    }
}

TEST(NftGroup, ThousandsThatCannotBeJoinedTakeNoTime) {
    std::vector<Rule> rules;
    for (std::uint64_t i = 0; i < 20'000; ++i) {
        Rule rule;
        rule.fields.push_back({"ip saddr", {number(i * 8, i * 8 + 3)}, false, {}});
        rule.fields.push_back({"ip daddr", {number(i * 8, i * 8 + 3)}, i % 3 == 0, {}});
        rule.action = {i % 2 == 0 ? "accept" : "drop", {}, {}, {}, true, true};
        rules.push_back(std::move(rule));
    }
    EXPECT_EQ(group(std::move(rules)).size(), 20'000U);
}

TEST(NftGroup, AMapOfThousandsIsMadeInNoTime) {
    std::vector<Rule> rules;
    for (std::uint64_t i = 0; i < 60'000; ++i) {
        // Two shapes in turns: each looks past the other.
        Rule rule;
        rule.fields.push_back({i % 2 == 0 ? "th dport" : "th sport", {number(i, i)}, false, {}});
        rule.fields.push_back({"iifname", {number(1 + i % 2, 1 + i % 2)}, false, {}});
        rule.action = {{}, "dnat ip to", "10.0.0.1", {}, false, true};
        rule.action.target += std::to_string(i % 7);
        rules.push_back(std::move(rule));
    }
    EXPECT_EQ(group(std::move(rules)).size(), 2U);
}

}  // namespace
}  // namespace natc::nft

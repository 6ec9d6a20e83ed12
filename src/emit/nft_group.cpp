#include "emit/nft_group.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <optional>
#include <unordered_map>
#include <unordered_set>

namespace natc::nft {

namespace {

/// How many groups back a rule may look for one to join. Rules that belong together stand close.
constexpr std::size_t farthest = 16;

/// Values of one field that are compared with each other, two by two, before it is taken that a packet may have both.
constexpr std::size_t most_pairs = 1024;

/// Whether no packet has one of the first and one of the second.
bool apart(const std::vector<Value>& some, const std::vector<Value>& others) {
    if (some.size() * others.size() > most_pairs) return false;
    return std::all_of(some.begin(), some.end(), [&](const Value& a) {
        return std::all_of(others.begin(), others.end(), [&](const Value& b) { return a.excludes(b); });
    });
}

/// A group while it grows.
struct Growing {
    Group group;
    std::unordered_map<std::string, std::size_t> keys;      ///< of rows, where all varying fields are exact
    std::vector<std::unordered_set<std::string>> seen;      ///< by varying field, where it is exact in all rows
    bool exact = true;                                      ///< in all rows and varying fields
    bool indexed = false;                                   ///< `keys` and `seen` hold what the rows have
    bool done = false;                                      ///< takes no more rules

    [[nodiscard]] bool ends() const {
        if (!group.maps()) return group.rule.action.ends;
        return std::all_of(group.actions.begin(), group.actions.end(), [](const Action& action) { return action.ends; });
    }
};

/// The family that a rule is about, if it asks for what only one has.
std::optional<Family> family_of(const Rule& rule) {
    for (const Field& field : rule.fields) {
        const std::string_view name = field.name;
        const bool guard = name == "meta nfproto" && field.plain() && field.values.size() == 1;
        if (name.starts_with("ip ") || name.starts_with("icmp ") || (guard && field.values.front().text == "ipv4")) return Family::ipv4;
        if (name.starts_with("ip6 ") || name.starts_with("icmpv6 ") || (guard && field.values.front().text == "ipv6")) return Family::ipv6;
    }
    return std::nullopt;
}

bool of_two_families(const Group& group, const Rule& rule) {
    // In a group, the field that says so may be one that varies.
    const auto guarded = [](const Group& of) {
        return std::any_of(of.varying.begin(), of.varying.end(), [&](std::size_t i) { return of.rule.fields[i].name == "meta nfproto"; });
    };
    if (guarded(group)) return false;
    const auto mine = family_of(group.rule);
    const auto other = family_of(rule);
    return mine && other && *mine != *other;
}

const Field* plain_field(const Rule& rule, std::string_view name) {
    const auto at = std::find_if(rule.fields.begin(), rule.fields.end(), [&](const Field& f) { return f.plain() && f.name == name; });
    return at == rule.fields.end() ? nullptr : &*at;
}

std::string key_of(const std::vector<Value>& row) {
    std::string key;
    for (const Value& value : row) key += value.text + '\n';
    return key;
}

bool same_shape(const Rule& a, const Rule& b) {
    if (a.fields.size() != b.fields.size() || a.counts || b.counts || a.comment != b.comment) return false;
    for (std::size_t i = 0; i < a.fields.size(); ++i) {
        const Field& x = a.fields[i];
        const Field& y = b.fields[i];
        if (x.name != y.name || x.negated != y.negated || x.whole != y.whole) return false;
        if (!x.plain() && x.values != y.values) return false;
    }
    return true;
}

bool has_port(const Action& action) { return action.target.find(" . ") != std::string::npos; }

/// Whether two rules of one shape may stand in one map.
bool mappable(const Action& a, const Action& b) {
    if (a.verdict && b.verdict) return true;
    return !a.prefix.empty() && a.prefix == b.prefix && !a.target.empty() && !b.target.empty() && has_port(a) == has_port(b);
}

/// All that a field has in a group's rows.
std::vector<Value> column(const Group& group, std::size_t field) {
    const auto at = std::find(group.varying.begin(), group.varying.end(), field);
    if (at == group.varying.end()) return group.rule.fields[field].values;
    std::vector<Value> result;
    const bool only = group.varying.size() == 1;
    for (const auto& row : group.rows)
        if (only)
            result.insert(result.end(), row.begin(), row.end());
        else
            result.push_back(row[static_cast<std::size_t>(at - group.varying.begin())]);
    return result;
}

class Grouping {
public:
    void add(Rule rule) {
        if (!rule.walls.empty()) walls_.insert(rule.walls.begin(), rule.walls.end());
        Growing fresh;
        fresh.group.rule = std::move(rule);
        fresh.group.rows.emplace_back();
        if (backward(fresh.group.rule, groups_.size()) || forward(fresh.group.rule)) return;
        groups_.push_back(std::move(fresh));
    }

    /// A group that takes no more rules.
    void append(Growing growing) {
        growing.done = true;
        groups_.push_back(std::move(growing));
    }

    [[nodiscard]] std::size_t size() const { return groups_.size(); }
    [[nodiscard]] std::vector<Growing> take() { return std::move(groups_); }

private:
    /// The rule joins a group above `below`, if it may move up to it.
    bool backward(Rule& rule, std::size_t below) {
        const std::size_t first = below > farthest ? below - farthest : 0;
        for (std::size_t i = below; i-- > first;) {
            if (join(groups_[i], rule)) {
                settle(i);
                return true;
            }
            if (!commute(groups_[i], rule)) return false;
        }
        return false;
    }

    /// A group above moves down to where the rule would stand, and takes it.
    bool forward(Rule& rule) {
        const std::size_t first = groups_.size() > farthest ? groups_.size() - farthest : 0;
        for (std::size_t i = groups_.size(); i-- > first;) {
            Growing& candidate = groups_[i];
            if (candidate.done || candidate.group.rows.size() > farthest || !same_shape(candidate.group.rule, rule)) continue;
            bool free = true;
            for (std::size_t k = i + 1; free && k < groups_.size(); ++k) free = commute(candidate, groups_[k]);
            if (!free || !join(candidate, rule)) continue;
            std::rotate(groups_.begin() + static_cast<std::ptrdiff_t>(i), groups_.begin() + static_cast<std::ptrdiff_t>(i) + 1, groups_.end());
            settle(groups_.size() - 1);
            return true;
        }
        return false;
    }

    /// What holds in either family by itself holds in both: then it is a rule as many others are.
    void settle(std::size_t at) {
        Group& group = groups_[at].group;
        if (group.maps() || group.varying.size() != 1 || group.rows.size() != 2) return;
        const std::size_t field = group.varying.front();
        if (group.rule.fields[field].name != "meta nfproto" || group.rows[0].front() == group.rows[1].front()) return;
        group.rule.fields.erase(group.rule.fields.begin() + static_cast<std::ptrdiff_t>(field));
        Growing fresh;
        fresh.group.rule = std::move(group.rule);
        fresh.group.rows.emplace_back();
        const bool joined = backward(fresh.group.rule, at);
        if (joined)
            groups_.erase(groups_.begin() + static_cast<std::ptrdiff_t>(at));
        else
            groups_[at] = std::move(fresh);
    }

    static bool join(Growing& growing, Rule& rule) {
        Group& group = growing.group;
        if (growing.done || !same_shape(group.rule, rule)) return false;
        const bool map = group.maps() || !(group.rule.action == rule.action);
        if (map && !mappable(group.rule.action, rule.action)) return false;

        std::vector<std::size_t> varying = group.varying;
        for (std::size_t i = 0; i < rule.fields.size(); ++i) {
            const bool known = std::find(group.varying.begin(), group.varying.end(), i) != group.varying.end();
            if (!known && rule.fields[i].values != group.rule.fields[i].values) varying.push_back(i);
        }
        std::sort(varying.begin(), varying.end());
        const bool all_exact = std::all_of(varying.begin(), varying.end(), [&](std::size_t i) {
            return rule.fields[i].exact() && group.rule.fields[i].exact();
        }) && growing.exact;
        if ((map || varying.size() > 1) && !all_exact) return false;
        if (varying.size() == 1 && !settable(rule.fields[varying.front()], group.rule.fields[varying.front()])) return false;
        // Twice through the same action is not once, unless the first time ends it.
        if (!rule.action.ends && !all_exact && !(varying.size() == 1 && apart(column(group, varying.front()), rule.fields[varying.front()].values))) return false;
        if (varying.empty() && !(group.rule.action.ends && rule.action.ends)) return false;

        widen(growing, varying);
        std::vector<Value> row = row_of(rule, varying);
        if (all_exact) {
            const auto [at, fresh] = growing.keys.try_emplace(key_of(row), group.rows.size());
            if (!fresh) {
                // What an earlier rule takes and ends, this one never meets.
                const Action& earlier = group.maps() ? group.actions[at->second] : group.rule.action;
                if (!earlier.ends) return false;
                take_remark(group, rule);
                return true;
            }
        }
        growing.exact = all_exact;
        for (std::size_t k = 0; k < row.size(); ++k)
            for (const Value& value : all_exact ? std::vector<Value>{row[k]} : rule.fields[varying[k]].values) growing.seen[k].insert(value.text);
        if (varying.size() == 1 && !all_exact) row = rule.fields[varying.front()].values;
        if (map && !group.maps()) group.actions.assign(group.rows.size(), group.rule.action);
        if (map) group.actions.push_back(rule.action);
        group.rows.push_back(std::move(row));
        take_remark(group, rule);
        return true;
    }

    static bool settable(const Field& a, const Field& b) {
        const auto wild = [](const Value& v) { return v.wildcard; };
        return std::none_of(a.values.begin(), a.values.end(), wild) && std::none_of(b.values.begin(), b.values.end(), wild);
    }

    static std::vector<Value> row_of(const Rule& rule, const std::vector<std::size_t>& varying) {
        std::vector<Value> row;
        for (const std::size_t i : varying) row.push_back(rule.fields[i].values.front());
        return row;
    }

    static void take_remark(Group& group, const Rule& rule) {
        if (rule.remark.empty() || group.rule.remark == rule.remark) return;
        group.rule.remark += (group.rule.remark.empty() ? "" : "\n") + rule.remark;
    }

    /// Writes all rows of a group over more varying fields than before.
    static void widen(Growing& growing, const std::vector<std::size_t>& varying) {
        Group& group = growing.group;
        if (varying == group.varying && growing.indexed) return;
        growing.indexed = true;
        const std::vector<std::size_t> before = std::exchange(group.varying, varying);
        growing.keys.clear();
        growing.seen.assign(varying.size(), {});
        for (std::size_t r = 0; r < group.rows.size(); ++r) {
            auto& row = group.rows[r];
            std::vector<Value> wide;
            bool exact = true;
            for (const std::size_t i : varying) {
                const auto at = std::find(before.begin(), before.end(), i);
                if (at != before.end() && before.size() == 1 && varying.size() == 1) {
                    wide.insert(wide.end(), row.begin(), row.end());
                } else if (at != before.end()) {
                    wide.push_back(row[static_cast<std::size_t>(at - before.begin())]);
                } else if (varying.size() == 1) {
                    wide = group.rule.fields[i].values;
                } else {
                    wide.push_back(group.rule.fields[i].values.front());
                }
                exact = exact && group.rule.fields[i].exact();
            }
            row = std::move(wide);
            if (exact) growing.keys.try_emplace(key_of(row), r);
            for (std::size_t k = 0; k < row.size(); ++k) growing.seen[std::min(k, varying.size() - 1)].insert(row[k].text);
        }
    }

    /// Whether no packet can tell in which order a rule and a group before it stand.
    bool commute(const Growing& growing, const Rule& rule) const {
        const Group& group = growing.group;
        if (!group.maps() && group.rule.action == rule.action && rule.action.ends) return true;
        if (of_two_families(group, rule)) return true;
        for (std::size_t i = 0; i < group.rule.fields.size(); ++i) {
            const Field& mine = group.rule.fields[i];
            const Field* other = mine.plain() ? plain_field(rule, mine.name) : nullptr;
            if (other == nullptr) continue;
            const auto at = std::find(group.varying.begin(), group.varying.end(), i);
            if (at != group.varying.end()) {
                const auto& seen = growing.seen[static_cast<std::size_t>(at - group.varying.begin())];
                if (growing.exact && other->exact() && !seen.contains(other->values.front().text)) return true;
                continue;
            }
            if (apart(mine.values, other->values)) return true;
        }
        return walled(group, rule);
    }

    bool commute(const Growing& growing, const Growing& later) const {
        if (growing.group.rows.size() > farthest || later.group.rows.size() > farthest) return false;
        if (!growing.group.maps() && !later.group.maps() && growing.group.rule.action == later.group.rule.action && growing.ends()) return true;
        if (later.group.varying.empty() && of_two_families(growing.group, later.group.rule)) return true;
        for (std::size_t i = 0; i < growing.group.rule.fields.size(); ++i) {
            const Field& mine = growing.group.rule.fields[i];
            if (!mine.plain()) continue;
            for (std::size_t k = 0; k < later.group.rule.fields.size(); ++k) {
                const Field& other = later.group.rule.fields[k];
                if (other.plain() && other.name == mine.name && apart(column(growing.group, i), column(later.group, k))) return true;
            }
        }
        return walled(growing.group, later.group.rule) && later.group.varying.empty();
    }

    /// Whether only packets from behind one wall to behind another would meet both.
    [[nodiscard]] bool walled(const Group& group, const Rule& rule) const {
        if (walls_.empty()) return false;
        const auto interfaces = [](const Group& of, std::string_view name) {
            for (std::size_t i = 0; i < of.rule.fields.size(); ++i)
                if (of.rule.fields[i].plain() && of.rule.fields[i].name == name) return column(of, i);
            return std::vector<Value>();
        };
        const auto of_rule = [&](std::string_view name) {
            const Field* field = plain_field(rule, name);
            return field == nullptr ? std::vector<Value>() : field->values;
        };
        const auto crossing = [&](const std::vector<Value>& in, const std::vector<Value>& out) {
            if (in.empty() || out.empty() || in.size() * out.size() > most_pairs) return false;
            const auto behind = [&](const Value& value) { return !value.wildcard && walls_.contains(value.text); };
            return std::all_of(in.begin(), in.end(), behind) && std::all_of(out.begin(), out.end(), behind) && apart(in, out);
        };
        return crossing(interfaces(group, "iifname"), of_rule("oifname")) || crossing(of_rule("iifname"), interfaces(group, "oifname"));
    }

    std::vector<Growing> groups_;
    std::unordered_set<std::string> walls_;  ///< interfaces between which no packet passes from here on
};

/// A set over one field as a rule whose field has several values: it may be the neighbour of another in one more field.
bool folds(const Growing& growing) { return !growing.group.maps() && growing.group.varying.size() <= 1; }

Rule folded(Growing growing) {
    Rule rule = std::move(growing.group.rule);
    if (growing.group.varying.empty()) return rule;
    std::vector<Value>& values = rule.fields[growing.group.varying.front()].values;
    values.clear();
    for (auto& row : growing.group.rows) std::move(row.begin(), row.end(), std::back_inserter(values));
    return rule;
}

/// The elements of a set: what others hold is left out, and what overlaps is joined, as nft wants it.
std::vector<std::string> elements(std::vector<Value> values) {
    std::vector<std::string> result;
    if (std::all_of(values.begin(), values.end(), [](const Value& v) { return v.numeric; })) {
        std::stable_sort(values.begin(), values.end(), [](const Value& a, const Value& b) { return a.first != b.first ? a.first < b.first : a.last > b.last; });
        std::vector<Value> joined;
        for (Value& value : values) {
            if (!joined.empty() && value.first <= joined.back().last) {
                if (value.last <= joined.back().last) continue;
                Value& before = joined.back();
                const bool address = before.text.find_first_of(".:") != std::string::npos;
                before.last = value.last;
                before.text = address ? to_string(AddressRange(Address(before.family, before.first), Address(before.family, before.last)))
                                      : fmt::format("{}-{}", static_cast<std::uint64_t>(before.first), static_cast<std::uint64_t>(before.last));
                continue;
            }
            joined.push_back(std::move(value));
        }
        for (Value& value : joined) result.push_back(std::move(value.text));
        return result;
    }
    std::unordered_set<std::string> seen;
    for (Value& value : values)
        if (seen.insert(value.text).second) result.push_back(std::move(value.text));
    return result;
}

/// Short ones on the line, long ones an element a line.
std::string braces(const std::vector<std::string>& elements) {
    constexpr std::size_t in_line = 8;
    std::string text = "{";
    const bool lines = elements.size() > in_line;
    for (std::size_t i = 0; i < elements.size(); ++i) {
        text += lines ? (i == 0 ? "\n            " : ",\n            ") : (i == 0 ? " " : ", ");
        text += elements[i];
    }
    return text + (lines ? "\n        }" : " }");
}

std::string field_text(const std::string& name, const Field& field, std::vector<Value> values) {
    const auto texts = elements(std::move(values));
    return fmt::format("{} {}{}", name, field.negated ? "!= " : "", texts.size() == 1 ? texts.front() : braces(texts));
}

}  // namespace

std::vector<Group> group(std::vector<Rule> rules) {
    Grouping first;
    for (Rule& rule : rules) first.add(std::move(rule));
    // The more rules are one, the less is in the way of others.
    std::size_t before = first.size() + 1;
    std::vector<Growing> groups = first.take();
    while (groups.size() < before) {
        before = groups.size();
        Grouping again;
        for (Growing& growing : groups) {
            if (folds(growing))
                again.add(folded(std::move(growing)));
            else
                again.append(std::move(growing));
        }
        groups = again.take();
    }
    std::vector<Group> result;
    result.reserve(groups.size());
    for (Growing& growing : groups) result.push_back(std::move(growing.group));
    return result;
}

std::string print(const Group& group) {
    const auto& fields = group.rule.fields;
    const auto varies = [&](std::size_t i) { return std::find(group.varying.begin(), group.varying.end(), i) != group.varying.end(); };
    // `tcp dport` says the protocol too; with several protocols, ports are those of whichever transport (`th`).
    std::string transport;
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (fields[i].name == "meta l4proto" && fields[i].plain() && !varies(i) && fields[i].values.size() == 1) {
            const std::string& text = fields[i].values.front().text;
            if (text == "tcp" || text == "udp" || text == "sctp") transport = text;
        }
    const bool ports = std::any_of(fields.begin(), fields.end(), [](const Field& f) { return f.name.starts_with("th "); });
    const bool icmp_type = std::any_of(fields.begin(), fields.end(), [](const Field& f) {
        return !f.negated && (f.name.starts_with("icmp ") || f.name.starts_with("icmpv6 ") || f.whole.starts_with("icmp"));
    });
    const bool said_elsewhere = (!transport.empty() && ports) || icmp_type;
    const auto name = [&](const Field& field) {
        return field.name.starts_with("th ") && !transport.empty() ? transport + field.name.substr(2) : field.name;
    };

    std::string text;
    const auto append = [&](const std::string& part) { text += (text.empty() ? "" : " ") + part; };
    std::string key;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const Field& field = fields[i];
        if (varies(i) && (group.maps() || group.varying.size() > 1)) {
            // In a set of several fields, and as the only key of a map, nft does not find the protocol that new ports are for.
            const bool found = group.maps() && group.varying.size() > 1;
            if (!found && group.rule.action.ports && field.name == "meta l4proto") append(field_text(field.name, field, column(group, i)));
            key += (key.empty() ? "" : " . ") + name(field);
            // A set of several fields is asked where the last of them stands.
            if (!group.maps() && i == group.varying.back()) {
                std::vector<std::string> texts;
                for (const auto& row : group.rows) {
                    std::string one;
                    for (const Value& value : row) one += (one.empty() ? "" : " . ") + value.text;
                    texts.push_back(std::move(one));
                }
                append(key + " " + braces(texts));
            }
        } else if (varies(i)) {
            std::vector<Value> values;
            for (const auto& row : group.rows) values.insert(values.end(), row.begin(), row.end());
            append(field_text(name(field), field, std::move(values)));
        } else if (!field.whole.empty()) {
            append(field.whole);
        } else if (field.name != "meta l4proto" || !said_elsewhere) {
            append(field_text(name(field), field, field.values));
        }
    }
    if (!group.maps()) {
        const Action& action = group.rule.action;
        append(action.prefix.empty() ? action.text : action.prefix + " " + action.alone);
    } else {
        std::vector<std::string> texts;
        for (std::size_t r = 0; r < group.rows.size(); ++r) {
            std::string one;
            for (const Value& value : group.rows[r]) one += (one.empty() ? "" : " . ") + value.text;
            const Action& action = group.actions[r];
            texts.push_back(one + " : " + (action.prefix.empty() ? action.text : action.target));
        }
        const std::string& prefix = group.rule.action.prefix;
        append(prefix.empty() ? fmt::format("{} vmap {}", key, braces(texts)) : fmt::format("{} {} map {}", prefix, key, braces(texts)));
    }
    if (!group.rule.comment.empty()) append("comment " + quoted(group.rule.comment));
    return text;
}

}  // namespace natc::nft

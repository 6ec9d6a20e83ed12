#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <tuple>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "optimise/passes.hpp"
#include "optimise/port_lists.hpp"
#include "optimise/rows.hpp"

namespace natc {

namespace {

using Matches = std::vector<ir::Match>;

/// A rule takes 250 words, an excluded range of addresses, a MAC or 15 slots of ports five of them; and
/// nobody wants to read more of them in a line.
constexpr std::size_t most_in_a_rule = 16;

bool negated(const ir::Match& match) {
    return std::visit(
        [](const auto& m) {
            if constexpr (requires { m.negated; })
                return m.negated;
            else
                return false;
        },
        match);
}

ir::Match positive(ir::Match match) {
    std::visit(
        [](auto& m) {
            if constexpr (requires { m.negated; }) m.negated = false;
        },
        match);
    return match;
}

template <typename... Kinds> bool is_any(const ir::Match& match) {
    return (std::holds_alternative<Kinds>(match) || ...);
}

/// To ask twice is not the same as to ask once.
bool counts(const ir::Match& match) { return is_any<ir::RateLimit, ir::Verbatim>(match); }

/// What one rule of a chain does may change the answer that the next one gets.
bool may_change(const ir::Match& match) { return is_any<ir::MarkIs, ir::Conntrack>(match); }

/// What is left of excluded ports that have moved: fragments without a port never match.
ir::Match any_port(const ir::Match& match) {
    const PortList all{{0, 0xFFFF}};
    if (is_any<ir::SourcePorts>(match)) return ir::SourcePorts{all, false};
    return ir::DestinationPorts{all, false};
}

template <typename Ports> void exclude_the_others(Ports& ports) {
    if (ports.negated || fits_multiport(ports.ranges)) return;
    ports.ranges = all_but(ports.ranges);
    ports.negated = true;
}

/// A long list would become several rules, each with a count of its own. Not to be any other port
/// is the same, and needs only one rule.
void keep_counting_once(ir::Rule& rule) {
    if (!rule.spelling.empty()) return;
    if (std::none_of(rule.matches.begin(), rule.matches.end(), counts)) return;
    for (ir::Match& match : rule.matches) {
        if (auto* source = std::get_if<ir::SourcePorts>(&match)) exclude_the_others(*source);
        if (auto* destination = std::get_if<ir::DestinationPorts>(&match))
            exclude_the_others(*destination);
    }
}

/// Which kinds of exclusions of a rule have to move.
struct TooMany {
    bool in = false;
    bool out = false;
    bool values = false;

    [[nodiscard]] bool none() const { return !in && !out && !values; }
    [[nodiscard]] bool moves(const ir::Match& match) const {
        return negated(match) &&
               ((in && is_any<ir::InInterface>(match)) ||
                (out && is_any<ir::OutInterface>(match)) ||
                (values && (is_any<ir::SourceAddress, ir::DestinationAddress, ir::SourceMac,
                                   ir::IcmpTypeIs>(match) ||
                            ports_of(match) != nullptr)));
    }
};

TooMany too_many(const ir::Rule& rule) {
    if (!rule.spelling.empty()) return {};  // it was loaded as it is
    std::size_t in = 0;
    std::size_t out = 0;
    std::size_t values = 0;
    for (const ir::Match& match : rule.matches) {
        if (is_any<ir::InInterface>(match)) ++in;
        if (is_any<ir::OutInterface>(match)) ++out;
        if (!negated(match)) continue;
        if (is_any<ir::SourceAddress, ir::DestinationAddress, ir::SourceMac, ir::IcmpTypeIs>(match))
            ++values;
        if (const PortList* ports = ports_of(match)) values += 1 + slots(*ports) / 15;
    }
    return {in > 1, out > 1, values > most_in_a_rule};
}

/// What packets have that the rule excludes, where that must move: the matches of one rule each.
std::vector<Matches> exclusions(const ir::Rule& rule) {
    std::vector<Matches> result;
    const TooMany many = too_many(rule);
    if (many.none()) return result;
    for (const ir::Match& match : rule.matches) {
        if (!many.moves(match)) continue;
        Matches& matches = result.emplace_back();
        if (ports_of(match) != nullptr || is_any<ir::IcmpTypeIs>(match))
            for (const ir::Match& other : rule.matches)
                if (is_any<ir::ProtocolIs>(other)) matches.push_back(other);
        matches.push_back(positive(match));
    }
    return result;
}

/// Whether a matching packet is done with the chain, though not with its way through the table.
bool leaves(const ir::Statement& statement) {
    return std::holds_alternative<ir::Return>(statement) ||
           std::holds_alternative<ir::Goto>(statement);
}

/// Whether the rule that has the statement must have the match too, whatever its callers ask: ports
/// and many statements go with a protocol, clamping with a look at the flags.
bool needed_by(const ir::Statement& statement, const ir::Match& match) {
    return (is_any<ir::ProtocolIs>(match) && !negated(match)) ||
           (is_any<ir::TcpFlags>(match) && std::holds_alternative<ir::ClampMss>(statement));
}

class Fitting {
public:
    explicit Fitting(ir::Table& table) : table_(table), given_(table.chains.size()) {}

    void run() {
        // Chains that are added on the way are visited too.
        for (std::size_t i = 0; i < table_.chains.size(); ++i) fit(i);
    }

private:
    using Rules = std::vector<ir::Rule>;

    void fit(std::size_t index) {
        const FamilySet families = table_.chains[index].families;
        Rules& all = table_.chains[index].rules;
        for (ir::Rule& rule : all) keep_counting_once(rule);
        if (std::all_of(all.begin(), all.end(),
                        [](const ir::Rule& rule) { return too_many(rule).none(); }))
            return;

        Rules rules = std::exchange(all, {});
        Rules fitted;
        fitted.reserve(rules.size());
        for (auto at = rules.begin(); at != rules.end();) {
            const std::vector<Matches> excluded = exclusions(*at);
            if (excluded.empty() || (at->families & families).empty()) {
                fitted.push_back(std::move(*at++));
            } else if (leaves(at->statement)) {
                Rules rest(std::make_move_iterator(at + 1), std::make_move_iterator(rules.end()));
                leave(index, std::move(*at), excluded, std::move(rest), fitted);
                break;
            } else {
                auto end = at + 1;
                while (end != rules.end() && !leaves(end->statement) &&
                       exclusions(*end) == excluded)
                    ++end;
                share(index, Rules(std::make_move_iterator(at), std::make_move_iterator(end)),
                      excluded, fitted);
                at = end;
            }
        }
        table_.chains[index].rules = std::move(fitted);
    }

    /// For rules that exclude the same, and after which packets go on with the next rule:
    ///
    ///     CHAIN …      -j natc-not-N        with what they have in common
    ///     natc-not-N   -i EXCLUDED -j RETURN
    ///     natc-not-N   …                    the rules, without that
    void share(std::size_t index, Rules rules, const std::vector<Matches>& excluded,
               Rules& fitted) {
        const std::string name = "natc-not-" + new_number();
        const Matches common = in_common(rules);
        ir::Rule call = stand_in(rules, table_.chains[index].families);
        call.matches = common;
        call.statement = ir::Jump{name};

        ir::Chain& chain = add_chain(name, call.families);
        exclude(chain, call, excluded, ir::Return{});
        // The remark of the first goes to where the reader comes from, if it is true there.
        if ((rules.front().families & call.families) == call.families)
            call.remark = std::exchange(rules.front().remark, {});
        for (ir::Rule& rule : rules) chain << without(std::move(rule), common);
        fitted.push_back(std::move(call));
    }

    /// A rule that ends the chain itself can't be called from it: a RETURN would come back here. So
    /// all that follows in the chain becomes a chain too, and from here on nothing is called, only
    /// gone to:
    ///
    ///     CHAIN …      -g natc-not-N
    ///     CHAIN        -g natc-rest-N
    ///     natc-not-N   -i EXCLUDED -g natc-rest-N
    ///     natc-not-N   …                    the rule, without that
    ///     natc-not-N   -g natc-rest-N       where the rule may still fail to match
    ///     natc-rest-N  …                    what followed
    ///
    /// The end of a chain that was gone to is the end of the one that it was gone to from.
    void leave(std::size_t index, ir::Rule rule, const std::vector<Matches>& excluded, Rules rest,
               Rules& fitted) {
        const FamilySet families = table_.chains[index].families;
        const std::string number = new_number();
        const std::string name = "natc-not-" + number;
        ir::Rule call = stand_in({rule}, families);
        call.remark = std::exchange(rule.remark, {});
        call.matches = in_common({rule});
        call.statement = ir::Goto{name};

        ir::Statement otherwise = ir::Return{};
        if (!rest.empty()) otherwise = ir::Goto{"natc-rest-" + number};
        ir::Rule go_on = stand_in({rule}, families);
        go_on.statement = otherwise;

        ir::Chain& chain = add_chain(name, call.families);
        exclude(chain, call, excluded, otherwise);
        ir::Rule last = without(std::move(rule), call.matches);
        const bool may_fail = std::any_of(last.matches.begin(), last.matches.end(), counts);
        chain << std::move(last);
        fitted.push_back(std::move(call));
        if (rest.empty()) return;

        if (may_fail) chain << go_on;
        go_on.families = families;
        fitted.push_back(std::move(go_on));
        add_chain(std::get<ir::Goto>(otherwise).chain, families).rules = std::move(rest);
    }

    /// A rule with the origins of all of `rules`, in all of their families.
    static ir::Rule stand_in(const Rules& rules, FamilySet chain) {
        ir::Rule result;
        result.families = {};
        result.comment = rules.front().comment;
        for (const ir::Rule& rule : rules) {
            result.families |= rule.families & chain;
            result.origins.insert(result.origins.end(), rule.origins.begin(), rule.origins.end());
            if (rule.comment != result.comment) result.comment.clear();
        }
        std::vector<Span>& origins = result.origins;
        std::sort(origins.begin(), origins.end(), [](Span a, Span b) {
            return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
        });
        origins.erase(std::unique(origins.begin(), origins.end()), origins.end());
        return result;
    }

    /// What the calling rule can ask in place of `rules`.
    static Matches in_common(const Rules& rules) {
        const TooMany many = too_many(rules.front());
        const auto all_have = [&](const ir::Match& match) {
            return std::all_of(rules.begin() + 1, rules.end(),
                               [&](const ir::Rule& rule) { return contains(rule.matches, match); });
        };
        Matches result;
        for (const ir::Match& match : rules.front().matches) {
            if (many.moves(match)) {
                if (ports_of(match) != nullptr) result.push_back(any_port(match));
                // The first of these stays: what has no MAC, or no type, matches none of them.
                const auto like = [&](const ir::Match& m) { return m.index() == match.index(); };
                if (is_any<ir::SourceMac, ir::IcmpTypeIs>(match) &&
                    std::none_of(result.begin(), result.end(), like))
                    result.push_back(match);
            } else if (!counts(match) && (rules.size() == 1 || !may_change(match)) &&
                       all_have(match)) {
                result.push_back(match);
            }
        }
        // The same port is another one in another protocol.
        if (std::none_of(result.begin(), result.end(), is_any<ir::ProtocolIs>))
            std::erase_if(
                result,
                is_any<ir::SourcePorts, ir::DestinationPorts, ir::TcpFlags, ir::IcmpTypeIs>);
        return result;
    }

    /// `rule` as it stands in its own chain.
    static ir::Rule without(ir::Rule rule, const Matches& common) {
        const TooMany many = too_many(rule);
        std::erase_if(rule.matches, [&](const ir::Match& match) {
            if (many.moves(match)) return true;
            return !needed_by(rule.statement, match) && contains(common, match);
        });
        return rule;
    }

    static void exclude(ir::Chain& chain, ir::Rule like, const std::vector<Matches>& excluded,
                        const ir::Statement& statement) {
        like.remark.clear();
        like.statement = statement;
        for (const Matches& matches : excluded) {
            like.matches = matches;
            chain << like;
        }
    }

    ir::Chain& add_chain(const std::string& name, FamilySet families) {
        ir::Chain& chain = table_.chains.emplace_back();
        chain.name = name;
        chain.families = families;
        return chain;
    }

    /// One that no chain of the table has.
    std::string new_number() {
        // Most tables never ask.
        if (numbers_ == 0)
            for (std::size_t i = 0; i < given_; ++i) taken_.insert(table_.chains[i].name);
        std::string number;
        do number = std::to_string(++numbers_);
        while (taken_.contains("natc-not-" + number) || taken_.contains("natc-rest-" + number));
        return number;
    }

    ir::Table& table_;
    std::size_t given_;                      // how many chains the table came with
    std::unordered_set<std::string> taken_;  // their names, from the first question on
    std::size_t numbers_ = 0;
};

}  // namespace

ir::Program fit_exclusions(ir::Program program) {
    for (ir::Table& table : program.tables) Fitting(table).run();
    return program;
}

}  // namespace natc

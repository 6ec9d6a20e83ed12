// Single sentences of the contract, each put to the text itself and to every packet: what the reference of a whole file might get wrong as the compiler did.
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "golden.hpp"
#include "reference.hpp"
#include "regions.hpp"
#include "semantics/words.hpp"

namespace natc::validation {
namespace {

using semantics::Course;
using semantics::Fate;
using semantics::Journey;
using semantics::Origin;

/// What the user's own rules of the top-level `forward` do, and nothing else.
ir::Program own_forward(const Model& model, Family family) {
    Model only;
    only.forward = model.forward;
    only.chains = model.chains;
    ir::Program program = Reference(only, family, false).take();
    return program;
}

/// One text, ready to be asked.
struct Case {
    const Model& model;
    Family family;
    const Read& read;
    const ir::Program& own;
    const Space& space;
    const Rulings& rulings;
    packet::Budget& budget;

    [[nodiscard]] const Rulings::Stage& stage(ir::TableName table, ir::Hook hook) const { return *rulings.stage(table, hook); }
    /// All packets of that origin that there can be, within what `narrow` leaves of them.
    [[nodiscard]] std::vector<Region> packets(Origin origin, const std::function<void(Region&)>& narrow) const {
        std::vector<Region> regions = semantics::possible_packets(space, origin);
        for (Region& region : regions) narrow(region);
        // Sides that the narrowing took out of what is possible.
        std::vector<Region> possible = semantics::possible_packets(space, origin);
        std::vector<Region> result;
        for (std::size_t i = 0; i < regions.size(); ++i)
            if (packet::meet(regions[i], packet::sides_of(possible[i], space.whole()))) result.push_back(regions[i]);
        return result;
    }
    [[nodiscard]] std::vector<Journey> follow(const Region& region, Origin origin = Origin::outside) const { return semantics::follow(rulings, space, origin, region, false, budget); }
    [[nodiscard]] std::string show(const Region& region) const { return semantics::example(product_of(region, space), Course::through_host, space); }
};

/// A promise: complains with EXPECT, and says in a word why it does not speak of this text, or nothing.
using Promise = std::string_view (*)(const Case&);

/// "Exempt are always 224.0.0.0/24 and 255.255.255.255/32 (ff02::/16 in IPv6)"
constexpr std::string_view always_exempt[] = {"224.0.0.0/24", "255.255.255.255", "ff02::/16"};

/// Puts a promise to one text of a golden.
std::string_view ask(Promise promise, const Model& model, const std::string& text, Family family) {
    const auto read = read_back(text, family);
    if (read->diagnostics.errors() > 0) return "no text of iptables";
    const ir::Program own = own_forward(model, family);
    // The addresses and interfaces that promises speak of, besides those that rules do.
    const ir::Program reference = Reference(model, family, true).take();
    std::vector<InterfaceName> names = uplinks_of(model);
    std::vector<AddressRange> addresses;
    for (const std::string_view block : always_exempt) addresses.push_back(*parse_addresses(block));
    for (const Network& network : model.networks) {
        names.push_back(network.bridge);
        names.insert(names.end(), network.uplinks.begin(), network.uplinks.end());
        for (const Subnet& subnet : network.subnets) addresses.push_back(subnet.range);
        for (const Egress& egress : network.egress) addresses.insert(addresses.end(), egress.except.begin(), egress.except.end());
    }
    const Space space(family, std::vector<const ir::Program*>{&own, &read->program, &reference}, addresses, names);
    packet::Budget budget(patience);
    const Rulings rulings(read->program, space, budget);
    const std::string_view skip = promise({model, family, *read, own, space, rulings, budget});
    EXPECT_FALSE(budget.spent());
    return skip;
}

/// Whether a golden's text with one rule less breaks the promise.
bool breaks_without(Promise promise, const Model& model, const std::string& text, Family family, std::size_t at) {
    std::string less = text;
    less.erase(at, less.find('\n', at) + 1 - at);
    testing::TestPartResultArray complaints;
    {
        const testing::ScopedFakeTestPartResultReporter reporter(&complaints);
        static_cast<void>(ask(promise, model, less, family));
    }
    return complaints.size() > 0;
}

/// Puts a promise to all goldens; it must speak of so many texts at least, and break where a rule of some text is taken out.
void prove(Promise promise, std::size_t at_least) {
    std::size_t proved = 0;
    bool broken = false;
    std::map<std::string, std::size_t> skipped;
    for (const std::string& golden : goldens()) {
        const auto written = write_up(golden);
        for (const Family family : all_families) {
            const std::string text = text_of(golden, family);
            if (text.empty()) continue;
            SCOPED_TRACE(fmt::format("{} {}", golden, name(family)));
            const std::string_view skip = ask(promise, written->model, text, family);
            if (!skip.empty()) {
                ++skipped[std::string(skip)];
                continue;
            }
            ++proved;
            for (std::size_t at = text.find("\n-A "); at != std::string::npos && !broken; at = text.find("\n-A ", at + 1)) broken = breaks_without(promise, written->model, text, family, at + 1);
        }
    }
    if (std::getenv("NATC_MUTANTS") != nullptr) {
        fmt::print("proved for {} texts\n", proved);
        for (const auto& [why, number] : skipped) fmt::print("    {}: {}\n", why, number);
    }
    EXPECT_GE(proved, at_least);
    EXPECT_TRUE(broken) << "no rule of any text is needed for it";
}

Interval only(std::uint32_t code) { return {code, code}; }

/// What the user's top-level rules, ahead of the closing run, accept or hand to a chain of the user's own.
Set opened(const Case& c) {
    Set set(c.space);
    if (!c.model.forward) return set;
    const ir::Chain& chain = *c.own.find(ir::TableName::filter)->find("FORWARD");
    for (const ir::Rule& rule : chain.rules)
        if (std::holds_alternative<ir::Accept>(rule.statement) || ir::called_chain(rule.statement) != nullptr)
            for (const packet::Box& box : c.space.boxes_of(rule, c.space.unknowns().root(chain), c.budget)) set.add(box);
    return set;
}

// "Two networks do not reach each other unless a top-level `forward` rule says so, whatever their order in the file". What is no answer, nor translated by a port-forward.
std::string_view networks_are_apart(const Case& c) {
    if (c.model.networks.size() < 2) return "one network";
    const Set allowed = opened(c);
    const Rulings::Stage& forward = c.stage(ir::TableName::filter, ir::Hook::forward);
    for (const Network& a : c.model.networks)
        for (const Network& b : c.model.networks) {
            if (&a == &b) continue;
            for (const std::uint32_t state : {semantics::state_invalid, semantics::state_untracked, semantics::state_new}) {
                Region between = forward.list.whole;
                between[+Field::in] = c.space.codes(a.bridge);
                between[+Field::out] = c.space.codes(b.bridge);
                between[+Field::state] = only(state);
                between[+Field::dnat] = only(0);
                for (const Region& accepted : decided(forward, c.space, between, c.budget, accepts))
                    for (const Region& piece : allowed.outside(accepted, c.budget)) ADD_FAILURE() << "reaches another network: " << c.show(piece);
            }
        }
    return {};
}
TEST(Promise, NetworksAreApart) { prove(networks_are_apart, 46); }

// "isolated: nothing is forwarded in or out, within the bridge all is" (but for what the user's own `forward` refuses), in every state, translated or not.
std::string_view isolated_is_isolated(const Case& c) {
    const Rulings::Stage& forward = c.stage(ir::TableName::filter, ir::Hook::forward);
    bool any = false;
    for (const Network& network : c.model.networks) {
        if (!network.isolated(c.family)) continue;
        any = true;
        const Interval bridge = c.space.codes(network.bridge);
        for (const bool inside : {false, true})
            for (const Field field : {Field::in, Field::out}) {
                Region region = forward.list.whole;
                region[+field] = bridge;
                const Field across = field == Field::in ? Field::out : Field::in;
                for (const Interval rest : packet::complement({bridge}, c.space.real_interface())) {
                    region[+across] = inside ? bridge : rest;
                    if (!inside) {
                        for (const Region& piece : decided(forward, c.space, region, c.budget, accepts)) ADD_FAILURE() << "leaves or enters: " << c.show(piece);
                    } else if (!c.model.forward) {
                        const auto refuses = [](const semantics::Entry& entry) { return entry.way == semantics::Way::ends && !accepts(entry); };
                        for (const Region& piece : decided(forward, c.space, region, c.budget, refuses)) ADD_FAILURE() << "refused within the bridge: " << c.show(piece);
                    }
                }
            }
    }
    return any ? std::string_view{} : "nothing isolated";
}
TEST(Promise, IsolatedIsIsolated) { prove(isolated_is_isolated, 20); }

// "with two networks or more, what enters by a bridge with a source that is not routed back through it is dropped before all else"
std::string_view nothing_forged(const Case& c) {
    if (c.model.networks.size() < 2) return "one network";
    // Link-local addresses are nobody's network, and are never forwarded: they are left alone.
    packet::IntervalSet sources{c.space.whole()[+Field::source]};
    if (c.family == Family::ipv6) sources = packet::complement({c.space.codes(*parse_addresses("fe80::/10"))}, sources.front());
    for (const Network& network : c.model.networks)
        for (const packet::Interval& source : sources)
            for (const Region& region : c.packets(Origin::outside, [&](Region& r) {
                     r[+Field::in] = c.space.codes(network.bridge);
                     r[+Field::source] = source;
                     r[+Field::forged] = only(1);
                 }))
                for (const Journey& journey : c.follow(region)) EXPECT_EQ(journey.fate.kind, Fate::Kind::drop) << c.show(journey.first);
    return {};
}
TEST(Promise, NothingForged) { prove(nothing_forged, 46); }

bool has_chains_of_nat(const Model& model) {
    return std::any_of(model.chains.begin(), model.chains.end(), [](const ChainBlock& block) { return block.table == ir::TableName::nat; });
}

// "What the port-forward claims": "only what is addressed to the host itself (`addrtype LOCAL`, or `on ADDRESS`), arriving by `in`, else by the network's or the file's uplink; without any, by an
// interface that is no network's bridge. So no guest's own traffic to that port elsewhere is caught, nor what is routed to another guest."
std::string_view nothing_else_is_translated(const Case& c) {
    if (has_chains_of_nat(c.model)) return "a chain of nat";
    const auto translates = [](const semantics::Entry& entry) {
        return entry.rule != nullptr && (std::holds_alternative<ir::DestinationNat>(entry.rule->statement) || std::holds_alternative<ir::Redirect>(entry.rule->statement));
    };
    Set claimed(c.space);
    for (const PortForward& port_forward : c.model.port_forwards)
        for (const PortMove& move : port_forward.moves) {
            if (port_forward.on && port_forward.on->family() != c.family) continue;
            packet::Box box;
            if (port_forward.on) box.push_back({+Field::destination, c.space.codes(*port_forward.on)});
            box.push_back({+Field::protocol, only(move.protocol.number)});
            box.push_back({+Field::destination_port, {move.ports.first, move.ports.last}});
            if (!port_forward.on) box.push_back({+Field::destination_local, only(1)});
            claimed.add(box);
        }
    Set bridges(c.space);  // those that no port-forward names
    for (const Network& network : c.model.networks) {
        const bool named = std::any_of(c.model.port_forwards.begin(), c.model.port_forwards.end(), [&](const PortForward& p) {
            const bool own = p.hairpin && c.model.networks[p.network].bridge == network.bridge;
            const bool sender = std::any_of(p.from.begin(), p.from.end(), [&](const Side& side) { return side.bridge == network.bridge; });
            const bool by_name = p.in_negated || std::any_of(p.in.begin(), p.in.end(), [&](const InterfaceName& name) { return name.overlaps(network.bridge); });
            return own || sender || by_name;
        });
        if (!named) bridges.add(packet::Box{{+Field::in, c.space.codes(network.bridge)}});
    }
    const Rulings::Stage& arriving = c.stage(ir::TableName::nat, ir::Hook::prerouting);
    for (const Region& region : decided(arriving, c.space, arriving.list.whole, c.budget, translates)) {
        for (const Region& piece : claimed.outside(region, c.budget)) ADD_FAILURE() << "translated though nobody claims it: " << c.show(piece);
        EXPECT_TRUE(bridges.inside(region).empty()) << "a guest's own traffic is translated: " << c.show(region);
    }
    const bool hairpin = std::any_of(c.model.port_forwards.begin(), c.model.port_forwards.end(), [](const PortForward& p) { return p.hairpin; });
    const Rulings::Stage& own = c.stage(ir::TableName::nat, ir::Hook::output);
    EXPECT_TRUE(hairpin || decided(own, c.space, own.list.whole, c.budget, translates).empty()) << "the host's own traffic is translated";
    return c.model.port_forwards.empty() ? "no port-forward: nothing is translated" : std::string_view{};
}
TEST(Promise, NothingElseIsTranslated) { prove(nothing_else_is_translated, 46); }

/// Whether rules of the user's may come between a connection and what the networks' policies say of it.
bool user_decides(const Model& model) {
    return model.forward || !model.chains.empty() || std::any_of(model.networks.begin(), model.networks.end(), [](const Network& network) { return network.forward.has_value(); });
}

// "What it translated is accepted in FORWARD": a new packet that is claimed comes to exactly its target, at exactly its port, out by the network's bridge; from its first hook to its last.
std::string_view what_is_claimed_arrives(const Case& c) {
    if (c.model.port_forwards.empty()) return "no port-forward";
    if (user_decides(c.model)) return "rules of the user's decide too";
    bool any = false;
    for (const PortForward& port_forward : c.model.port_forwards)
        for (const Address target : port_forward.targets)
            for (const PortMove& move : port_forward.moves) {
                const Network& network = c.model.networks[port_forward.network];
                if (target.family() != c.family || !port_forward.from.empty() || port_forward.in_negated || (port_forward.on && port_forward.on->family() != c.family)) continue;
                std::vector<Interval> arrivals;
                for (const InterfaceName& name : port_forward.in.empty() ? network.uplinks : port_forward.in) arrivals.push_back(c.space.codes(name));
                if (arrivals.empty()) arrivals.push_back(only(c.space.interfaces().all().last));  // any interface that nobody names
                for (const Interval arrival : arrivals)
                    for (const Region& region : c.packets(Origin::outside, [&](Region& r) {
                             r[+Field::in] = arrival;
                             r[+Field::out] = c.space.codes(network.bridge);
                             r[+Field::state] = only(semantics::state_new);
                             r[+Field::protocol] = only(move.protocol.number);
                             r[+Field::destination_port] = {move.ports.first, move.ports.last};
                             r[+Field::forged] = only(0);
                             r[+Field::source_local] = only(0);
                             if (port_forward.on) r[+Field::destination] = c.space.codes(*port_forward.on);
                             r[+Field::destination_local] = only(1);
                             r[+Field::new_destination_local] = only(0);  // a guest's address is not the host's
                         }))
                        for (const Journey& journey : c.follow(region)) {
                            // The guest's address is not one that the host has as well.
                            if (journey.first[+Field::destination] == c.space.codes(target)) continue;
                            any = true;
                            const Fate& fate = journey.fate;
                            const std::string who = c.show(journey.first);
                            EXPECT_EQ(fate.kind, Fate::Kind::accept) << who;
                            EXPECT_EQ(journey.course, Course::through_host) << who;
                            EXPECT_EQ(journey.now[+Field::destination], c.space.codes(target)) << who;
                            const Interval from_port = journey.first[+Field::destination_port];
                            const std::uint32_t shift = move.target.single() && !move.ports.single() ? 0 : std::uint32_t{move.target.first} - move.ports.first;
                            const Interval wanted = move.target.single() ? only(move.target.first) : Interval{from_port.first + shift, from_port.last + shift};
                            EXPECT_EQ(journey.now[+Field::destination_port], wanted) << who;
                        }
            }
    return any ? std::string_view{} : "all but some may come, or of the other family";
}
TEST(Promise, WhatIsClaimedArrives) { prove(what_is_claimed_arrives, 15); }

// "**masquerade** …: RETURN from S to each exempt block, then MASQUERADE from S to all but S: for tcp and udp with the ports where they are given, then for the rest." A guest's new connection
// that is forwarded leaves translated so, or not at all.
std::string_view sources_are_translated(const Case& c) {
    if (has_chains_of_nat(c.model)) return "a chain of nat";
    bool any = false;
    for (const Network& network : c.model.networks) {
        const Egress& egress = network.egress_of(c.family);
        for (const Subnet& subnet : network.subnets) {
            if (subnet.range.family() != c.family) continue;
            // What keeps its source: all blocks that are exempt, and S itself.
            Set kept(c.space);
            const auto keep = [&](const AddressRange& range) {
                if (range.family() == c.family) kept.add(packet::Box{{+Field::destination, c.space.codes(range)}});
            };
            keep(subnet.range);
            if (!egress.exempts_nothing) {
                for (const std::string_view block : always_exempt) keep(*parse_addresses(block));
                for (const AddressRange& block : egress.except) keep(block);
                if (network.uplinks.empty())
                    for (const Network& other : c.model.networks)
                        for (const Subnet& one : other.subnets) keep(one.range);
            }
            std::vector<Interval> ways;
            for (const InterfaceName& uplink : network.uplinks) ways.push_back(c.space.codes(uplink));
            if (ways.empty()) ways.push_back(only(c.space.interfaces().all().last));  // any interface that nobody names
            for (const Interval way : ways)
                for (const Region& all : c.packets(Origin::outside, [&](Region& r) {
                         r[+Field::in] = c.space.codes(network.bridge);
                         r[+Field::out] = way;
                         r[+Field::source] = c.space.codes(subnet.range);
                         r[+Field::state] = only(semantics::state_new);
                         r[+Field::destination_local] = only(0);
                         r[+Field::source_local] = only(0);
                     })) {
                    const auto look_at = [&](const Region& region, bool translated) {
                        for (const Journey& journey : c.follow(region)) {
                            if (journey.fate.kind != Fate::Kind::accept || journey.course != Course::through_host || journey.fate.to) continue;
                            any = true;
                            const Fate& fate = journey.fate;
                            const std::string who = c.show(journey.first);
                            EXPECT_EQ(fate.masqueraded, translated && egress.kind == EgressKind::masquerade) << who;
                            EXPECT_EQ(fate.from.has_value(), translated && egress.kind == EgressKind::snat) << who;
                            const Interval protocol = journey.first[+Field::protocol];
                            const bool ports = translated && egress.ports && (protocol == only(6) || protocol == only(17));
                            EXPECT_EQ(fate.from_ports, ports ? egress.ports : std::optional<PortRange>{}) << who;
                            EXPECT_TRUE(ports || !translated || !egress.ports || (!protocol.contains(6U) && !protocol.contains(17U))) << who;
                        }
                    };
                    for (const Region& region : kept.outside(all, c.budget)) look_at(region, egress.translates());
                    for (const Region& region : kept.inside(all)) look_at(region, false);
                }
        }
    }
    return any ? std::string_view{} : "nothing is forwarded out of a network";
}
TEST(Promise, SourcesAreTranslated) { prove(sources_are_translated, 85); }

// "what an accepted connection sends back is accepted, whichever networks and uplinks it crosses (which uplink a reply leaves by is routing's affair)"
std::string_view answers_come_back(const Case& c) {
    const auto says_no = [](const Policy& policy) {
        return std::any_of(policy.rules.begin(), policy.rules.begin() + static_cast<std::ptrdiff_t>(Reference::run_of(policy)),
                           [](const Rule& rule) { return !std::holds_alternative<ir::Accept>(rule.verdict) && !std::holds_alternative<ir::Log>(rule.verdict); });
    };
    const Model& model = c.model;
    if (!model.chains.empty()) return "chains of the user's own";
    if (model.forward && says_no(*model.forward)) return "the user's forward refuses some";
    const Rulings::Stage& forward = c.stage(ir::TableName::filter, ir::Hook::forward);
    Region fresh = forward.list.whole;
    fresh[+Field::state] = only(semantics::state_new);
    const auto refuses = [](const semantics::Entry& entry) { return entry.way == semantics::Way::ends && !accepts(entry); };
    const std::vector<InterfaceName> uplinks = uplinks_of(model);
    for (const Region& accepted : decided(forward, c.space, fresh, c.budget, accepts))
        for (const Region& back : answers(accepted, c.space, uplinks))
            for (const Region& piece : decided(forward, c.space, back, c.budget, refuses)) ADD_FAILURE() << "accepted: " << c.show(accepted) << "\nand refused: " << c.show(piece);
    return {};
}
TEST(Promise, AnswersComeBack) { prove(answers_come_back, 158); }

// "isolation, `rest`, and policies that close stand in the ip6tables text too, IPv6 subnets or not": what nobody names, by interfaces that nobody names, is refused where the last word is no.
std::string_view closed_in_both_families(const Case& c) {
    bool any = false;
    const auto last_word_is_no = [](const Policy& policy) {
        if (policy.policy == ir::Policy::drop) return true;
        if (policy.rules.empty()) return false;
        const Rule& rule = policy.rules.back();
        const bool no = std::holds_alternative<ir::Drop>(rule.verdict) || std::holds_alternative<ir::Reject>(rule.verdict);
        return no && rule.families == FamilySet::both() && rule.what.empty() && !rule.states && rule.in.empty() && rule.out.empty() && rule.from.empty() && rule.to.empty() && rule.macs.empty() &&
               !rule.mark && !rule.to_local && !rule.limit && rule.verbatim.empty();
    };
    const std::uint32_t nobodys = c.space.interfaces().all().last;
    const auto look_at = [&](const std::optional<Policy>& policy, ir::Hook hook) {
        if (!policy || !last_word_is_no(*policy)) return;
        any = true;
        // What the user's own rules accept whatever the protocol is theirs.
        Model only_rules;
        (hook == ir::Hook::input ? only_rules.input : hook == ir::Hook::output ? only_rules.output : only_rules.forward) = policy;
        only_rules.chains = c.model.chains;
        const ir::Program rules = Reference(only_rules, c.family, true).take();
        const Space space(c.family, std::vector<const ir::Program*>{&rules, &c.read.program}, {}, uplinks_of(c.model));
        const Rulings rulings(c.read.program, space, c.budget);
        const Rulings expected(rules, space, c.budget);
        Region strange = rulings.stage(ir::TableName::filter, hook)->list.whole;
        const std::uint32_t last = space.interfaces().all().last;
        if (hook != ir::Hook::output) strange[+Field::in] = only(last);
        if (hook != ir::Hook::input) strange[+Field::out] = only(last);
        strange[+Field::protocol] = only(253);
        strange[+Field::state] = only(semantics::state_new);
        strange[+Field::dnat] = strange[+Field::snat] = only(0);
        Set users(space);
        for (const Region& region : decided(*expected.stage(ir::TableName::filter, hook), space, strange, c.budget, accepts)) users.add(region);
        for (const Region& region : decided(*rulings.stage(ir::TableName::filter, hook), space, strange, c.budget, accepts))
            for (const Region& piece : users.outside(region, c.budget)) ADD_FAILURE() << ir::name(hook) << " lets in: " << semantics::example(product_of(piece, space), Course::through_host, space);
    };
    look_at(c.model.input, ir::Hook::input);
    look_at(c.model.output, ir::Hook::output);
    look_at(c.model.forward, ir::Hook::forward);
    // `rest`: a network that has subnets of the other family alone lets nothing in or out in this one.
    const Rulings::Stage& forward = c.stage(ir::TableName::filter, ir::Hook::forward);
    for (const Network& network : c.model.networks) {
        if (network.families().contains(c.family) || network.forward || c.model.forward || network.isolated(c.family)) continue;
        any = true;
        for (const Field field : {Field::in, Field::out}) {
            Region region = forward.list.whole;
            region[+field] = c.space.codes(network.bridge);
            region[+(field == Field::in ? Field::out : Field::in)] = only(nobodys);
            region[+Field::state] = only(semantics::state_new);
            for (const Region& piece : decided(forward, c.space, region, c.budget, accepts)) ADD_FAILURE() << "passes without a subnet: " << c.show(piece);
        }
    }
    return any ? std::string_view{} : "nothing closes";
}
TEST(Promise, ClosedInBothFamilies) { prove(closed_in_both_families, 65); }

}  // namespace
}  // namespace natc::validation

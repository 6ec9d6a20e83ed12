#include "emit/nft_rule.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <map>
#include <type_traits>

#include "net/interface_name.hpp"
#include "net/mac.hpp"
#include "net/port.hpp"

namespace natc::nft {

bool Value::excludes(const Value& o) const {
    if (numeric && o.numeric) return family != o.family || first > o.last || o.first > last;
    return exact() && o.exact() && text != o.text;
}

std::string chain_name(ir::TableName table, std::string_view chain) {
    std::string name = fmt::format("{}-", ir::name(table));
    for (const char c : chain) {
        // iptables takes nearly any byte in a name; nft letters, digits and a few signs, of which `/` is in no other name here.
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
        name += plain ? std::string(1, c) : fmt::format("/{:02x}", static_cast<unsigned char>(c));
    }
    const auto built_in = [&] {
        for (const ir::Hook hook : ir::hooks_of(table))
            if (ir::name(hook) == chain) return true;
        return false;
    };
    if (built_in()) std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return name;
}

std::string map_name(const ir::PortMap& map, bool kept) { return kept ? map.name + "-kept" : map.name; }

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) result += c == '"' ? '\'' : c;
    return result + '"';
}

std::optional<std::string> interface_text(const InterfaceName& name) {
    const std::string_view stem = name.stem();
    const bool star = !name.wildcard() && stem.ends_with('*');
    if (stem.find('"') != std::string_view::npos) return std::nullopt;
    // `\*` at the end is a plain `*`, and then every other `\` is lost.
    if ((star && stem.find('\\') != std::string_view::npos) || (name.wildcard() && stem.ends_with('\\'))) return std::nullopt;
    if (star) return fmt::format("\"{}\\*\"", stem.substr(0, stem.size() - 1));
    return fmt::format("\"{}{}\"", stem, name.wildcard() ? "*" : "");
}

bool has_variable(std::string_view prefix) { return prefix.find('$') != std::string_view::npos; }

std::string variable_of(std::string_view prefix) {
    std::string name = "natc_";
    for (const char c : prefix) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        name += plain ? std::string(1, c) : fmt::format("_{:02x}", static_cast<unsigned char>(c));
    }
    return name;
}

namespace {

Value value_of(const AddressRange& range) {
    return {to_string(range), range.family(), range.first().value(), range.last().value(), true, false};
}

Value value_of(PortRange ports) { return {to_string(ports), Family::ipv4, ports.first, ports.last, true, false}; }

std::optional<Value> value_of(const InterfaceName& name) {
    auto text = interface_text(name);
    if (!text) return std::nullopt;
    // In a set, nft lists a plain `*` as the other one.
    return Value{std::move(*text), Family::ipv4, 0, 0, false, name.wildcard() || name.stem().ends_with('*')};
}

Value value_of(Protocol protocol) {
    // Names that nft knows by itself; for the others it asks /etc/protocols, which a small host may lack.
    const bool named = protocol == tcp || protocol == udp || protocol == icmp || protocol == sctp || protocol == icmpv6;
    std::string text = protocol == icmpv6 ? "icmpv6" : named ? to_string(protocol) : fmt::format("{}", protocol.number);
    return {std::move(text), Family::ipv4, protocol.number, protocol.number, true, false};
}

std::string_view ip(Family family) { return family == Family::ipv4 ? "ip" : "ip6"; }

std::string states_text(ir::ConntrackStates states) {
    using enum ir::ConntrackState;
    static constexpr std::pair<ir::ConntrackState, std::string_view> names[] = {
        {established, "established"}, {related, "related"}, {new_, "new"}, {invalid, "invalid"}, {untracked, "untracked"}};
    std::string text;
    for (const auto& [state, name] : names)
        if (states.contains(state)) text += fmt::format("{}{}", text.empty() ? "" : ",", name);
    return text;
}

std::string flags_text(std::uint8_t flags) {
    static constexpr std::string_view names[] = {"fin", "syn", "rst", "psh", "ack", "urg"};
    std::string text;
    for (std::size_t bit = 0; bit < std::size(names); ++bit)
        if ((static_cast<unsigned>(flags) >> bit & 1U) != 0) text += fmt::format("{}{}", text.empty() ? "" : "|", names[bit]);
    return text.empty() ? "0x0" : text;
}

class Taker {
public:
    Taker(const ir::Rule& rule, FamilySet families, const ir::Table& table, Diagnostics& diagnostics)
        : rule_(rule), families_(families), table_(table), diagnostics_(diagnostics) {}

    std::vector<Rule> take() {
        if (std::holds_alternative<ir::FillChecksum>(rule_.statement)) return {};
        for (const ir::Match& match : rule_.matches) std::visit([&](const auto& m) { add(m); }, match);
        if (const auto* foreign = std::get_if<ir::Foreign>(&rule_.statement))
            refuse(fmt::format("`-j {}` is a target of iptables, and nft has none that natc knows to be the same", foreign->words), "use `--target iptables`");
        if (const auto* dnat = std::get_if<ir::DestinationNat>(&rule_.statement); dnat != nullptr && dnat->base)
            refuse("the new port depends on the old one, and nft has no counterpart for that where the rule does not list the old ones", "ask for the ports with `--dport`");
        if (!good_) return {};
        // Two counts must not become one.
        if (std::holds_alternative<ir::Continue>(rule_.statement)) made_.counts = true;
        made_.comment = rule_.comment.size() <= longest_comment ? rule_.comment : std::string();
        const auto& remarks = rule_.remark.texts;
        made_.remark = remarks[0].empty() ? remarks[1] : remarks[0];
        if (!remarks[1].empty() && made_.remark != remarks[1]) made_.remark += "\n" + remarks[1];
        if (rule_.comment.size() > longest_comment) made_.remark += (made_.remark.empty() ? "" : "\n") + rule_.comment;
        std::vector<Rule> result;
        for (const FamilySet families : spellings()) {
            Rule one = made_;
            one.action = action(families);
            if (families != FamilySet::both() && families != families_ && !says_family(one)) {
                Field family;
                family.name = "meta nfproto";
                const bool ipv4 = families.contains(Family::ipv4);
                family.values.push_back({ipv4 ? "ipv4" : "ipv6", Family::ipv4, ipv4 ? 2U : 10U, ipv4 ? 2U : 10U, true, false});
                // Behind a protocol that, to nft, says the family by itself, or its listing leaves the family out.
                const auto icmp = std::find_if(one.fields.begin(), one.fields.end(), [](const Field& f) {
                    return f.name == "meta l4proto" && f.exact() && f.values.front().text.starts_with("icmp");
                });
                one.fields.insert(icmp == one.fields.end() ? one.fields.begin() : std::next(icmp), std::move(family));
            }
            result.push_back(std::move(one));
        }
        split_states(result);
        split_map(result);
        return result;
    }

private:
    void field(std::string name, Value value, bool negated) {
        // Several things that a rule excludes are one set of them; wildcards stand by themselves.
        if (negated && !value.wildcard) {
            const auto [at, fresh] = excluding_.try_emplace(name, made_.fields.size());
            if (!fresh) {
                made_.fields[at->second].values.push_back(std::move(value));
                return;
            }
        }
        made_.fields.push_back({std::move(name), {std::move(value)}, negated, {}});
    }
    void interface(std::string name, const InterfaceName& interface, bool negated) {
        if (auto value = value_of(interface)) {
            field(std::move(name), std::move(*value), negated);
            return;
        }
        refuse(fmt::format("nft has no way to write the name of the interface {}", interface.text()), "give the interface another name, or use `--target iptables`");
    }
    void refuse(std::string message, std::string help) {
        good_ = false;
        diagnostics_.add(Code::no_nft_counterpart, rule_.origins.empty() ? Span{} : rule_.origins.front(), std::move(message)).advise(std::move(help));
    }
    void whole(std::string text) { made_.fields.push_back({{}, {}, false, std::move(text)}); }

    void ports(std::string name, const std::vector<PortRange>& ranges, bool negated) {
        Field made{std::move(name), {}, negated, {}};
        for (const PortRange range : ranges) made.values.push_back(value_of(range));
        made_.fields.push_back(std::move(made));
    }

    void add(const ir::SourceAddress& m) { field(fmt::format("{} saddr", ip(m.range.family())), value_of(m.range), m.negated); }
    void add(const ir::DestinationAddress& m) { field(fmt::format("{} daddr", ip(m.range.family())), value_of(m.range), m.negated); }
    void add(const ir::InInterface& m) { interface("iifname", m.name, m.negated); }
    void add(const ir::OutInterface& m) { interface("oifname", m.name, m.negated); }
    void add(const ir::ProtocolIs& m) { field("meta l4proto", value_of(m.protocol), m.negated); }
    void add(const ir::SourcePorts& m) { ports("th sport", m.ranges, m.negated); }
    void add(const ir::DestinationPorts& m) { ports("th dport", m.ranges, m.negated); }
    void add(const ir::TcpFlags& m) {
        whole(fmt::format("tcp flags & ({}) {} {}", flags_text(m.mask), m.negated ? "!=" : "==", flags_text(m.set)));
    }
    void add(const ir::IcmpTypeIs& m) {
        const std::string_view protocol = m.type.family == Family::ipv4 ? "icmp" : "icmpv6";
        if (m.type.code) {
            whole(fmt::format("{0} type . {0} code {1}{{ {2} . {3} }}", protocol, m.negated ? "!= " : "", m.type.type, *m.type.code));
        } else {
            field(fmt::format("{} type", protocol), {fmt::format("{}", m.type.type), Family::ipv4, m.type.type, m.type.type, true, false}, m.negated);
        }
    }
    void add(const ir::Conntrack& m) {
        using enum ir::ConntrackState;
        const bool dnat_or_snat = m.states.contains(dnat) || m.states.contains(snat);
        const std::string states = states_text(m.states);
        const std::string status = fmt::format("{}{}{}", m.states.contains(dnat) ? "dnat" : "", m.states.contains(dnat) && m.states.contains(snat) ? "," : "",
                                               m.states.contains(snat) ? "snat" : "");
        if (m.states_negated) {
            if (!states.empty()) whole(fmt::format("ct state != {{ {} }}", states));
            if (dnat_or_snat) {
                // A packet without a connection has no status to ask for, and is not translated.
                either_ = {"ct state invalid,untracked", fmt::format("ct status & ({}) == 0", m.states.contains(dnat) && m.states.contains(snat) ? "dnat|snat" : status)};
                whole(either_.front());
            }
        } else if (dnat_or_snat && !states.empty()) {
            // Apart from each other, so that no packet is logged, counted or sent to a chain twice.
            either_ = {"ct state " + states, fmt::format("ct state != {{ {} }} ct status {}", states, status)};
            whole(either_.front());
        } else if (!states.empty() || dnat_or_snat) {
            whole(dnat_or_snat ? "ct status " + status : "ct state " + states);
        }
        const auto address = [&](const std::optional<AddressRange>& range, std::string_view direction, bool negated) {
            if (range) field(fmt::format("ct {} {} saddr", direction, ip(range->family())), value_of(*range), negated);
        };
        address(m.original_source, "original", m.original_source_negated);
        address(m.reply_source, "reply", m.reply_source_negated);
    }
    void add(const ir::SourceMac& m) { field("ether saddr", {to_string(m.mac), Family::ipv4, 0, 0, false, false}, m.negated); }
    void add(const ir::RateLimit& m) {
        static constexpr std::string_view periods[] = {"second", "minute", "hour", "day"};
        whole(fmt::format("limit rate {}/{} burst {} packets", m.count, periods[static_cast<std::size_t>(m.period)], m.burst));
        made_.counts = true;
    }
    void add(const ir::MarkIs& m) {
        if (m.mask == 0xFFFF'FFFF) {
            field("meta mark", {fmt::format("{:#x}", m.value), Family::ipv4, m.value, m.value, true, false}, m.negated);
        } else {
            whole(fmt::format("meta mark & {:#x} {} {:#x}", m.mask, m.negated ? "!=" : "==", m.value));
        }
    }
    void add(const ir::SourceIsLocal& m) { whole(fmt::format("fib saddr type {}local", m.negated ? "!= " : "")); }
    void add(const ir::DestinationIsLocal& m) { whole(fmt::format("fib daddr type {}local", m.negated ? "!= " : "")); }
    void add(const ir::ForgedSource&) { whole("fib saddr . iif oif missing"); }
    void add(const ir::Verbatim& m) {
        for (const ir::Understood& known : m.meaning) std::visit([&](const auto& one) { add(one); }, known);
        if (!m.meaning.empty()) return;
        refuse(fmt::format("`{}` is a match of iptables, and nft has none that natc knows to be the same", m.options),
               "write what it asks in words of the language, or use `--target iptables`");
    }

    static bool says_family(const Rule& rule) {
        return std::any_of(rule.fields.begin(), rule.fields.end(), [](const Field& f) {
            return !f.negated && (f.name.starts_with("ip ") || f.name.starts_with("ip6 ") || f.name.starts_with("icmp ") || f.name.starts_with("icmpv6 ") ||
                                  f.whole.starts_with("icmp"));
        });
    }

    /// The families that one text is good for: a reject may have to be written for each.
    std::vector<FamilySet> spellings() const {
        if (const auto* reject = std::get_if<ir::Reject>(&rule_.statement); reject != nullptr && families_both()) {
            using enum ir::RejectWith;
            if (reject->with != tcp_reset && common_name(reject->with).empty()) return {Family::ipv4, Family::ipv6};
        }
        return {rule_.families};
    }
    bool families_both() const { return rule_.families == FamilySet::both(); }

    /// What nft calls it where one word stands for what both families have; else nothing.
    static std::string_view common_name(ir::RejectWith with) {
        using enum ir::RejectWith;
        switch (with) {
            case port_unreachable: return "port-unreachable";
            case admin_prohibited: return "admin-prohibited";
            case net_unreachable:
            case no_route: return "no-route";
            case host_unreachable:
            case addr_unreachable: return "host-unreachable";
            default: return {};
        }
    }

    std::string reject_text(FamilySet families) const {
        using enum ir::RejectWith;
        const ir::RejectWith with = std::get<ir::Reject>(rule_.statement).with;
        if (with == tcp_reset) return "reject with tcp reset";
        if (families == FamilySet::both()) return fmt::format("reject with icmpx type {}", common_name(with));
        struct Names {
            std::string_view ipv4, ipv6;
        };
        static constexpr std::array<Names, 11> names{{{"port-unreachable", "port-unreachable"},
                                                      {"net-unreachable", "no-route"},
                                                      {"host-unreachable", "addr-unreachable"},
                                                      {"prot-unreachable", "port-unreachable"},
                                                      {"net-prohibited", "admin-prohibited"},
                                                      {"host-prohibited", "admin-prohibited"},
                                                      {"admin-prohibited", "admin-prohibited"},
                                                      {"net-unreachable", "no-route"},
                                                      {"host-unreachable", "addr-unreachable"},
                                                      {"admin-prohibited", "policy-fail"},
                                                      {"admin-prohibited", "reject-route"}}};
        const Names& name = names[static_cast<std::size_t>(with)];
        return families.contains(Family::ipv4) ? fmt::format("reject with icmp type {}", name.ipv4) : fmt::format("reject with icmpv6 type {}", name.ipv6);
    }

    static Action does(std::string text, bool verdict, bool ends) {
        Action made;
        made.text = std::move(text);
        made.verdict = verdict;
        made.ends = ends;
        return made;
    }

    static Action translates(std::string text, bool ports, ir::NatFlags flags) {
        Action made = does(std::move(text) + nat_flags_text(flags), false, true);
        made.ports = ports;
        return made;
    }

    static std::string nat_flags_text(ir::NatFlags flags) {
        std::string text;
        const auto add_flag = [&](bool set, std::string_view name) {
            if (set) text += fmt::format("{}{}", text.empty() ? " " : ",", name);
        };
        add_flag(flags.random, "random");
        add_flag(flags.random_fully, "fully-random");
        add_flag(flags.persistent, "persistent");
        return text;
    }

    /// `snat ip to 10.0.0.1:80`. Without an address, nft has no place for the family.
    static std::string translation_text(std::string_view kind, const std::optional<AddressRange>& to, const std::optional<PortRange>& ports) {
        if (!to) return fmt::format("{} to {}", kind, ports_text(ports));
        return fmt::format("{} {} to {}{}", kind, ip(to->family()), addresses_text(*to, ports.has_value()), ports_text(ports));
    }

    static std::string ports_text(const std::optional<PortRange>& ports) { return ports ? ":" + to_string(*ports) : std::string(); }

    static std::string addresses_text(const AddressRange& range, bool with_ports) {
        if (range.family() == Family::ipv6 && with_ports && range.single()) return fmt::format("[{}]", to_string(range));
        if (range.family() == Family::ipv6 && with_ports) return fmt::format("[{}]-[{}]", to_string(range.first()), to_string(range.last()));
        return range.single() ? to_string(range) : fmt::format("{}-{}", to_string(range.first()), to_string(range.last()));
    }

    Action action(FamilySet families) const {
        return std::visit(
            [&](const auto& s) -> Action {
                using T = std::decay_t<decltype(s)>;
                if constexpr (std::is_same_v<T, ir::Accept>) {
                    return does("accept", true, true);
                } else if constexpr (std::is_same_v<T, ir::Drop>) {
                    return does("drop", true, true);
                } else if constexpr (std::is_same_v<T, ir::Reject>) {
                    return does(reject_text(families), false, true);
                } else if constexpr (std::is_same_v<T, ir::Log>) {
                    return does(s.prefix.empty() ? "log" : "log prefix " + (has_variable(s.prefix) ? quoted("$" + variable_of(s.prefix)) : quoted(s.prefix)), false, false);
                } else if constexpr (std::is_same_v<T, ir::Return>) {
                    return does("return", true, true);
                } else if constexpr (std::is_same_v<T, ir::Jump>) {
                    return does("jump " + chain_name(table_.table, s.chain), true, false);
                } else if constexpr (std::is_same_v<T, ir::Goto>) {
                    return does("goto " + chain_name(table_.table, s.chain), true, true);
                } else if constexpr (std::is_same_v<T, ir::Masquerade>) {
                    return translates(s.ports ? "masquerade to " + ports_text(s.ports) : "masquerade", s.ports.has_value(), s.flags);
                } else if constexpr (std::is_same_v<T, ir::SourceNat>) {
                    return translates(translation_text("snat", s.to, s.ports), s.ports.has_value(), s.flags);
                } else if constexpr (std::is_same_v<T, ir::DestinationNat>) {
                    // Flags have no place in a map.
                    if (!s.to || s.flags != ir::NatFlags{}) return translates(translation_text("dnat", s.to, s.ports), s.ports.has_value(), s.flags);
                    Action made;
                    made.prefix = fmt::format("dnat {} to", ip(s.to->family()));
                    made.alone = addresses_text(*s.to, s.ports.has_value()) + ports_text(s.ports);
                    made.target = s.to->single() ? to_string(*s.to) : std::string();
                    if (s.ports && !made.target.empty()) made.target = s.ports->single() ? made.target + " . " + to_string(*s.ports) : std::string();
                    made.ends = true;
                    made.ports = s.ports.has_value();
                    return made;
                } else if constexpr (std::is_same_v<T, ir::Redirect>) {
                    return translates(s.ports ? "redirect to " + ports_text(s.ports) : "redirect", s.ports.has_value(), s.flags);
                } else if constexpr (std::is_same_v<T, ir::FillChecksum>) {
                    return {};
                } else if constexpr (std::is_same_v<T, ir::SetMark>) {
                    return does(s.mask == 0xFFFF'FFFF ? fmt::format("meta mark set {:#x}", s.value)
                                                      : fmt::format("meta mark set meta mark & {:#x} ^ {:#x}", ~s.mask, s.value),
                                false, false);
                } else if constexpr (std::is_same_v<T, ir::ClampMss>) {
                    return does("tcp option maxseg size set rt mtu", false, false);
                } else if constexpr (std::is_same_v<T, ir::NoTrack>) {
                    return does("notrack", false, false);
                } else if constexpr (std::is_same_v<T, ir::Continue>) {
                    return does("counter", false, false);
                } else if constexpr (std::is_same_v<T, ir::ByPort>) {
                    return looks_up(table_.port_maps[s.map], false);
                } else {
                    static_assert(std::is_same_v<T, ir::Foreign>);  // refused
                    return {};
                }
            },
            rule_.statement);
    }

    /// What has no entry goes on.
    static Action looks_up(const ir::PortMap& map, bool kept) {
        Action made = does(fmt::format("dnat {} to {} dport map @{}", ip(map.family), to_string(map.protocol), map_name(map, kept)), false, false);
        made.ports = true;
        return made;
    }

    /// A map of ports with entries of both kinds is two.
    void split_map(std::vector<Rule>& rules) const {
        const auto* by = std::get_if<ir::ByPort>(&rule_.statement);
        if (by == nullptr) return;
        const ir::PortMap& map = table_.port_maps[by->map];
        const auto kept = std::count_if(map.entries.begin(), map.entries.end(), keeps_ports);
        if (kept == 0) return;
        const std::size_t before = rules.size();
        for (std::size_t i = 0; i < before; ++i) {
            Rule second = rules[i];
            second.action = looks_up(map, true);
            if (kept == std::ssize(map.entries)) {
                rules[i] = std::move(second);
                continue;
            }
            second.remark.clear();
            rules.push_back(std::move(second));
        }
    }

    /// "In one of these states, or translated" has no one word in nft.
    void split_states(std::vector<Rule>& rules) const {
        if (either_.empty()) return;
        const std::size_t before = rules.size();
        for (std::size_t i = 0; i < before; ++i) {
            Rule second = rules[i];
            for (Field& f : second.fields)
                if (f.whole == either_.front()) f.whole = either_.back();
            second.remark.clear();
            rules.push_back(std::move(second));
        }
    }

    const ir::Rule& rule_;
    FamilySet families_;
    const ir::Table& table_;
    Diagnostics& diagnostics_;
    Rule made_;
    bool good_ = true;
    std::vector<std::string> either_;
    std::map<std::string, std::size_t> excluding_;  // which field says what is not to be there, by its name
};

/// A range that is moved, port by port: nft's own ranges would hand ports out in sequence.
/// Left as it is where the rule does not say, in one list, which ports come.
std::vector<ir::Rule> moved(const ir::Rule& rule) {
    const auto* dnat = std::get_if<ir::DestinationNat>(&rule.statement);
    if (dnat == nullptr || !dnat->base || !dnat->ports) return {rule};
    std::size_t place = rule.matches.size();
    for (std::size_t i = 0; i < rule.matches.size(); ++i) {
        const auto* ports = std::get_if<ir::DestinationPorts>(&rule.matches[i]);
        if (ports == nullptr) continue;
        if (ports->negated || place != rule.matches.size()) return {rule};
        place = i;
    }
    if (place == rule.matches.size()) return {rule};
    std::vector<ir::Rule> result;
    for (const PortRange range : std::get<ir::DestinationPorts>(rule.matches[place]).ranges)
        for (unsigned from = range.first; from <= range.last; ++from) {
            // The kernel counts from the base, and begins anew at the end.
            const auto offset = static_cast<std::uint16_t>(from - *dnat->base) % dnat->ports->size();
            const auto to = static_cast<std::uint16_t>(dnat->ports->first + offset);
            ir::Rule one = rule;
            const auto only = static_cast<std::uint16_t>(from);
            one.matches[place] = ir::DestinationPorts{{{only, only}}, false};
            one.statement = ir::DestinationNat{dnat->to, PortRange{to, to}, std::nullopt, dnat->flags};
            if (!result.empty()) one.remark.clear();
            result.push_back(std::move(one));
        }
    return result;
}

}  // namespace

std::vector<Rule> take_apart(const ir::Rule& rule, FamilySet chain_families, const ir::Table& table, Diagnostics& diagnostics) {
    std::vector<Rule> result;
    for (const ir::Rule& one : moved(rule)) {
        auto taken = Taker(one, chain_families, table, diagnostics).take();
        std::move(taken.begin(), taken.end(), std::back_inserter(result));
    }
    return result;
}

}  // namespace natc::nft

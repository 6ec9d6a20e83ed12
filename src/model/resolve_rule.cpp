#include "model/resolve_rule.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <fmt/format.h>

#include "base/nearest.hpp"
#include "model/end_point.hpp"
#include "read/match_text.hpp"
#include "syntax/words.hpp"

namespace natc {

namespace {

using ir::RejectWith;

struct RejectName {
    std::string_view name;
    RejectWith with;
};

/// The names of both families' REJECT targets, and the short forms of IPv6's.
constexpr RejectName reject_names[] = {
    {"tcp-reset", RejectWith::tcp_reset},
    {"icmp-port-unreachable", RejectWith::port_unreachable},
    {"icmp-net-unreachable", RejectWith::net_unreachable},
    {"icmp-host-unreachable", RejectWith::host_unreachable},
    {"icmp-proto-unreachable", RejectWith::proto_unreachable},
    {"icmp-net-prohibited", RejectWith::net_prohibited},
    {"icmp-host-prohibited", RejectWith::host_prohibited},
    {"icmp-admin-prohibited", RejectWith::admin_prohibited},
    {"icmp6-port-unreachable", RejectWith::port_unreachable},
    {"icmp6-no-route", RejectWith::no_route},
    {"icmp6-adm-prohibited", RejectWith::admin_prohibited},
    {"icmp6-addr-unreachable", RejectWith::addr_unreachable},
    {"icmp6-policy-fail", RejectWith::policy_fail},
    {"icmp6-reject-route", RejectWith::reject_route},
    {"port-unreachable", RejectWith::port_unreachable},
    {"no-route", RejectWith::no_route},
    {"adm-prohibited", RejectWith::admin_prohibited},
    {"admin-prohibited", RejectWith::admin_prohibited},
    {"addr-unreachable", RejectWith::addr_unreachable},
    {"policy-fail", RejectWith::policy_fail},
    {"reject-route", RejectWith::reject_route},
};

struct StateName {
    std::string_view name;
    ir::ConntrackState state;
};

constexpr StateName state_names[] = {
    {"new", ir::ConntrackState::new_},         {"established", ir::ConntrackState::established},
    {"related", ir::ConntrackState::related},  {"invalid", ir::ConntrackState::invalid},
    {"untracked", ir::ConntrackState::untracked}, {"snat", ir::ConntrackState::snat},
    {"dnat", ir::ConntrackState::dnat},
};

template <typename Entry, std::size_t size>
std::vector<std::string_view> names_of(const Entry (&table)[size]) {
    std::vector<std::string_view> names;
    for (const Entry& entry : table) names.push_back(entry.name);
    return names;
}

/// What is longer is cut by the kernel without a word.
constexpr std::size_t longest_log_prefix = 29;
constexpr std::size_t longest_comment = 255;
/// The most that iptables takes as --limit-burst.
constexpr std::uint32_t most_burst = 10'000;

void say_not_among(Scope& scope, Code code, const syntax::Word& word, std::string_view what,
                   std::span<const std::string_view> known) {
    const std::string written = scope.plain(word);
    auto& diagnostic = scope.diagnostics().add(code, word.span, fmt::format("`{}` is not {}", written, what));
    const auto near = meant(written, known);
    if (near.empty()) return;
    diagnostic.advise(fmt::format("did you mean `{}`?", near));
    if (surely(written, near, known, WordOf::language)) diagnostic.replace(word.span, std::string(near));
}

bool has_port_translation(const ir::Statement& statement) {
    if (const auto* masquerade = std::get_if<ir::Masquerade>(&statement)) return masquerade->ports.has_value();
    if (const auto* snat = std::get_if<ir::SourceNat>(&statement)) return snat->ports.has_value();
    if (const auto* dnat = std::get_if<ir::DestinationNat>(&statement)) return dnat->ports.has_value();
    return std::holds_alternative<ir::Redirect>(statement);
}

/// The family of the address that a packet is translated to: the language has no translation of the port alone.
FamilySet family_of(const ir::Statement& statement) {
    if (const auto* snat = std::get_if<ir::SourceNat>(&statement)) return snat->to->family();
    if (const auto* dnat = std::get_if<ir::DestinationNat>(&statement)) return dnat->to->family();
    return FamilySet::both();
}

/// Protocols whose ports netfilter can translate.
bool translates_ports(Protocol protocol) { return protocol == tcp || protocol == udp || protocol == sctp || protocol.number == 33; }

}  // namespace

bool RuleResolver::translation(const syntax::Rule& written, Rule& rule, std::vector<ir::Statement>& verdicts) {
    using syntax::VerdictKind;
    const syntax::Verdict& verdict = written.verdict;
    std::optional<PortRange> ports;
    if (verdict.ports.known()) {
        ports = scope_.ports(verdict.ports);
        if (!ports) return false;
    }
    if (verdict.kind == VerdictKind::masquerade) {
        verdicts.emplace_back(ir::Masquerade{ports});
        return true;
    }
    if (verdict.kind == VerdictKind::redirect) {
        const auto to = scope_.ports(verdict.argument);
        if (!to) return false;
        verdicts.emplace_back(ir::Redirect{*to});
        return true;
    }
    const auto to = read_end_point(verdict.argument, scope_, networks_, true);
    if (!to) return false;
    if (to->ports && ports) {
        scope_.diagnostics().add(Code::part_twice, verdict.ports.span, "the ports are given with the address already");
        return false;
    }
    for (const AddressRange& address : to->addresses) {
        if (verdict.kind == VerdictKind::snat) {
            verdicts.emplace_back(ir::SourceNat{address, to->ports ? to->ports : ports});
            continue;
        }
        ir::DestinationNat dnat{address, to->ports, std::nullopt};
        // A range that becomes another one of the same length keeps its order; the kernel needs to be told so.
        if (to->ports && !to->ports->single() && rule.what.size() == 1 && rule.what.front().ports.size() == 1) {
            const PortRange from = rule.what.front().ports.front();
            if (from.size() == to->ports->size() && from != *to->ports) dnat.base = from.first;
        }
        verdicts.emplace_back(dnat);
    }
    return true;
}

bool RuleResolver::verdict(const syntax::Rule& written, ir::TableName table, Rule& rule, std::vector<ir::Statement>& verdicts) {
    using syntax::VerdictKind;
    const syntax::Verdict& verdict = written.verdict;
    switch (verdict.kind) {
        case VerdictKind::accept: verdicts.emplace_back(ir::Accept{}); return true;
        case VerdictKind::drop: verdicts.emplace_back(ir::Drop{}); return true;
        case VerdictKind::return_: verdicts.emplace_back(ir::Return{}); return true;
        case VerdictKind::checksum_fill: verdicts.emplace_back(ir::FillChecksum{}); return true;
        case VerdictKind::clamp_mss: verdicts.emplace_back(ir::ClampMss{}); return true;
        case VerdictKind::notrack: verdicts.emplace_back(ir::NoTrack{}); return true;
        case VerdictKind::reject: {
            ir::Reject reject;
            if (verdict.with.known()) {
                const std::string with = scope_.plain(verdict.with);
                const auto* at = std::find_if(std::begin(reject_names), std::end(reject_names),
                                              [&](const RejectName& entry) { return entry.name == with; });
                if (at == std::end(reject_names)) {
                    say_not_among(scope_, Code::unknown_word, verdict.with, "a way to reject", names_of(reject_names));
                    return false;
                }
                reject.with = at->with;
            }
            verdicts.emplace_back(reject);
            return true;
        }
        case VerdictKind::log: {
            ir::Log log;
            if (verdict.argument.known()) log.prefix = scope_.plain(verdict.argument);
            if (log.prefix.size() > longest_log_prefix) {
                scope_.diagnostics().add(Code::too_long, verdict.argument.span,
                                         fmt::format("this prefix has {} bytes, and the kernel keeps {}", log.prefix.size(), longest_log_prefix));
                return false;
            }
            verdicts.emplace_back(std::move(log));
            return true;
        }
        case VerdictKind::jump:
        case VerdictKind::goto_: {
            std::string chain = scope_.plain(verdict.argument);
            if (!scope_.has_chain(table, chain)) {
                for (const ir::Hook hook : ir::hooks_of(table))
                    if (ir::name(hook) == chain) {
                        scope_.diagnostics().add(Code::unknown_name, verdict.argument.span,
                                                 fmt::format("{} is a built-in chain, and rules cannot go to one", chain));
                        return false;
                    }
                for (const auto other : {ir::TableName::raw, ir::TableName::mangle, ir::TableName::nat, ir::TableName::filter})
                    if (scope_.has_chain(other, chain)) {
                        scope_.diagnostics().add(Code::unknown_name, verdict.argument.span,
                                                 fmt::format("chain `{}` is one of table {}, and this rule stands in table {}", chain, ir::name(other), ir::name(table)))
                            .advise("a jump stays in its table");
                        return false;
                    }
                scope_.unknown_as(verdict.argument.span, fmt::format("there is no chain `{}` in table {}", chain, ir::name(table)), chain,
                                  scope_.names_of_chains(table));
                return false;
            }
            if (verdict.kind == VerdictKind::jump) {
                verdicts.emplace_back(ir::Jump{std::move(chain)});
            } else {
                verdicts.emplace_back(ir::Goto{std::move(chain)});
            }
            return true;
        }
        case VerdictKind::set_mark: {
            const auto mark = mark_of(verdict.argument);
            if (!mark) return false;
            verdicts.emplace_back(ir::SetMark{mark->value, mark->mask});
            return true;
        }
        case VerdictKind::masquerade:
        case VerdictKind::snat:
        case VerdictKind::dnat:
        case VerdictKind::redirect: return translation(written, rule, verdicts);
    }
    return false;
}

std::optional<ir::MarkIs> RuleResolver::mark_of(const syntax::Word& word) {
    const std::string_view written = scope_.text(word);
    const auto slash = written.find('/');
    constexpr std::uint32_t most = 0xFFFF'FFFF;
    if (slash == std::string_view::npos || word.quoted) {
        const auto value = scope_.number(word, 0, most);
        if (!value) return std::nullopt;
        return ir::MarkIs{*value, most, false};
    }
    const auto middle = word.span.begin + static_cast<std::uint32_t>(slash);
    const auto value = scope_.number({{word.span.begin, middle}, false}, 0, most);
    const auto mask = scope_.number({{middle + 1, word.span.end}, false}, 0, most);
    if (!value || !mask) return std::nullopt;
    return ir::MarkIs{*value, *mask, false};
}

bool RuleResolver::states(const syntax::Rule& written, Rule& rule) {
    using syntax::StateKind;
    switch (written.state) {
        case StateKind::any: return true;
        case StateKind::established: rule.states = ir::established_or_related; return true;
        case StateKind::invalid: rule.states = ir::ConntrackState::invalid; return true;
        case StateKind::new_:
            rule.states = ir::ConntrackState::new_;
            rule.opens_connection = written.verdict.kind == syntax::VerdictKind::accept;
            return true;
        case StateKind::exactly: break;
    }
    ir::ConntrackStates set;
    bool ok = true;
    for (const syntax::Word& word : written.states) {
        const std::string name = scope_.plain(word);
        const auto* at = std::find_if(std::begin(state_names), std::end(state_names),
                                      [&](const StateName& entry) { return entry.name == name; });
        if (at == std::end(state_names)) {
            say_not_among(scope_, Code::unknown_word, word, "a state of connection tracking", names_of(state_names));
            ok = false;
        } else {
            set = set | at->state;
        }
    }
    rule.states = set;
    return ok;
}

bool RuleResolver::limits(const syntax::Rule& written, Rule& rule) {
    if (!written.limit.known()) return true;
    struct Unit {
        std::string_view name;
        ir::Period period;
        std::uint32_t seconds;
    };
    static constexpr Unit units[] = {{"second", ir::Period::second, 1},   {"minute", ir::Period::minute, 60},
                                     {"hour", ir::Period::hour, 3600},    {"day", ir::Period::day, 86400},
                                     {"sec", ir::Period::second, 1},      {"min", ir::Period::minute, 60}};
    // The kernel counts in ten thousandths of a second.
    constexpr std::uint32_t scale = 10'000;
    const std::string text = scope_.plain(written.limit);
    const auto slash = text.find('/');
    std::uint32_t count = 0;
    const auto [read, error] = std::from_chars(text.data(), text.data() + std::min(slash, text.size()), count);
    const std::string_view unit_name = slash == std::string::npos ? std::string_view{} : std::string_view(text).substr(slash + 1);
    const auto* unit = std::find_if(std::begin(units), std::end(units), [&](const Unit& u) { return u.name == unit_name; });
    if (slash == std::string::npos || slash == 0 || error != std::errc() || read != text.data() + slash || unit == std::end(units)) {
        scope_.diagnostics().add(Code::bad_number, written.limit.span, fmt::format("`{}` is no rate", text))
            .advise("a rate is written 5/second, 5/minute, 5/hour or 5/day");
        return false;
    }
    if (count == 0 || count > scale * unit->seconds) {
        scope_.diagnostics().add(Code::bad_number, written.limit.span,
                                 fmt::format("the kernel counts from 1 to {} a {}", scale * unit->seconds, units[static_cast<std::size_t>(unit->period)].name));
        return false;
    }
    ir::RateLimit limit{count, unit->period, 5};
    if (written.burst.known()) {
        const auto burst = scope_.number(written.burst, 1, most_burst);
        if (!burst) return false;
        limit.burst = *burst;
    }
    // Over a day, the kernel's counter of 32 bits may overflow: iptables-legacy refuses such a rule.
    const std::uint64_t period = std::uint64_t{scale} * unit->seconds / count;
    constexpr std::uint64_t day = std::uint64_t{scale} * 86400;
    if (period * limit.burst > day) {
        scope_.diagnostics()
            .add(Code::bad_number, written.burst.known() ? written.burst.span : written.limit.span,
                 fmt::format("a burst of {} at {} takes more than a day to fill, which the kernel cannot count", limit.burst, text))
            .advise(day / period < 2 ? "write `burst 1`" : fmt::format("write `burst {}`, or less", day / period));
        return false;
    }
    rule.limit = limit;
    return true;
}

bool RuleResolver::texts(const syntax::Rule& written, Rule& rule) {
    bool ok = true;
    if (written.comment.known()) {
        rule.comment = scope_.plain(written.comment);
        if (rule.comment.size() > longest_comment) {
            scope_.diagnostics().add(Code::too_long, written.comment.span,
                                     fmt::format("this comment has {} bytes, and the kernel keeps {}", rule.comment.size(), longest_comment));
            ok = false;
        }
    }
    if (written.match.known()) {
        rule.verbatim = scope_.plain(written.match);
        if (const std::string fault = fault_of_match_text(rule.verbatim); !fault.empty()) {
            scope_.diagnostics().add(Code::bad_match_text, written.match.span, fmt::format("this is no match of iptables: {}", fault))
                .advise("write the words of one match, such as match \"-m recent --name x --rcheck\"");
            ok = false;
        } else {
            rule.understood = understood(rule.verbatim);
        }
    }
    return ok;
}

bool RuleResolver::sides(const syntax::Rule& written, Rule& rule) {
    bool ok = scope_.interface_list(written.in.words, rule.in, &rule.in_networks, networks_);
    ok = scope_.interface_list(written.out.words, rule.out, &rule.out_networks, networks_) && ok;
    ok = scope_.side_list(written.from.words, rule.from, networks_) && ok;
    ok = scope_.side_list(written.to.words, rule.to, networks_) && ok;
    rule.in_negated = written.in.negated;
    rule.out_negated = written.out.negated;
    rule.from_negated = written.from.negated;
    rule.to_negated = written.to.negated;
    for (const syntax::Word& word : written.mac.words) {
        const auto mac = scope_.mac(word);
        if (mac) {
            rule.macs.push_back(*mac);
        } else {
            ok = false;
        }
    }
    rule.mac_negated = written.mac.negated;
    if (written.family.known()) rule.families = scope_.text(written.family) == "ipv4" ? Family::ipv4 : Family::ipv6;
    return ok;
}

/// Whether the parts of a rule go together; says which do not.
bool RuleResolver::consistent(const Rule& rule) {
    const auto is_about_other_than = [&](auto wanted) {
        return rule.what.empty() || std::any_of(rule.what.begin(), rule.what.end(), [&](const Traffic& t) { return !t.protocol || !wanted(*t.protocol); });
    };
    const auto is_tcp = [](Protocol p) { return p == tcp; };
    if (const auto* reject = std::get_if<ir::Reject>(&rule.verdict);
        reject != nullptr && reject->with == RejectWith::tcp_reset && is_about_other_than(is_tcp)) {
        scope_.diagnostics().add(Code::reset_without_tcp, rule.at.with, "tcp-reset answers tcp alone")
            .advise("write `reject tcp with tcp-reset`");
        return false;
    }
    if (std::holds_alternative<ir::ClampMss>(rule.verdict) && !rule.what.empty() && is_about_other_than(is_tcp)) {
        scope_.diagnostics().add(Code::reset_without_tcp, rule.at.what, "clamp-mss is for tcp alone");
        return false;
    }
    if (has_port_translation(rule.verdict) && is_about_other_than(translates_ports)) {
        scope_.diagnostics().add(Code::ports_without_protocol, rule.at.what.known() ? rule.at.what : rule.at.verdict,
                                 "ports are translated for protocols that have them, and this rule is not for such alone")
            .advise("name the protocol: `tcp`, `udp` or `tcp,udp`");
        return false;
    }
    FamilySet families = rule.families;
    const auto restrict_to = [&](const std::vector<Side>& sides) {
        FamilySet these;
        for (const Side& side : sides) these |= side.addresses.family();
        if (!sides.empty()) families &= these;
    };
    restrict_to(rule.from);
    restrict_to(rule.to);
    FamilySet what;
    for (const Traffic& traffic : rule.what) what |= traffic.families;
    if (!rule.what.empty()) families &= what;
    if (const auto* snat = std::get_if<ir::SourceNat>(&rule.verdict)) families &= snat->to->family();
    if (const auto* dnat = std::get_if<ir::DestinationNat>(&rule.verdict)) families &= dnat->to->family();
    const bool nobody = (rule.at.from.known() && rule.from.empty()) || (rule.at.to.known() && rule.to.empty());
    if (!families.empty() && !nobody) return true;
    // A network or guest may lack an address for a fault that was said, and the rule is right then.
    const auto lacks = [&](const Side& side) { return side.network && !networks_[*side.network].subnets_known; };
    if (std::any_of(rule.from.begin(), rule.from.end(), lacks) || std::any_of(rule.to.begin(), rule.to.end(), lacks)) return false;
    if (nobody && scope_.diagnostics().errors() > 0) return false;
    scope_.diagnostics().add(Code::never_matches, rule.span,
                             nobody ? "this rule never matches: what it names has no address"
                                    : "this rule never matches: its parts belong to IPv4 and IPv6, and no packet to both");
    return false;
}

void RuleResolver::rule(const syntax::Rule& written, ir::TableName table, std::vector<Rule>& into) {
    Rule rule;
    rule.span = written.span;
    rule.remark = scope_.remark_above(written.span);
    rule.direction = written.direction;
    rule.to_local = written.to_local.known();
    rule.at.verdict = written.verdict.word.span;
    rule.at.with = written.verdict.with.span;
    rule.at.state = written.state_word.span;
    rule.at.in = join(written.in_word.span, written.in.span);
    rule.at.out = join(written.out_word.span, written.out.span);
    rule.at.from = join(written.from_word.span, written.from.span);
    rule.at.to = join(written.to_word.span, written.to.span);
    rule.at.mac = join(written.mac_word.span, written.mac.span);
    rule.at.to_local = written.to_local.span;
    rule.at.direction = written.direction_word.span;
    rule.at.match = join(written.match_word.span, written.match.span);
    bool ok = states(written, rule);
    if (written.what) {
        rule.at.what = written.what->span;
        auto what = traffic(*written.what);
        if (what) {
            rule.what = std::move(*what);
        } else {
            ok = false;
        }
    }
    ok = sides(written, rule) && ok;
    ok = limits(written, rule) && ok;
    ok = texts(written, rule) && ok;
    if (written.mark.known()) {
        rule.mark = mark_of(written.mark);
        ok = rule.mark.has_value() && ok;
    }
    std::vector<ir::Statement> verdicts;
    ok = verdict(written, table, rule, verdicts) && ok;
    if (!ok) return;
    std::size_t made = 0;
    for (ir::Statement& one : verdicts) {
        const auto* dnat = std::get_if<ir::DestinationNat>(&one);
        // A guest is reached on the address of whichever family the rule is for.
        if (verdicts.size() > 1 && dnat != nullptr && !rule.families.contains(dnat->to->family())) continue;
        rule.verdict = std::move(one);
        if (!consistent(rule)) return;
        // Each family has a text of its own, which the comment goes into once.
        const bool again = std::any_of(into.end() - static_cast<std::ptrdiff_t>(made), into.end(),
                                       [&](const Rule& earlier) { return family_of(earlier.verdict) == family_of(rule.verdict); });
        into.push_back(rule);
        if (again) into.back().remark.clear();
        ++made;
    }
}

Policy RuleResolver::policy(const syntax::Policy& written, ir::TableName table) {
    Policy policy;
    policy.head = written.head;
    policy.remark = scope_.remark_above(written.head);
    policy.policy_word = written.policy.span;
    if (written.policy.known()) policy.policy = scope_.text(written.policy) == "drop" ? ir::Policy::drop : ir::Policy::accept;
    policy.rules.reserve(written.rules.size());
    for (const syntax::Rule& one : written.rules) rule(one, table, policy.rules);
    return policy;
}

}  // namespace natc

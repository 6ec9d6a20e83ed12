#include <array>
#include <cctype>
#include <fmt/format.h>

#include "base/nearest.hpp"
#include "syntax/foreign.hpp"
#include "syntax/reader.hpp"
#include "syntax/words.hpp"

namespace natc::syntax {

namespace {

bool is_protocol(std::string_view word) {
    return word == "tcp" || word == "udp" || word == "icmp" || word == "icmpv6" || word == "sctp";
}

/// Whether a service goes on here with further packets, behind a comma.
bool begins_traffic(std::string_view word) { return is_protocol(word) || word == "proto"; }

bool begins_with_digit(std::string_view word) {
    return !word.empty() && std::isdigit(static_cast<unsigned char>(word.front())) != 0;
}

/// Whether a word behind a protocol is neither one of a rule's, misspelt or of other tools, nor the word for ports themselves.
bool is_name_of_port(std::string_view word) {
    return word != "port" && word != "dport" && word != "ports" && !words::has(words::part, word) && meant(word, words::part).empty() &&
           foreign(Foreign::Place::part, word) == nullptr;
}

std::optional<Direction> direction_named(std::string_view word) {
    if (word == "outbound") return Direction::outbound;
    if (word == "inbound") return Direction::inbound;
    if (word == "internal") return Direction::internal;
    if (word == "rest") return Direction::rest;
    return std::nullopt;
}

}  // namespace

Traffic Reader::read_traffic(Cursor& cursor) {
    Traffic traffic;
    const Span begin = cursor.span();
    Span end = begin;
    if (cursor.accept("proto")) {
        traffic.numbered = true;
        traffic.protocols = cursor.expect_list("the number of a protocol", begins_traffic);
        if (!traffic.protocols.empty()) end = traffic.protocols.back().span;
    } else {
        for (;;) {
            if (!is_protocol(cursor.peek())) {
                static constexpr std::string_view protocols[] = {"tcp", "udp", "icmp", "icmpv6", "sctp"};
                const std::string meant = port_with_protocol(cursor.peek());
                auto& diagnostic = cursor.unknown("a protocol", protocols);
                if (!meant.empty()) diagnostic.advise(fmt::format("write `{}`", meant)).replace(diagnostic.span, meant);
                break;
            }
            const Word protocol = cursor.take();
            input_.lists.add(protocol);
            end = protocol.span;
            if (!cursor.next_is(ItemKind::comma)) break;
            // `udp 53, tcp 53` goes on with ports or further protocols; the caller takes the comma where a service begins anew.
            // A comma after the bare name of a protocol: the ports stand after the last one.
            cursor.take();
        }
        traffic.protocols = input_.lists.finish();
        const std::string_view last = traffic.protocols.empty() ? "" : cursor.text(traffic.protocols.back());
        const std::string_view next = cursor.peek();
        // Types of ICMP have names as well; the words of a rule are none of them.
        const bool type = (last == "icmp" || last == "icmpv6") && !next.empty() && !words::has(words::part, next);
        if (cursor.next_is(ItemKind::bang) || begins_with_digit(next) || next.starts_with('$') || type) {
            traffic.ports = cursor.expect_values(type ? "a type of ICMP" : "a port", begins_traffic);
            end = traffic.ports.span;
        } else if (!next.empty() && !traffic.protocols.empty() && is_name_of_port(next)) {
            const bool define = std::ranges::any_of(input_.defines, [&](const Define& one) { return sources_.text(one.name.span) == next; });
            cursor.fail(Code::unknown_word, cursor.span(), fmt::format("`{}` is no port: ports are written as numbers", next))
                .advise(define ? fmt::format("did you mean `${}`?", next)
                               : fmt::format("a service stands without a protocol, as `{}` if there is one of that name", next));
        }
    }
    if (cursor.accept("sport")) {
        traffic.source_ports = cursor.expect_values("a port", begins_traffic);
        end = traffic.source_ports.span;
    }
    traffic.span = join(begin, end);
    return traffic;
}

/// Says how a rate is written whose words stand apart: `5 per second`, `rate 5/second`.
void Reader::read_rate(Cursor& cursor, const Word& limit) {
    const std::string_view count = cursor.text(limit);
    if (count == "rate") {
        cursor.fail(Code::unknown_word, limit.span, "`rate` is not a rate").advise("it follows `limit` at once: `limit 5/second`");
        return;
    }
    if (count.find_first_not_of("0123456789") != std::string_view::npos) return;
    const Span next = cursor.span();
    std::string_view unit = cursor.peek();
    if (unit.empty() || words::has(words::part, unit)) return;
    cursor.take();
    if (unit == "per" || unit == "a" || unit == "each" || unit == "every" || unit == "/") unit = cursor.peek();
    if (unit.starts_with('/')) unit.remove_prefix(1);
    if (unit.ends_with('s')) unit.remove_suffix(1);
    if (unit != "second" && unit != "minute" && unit != "hour" && unit != "day") unit = "second";
    cursor.fail(Code::unknown_word, next, "a rate is written as one word").advise(fmt::format("write `limit {}/{}`", count, unit));
}

/// Reads one part of a rule, whichever comes next. False if it is no word of a rule.
bool Reader::read_part(Cursor& cursor, Rule& rule) {
    const std::string_view word = cursor.peek();
    const Span at = cursor.span();
    const auto once = [&](Span earlier, std::string_view help = {}) {
        if (!earlier.known()) return true;
        cursor.fail(Code::part_twice, at, fmt::format("`{}` is of a kind that stands once in a rule", word))
            .see(earlier, "one stands here already")
            .advise(std::string(help));
        return false;
    };
    constexpr std::string_view as_list = "several are written as a list: `A, B`";
    constexpr std::string_view as_states = "several states are written `state new,established`";
    const auto keyword = [&] { return cursor.take(); };
    const auto values = [&](Word& begin, Values& into, std::string_view what) {
        if (!once(begin.span, as_list)) return;
        begin = keyword();
        into = cursor.expect_values(what);
    };
    const auto one = [&](Word& into, std::string_view what) {
        if (!once(into.span)) return;
        keyword();
        into = cursor.expect(what);
    };
    const auto flag = [&](Word& into) {
        if (once(into.span)) into = keyword();
    };

    if (word == "established" || word == "new" || word == "invalid") {
        if (!once(rule.state_word.span, as_states)) return true;
        rule.state_word = keyword();
        rule.state = word == "new" ? StateKind::new_ : word == "invalid" ? StateKind::invalid : StateKind::established;
        if (cursor.next_is(ItemKind::comma)) {
            const Span comma = cursor.span();
            cursor.take();
            const bool covered = word == "established" && meant(cursor.peek(), std::array{std::string_view("related")}) == "related";
            cursor.fail(Code::misplaced_sign, comma, fmt::format("`{}` stands by itself, and in no list", word))
                .advise(covered ? std::string("`established` has what is related as well: leave the rest out")
                            : std::string(as_states));
        }
    } else if (word == "state") {
        if (!once(rule.state_word.span, as_states)) return true;
        rule.state_word = keyword();
        rule.state = StateKind::exactly;
        rule.states = cursor.expect_list("a state of connection tracking");
    } else if (begins_traffic(word)) {
        if (once(rule.what ? rule.what->span : Span{}, "make two rules of it; the same ports of both are `tcp,udp 53`")) rule.what = read_traffic(cursor);
    } else if (word == "sport") {
        if (!rule.what || !rule.what->services.empty()) {
            cursor.fail(Code::ports_without_protocol, at, "`sport` needs a protocol")
                .advise("write `tcp sport …` or `udp sport …`");
            return true;
        }
        if (!once(rule.what->source_ports.span)) return true;
        keyword();
        rule.what->source_ports = cursor.expect_values("a port");
    } else if (word == "with") {
        if (rule.verdict.kind != VerdictKind::reject) {
            cursor.fail(Code::unknown_word, at, "only `reject` is done `with` something");
            return true;
        }
        one(rule.verdict.with, "a way to reject, such as `tcp-reset`,");
    } else if (word == "port" || word == "dport") {
        cursor.take();
        const std::string_view ports = begins_with_digit(cursor.peek()) ? cursor.peek() : "80,443";
        cursor.fail(Code::unknown_word, at, fmt::format("`{}` is not a word of a rule", word))
            .advise(fmt::format("ports of packets are written after their protocol: `tcp {}`", ports));
    } else if (word == "ports") {
        if (rule.verdict.kind != VerdictKind::masquerade && rule.verdict.kind != VerdictKind::snat) {
            cursor.fail(Code::unknown_word, at, "`ports` stands after `masquerade` and `snat` only")
                .advise("ports of packets are written after their protocol: `tcp 80,443`");
            return true;
        }
        one(rule.verdict.ports, "a range of ports");
    } else if (const auto direction = direction_named(word)) {
        flag(rule.direction_word);
        rule.direction = *direction;
    } else if (word == "in") {
        values(rule.in_word, rule.in, "an interface or a network");
    } else if (word == "out") {
        values(rule.out_word, rule.out, "an interface or a network");
    } else if (word == "from") {
        values(rule.from_word, rule.from, "an address, a guest or a network");
    } else if (word == "to") {
        values(rule.to_word, rule.to, "an address, a guest or a network");
    } else if (word == "mac") {
        values(rule.mac_word, rule.mac, "a MAC address");
    } else if (word == "limit") {
        rule.limit_word = {at, false};
        one(rule.limit, "a rate, such as `5/minute`,");
        if (!cursor.bad()) read_rate(cursor, rule.limit);
        if (cursor.accept("burst")) rule.burst = cursor.expect("a number");
    } else if (word == "burst") {
        cursor.fail(Code::unknown_word, at, "`burst` stands right after `limit RATE`");
    } else if (word == "mark") {
        rule.mark_word = {at, false};
        one(rule.mark, "a number");
    } else if (word == "to-local") {
        flag(rule.to_local);
    } else if (word == "ipv4" || word == "ipv6") {
        flag(rule.family);
    } else if (word == "comment") {
        one(rule.comment, "a text in quotes");
    } else if (word == "match") {
        rule.match_word = {at, false};
        one(rule.match, "a text in quotes, such as \"-m recent --name x --rcheck\",");
    } else {
        return false;
    }
    return true;
}

Rule Reader::read_rule(Cursor& cursor, VerdictKind kind) {
    Rule rule;
    rule.span = cursor.statement_span();
    Verdict& verdict = rule.verdict;
    verdict.kind = kind;
    verdict.word = cursor.take();
    switch (kind) {
        case VerdictKind::jump:
        case VerdictKind::goto_: verdict.argument = cursor.expect("the name of a chain"); break;
        case VerdictKind::log:
            if (cursor.next_is(ItemKind::text)) verdict.argument = cursor.take();
            break;
        case VerdictKind::snat:
        case VerdictKind::dnat:
        case VerdictKind::redirect:
            cursor.expect_word("to", kind == VerdictKind::redirect ? "a port" : "an address");
            verdict.argument = cursor.expect(kind == VerdictKind::redirect ? "a port" : "an address");
            break;
        case VerdictKind::set_mark: verdict.argument = cursor.expect("a number"); break;
        case VerdictKind::accept:
        case VerdictKind::drop:
        case VerdictKind::reject:
        case VerdictKind::return_:
        case VerdictKind::masquerade:
        case VerdictKind::checksum_fill:
        case VerdictKind::clamp_mss:
        case VerdictKind::notrack: break;
    }
    while (!cursor.at_end()) {
        const std::string_view word = cursor.peek();
        if (word.empty()) {
            cursor.finish();
        } else if (read_part(cursor, rule)) {
            continue;
        } else if (begins_with_digit(word)) {
            if (const std::string meant = port_with_protocol(word); !meant.empty()) {
                cursor.fail(Code::unknown_word, cursor.span(), "the protocol stands ahead of its ports").advise(fmt::format("write `{}`", meant)).replace(cursor.span(), meant);
                break;
            }
            cursor.fail(Code::unknown_word, cursor.span(), fmt::format("the number `{}` stands here without a protocol", word))
                .advise(fmt::format("`tcp {}` and `udp {}` are ports, `proto N` is a protocol", word, word));
        } else if (!rule.what) {
            // Any other word is the name of a service. Were it a misspelt word, what follows it would not fit.
            Traffic traffic;
            const Words services = cursor.expect_list("the name of a service");
            if (services.empty()) break;
            traffic.services = services;
            traffic.span = join(services.front().span, services.back().span);
            const std::string_view next = cursor.peek();
            if (!cursor.at_end() && !words::has(words::part, next)) {
                // Two words in a row that rules do not know: the first one must be the misspelt one.
                const Span first = services.front().span;
                const bool ports = !next.empty() && next.find_first_not_of("0123456789-") == std::string_view::npos;
                cursor.unknown(first, ports ? "a protocol, and ports stand behind one only" : "a word of a rule", words::part, Foreign::Place::part);
                break;
            }
            rule.what = std::move(traffic);
        } else {
            auto& diagnostic = cursor.unknown("a word of a rule", words::part, Foreign::Place::part);
            if (diagnostic.help.empty()) diagnostic.see(rule.what->span, "if it is a service: the rule says here already what it is for");
        }
    }
    return rule;
}

void Reader::read_in_policy(const Statement& statement, Policy& policy) {
    const std::string_view word = head(statement, Place::policy);
    if (word.empty()) {
        policy.damaged = true;
        return;
    }
    Cursor cursor(statement, sources_, diagnostics_, input_.lists);
    if (no_block(cursor, statement)) {
        Rule rule = read_rule(cursor, *words::as<VerdictKind>(words::verdict, word));
        if (!cursor.bad()) {
            policy.rules.push_back(std::move(rule));
            return;
        }
    }
    policy.damaged = true;
    lose(statement);
}

void Reader::read_rules(const Block& block, Policy& policy) {
    policy.rules.reserve(block.statements.size());
    for (const Statement& statement : block.statements) read_in_policy(statement, policy);
}

}  // namespace natc::syntax

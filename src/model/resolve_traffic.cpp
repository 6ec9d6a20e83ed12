#include <algorithm>
#include <fmt/format.h>

#include "base/nearest.hpp"
#include "model/resolve_rule.hpp"
#include "syntax/words.hpp"

namespace natc {

/// `icmp` means the ICMP of either family, and a type that only one of them has belongs to that one.
bool RuleResolver::icmp_traffic(const syntax::Traffic& written, bool only_ipv6, std::vector<Traffic>& into) {
    Traffic by_family[2];
    by_family[0].protocol = icmp;
    by_family[0].families = Family::ipv4;
    by_family[1].protocol = icmpv6;
    by_family[1].families = Family::ipv6;
    bool ok = true;
    for (const syntax::Word& word : written.ports.words) {
        const std::string type = scope_.plain(word);
        if (type.empty()) continue;
        if (std::isdigit(static_cast<unsigned char>(type.front())) != 0) {
            const Family family = only_ipv6 ? Family::ipv6 : Family::ipv4;
            const auto number = parse_icmp_number(type, family);
            if (number) {
                by_family[static_cast<std::size_t>(family)].icmp_types.push_back(*number);
            } else {
                scope_.diagnostics().add(word.span, number.error());
                ok = false;
            }
            continue;
        }
        const IcmpName* name = icmp_named(type);
        if (name == nullptr || (only_ipv6 && !name->ipv6)) {
            std::vector<std::string_view> known;
            for (const IcmpName& entry : icmp_names())
                if (!only_ipv6 || entry.ipv6) known.push_back(entry.name);
            auto& diagnostic = scope_.diagnostics().add(
                Code::bad_icmp_type, word.span,
                name != nullptr ? fmt::format("`{}` is a type of IPv4's ICMP alone", type) : fmt::format("`{}` is no type of ICMP", type));
            if (const auto near = nearest(type, known); name == nullptr && !near.empty()) {
                diagnostic.advise(fmt::format("did you mean `{}`?", near));
                if (surely(type, near, known, WordOf::language)) diagnostic.replace(word.span, std::string(near));
            }
            ok = false;
            continue;
        }
        if (name->ipv4 && !only_ipv6) by_family[0].icmp_types.push_back(*name->ipv4);
        if (name->ipv6) by_family[1].icmp_types.push_back(*name->ipv6);
    }
    const bool typed = written.ports.known();
    for (Traffic& one : by_family) {
        one.types_negated = written.ports.negated;
        const bool wanted = !(only_ipv6 && one.families == FamilySet(Family::ipv4));
        if (wanted && (!typed || !one.icmp_types.empty())) into.push_back(std::move(one));
    }
    return ok;
}

bool RuleResolver::protocol_traffic(const syntax::Traffic& written, std::string_view name, Span span,
                                    std::vector<Traffic>& into) {
    if (!written.numbered && (name == "icmp" || name == "icmpv6")) {
        if (written.source_ports.known()) {
            scope_.diagnostics().add(Code::ports_without_protocol, written.source_ports.span, fmt::format("{} has no ports", name));
            return false;
        }
        if (written.protocols.size() > 1 && written.ports.known()) {
            scope_.diagnostics().add(Code::ports_without_protocol, span, fmt::format("{} has no ports, and the others no types", name))
                .advise("make two rules of it");
            return false;
        }
        return icmp_traffic(written, name == "icmpv6", into);
    }
    Traffic traffic;
    if (written.numbered) {
        const auto protocol = parse_protocol(name);
        if (!protocol) {
            scope_.diagnostics().add(span, protocol.error());
            return false;
        }
        traffic.protocol = *protocol;
    } else {
        traffic.protocol = protocol_named(name);
    }
    const syntax::Values& written_ports = written.ports.known() ? written.ports : written.source_ports;
    if (written_ports.known() && !has_ports(*traffic.protocol)) {
        scope_.diagnostics().add(Code::ports_without_protocol, written_ports.span,
                                 fmt::format("protocol {} has no ports", to_string(*traffic.protocol)));
        return false;
    }
    bool ok = scope_.port_list(written.ports.words, traffic.ports);
    ok = scope_.port_list(written.source_ports.words, traffic.source_ports) && ok;
    traffic.ports_negated = written.ports.negated;
    traffic.source_ports_negated = written.source_ports.negated;
    into.push_back(std::move(traffic));
    return ok;
}

std::optional<std::vector<Traffic>> RuleResolver::traffic(const syntax::Traffic& written) {
    std::vector<Traffic> result;
    bool ok = true;
    static constexpr std::string_view states[] = {"established", "related", "new", "invalid", "untracked"};
    const auto is_state = [&](const syntax::Word& word) { return std::ranges::find(states, meant(scope_.text(word), states)) != std::end(states); };
    if (written.services.size() > 1 && std::ranges::all_of(written.services, is_state)) {
        const bool both = written.services.size() == 2 && std::ranges::all_of(written.services, [&](const syntax::Word& word) {
            const std::string_view state = meant(scope_.text(word), states);
            return state == states[0] || state == states[1];
        });
        scope_.diagnostics().add(Code::unknown_name, written.span, "these are states, and no services")
            .advise(both ? "write `established`, which has what is related as well" : "several states are written `state new,untracked`");
        return std::nullopt;
    }
    for (const syntax::Word& word : written.services) {
        const Service* service = scope_.service(word, syntax::words::part);
        if (service == nullptr) {
            ok = false;
        } else {
            result.insert(result.end(), service->traffic.begin(), service->traffic.end());
        }
    }
    for (const syntax::Word& word : written.protocols) ok = protocol_traffic(written, scope_.plain(word), word.span, result) && ok;
    if (!ok) return std::nullopt;
    return result;
}

}  // namespace natc

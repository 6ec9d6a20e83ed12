#include "model/end_point.hpp"

#include <fmt/format.h>

namespace natc {

std::optional<EndPoint> read_end_point(const syntax::Word& word, Scope& scope, const std::vector<Network>& model, bool range) {
    const std::string inside = word.quoted ? scope.plain(word) : std::string();
    const std::string_view written = word.quoted ? inside : scope.text(word);
    std::string_view host = written;
    std::string_view port;
    const auto bad = [&](std::string message) -> Diagnostic& {
        return scope.diagnostics().add(Code::bad_end_point, word.span, std::move(message));
    };
    const bool bracket = host.starts_with('[');
    if (bracket) {
        const auto close = host.find(']');
        if (close == std::string_view::npos) {
            bad(fmt::format("`{}` has no `]`", written));
            return std::nullopt;
        }
        port = host.substr(close + 1);
        host = host.substr(1, close - 1);
        if (!port.empty() && port.front() != ':') {
            bad(fmt::format("`{}`: a port follows `]` after a `:`", written));
            return std::nullopt;
        }
    } else if (const auto colon = host.find(':'); colon != std::string_view::npos && host.find(':', colon + 1) != std::string_view::npos) {
        auto& diagnostic = bad(fmt::format("`{}`: an IPv6 address stands in brackets here", written));
        const auto last = written.rfind(':');
        const std::string_view before = written.substr(0, last);
        const std::string_view after = written.substr(last + 1);
        const bool whole = static_cast<bool>(parse_addresses(written));
        if (parse_address(before) && parse_ports(after)) {
            diagnostic.advise(whole ? fmt::format("write [{}]:{} if {} is the port, or else [{}]", before, after, after, written)
                                    : fmt::format("write [{}]:{}", before, after));
        } else if (whole) {
            diagnostic.advise(fmt::format("write [{}]", written)).replace(word.span, fmt::format("[{}]", written));
        }
        return std::nullopt;
    } else if (colon != std::string_view::npos) {
        port = host.substr(colon);
        host = host.substr(0, colon);
    }

    if (host.empty()) {
        bad(fmt::format("`{}` names no guest and no address", written));
        return std::nullopt;
    }
    if (host.starts_with('$')) {
        bad(fmt::format("`{}` may stand for several, and an end point is one guest or address", host));
        return std::nullopt;
    }
    std::optional<EndPoint> end_point(std::in_place);
    if (!port.empty()) {
        const auto ports = parse_ports(port.substr(1));
        if (!ports) {
            scope.diagnostics().add(word.span, ports.error());
            return std::nullopt;
        }
        end_point->ports = *ports;
    }
    // No name begins with a digit.
    const bool may_be_name = !bracket && (host.front() < '0' || host.front() > '9');
    if (may_be_name) {
        if (const auto guest = scope.find_guest(host)) {
            end_point->guest = true;
            for (const Address address : model[guest->network].guests[guest->guest].addresses) end_point->addresses.push_back(address);
            return end_point;
        }
        if (scope.find_network(host) && scope.ambiguous(host)) return std::nullopt;
        if (scope.find_network(host)) {
            bad(fmt::format("`{}` is a network, and an end point is one guest or address", host));
            return std::nullopt;
        }
    }
    const auto addresses = parse_addresses(host);
    if (!addresses) {
        if (bracket || looks_like_address(host)) {
            scope.diagnostics().add(word.span, addresses.error());
        } else if (host.find_first_not_of("0123456789-") == std::string_view::npos) {
            bad(fmt::format("`{}` is a port, and a guest or an address must come before it", host))
                .advise(fmt::format("write GUEST:{}", host));
        } else {
            scope.unknown(word.span, "guest", host, scope.names_of_ends());
        }
        return std::nullopt;
    }
    if (bracket && addresses->family() == Family::ipv4) {
        bad(fmt::format("`{}`: only IPv6 addresses stand in brackets", written));
        return std::nullopt;
    }
    if (!bracket && addresses->family() == Family::ipv6) {
        bad(fmt::format("`{}`: an IPv6 address stands in brackets here", written)).advise(fmt::format("write [{}]", host));
        return std::nullopt;
    }
    if (!addresses->single() && !range) {
        bad(fmt::format("`{}` is more than one address, and an end point is one", host));
        return std::nullopt;
    }
    end_point->addresses.push_back(*addresses);
    return end_point;
}

}  // namespace natc

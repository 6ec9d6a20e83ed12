#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "read/modules.hpp"
#include "read/values.hpp"

namespace natc::read {

namespace {

constexpr std::size_t longest_prefix = 29;

struct RejectWord {
    std::string_view name;
    std::string_view short_name;
    ir::RejectWith with;
    FamilySet families;
};

using enum ir::RejectWith;
constexpr RejectWord reject_words[] = {
    {"icmp-net-unreachable", "net-unreach", net_unreachable, Family::ipv4},
    {"icmp-host-unreachable", "host-unreach", host_unreachable, Family::ipv4},
    {"icmp-proto-unreachable", "proto-unreach", proto_unreachable, Family::ipv4},
    {"icmp-port-unreachable", "port-unreach", port_unreachable, Family::ipv4},
    {"icmp-net-prohibited", "net-prohib", net_prohibited, Family::ipv4},
    {"icmp-host-prohibited", "host-prohib", host_prohibited, Family::ipv4},
    {"icmp-admin-prohibited", "admin-prohib", admin_prohibited, Family::ipv4},
    {"tcp-reset", "tcp-rst", tcp_reset, FamilySet::both()},
    {"icmp6-no-route", "no-route", no_route, Family::ipv6},
    {"icmp6-adm-prohibited", "adm-prohibited", admin_prohibited, Family::ipv6},
    {"icmp6-addr-unreachable", "addr-unreach", addr_unreachable, Family::ipv6},
    {"icmp6-port-unreachable", "port-unreach", port_unreachable, Family::ipv6},
    {"icmp6-policy-fail", "policy-fail", policy_fail, Family::ipv6},
    {"icmp6-reject-route", "reject-route", reject_route, Family::ipv6},
};

/// Protocols whose ports netfilter can translate.
bool translates_ports(const std::optional<Protocol>& protocol) {
    return protocol && (*protocol == tcp || *protocol == udp || *protocol == sctp || protocol->number == 33 || *protocol == icmp || *protocol == icmpv6);
}

class TargetReader {
public:
    TargetReader(const Module& module, RuleContext& context) : module_(module), context_(context) {}

    using Read = std::optional<ir::Statement>;

    Read read() {
        const std::string_view name = module_.name;
        for (const Option& option : module_.options)
            if (option.negated) return say(Code::misplaced_sign, option.span, fmt::format("an option of a target is not negated: {}", option.spelling));
        if (name == "REJECT") return reject();
        if (name == "LOG") return log();
        if (name == "MASQUERADE") return masquerade();
        if (name == "SNAT") return snat();
        if (name == "DNAT") return dnat();
        if (name == "REDIRECT") return redirect();
        if (name == "CHECKSUM") return required("--checksum-fill") != nullptr ? Read(ir::FillChecksum{}) : std::nullopt;
        if (name == "MARK") return mark();
        return tcpmss();
    }

private:
    std::nullopt_t say(Code code, Span where, std::string message, std::string help = {}) {
        context_.diagnostics.add(code, where, std::move(message)).advise(std::move(help));
        return std::nullopt;
    }
    std::nullopt_t say(const Option& option, BadValue bad) {
        context_.diagnostics.add(option.values.front().span, std::move(bad));
        return std::nullopt;
    }
    const Option* required(std::string_view name) {
        const Option* option = module_.find(name);
        if (option == nullptr) say(Code::missing_word, module_.span, fmt::format("`-j {}` does nothing without {}", module_.name, spelled(name)));
        return option;
    }
    [[nodiscard]] std::string_view spelled(std::string_view name) const {
        if (name != "--to") return name;
        return module_.name == "SNAT" ? "--to-source" : "--to-destination";
    }
    [[nodiscard]] ir::Statement foreign() const { return ir::Foreign{module_.spelling}; }
    [[nodiscard]] static const std::string& text(const Option& option) { return option.values.front().text; }

    Read reject() {
        const Option* option = module_.find("--reject-with");
        if (option == nullptr) return ir::Reject{port_unreachable};
        const std::string name = lower(text(*option));
        // A beginning will do; what is in the first family stands for both where both have it.
        const RejectWord* found = nullptr;
        FamilySet families;
        for (const RejectWord& word : reject_words) {
            if (name.empty() || (!word.name.starts_with(name) && !word.short_name.starts_with(name))) continue;
            if (found == nullptr || name == word.name || name == word.short_name) {
                if (found != nullptr && found->with != word.with) families = {};
                found = &word;
            }
            families |= word.families;
        }
        if (found == nullptr) return say(Code::unknown_word, option->values.front().span, fmt::format("`{}` is no way to reject", text(*option)));
        for (const Family family : all_families)
            if (families == FamilySet(family)) context_.evidence.tells(family, option->span);
        if (found->with == tcp_reset && context_.protocol != tcp)
            return say(Code::reset_without_tcp, option->span, "tcp-reset stands only behind `-p tcp`");
        return ir::Reject{found->with};
    }

    Read log() {
        const Option* prefix = module_.find("--log-prefix");
        if (prefix != nullptr && text(*prefix).empty()) return say(Code::missing_word, prefix->span, "a prefix of the log cannot be empty");
        if (module_.options.size() > (prefix != nullptr ? 1U : 0U)) return foreign();
        return ir::Log{prefix != nullptr ? cut(text(*prefix), longest_prefix) : std::string()};
    }

    [[nodiscard]] ir::NatFlags flags() const {
        return {module_.find("--random") != nullptr, module_.find("--random-fully") != nullptr, module_.find("--persistent") != nullptr};
    }

    bool ports_fit(const Option& option) {
        if (translates_ports(context_.protocol)) return true;
        say(Code::ports_without_protocol, option.span, "ports are translated only behind `-p` with tcp, udp, sctp or dccp");
        return false;
    }

    /// Reads `--to-ports`. False where it says something that is wrong, which was said then; `services`: it names one.
    bool to_ports(std::optional<PortRange>& into, bool& services) {
        const Option* option = module_.find("--to-ports");
        if (option == nullptr) return true;
        if (!ports_fit(*option)) return false;
        const auto read = ports(text(*option), '-', false);
        if (!read) {
            say(*option, read.error());
            return false;
        }
        services = !*read;
        into = *read;
        return true;
    }

    Read masquerade() {
        ir::Masquerade made;
        bool services = false;
        if (!to_ports(made.ports, services)) return std::nullopt;
        if (services) return foreign();
        made.flags = flags();
        return made;
    }

    Read redirect() {
        ir::Redirect made;
        bool services = false;
        if (!to_ports(made.ports, services)) return std::nullopt;
        if (services) return foreign();
        made.flags = flags();
        return made;
    }

    /// `10.1.1.5-10.1.1.9:80-89/8000`, `[fd00::5]:80`, `fd00::5`, `:80`
    struct EndPoint {
        std::optional<AddressRange> addresses;
        std::optional<PortRange> ports;
        std::optional<std::uint16_t> base;
        bool plain = true;  ///< false: right maybe, but nothing that natc has a structure for
    };

    std::optional<EndPoint> end_point(const Option& option) {
        std::string_view address = text(option);
        std::string_view port;
        if (address.starts_with('[')) {
            const auto close = address.find(']');
            const auto behind = close == std::string_view::npos ? std::string_view() : address.substr(close + 1);
            if (close == std::string_view::npos || (!behind.empty() && behind.front() != ':'))
                return say(Code::bad_end_point, option.values.front().span, fmt::format("`{}` is no end point", address));
            address = address.substr(1, close - 1);
            port = behind.empty() ? behind : behind.substr(1);
            if (!behind.empty() && port.empty()) return say(Code::bad_port, option.values.front().span, "a port is missing behind the `:`");
        } else if (const auto colon = address.find(':'); colon != std::string_view::npos && address.find(':', colon + 1) == std::string_view::npos) {
            // One colon is that of a port: IPv6 has more.
            port = address.substr(colon + 1);
            address = address.substr(0, colon);
            if (port.empty()) return say(Code::bad_port, option.values.front().span, "a port is missing behind the `:`");
        }
        EndPoint result;
        if (!address.empty()) {
            const auto read = address_range(address);
            if (!read) return say(option, read.error());
            context_.evidence.tells(read->family, option.span);
            result.addresses = read->range;
            result.plain = read->range.has_value();
        }
        if (port.empty()) {
            if (address.empty()) return say(Code::missing_word, option.span, "an address is missing");
            return result;
        }
        if (!ports_fit(option)) return std::nullopt;
        const auto slash = port.find('/');
        const auto read = ports(port.substr(0, slash), '-', false);
        if (!read) return say(option, read.error());
        result.ports = *read;
        result.plain = result.plain && read->has_value();
        if (slash != std::string_view::npos) {
            const auto base = number(port.substr(slash + 1), 65535);
            if (!base && !may_name_service(port.substr(slash + 1))) return say(Code::bad_port, option.values.front().span, fmt::format("`{}` is no port to count from", port.substr(slash + 1)));
            // Behind one port a base means nothing, and none is printed.
            result.plain = result.plain && base && !result.ports->single();
            if (base) result.base = static_cast<std::uint16_t>(*base);
        }
        return result;
    }

    Read snat() {
        const Option* option = required("--to");
        if (option == nullptr) return std::nullopt;
        const auto to = end_point(*option);
        if (!to) return std::nullopt;
        if (!to->plain || to->base) return foreign();
        return ir::SourceNat{to->addresses, to->ports, flags()};
    }

    Read dnat() {
        const Option* option = required("--to");
        if (option == nullptr) return std::nullopt;
        const auto to = end_point(*option);
        if (!to) return std::nullopt;
        if (!to->plain) return foreign();
        return ir::DestinationNat{to->addresses, to->ports, to->base, flags()};
    }

    Read mark() {
        if (module_.options.empty()) return say(Code::missing_word, module_.span, "`-j MARK` does nothing without a mark to set");
        if (module_.options.size() > 1) return say(Code::part_twice, module_.options[1].span, "a mark is set in one way");
        const Option& option = module_.options.front();
        const auto read = masked_number(text(option));
        if (!read) return say(option, read.error());
        const std::uint32_t value = read->value;
        if (option.name == "--set-xmark") return ir::SetMark{value, read->mask.value_or(UINT32_MAX)};
        if (option.name == "--set-mark") return ir::SetMark{value, read->mask ? *read->mask | value : UINT32_MAX};
        if (read->mask) return say(Code::bad_number, option.values.front().span, fmt::format("{} takes no mask", option.name));
        if (option.name == "--and-mark") return ir::SetMark{0, ~value};
        if (option.name == "--or-mark") return ir::SetMark{value, value};
        return ir::SetMark{value, 0};
    }

    Read tcpmss() {
        if (context_.protocol != tcp) return say(Code::ports_without_protocol, module_.span, "`-j TCPMSS` stands only behind `-p tcp`");
        if (module_.options.size() != 1) return say(Code::missing_word, module_.span, "`-j TCPMSS` takes --clamp-mss-to-pmtu or --set-mss");
        if (module_.options.front().name == "--clamp-mss-to-pmtu") return ir::ClampMss{};
        if (!number(text(module_.options.front()), 65535)) return say(Code::bad_number, module_.options.front().span, "a size of segments is a number up to 65535");
        return foreign();
    }

    const Module& module_;
    RuleContext& context_;
};

}  // namespace

std::optional<ir::Statement> read_target(const Module& module, RuleContext& context) {
    if (module.name == "ACCEPT" || module.name == "DROP" || module.name == "RETURN") {
        if (module.spelling != module.name) {
            context.diagnostics.add(Code::unknown_option, module.span, fmt::format("`-j {}` takes no options", module.name));
            return std::nullopt;
        }
        if (module.name == "ACCEPT") return ir::Accept{};
        if (module.name == "DROP") return ir::Drop{};
        return ir::Return{};
    }
    if (module.spelling == "NOTRACK" || module.spelling == "CT --notrack") return ir::NoTrack{};
    if (!module.known) return ir::Foreign{module.spelling};
    return TargetReader(module, context).read();
}

}  // namespace natc::read

#include <algorithm>
#include <fmt/format.h>

#include "read/modules.hpp"
#include "read/values.hpp"

namespace natc::read {

namespace {

constexpr std::size_t longest_comment = 255;
constexpr std::size_t most_slots = 15;
constexpr Protocol dccp{33};

class MatchReader {
public:
    MatchReader(const Module& module, RuleContext& context, std::vector<ir::Match>& matches, std::string& comment)
        : module_(module), context_(context), matches_(matches), comment_(comment) {}

    bool read() {
        const std::string_view name = module_.name;
        if (name == "tcp") return needs(tcp) && own_ports();
        if (name == "udp") return needs(udp) && own_ports();
        if (name == "sctp") return needs(sctp) && own_ports();
        if (name == "dccp") return needs(dccp) && own_ports();
        if (name == "multiport") return multiport();
        if (name == "icmp") return needs(icmp) && icmp_type("--icmp-type", Family::ipv4);
        if (name == "icmp6") return needs(icmpv6) && icmp_type("--icmpv6-type", Family::ipv6);
        if (name == "conntrack") return conntrack();
        if (name == "state") return state();
        if (name == "mac") return mac();
        if (name == "limit") return limit();
        if (name == "mark") return mark();
        if (name == "addrtype") return addrtype();
        if (name == "rpfilter") return rpfilter();
        if (name == "iprange") return iprange();
        return comment();
    }

private:
    bool say(Code code, Span where, std::string message) {
        context_.diagnostics.add(code, where, std::move(message));
        return false;
    }
    bool say(Span where, BadValue bad) {
        context_.diagnostics.add(where, std::move(bad));
        return false;
    }
    template <typename T>
    bool say(const Option& option, const Result<T>& bad) {
        return say(option.values.front().span, bad.error());
    }

    bool needs(Protocol protocol) {
        if (context_.protocol == protocol) return true;
        return say(Code::ports_without_protocol, module_.span, fmt::format("`-m {}` stands only behind `-p {}`", module_.name, to_string(protocol)));
    }
    const Option* required(std::string_view name) {
        const Option* option = module_.find(name);
        if (option == nullptr) say(Code::missing_word, module_.span, fmt::format("`-m {}` does nothing without {}", module_.name, name));
        return option;
    }
    [[nodiscard]] static const std::string& text(const Option& option) { return option.values.front().text; }

    /// An option that has no structure, in a match of its own.
    bool word_for_word(const Option& option) {
        matches_.emplace_back(ir::Verbatim{fmt::format("-m {} {}", module_.name, option.spelling)});
        return true;
    }
    bool all_word_for_word() {
        matches_.emplace_back(ir::Verbatim{module_.spelling});
        return true;
    }

    template <typename Ports>
    bool port(const Option& option) {
        const auto read = ports(text(option), ':', true);
        if (!read) return say(option, read);
        // Not to be any port: each tool makes something else of it.
        const bool all = *read && (*read)->first == 0 && (*read)->last == 65535;
        if (!*read || (all && option.negated)) return word_for_word(option);
        matches_.emplace_back(Ports{{**read}, option.negated});
        return true;
    }

    bool flags(const Option& option, std::string_view mask_text, std::string_view set_text) {
        const auto mask = tcp_flags(mask_text);
        if (!mask) return say(option.values.front().span, mask.error());
        const auto set = tcp_flags(set_text);
        if (!set) return say(option.values.back().span, set.error());
        if (*mask == 0 && option.negated) return word_for_word(option);
        matches_.emplace_back(ir::TcpFlags{*mask, *set, option.negated});
        return true;
    }

    bool own_ports() {
        for (const Option& option : module_.options) {
            bool good = true;
            if (option.name == "--sport")
                good = port<ir::SourcePorts>(option);
            else if (option.name == "--dport")
                good = port<ir::DestinationPorts>(option);
            else if (option.name == "--syn")
                matches_.emplace_back(ir::TcpFlags{ir::syn_packet.mask, ir::syn_packet.set, option.negated});
            else if (option.name == "--tcp-flags")
                good = flags(option, text(option), option.values.back().text);
            else
                good = word_for_word(option);
            if (!good) return false;
        }
        return true;
    }

    bool multiport() {
        if (!context_.protocol || !has_ports(*context_.protocol))
            return say(Code::ports_without_protocol, module_.span, "`-m multiport` stands only behind `-p` with tcp, udp, udplite, sctp or dccp");
        if (module_.options.empty()) return say(Code::missing_word, module_.span, "`-m multiport` does nothing without ports");
        if (module_.options.size() > 1) return say(Code::part_twice, module_.options[1].span, "a multiport match takes one list");
        const Option& option = module_.options.front();
        std::vector<PortRange> list;
        std::string_view rest = text(option);
        std::size_t slots = 0;
        bool services = false;
        do {
            const std::string_view piece = next_piece(rest, ',');
            const auto one = ports(piece, ':', false);
            if (!one) return say(option, one);
            const bool range = piece.find(':') != std::string_view::npos;
            slots += range ? 2U : 1U;
            services = services || !*one;
            if (!*one) continue;
            if (range && (*one)->single()) return say(Code::backward_range, option.values.front().span, fmt::format("{} is no range to multiport", piece));
            list.push_back(**one);
        } while (!rest.empty());
        if (text(option).ends_with(',')) return say(Code::bad_port, option.values.front().span, "a port is missing behind the last comma");
        if (slots > most_slots)
            return say(Code::too_long_to_restore, option.values.front().span, fmt::format("multiport takes {} ports, a range being two, and here are {}", most_slots, slots));
        if (services || option.name == "--ports") return all_word_for_word();
        if (option.name == "--sports")
            matches_.emplace_back(ir::SourcePorts{std::move(list), option.negated});
        else
            matches_.emplace_back(ir::DestinationPorts{std::move(list), option.negated});
        return true;
    }

    /// A name in full, or the beginning of one; nothing where there is none, or several that mean different types.
    static std::optional<IcmpType> named_type(std::string_view name, Family family) {
        std::optional<IcmpType> found;
        for (const IcmpName& one : icmp_names()) {
            const auto& type = family == Family::ipv4 ? one.ipv4 : one.ipv6;
            const std::string known = lower(one.name);
            if (!type || !known.starts_with(name)) continue;
            if (known == name) return type;
            if (found && *found != *type) return std::nullopt;
            found = type;
        }
        return found;
    }

    bool icmp_type(std::string_view option_name, Family family) {
        context_.evidence.tells(family, module_.span);
        const Option* option = required(option_name);
        if (option == nullptr) return false;
        const std::string name = lower(text(*option));
        const bool any = family == Family::ipv4 && (name == "any" || name == "255" || name.starts_with("255/"));
        if (any && !option->negated) return true;  // which is what `-p icmp` says
        if (any) return word_for_word(*option);
        std::string_view code_text = name;
        const auto number_text = next_piece(code_text, '/');
        const auto type_number = number(number_text, 255);
        const bool has_code = name.find('/') != std::string::npos;
        const auto code = has_code ? number(code_text, 255) : std::nullopt;
        std::optional<IcmpType> type;
        if (type_number && (code || !has_code)) {
            type = IcmpType{family, static_cast<std::uint8_t>(*type_number), {}};
            if (code) type->code = static_cast<std::uint8_t>(*code);
        } else if (type_number && code_text.find(':') != std::string_view::npos) {
            return word_for_word(*option);  // a range of codes
        } else if (!name.empty()) {
            type = named_type(name, family);
        }
        if (!type) return say(Code::bad_icmp_type, option->values.front().span, fmt::format("`{}` is no type of {} ICMP", text(*option), natc::name(family)));
        matches_.emplace_back(ir::IcmpTypeIs{*type, option->negated});
        return true;
    }

    bool conntrack() {
        if (module_.options.empty()) return say(Code::missing_word, module_.span, "`-m conntrack` does nothing without an option");
        ir::Conntrack made;
        for (const Option& option : module_.options) {
            if (option.name == "--ctstate") {
                const auto read = states(text(option), true);
                if (!read) return say(option, read);
                made.states = *read;
                made.states_negated = option.negated;
            } else if (option.name == "--ctorigsrc" || option.name == "--ctreplsrc") {
                const auto read = masked_address(text(option));
                if (!read) return say(option, read);
                context_.evidence.tells(read->family, option.span);
                const bool original = option.name == "--ctorigsrc";
                if (!read->range) {
                    word_for_word(option);
                    continue;
                }
                (original ? made.original_source : made.reply_source) = read->range;
                (original ? made.original_source_negated : made.reply_source_negated) = option.negated;
            } else {
                if (option.name == "--ctorigdst" || option.name == "--ctrepldst") {
                    const auto read = masked_address(text(option));
                    if (!read) return say(option, read);
                    context_.evidence.tells(read->family, option.span);
                }
                word_for_word(option);
            }
        }
        if (made != ir::Conntrack{}) matches_.emplace_back(std::move(made));
        return true;
    }

    bool state() {
        const Option* option = required("--state");
        if (option == nullptr) return false;
        const auto read = states(text(*option), false);
        if (!read) return say(*option, read);
        ir::Conntrack made;
        made.states = *read;
        made.states_negated = option->negated;
        matches_.emplace_back(std::move(made));
        return true;
    }

    bool mac() {
        const Option* option = required("--mac-source");
        if (option == nullptr) return false;
        // iptables takes parts of one digit.
        std::string padded;
        std::string_view rest = text(*option);
        do {
            const auto part = next_piece(rest, ':');
            padded += fmt::format("{}{}{}", padded.empty() ? "" : ":", part.size() == 1 ? "0" : "", part);
        } while (!rest.empty());
        const auto read = parse_mac(padded);
        if (!read) return say(*option, read);
        matches_.emplace_back(ir::SourceMac{*read, option->negated});
        return true;
    }

    bool limit() {
        ir::RateLimit made;
        made.count = 3;
        made.period = ir::Period::hour;
        if (const Option* option = module_.find("--limit")) {
            if (option->negated) return say(Code::misplaced_sign, option->span, "a limit cannot be negated");
            const auto read = rate(text(*option));
            if (!read) return say(*option, read);
            made = *read;
        }
        if (const Option* option = module_.find("--limit-burst")) {
            const auto burst = number(text(*option), 10'000);
            if (!burst || *burst == 0 || option->negated)
                return say(Code::bad_number, option->span, fmt::format("{} is no burst of a limit: it goes from 1 to 10000", text(*option)));
            made.burst = static_cast<std::uint32_t>(*burst);
        }
        matches_.emplace_back(made);
        return true;
    }

    bool mark() {
        const Option* option = required("--mark");
        if (option == nullptr) return false;
        const auto read = masked_number(text(*option));
        if (!read) return say(*option, read);
        matches_.emplace_back(ir::MarkIs{read->value, read->mask.value_or(UINT32_MAX), option->negated});
        return true;
    }

    bool addrtype() {
        const bool limited = module_.find("--limit-iface-in") != nullptr || module_.find("--limit-iface-out") != nullptr;
        if (module_.find("--src-type") == nullptr && module_.find("--dst-type") == nullptr)
            return say(Code::missing_word, module_.span, "`-m addrtype` needs --src-type or --dst-type");
        // A limit to the interface holds for the other options as well.
        if (limited) return all_word_for_word();
        for (const Option& option : module_.options) {
            if (lower(text(option)) != "local")
                word_for_word(option);
            else if (option.name == "--src-type")
                matches_.emplace_back(ir::SourceIsLocal{option.negated});
            else
                matches_.emplace_back(ir::DestinationIsLocal{option.negated});
        }
        return true;
    }

    bool rpfilter() {
        if (module_.options.size() != 1 || module_.options.front().name != "--invert") return all_word_for_word();
        matches_.emplace_back(ir::ForgedSource{});
        return true;
    }

    bool iprange() {
        if (module_.options.empty()) return say(Code::missing_word, module_.span, "`-m iprange` needs --src-range or --dst-range");
        for (const Option& option : module_.options) {
            const auto read = address_range(text(option));
            if (!read) return say(option, read);
            context_.evidence.tells(read->family, option.span);
            if (!read->range)
                word_for_word(option);
            else if (option.name == "--src-range")
                matches_.emplace_back(ir::SourceAddress{*read->range, option.negated});
            else
                matches_.emplace_back(ir::DestinationAddress{*read->range, option.negated});
        }
        return true;
    }

    bool comment() {
        const Option* option = required("--comment");
        if (option == nullptr) return false;
        if (!comment_.empty()) comment_ += ' ';
        comment_ += cut(text(*option), longest_comment);
        comment_ = cut(comment_, longest_comment);
        return true;
    }

    const Module& module_;
    RuleContext& context_;
    std::vector<ir::Match>& matches_;
    std::string& comment_;
};

}  // namespace

bool read_match(const Module& module, RuleContext& context, std::vector<ir::Match>& matches, std::string& comment) {
    if (!module.known) {
        matches.emplace_back(ir::Verbatim{module.spelling});
        return true;
    }
    return MatchReader(module, context, matches, comment).read();
}

}  // namespace natc::read

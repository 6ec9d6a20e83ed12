#include "read/rule.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <utility>

#include "ir/placement.hpp"
#include "net/interface_name.hpp"
#include "read/modules.hpp"
#include "read/values.hpp"

namespace natc::read {

namespace {

constexpr std::size_t longest_interface = 15;

/// Options of iptables itself that a rule has, by their short names. No sign: none of them.
char own_option(std::string_view word) {
    constexpr std::pair<std::string_view, char> names[] = {
        {"--source", 's'},        {"--src", 's'},           {"--destination", 'd'}, {"--dst", 'd'},       {"--in-interface", 'i'},
        {"--out-interface", 'o'}, {"--protocol", 'p'},      {"--proto", 'p'},       {"--jump", 'j'},      {"--goto", 'g'},
        {"--match", 'm'},         {"--set-counters", 'c'},  {"--fragment", 'f'},    {"--fragments", 'f'},
    };
    for (const auto& [name, sign] : names)
        if (word == name) return sign;
    // iptables-restore refuses `-s10.0.0.1` in one word, as it does `--source=10.0.0.1`.
    const bool short_one = word.size() == 2 && word[0] == '-';
    return short_one && std::string_view("sdiopjgmcf").find(word[1]) != std::string_view::npos ? word[1] : '\0';
}

void append_word(std::string& out, std::string_view written) {
    if (!out.empty()) out += ' ';
    out += written;
}

class RuleReader {
public:
    RuleReader(std::span<const Word> words, const RulePlace& place, Evidence& evidence, Diagnostics& diagnostics)
        : words_(words), place_(place), evidence_(evidence), diagnostics_(diagnostics) {}

    std::optional<ir::Rule> read() {
        while (at_ < words_.size())
            if (!part()) return std::nullopt;
        RuleContext context{protocol_, evidence_, diagnostics_};
        for (const Module& module : matches_)
            if (!read_match(module, context, rule_.matches, rule_.comment)) return std::nullopt;
        join_addresses<ir::SourceAddress>("--src-range");
        join_addresses<ir::DestinationAddress>("--dst-range");
        if (!statement(context) || !placed()) return std::nullopt;
        for (const Module& module : matches_) hint(ModuleKind::match, module);
        if (target_) hint(ModuleKind::target, *target_);
        rule_.origins.push_back(place_.line);
        return std::move(rule_);
    }

private:
    bool say(Code code, Span where, std::string message, std::string help = {}) {
        diagnostics_.add(code, where, std::move(message)).advise(std::move(help));
        return false;
    }

    [[nodiscard]] const Word* peek(std::size_t ahead = 0) const { return at_ + ahead < words_.size() ? &words_[at_ + ahead] : nullptr; }

    [[nodiscard]] Module* context() {
        if (in_target_) return &*target_;
        return matches_.empty() ? nullptr : &matches_.back();
    }

    /// The one option of a match that is spelled as one of iptables itself, and comes first.
    [[nodiscard]] bool is_of_policy(std::string_view option) {
        const Module* around = context();
        return option == "--proto" && around != nullptr && !in_target_ && around->name == "policy";
    }

    void keep(std::size_t words) {
        for (std::size_t i = 0; i < words; ++i) append_word(rule_.spelling, words_[at_ + i].written);
    }

    bool part() {
        const bool negated = !words_[at_].quoted && words_[at_].text == "!";
        const Word* option = peek(negated ? 1 : 0);
        Module* around = context();
        if (option == nullptr) return say(Code::misplaced_sign, words_[at_].span, "nothing follows this `!`");
        const bool of_policy = is_of_policy(option->text);
        const char own = option->dashed() && !of_policy ? own_option(option->text) : '\0';
        if (own != '\0') return own_part(own, *option, negated);
        if (option->dashed() && option->text.starts_with("--")) return module_option(*option, negated);
        if (around != nullptr && !around->known && (!option->dashed() || own == '\0') && !negated) {
            // Somebody else's value.
            append_word(around->spelling, option->written);
            keep(1);
            ++at_;
            return true;
        }
        if (negated) return say(Code::misplaced_sign, words_[at_].span, "a `!` stands ahead of an option");
        if (option->dashed()) return say(Code::unknown_option, option->span, fmt::format("`{}` has no place in a rule of a dump", option->text));
        return say(Code::extra_word, option->span, fmt::format("`{}` belongs to no option", option->text));
    }

    /// What natc does not look into may tell the family all the same: by its name, or by an address in it.
    void hint(ModuleKind kind, const Module& module) {
        using enum ModuleKind;
        struct Only {
            ModuleKind kind;
            std::string_view name;
            Family family;
        };
        constexpr Only only[] = {{match, "dst", Family::ipv6},        {match, "eui64", Family::ipv6}, {match, "frag", Family::ipv6}, {match, "hbh", Family::ipv6},
                                 {match, "hl", Family::ipv6},         {match, "mh", Family::ipv6},    {match, "rt", Family::ipv6},   {match, "srh", Family::ipv6},
                                 {match, "ipv6header", Family::ipv6}, {match, "realm", Family::ipv4}, {match, "ttl", Family::ipv4},  {target, "HL", Family::ipv6},
                                 {target, "SNPT", Family::ipv6},      {target, "DNPT", Family::ipv6}, {target, "TTL", Family::ipv4}, {target, "CLUSTERIP", Family::ipv4}};
        for (const Only& one : only)
            if (one.kind == kind && one.name == module.name) evidence_.tells(one.family, module.span);
        if (module.known) return;
        std::string_view rest = module.spelling;
        while (!rest.empty()) {
            const std::string_view word = next_piece(rest, ' ');
            if (const auto address = parse_address(word.substr(0, word.find_first_of("/-")))) evidence_.hints(address->family(), module.span);
        }
    }

    /// An option of iptables itself, with its value.
    bool own_part(char own, const Word& option, bool negated) {
        Span whole = join(words_[at_].span, option.span);
        std::size_t used = negated ? 2 : 1;
        if (own == 'f') {
            keep(used);
            at_ += used;
            return word_for_word(negated ? "! -f" : "-f");
        }
        const Word* next = peek(used);
        // What older versions printed: `-s ! 10.0.0.0/8`.
        if (next != nullptr && !negated && !next->quoted && next->text == "!") {
            negated = true;
            next = peek(++used);
        }
        if (next == nullptr) return say(Code::missing_word, option.span, fmt::format("`{}` has no value", option.text));
        const Word& value = *next;
        ++used;
        whole = join(whole, value.span);
        if (own == 'c') return skip_counters(used, value, negated);
        keep(used);
        at_ += used;
        if (std::exchange(seen_[static_cast<unsigned char>(own)], true) && own != 'm')
            return say(Code::part_twice, whole, fmt::format("a rule has one `-{}`", own));
        if (negated && (own == 'm' || own == 'j' || own == 'g')) return say(Code::misplaced_sign, whole, fmt::format("`-{}` is not negated", own));
        switch (own) {
            case 's': return address<ir::SourceAddress>(value, negated, "-s");
            case 'd': return address<ir::DestinationAddress>(value, negated, "-d");
            case 'i': return interface<ir::InInterface>(value, negated, "-i");
            case 'o': return interface<ir::OutInterface>(value, negated, "-o");
            case 'p': return protocol(value, negated);
            case 'm': return add_match(value, whole);
            default: return add_target(own, value, whole);
        }
    }

    /// `-c 5 100`, `-c 5,100`: what was counted is not part of the rule.
    bool skip_counters(std::size_t used, const Word& value, bool negated) {
        const bool pair = value.text.find(',') != std::string::npos;
        const Word* second = pair ? &value : peek(used);
        const auto digits = [](std::string_view text) { return !text.empty() && text.find_first_not_of("0123456789,") == std::string_view::npos; };
        if (negated || second == nullptr || !digits(value.text) || !digits(second->text))
            return say(Code::bad_number, value.span, "counters are two numbers: packets and bytes");
        at_ += used + (pair ? 0 : 1);
        return true;
    }

    bool word_for_word(std::string words) {
        rule_.matches.emplace_back(ir::Verbatim{std::move(words)});
        return true;
    }

    template <typename Address>
    bool address(const Word& value, bool negated, std::string_view option) {
        if (value.text.find(',') != std::string::npos)
            return say(Code::bad_address, value.span, "iptables-save prints a rule for each address", "write a rule for each of them");
        const auto read = masked_address(value.text);
        if (!read) {
            diagnostics_.add(value.span, read.error());
            return false;
        }
        evidence_.tells(read->family, value.span);
        const bool all = read->range && *read->range == AddressRange::all(read->family);
        if (all && !negated) return true;
        // A mask with holes; and what no address is, which each tool reads in its own way.
        if (!read->range || all) return word_for_word(fmt::format("{}{} {}", negated ? "! " : "", option, value.written));
        rule_.matches.emplace_back(Address{*read->range, negated});
        return true;
    }

    template <typename Side>
    bool interface(const Word& value, bool negated, std::string_view option) {
        if (value.text.empty() || value.text.size() > longest_interface)
            return say(Code::bad_interface, value.span,
                       value.text.empty() ? "the name of an interface is missing" : fmt::format("{} has {} bytes, and interfaces have {} at most", value.text, value.text.size(), longest_interface));
        const std::uint8_t unseen = place_.chain.hook ? ir::bit(*place_.chain.hook) & static_cast<std::uint8_t>(~(option == "-i" ? ir::sees_in : ir::sees_out)) : 0;
        if (unseen != 0)
            return say(Code::clause_not_here, value.span, fmt::format("in {} a packet has no interface that it {} by", place_.chain.name, option == "-i" ? "came" : "leaves"));
        if (value.text == "+" && !negated) return true;
        const auto read = parse_interface(value.text);
        // Names that no interface of the language has: a `+` in the middle, a blank.
        if (!read) return word_for_word(fmt::format("{}{} {}", negated ? "! " : "", option, value.written));
        rule_.matches.emplace_back(Side{*read, negated});
        return true;
    }

    bool protocol(const Word& value, bool negated) {
        const std::string name = lower(value.text);
        const auto by_number = number(name, 255);
        if (name == "all" || by_number == 0) {
            if (negated) return say(Code::never_matches, value.span, "this rule would match no protocol at all");
            return true;
        }
        Protocol read;
        if (by_number) {
            read.number = static_cast<std::uint8_t>(*by_number);
        } else if (name == "icmpv6") {
            read = icmpv6;
        } else {
            const auto named = parse_protocol(name);
            if (!named) {
                diagnostics_.add(value.span, named.error());
                return false;
            }
            read = *named;
        }
        if (read == icmp) evidence_.hints(Family::ipv4, value.span);
        if (read == icmpv6) evidence_.hints(Family::ipv6, value.span);
        rule_.matches.emplace_back(ir::ProtocolIs{read, negated});
        if (!negated) protocol_ = read;
        return true;
    }

    bool add_match(const Word& name, Span whole) {
        if (name.text.empty() || std::isalnum(static_cast<unsigned char>(name.text.front())) == 0)
            return say(Code::missing_word, whole, "the name of a match must follow `-m`");
        Module module;
        module.name = name.text == "icmpv6" ? "icmp6" : name.text;
        module.span = whole;
        module.known = is_known(ModuleKind::match, module.name);
        module.spelling = fmt::format("-m {}", name.written);
        matches_.push_back(std::move(module));
        in_target_ = false;
        return true;
    }

    bool add_target(char own, const Word& name, Span whole) {
        if (target_) return say(Code::part_twice, whole, "a rule has one target");
        if (name.text.empty()) return say(Code::missing_word, whole, "the name of a target or a chain is missing");
        Module module;
        module.name = name.text;
        module.span = whole;
        module.known = is_known(ModuleKind::target, module.name);
        module.spelling = name.written;
        if (const auto at = place_.chains.find(name.text); at != place_.chains.end()) {
            if (place_.table.chains[at->second].hook) return say(Code::unknown_name, whole, fmt::format("{} is a built-in chain, and no rule leads to one", name.text));
            module.known = true;  // and has no options
            called_ = own == 'j' ? ir::Statement(ir::Jump{name.text}) : ir::Statement(ir::Goto{name.text});
        } else if (own == 'g') {
            return say(Code::unknown_name, whole, fmt::format("there is no chain {} in table {}", name.text, ir::name(place_.table.table)));
        }
        target_ = std::move(module);
        in_target_ = true;
        return true;
    }

    /// The match or target that an option belongs to: that which it stands behind, or one before it that knows it.
    Module* owner(std::string_view option) {
        Module* around = context();
        if (around != nullptr && !around->known) return around;
        if (target_ && !called_ && known_option(ModuleKind::target, target_->name, option) != nullptr && (in_target_ || !known_by_match(option))) return &*target_;
        const auto at = std::find_if(matches_.rbegin(), matches_.rend(), [&](const Module& one) { return known_option(ModuleKind::match, one.name, option) != nullptr; });
        return at == matches_.rend() ? implied(option) : &*at;
    }

    [[nodiscard]] bool known_by_match(std::string_view option) const {
        return std::any_of(matches_.begin(), matches_.end(), [&](const Module& one) { return known_option(ModuleKind::match, one.name, option) != nullptr; });
    }

    /// `-p tcp --dport 22` brings along `-m tcp`.
    Module* implied(std::string_view option) {
        if (!protocol_) return nullptr;
        constexpr std::pair<Protocol, std::string_view> names[] = {{tcp, "tcp"},   {udp, "udp"},   {sctp, "sctp"}, {{33}, "dccp"}, {icmp, "icmp"},
                                                                   {icmpv6, "icmp6"}, {{50}, "esp"}, {{51}, "ah"},   {{135}, "mh"}};
        for (const auto& entry : names) {
            const Protocol number = entry.first;
            const std::string_view name = entry.second;
            const bool there = std::any_of(matches_.begin(), matches_.end(), [&](const Module& one) { return one.name == name; });
            if (number != *protocol_ || there) continue;
            const bool known = is_known(ModuleKind::match, name);
            if (known && known_option(ModuleKind::match, name, option) == nullptr) return nullptr;
            Module module;
            module.name = name;
            module.span = words_[at_].span;
            module.known = known;
            module.spelling = fmt::format("-m {}", name);
            // Options that follow belong to whatever they stood behind.
            matches_.insert(matches_.begin(), std::move(module));
            return &matches_.front();
        }
        return nullptr;
    }

    bool module_option(const Word& option, bool negated) {
        const auto equals = option.text.find('=');
        const std::string name = option.text.substr(0, equals);
        Module* module = owner(name);
        if (module == nullptr) {
            if (target_ && in_target_) return say(Code::unknown_option, option.span, fmt::format("`{}` is no option of {}", name, target_->name));
            const Module* around = context();
            return say(Code::unknown_option, option.span,
                       around != nullptr ? fmt::format("`{}` is no option of `-m {}`", name, around->name) : fmt::format("`{}` is no option of iptables", name));
        }
        if (!module->known) {
            if (is_own_option(name) && !is_of_policy(name)) return say(Code::unknown_option, option.span, fmt::format("`{}` is an option of iptables itself, which has no place here", name), "write it in full");
            const std::size_t used = negated ? 2 : 1;
            for (std::size_t i = 0; i < used; ++i) append_word(module->spelling, words_[at_ + i].written);
            keep(used);
            at_ += used;
            return true;
        }
        const KnownOption* known = known_option(ModuleKind::match, module->name, name);
        if (target_ && module == &*target_) known = known_option(ModuleKind::target, module->name, name);
        Option made;
        made.name = known->name;
        made.negated = negated;
        std::size_t used = negated ? 2 : 1;
        unsigned wanted = known->values;
        if (equals != std::string::npos && wanted > 0) {
            Word value = option;
            value.text.erase(0, equals + 1);
            made.values.push_back(std::move(value));
            --wanted;
        }
        if (const Word* next = peek(used); wanted > 0 && !negated && next != nullptr && !next->quoted && next->text == "!") {
            made.negated = true;
            ++used;
        }
        for (; wanted > 0; --wanted, ++used) {
            const Word* value = peek(used);
            if (value == nullptr) return say(Code::missing_word, option.span, fmt::format("`{}` has no value", name));
            made.values.push_back(*value);
        }
        for (std::size_t i = 0; i < used; ++i) append_word(made.spelling, words_[at_ + i].written);
        made.span = join(words_[at_].span, words_[at_ + used - 1].span);
        append_word(module->spelling, made.spelling);
        keep(used);
        at_ += used;
        if (module->find(made.name) != nullptr) return say(Code::part_twice, made.span, fmt::format("`{}` stands twice in one match", name));
        module->options.push_back(std::move(made));
        return true;
    }

    /// Two ranges on one side mean what both have: one range, or nothing at all.
    template <typename Address>
    void join_addresses(std::string_view option) {
        auto& matches = rule_.matches;
        std::size_t first = matches.size();
        for (std::size_t i = 0; i < matches.size(); ++i) {
            const auto* address = std::get_if<Address>(&matches[i]);
            if (address == nullptr || address->negated) continue;
            if (first == matches.size()) {
                first = i;
                continue;
            }
            AddressRange& kept = std::get<Address>(matches[first]).range;
            const AddressRange other = address->range;
            if (kept.overlaps(other)) {
                kept = AddressRange(std::max(kept.first(), other.first()), std::min(kept.last(), other.last()));
                matches.erase(matches.begin() + static_cast<std::ptrdiff_t>(i--));
            } else {
                matches[i] = ir::Verbatim{fmt::format("-m iprange {} {}-{}", option, to_string(other.first()), to_string(other.last()))};
            }
        }
    }

    bool statement(RuleContext& context) {
        if (!target_) {
            rule_.statement = ir::Continue{};
            return true;
        }
        if (called_) {
            rule_.statement = *called_;
            return true;
        }
        // A word with options behind it can only be a target, be it one that few hosts have.
        if (!target_->known && !ir::is_target_name(target_->name) && target_->spelling == target_->name)
            return say(Code::unknown_name, target_->span, fmt::format("there is no chain {} in table {}, and no target of that name", target_->name, ir::name(place_.table.table)));
        auto read = read_target(*target_, context);
        if (!read) return false;
        rule_.statement = std::move(*read);
        return true;
    }

    bool placed() {
        const ir::Placement where = ir::placement(rule_.statement);
        if ((where.tables & ir::bit(place_.table.table)) != 0) return true;
        return say(Code::verdict_not_here, target_->span, fmt::format("the kernel does not take this in table {}", ir::name(place_.table.table)));
    }

    std::span<const Word> words_;
    const RulePlace& place_;
    Evidence& evidence_;
    Diagnostics& diagnostics_;
    std::size_t at_ = 0;
    ir::Rule rule_;
    std::optional<Protocol> protocol_;
    std::vector<Module> matches_;
    std::optional<Module> target_;
    std::optional<ir::Statement> called_;  // where the target is a chain
    bool in_target_ = false;               // options that come belong to the target first
    bool seen_[128] = {};                  // own options, by their letter
};

}  // namespace

std::optional<ir::Rule> read_rule(std::span<const Word> words, const RulePlace& place, Evidence& evidence, Diagnostics& diagnostics) {
    return RuleReader(words, place, evidence, diagnostics).read();
}

}  // namespace natc::read

#include "explain/packet_text.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <string_view>
#include <utility>

#include "base/nearest.hpp"
#include "explain/end_text.hpp"

namespace natc::explain {

namespace {

struct Word {
    std::string_view text;
    Span span;
};

constexpr std::string_view known_words[] = {"tcp",  "udp",  "icmp",        "icmpv6",  "sctp",    "proto",     "from",  "to",   "in",   "out",
                                            "new",  "state", "established", "related", "invalid", "untracked", "mac",   "mark", "ipv4", "ipv6", "to-local"};

constexpr std::string_view whole_example = "say, for example, `tcp from 203.0.113.9:40000 to 203.0.113.1:2222 in enp5s0`";

bool begins_with_digit(std::string_view text) { return !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0; }

std::vector<std::string_view> parts_of_list(std::string_view text) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t comma = text.find(',');
        parts.push_back(text.substr(0, comma));
        if (comma == std::string_view::npos) return parts;
        text.remove_prefix(comma + 1);
    }
}

class Reader {
public:
    Reader(Span text, const Sources& sources, const Model& model, bool dump, Diagnostics& diagnostics) : model_(model), dump_(dump), diagnostics_(diagnostics), end_{text.end, text.end} {
        const std::string_view all = sources.text(text);
        for (std::size_t at = 0; at < all.size();) {
            at = all.find_first_not_of(" \t\n", at);
            if (at == std::string_view::npos) break;
            const std::size_t end = std::min(all.find_first_of(" \t\n", at), all.size());
            words_.push_back({all.substr(at, end - at), {text.begin + static_cast<std::uint32_t>(at), text.begin + static_cast<std::uint32_t>(end)}});
            at = end;
        }
        end_ = words_.empty() ? text : Span{words_.back().span.end - 1, words_.back().span.end};
    }

    PacketText run() {
        if (words_.empty()) diagnostics_.add(Code::missing_word, end_, "there is no packet").advise("write, for example, `tcp from 203.0.113.9:40000 to 203.0.113.1:2222 in enp5s0`");
        while (at_ < words_.size()) part(words_[at_++]);
        if (diagnostics_.errors() == 0) check_ports();
        return std::move(packet_);
    }

private:
    /// The word behind `after`; nullptr, with an error, if there is none.
    const Word* next(const Word& after, std::string_view what) {
        if (at_ < words_.size()) return &words_[at_++];
        diagnostics_.add(Code::missing_word, after.span, fmt::format("{} is missing after `{}`", what, after.text));
        return nullptr;
    }
    template <typename Value>
    void once(std::optional<Value>& place, Value value, const Word& word) {
        if (place)
            diagnostics_.add(Code::part_twice, word.span, fmt::format("`{}` is said twice", word.text));
        else
            place = std::move(value);
    }
    template <typename Value>
    std::optional<Value> value(const Result<Value>& result, Span span) {
        if (result) return *result;
        diagnostics_.add(span, result.error());
        return std::nullopt;
    }

    void part(const Word& word) {
        if (word.text == "proto") {
            if (const Word* number = next(word, "a protocol"))
                if (const auto protocol = value(parse_protocol(number->text), number->span)) traffic({of(*protocol)}, {word.span.begin, number->span.end});
        } else if (word.text == "icmp" || word.text == "icmpv6") {
            icmp_traffic(word);
        } else if (word.text == "from" || word.text == "to") {
            if (const Word* text = next(word, "an address"))
                if (auto end = read_end(text->text, text->span, model_, dump_, diagnostics_)) once(word.text == "from" ? packet_.from : packet_.to, std::move(*end), word);
        } else if (word.text == "in" || word.text == "out") {
            if (const Word* text = next(word, "an interface"))
                if (const auto name = interface(*text)) once(word.text == "in" ? packet_.in : packet_.out, *name, word);
        } else if (word.text == "mac") {
            packet_.at.mac = word.span;
            if (const Word* text = next(word, "a MAC address"))
                if (const auto mac = value(parse_mac(text->text), text->span)) once(packet_.mac, *mac, word);
        } else if (word.text == "mark") {
            if (const Word* text = next(word, "a number")) mark(word, *text);
        } else if (word.text == "to-local") {
            packet_.to_local = true;
        } else if (word.text == "ipv4" || word.text == "ipv6") {
            packet_.at.family = word.span;
            once(packet_.family, word.text == "ipv4" ? Family::ipv4 : Family::ipv6, word);
        } else if (word.text == "state") {
            if (const Word* text = next(word, "a state")) states(*text);
        } else if (!state(word) && !protocols_or_services(word)) {
            unknown(word);
        }
    }

    void unknown(const Word& word) {
        Diagnostic& diagnostic = diagnostics_.add(Code::unknown_word, word.span, fmt::format("a packet has no `{}`", word.text));
        constexpr std::string_view verdicts[] = {"accept", "drop", "reject", "log", "return", "jump", "goto"};
        std::vector<std::string_view> candidates(std::begin(known_words), std::end(known_words));
        for (const Service& service : model_.services) candidates.push_back(service.name);
        const auto protocol = begins_with_digit(word.text) ? std::nullopt : std::optional(parse_protocol(word.text));
        if (begins_with_digit(word.text))
            diagnostic.advise(fmt::format("a protocol's number is written `proto {}`; ports stand with the addresses, as in `to 203.0.113.1:22`", word.text));
        else if (word.text == "sport" || word.text == "dport" || word.text == "port")
            diagnostic.advise("ports stand with the addresses: `from 203.0.113.9:40000 to 203.0.113.1:22`");
        else if (protocol && *protocol)
            diagnostic.advise(fmt::format("write `proto {}`", word.text));
        else if (std::find(std::begin(verdicts), std::end(verdicts), word.text) != std::end(verdicts))
            diagnostic.advise("leave it out: what becomes of the packet is the answer");
        else if (const std::string_view near = meant(word.text, candidates); !near.empty())
            diagnostic.advise(fmt::format("did you mean `{}`?", near));
        else if (word.text.starts_with('!'))
            diagnostic.advise("a packet is one: say what it is, not what it is not");
        else
            diagnostic.advise(std::string(whole_example));
        // What it was to say of the packet is as little known as the word.
        const auto known = [](const Word& w) { return std::find(std::begin(known_words), std::end(known_words), w.text) != std::end(known_words); };
        while (at_ < words_.size() && !known(words_[at_])) ++at_;
    }

    // --- what it is ----------------------------------------------------------------------------------------------------
    static Traffic of(Protocol protocol) {
        Traffic traffic;
        traffic.protocol = protocol;
        return traffic;
    }

    void traffic(std::vector<Traffic> what, Span span) {
        if (!packet_.what.empty()) {
            diagnostics_.add(Code::part_twice, span, "this says a second time what the packet is");
            return;
        }
        packet_.what = std::move(what);
        packet_.at.what = span;
    }

    /// `tcp`, `tcp 22`, `udp,tcp`, `ssh`, `dns,dhcp`.
    bool protocols_or_services(const Word& word) {
        std::vector<Traffic> what;
        bool services = false;
        for (const std::string_view name : parts_of_list(word.text)) {
            if (const auto protocol = protocol_named(name); protocol && *protocol != icmp && *protocol != icmpv6) {
                what.push_back(of(*protocol));
            } else if (const Service* service = model_.service(name)) {
                what.insert(what.end(), service->traffic.begin(), service->traffic.end());
                services = true;
            } else {
                return false;
            }
        }
        Span span = word.span;
        if (!services && at_ < words_.size() && begins_with_digit(words_[at_].text)) {
            const Word& numbers = words_[at_++];
            span.end = numbers.span.end;
            for (const std::string_view number : parts_of_list(numbers.text))
                if (const auto ports = value(parse_ports(number), numbers.span))
                    for (Traffic& one : what) one.ports.push_back(*ports);
        }
        traffic(std::move(what), span);
        return true;
    }

    void icmp_traffic(const Word& word) {
        const bool ipv6_alone = word.text == "icmpv6";
        Traffic by_family[] = {of(icmp), of(icmpv6)};
        by_family[0].families = Family::ipv4;
        by_family[1].families = Family::ipv6;
        Span span = word.span;
        bool wanted[] = {!ipv6_alone, true};
        if (at_ < words_.size() && (icmp_named(words_[at_].text) != nullptr || !begins_part(words_[at_].text))) {
            const Word& type = words_[at_++];
            span.end = type.span.end;
            const IcmpName* name = icmp_named(type.text);
            if (name != nullptr && (!ipv6_alone || name->ipv6)) {
                for (const Family family : all_families) {
                    const auto& of_family = family == Family::ipv4 ? name->ipv4 : name->ipv6;
                    const auto at = static_cast<std::size_t>(family);
                    wanted[at] = wanted[at] && of_family;
                    if (of_family) by_family[at].icmp_types = {*of_family};
                }
            } else if (begins_with_digit(type.text)) {
                const Family family = ipv6_alone ? Family::ipv6 : Family::ipv4;
                if (const auto number = value(parse_icmp_number(type.text, family), type.span)) by_family[static_cast<std::size_t>(family)].icmp_types = {*number};
                wanted[static_cast<std::size_t>(other(family))] = false;
            } else {
                no_icmp_type(type, name != nullptr, ipv6_alone);
            }
        }
        std::vector<Traffic> what;
        for (const Family family : all_families)
            if (wanted[static_cast<std::size_t>(family)]) what.push_back(by_family[static_cast<std::size_t>(family)]);
        traffic(std::move(what), span);
    }

    void no_icmp_type(const Word& type, bool of_ipv4, bool ipv6_alone) {
        std::vector<std::string_view> names;
        for (const IcmpName& known : icmp_names())
            if (!ipv6_alone || known.ipv6) names.push_back(known.name);
        Diagnostic& diagnostic = diagnostics_.add(Code::bad_icmp_type, type.span, of_ipv4 ? fmt::format("`{}` is a type of IPv4's ICMP alone", type.text) : fmt::format("`{}` is no type of ICMP", type.text));
        if (const std::string_view near = nearest(type.text, names); !of_ipv4 && !near.empty()) diagnostic.advise(fmt::format("did you mean `{}`?", near));
    }

    /// Whether a word begins another part of the packet, maybe misspelt.
    [[nodiscard]] bool begins_part(std::string_view word) const {
        return std::find(std::begin(known_words), std::end(known_words), word) != std::end(known_words) || !nearest(word, known_words).empty() || model_.service(word) != nullptr;
    }

    /// Ports are those of a protocol that has some.
    void check_ports() {
        for (const std::optional<End>* end : {&packet_.from, &packet_.to}) {
            if (!*end || !(*end)->ports) continue;
            if (packet_.what.empty()) {
                diagnostics_.add(Code::ports_without_protocol, (*end)->span, "these are ports of nothing").advise("say `tcp` or `udp` as well");
                return;
            }
            for (const Traffic& traffic : packet_.what)
                if (!has_ports(*traffic.protocol)) {
                    diagnostics_.add(Code::ports_without_protocol, (*end)->span, fmt::format("protocol {} has no ports", to_string(*traffic.protocol)));
                    return;
                }
        }
        for (const Traffic& traffic : packet_.what)
            if (!traffic.ports.empty() && !has_ports(*traffic.protocol)) {
                diagnostics_.add(Code::ports_without_protocol, packet_.at.what, fmt::format("protocol {} has no ports", to_string(*traffic.protocol)));
                return;
            }
    }

    // --- its connection, its mark --------------------------------------------------------------------------------------
    bool state(const Word& word) {
        const auto found = state_named(word.text);
        if (!found) return false;
        say_state(*found, word.span);
        return true;
    }
    void say_state(ir::ConntrackStates states, Span span) {
        packet_.states = packet_.states.value_or(ir::ConntrackStates{}) | states;
        Span& at = packet_.at.states;
        at = at.known() ? Span{at.begin, span.end} : span;
    }
    static std::optional<ir::ConntrackState> state_named(std::string_view name) {
        using enum ir::ConntrackState;
        constexpr std::pair<std::string_view, ir::ConntrackState> names[] = {{"new", new_}, {"established", established}, {"related", related}, {"invalid", invalid}, {"untracked", untracked}};
        for (const auto& [text, state] : names)
            if (text == name) return state;
        return std::nullopt;
    }
    void states(const Word& word) {
        for (const std::string_view one : parts_of_list(word.text)) {
            if (one == "dnat" || one == "snat")
                say_state(one == "dnat" ? ir::ConntrackState::dnat : ir::ConntrackState::snat, word.span);
            else if (const auto state = state_named(one))
                say_state(*state, word.span);
            else if (one.empty())
                diagnostics_.add(Code::unknown_word, word.span, "a state is missing beside a comma").advise("write several states without blanks: `state new,invalid`");
            else
                diagnostics_.add(Code::unknown_word, word.span, fmt::format("there is no state `{}`", one)).advise("states are new, established, related, invalid, untracked, and dnat and snat for translated connections");
        }
    }

    void mark(const Word& word, const Word& text) {
        std::string_view digits = text.text;
        int base = 10;
        if (digits.starts_with("0x")) {
            digits.remove_prefix(2);
            base = 16;
        }
        std::uint32_t number = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
        if (error != std::errc() || end != digits.data() + digits.size() || digits.empty())
            diagnostics_.add(Code::bad_number, text.span, fmt::format("`{}` is no mark: it must be a number up to 0xffffffff", text.text));
        else
            once(packet_.mark, number, word);
    }

    // --- interfaces and addresses --------------------------------------------------------------------------------------
    std::optional<InterfaceName> interface(const Word& word) {
        for (const Network& network : model_.networks) {
            if (network.name == word.text) return network.bridge;
            if (std::none_of(network.guests.begin(), network.guests.end(), [&](const Guest& guest) { return guest.name == word.text; })) continue;
            diagnostics_.add(Code::bad_interface, word.span, fmt::format("`{}` is a guest, and no interface", word.text)).advise(fmt::format("its packets come and go by {}", network.bridge.text()));
            return std::nullopt;
        }
        std::string_view name = word.text;
        if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
        const auto parsed = value(parse_interface(name), word.span);
        if (!parsed) return std::nullopt;
        if (!parsed->wildcard()) return parsed;
        diagnostics_.add(Code::bad_interface, word.span, fmt::format("`{}` means many interfaces: a packet has one", word.text));
        return std::nullopt;
    }

    const Model& model_;
    bool dump_;
    Diagnostics& diagnostics_;
    std::vector<Word> words_;
    std::size_t at_ = 0;
    PacketText packet_;
    Span end_;
};

}  // namespace

FamilySet End::families() const {
    FamilySet all;
    for (const AddressRange& range : addresses) all |= range.family();
    return all;
}

PacketText read_packet(Span text, const Sources& sources, const Model& model, bool dump, Diagnostics& diagnostics) { return Reader(text, sources, model, dump, diagnostics).run(); }

}  // namespace natc::explain

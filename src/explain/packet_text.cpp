#include "explain/packet_text.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <string_view>

#include "base/nearest.hpp"

namespace natc::explain {

namespace {

struct Word {
    std::string_view text;
    Span span;
};

constexpr std::string_view known_words[] = {"tcp",  "udp",  "icmp",        "icmpv6",  "sctp",    "proto",     "from",  "to",   "in",   "out",
                                            "new",  "state", "established", "related", "invalid", "untracked", "mac",   "mark", "ipv4", "ipv6", "to-local"};

class Reader {
public:
    Reader(Span text, const Sources& sources, const Model* model, Diagnostics& diagnostics) : model_(model), diagnostics_(diagnostics), end_{text.end, text.end} {
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
                if (const auto protocol = value(parse_protocol(number->text), number->span)) traffic(word, {*protocol});
        } else if (word.text == "icmp" || word.text == "icmpv6") {
            traffic(word, word.text == "icmp" ? std::vector{icmp, icmpv6} : std::vector{icmpv6});
            icmp_type(word.text == "icmpv6");
        } else if (const auto protocol = protocol_named(word.text)) {
            traffic(word, {*protocol});
            if (at_ < words_.size() && std::isdigit(static_cast<unsigned char>(words_[at_].text.front())) != 0) {
                const Word& number = words_[at_++];
                packet_.ports = value(parse_ports(number.text), number.span);
            }
        } else if (word.text == "from" || word.text == "to") {
            if (const Word* text = next(word, "an address"))
                if (auto end = read_end(*text)) once(word.text == "from" ? packet_.from : packet_.to, std::move(*end), word);
        } else if (word.text == "in" || word.text == "out") {
            if (const Word* text = next(word, "an interface"))
                if (const auto name = interface(*text)) once(word.text == "in" ? packet_.in : packet_.out, *name, word);
        } else if (word.text == "mac") {
            if (const Word* text = next(word, "a MAC address"))
                if (const auto mac = value(parse_mac(text->text), text->span)) once(packet_.mac, *mac, word);
        } else if (word.text == "mark") {
            if (const Word* text = next(word, "a number")) mark(word, *text);
        } else if (word.text == "to-local") {
            packet_.to_local = true;
        } else if (word.text == "ipv4" || word.text == "ipv6") {
            once(packet_.family, word.text == "ipv4" ? Family::ipv4 : Family::ipv6, word);
        } else if (word.text == "state") {
            if (const Word* text = next(word, "a state")) states(*text);
        } else if (!state(word)) {
            unknown(word);
        }
    }

    void unknown(const Word& word) {
        Diagnostic& diagnostic = diagnostics_.add(Code::unknown_word, word.span, fmt::format("a packet has no `{}`", word.text));
        if (const std::string_view near = nearest(word.text, known_words); !near.empty())
            diagnostic.advise(fmt::format("did you mean `{}`?", near));
        else if (word.text == "sport" || word.text == "dport" || word.text == "port")
            diagnostic.advise("ports stand with the addresses: `from 203.0.113.9:40000 to 203.0.113.1:22`");
        else
            diagnostic.advise("say, for example, `tcp from 203.0.113.9:40000 to 203.0.113.1:2222 in enp5s0`");
        // What it was to say of the packet is as little known as the word.
        const auto known = [](const Word& w) { return std::find(std::begin(known_words), std::end(known_words), w.text) != std::end(known_words); };
        while (at_ < words_.size() && !known(words_[at_])) ++at_;
    }

    void traffic(const Word& word, std::vector<Protocol> protocols) {
        if (!packet_.protocols.empty())
            diagnostics_.add(Code::part_twice, word.span, "a packet has one protocol, and this is a second");
        else
            packet_.protocols = std::move(protocols);
    }

    void icmp_type(bool ipv6_alone) {
        if (at_ == words_.size()) return;
        const Word& word = words_[at_];
        if (const IcmpName* name = icmp_named(word.text)) {
            ++at_;
            if (!ipv6_alone) packet_.type[0] = name->ipv4;
            packet_.type[1] = name->ipv6;
            packet_.typed = true;
        } else if (std::isdigit(static_cast<unsigned char>(word.text.front())) != 0) {
            ++at_;
            const Family family = ipv6_alone ? Family::ipv6 : Family::ipv4;
            packet_.type[static_cast<std::size_t>(family)] = value(parse_icmp_number(word.text, family), word.span);
            packet_.typed = true;
        }
    }

    bool state(const Word& word) {
        const auto found = state_named(word.text);
        if (!found) return false;
        ir::ConntrackStates all = packet_.states.value_or(ir::ConntrackStates{});
        packet_.states = all | *found;
        return true;
    }
    static std::optional<ir::ConntrackState> state_named(std::string_view name) {
        using enum ir::ConntrackState;
        constexpr std::pair<std::string_view, ir::ConntrackState> names[] = {{"new", new_}, {"established", established}, {"related", related}, {"invalid", invalid}, {"untracked", untracked}};
        for (const auto& [text, state] : names)
            if (text == name) return state;
        return std::nullopt;
    }
    void states(const Word& word) {
        std::string_view rest = word.text;
        ir::ConntrackStates all = packet_.states.value_or(ir::ConntrackStates{});
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(','), rest.size());
            const std::string_view one = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
            if (one == "dnat")
                all = all | ir::ConntrackState::dnat;
            else if (one == "snat")
                all = all | ir::ConntrackState::snat;
            else if (const auto state = state_named(one))
                all = all | *state;
            else
                diagnostics_.add(Code::unknown_word, word.span, fmt::format("there is no state `{}`", one)).advise("states are new, established, related, invalid, untracked, and dnat and snat for translated connections");
        }
        packet_.states = all;
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

    std::optional<InterfaceName> interface(const Word& word) {
        if (model_ != nullptr)
            for (const Network& network : model_->networks)
                if (network.name == word.text) return network.bridge;
        std::string_view name = word.text;
        if (name.size() > 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
        const auto parsed = value(parse_interface(name), word.span);
        if (!parsed) return std::nullopt;
        if (!parsed->wildcard()) return parsed;
        diagnostics_.add(Code::bad_interface, word.span, fmt::format("`{}` means many interfaces: a packet has one", word.text));
        return std::nullopt;
    }

    std::optional<End> read_end(const Word& word) {
        End end;
        end.span = word.span;
        std::string_view address = word.text;
        std::string_view ports;
        if (address.starts_with('[')) {
            const std::size_t close = address.find(']');
            if (close == std::string_view::npos) {
                diagnostics_.add(Code::bad_end_point, word.span, fmt::format("`{}` has no `]`", word.text));
                return std::nullopt;
            }
            ports = address.substr(close + 1);
            if (!ports.empty() && !ports.starts_with(':')) {
                diagnostics_.add(Code::bad_end_point, word.span, fmt::format("behind `]` a `:` and a port may stand, not `{}`", ports));
                return std::nullopt;
            }
            address = address.substr(1, close - 1);
        } else if (const std::size_t colon = address.find(':'); colon != std::string_view::npos && address.find(':', colon + 1) == std::string_view::npos) {
            ports = address.substr(colon);
            address = address.substr(0, colon);
        }
        if (!ports.empty()) {
            end.ports = value(parse_ports(ports.substr(1)), word.span);
            if (!end.ports) return std::nullopt;
        }
        if (looks_like_address(address)) {
            const auto range = value(parse_addresses(address), word.span);
            if (!range) return std::nullopt;
            end.addresses = {*range};
            return end;
        }
        end.addresses = named(address);
        if (!end.addresses.empty()) return end;
        Diagnostic& diagnostic = diagnostics_.add(Code::unknown_name, word.span, fmt::format("there is no guest or network `{}`", address));
        if (model_ == nullptr) diagnostic.advise("a dump has no names: write the address");
        return std::nullopt;
    }

    [[nodiscard]] std::vector<AddressRange> named(std::string_view name) const {
        std::vector<AddressRange> result;
        if (model_ == nullptr) return result;
        for (const Network& network : model_->networks) {
            if (network.name == name)
                for (const Subnet& subnet : network.subnets) result.push_back(subnet.range);
            for (const Guest& guest : network.guests)
                if (guest.name == name) result.insert(result.end(), guest.addresses.begin(), guest.addresses.end());
        }
        return result;
    }

    const Model* model_;
    Diagnostics& diagnostics_;
    std::vector<Word> words_;
    std::size_t at_ = 0;
    PacketText packet_;
    Span end_;
};

}  // namespace

PacketText read_packet(Span text, const Sources& sources, const Model* model, Diagnostics& diagnostics) { return Reader(text, sources, model, diagnostics).run(); }

}  // namespace natc::explain

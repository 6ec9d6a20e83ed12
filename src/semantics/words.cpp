#include "semantics/words.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <optional>

#include "emit/iptables_words.hpp"
#include "net/mac.hpp"

namespace natc::semantics {

using packet::Interval;
using packet::IntervalSet;
using packet::Product;
using packet::Region;

namespace {

/// More parts than this of a list are counted, not written.
constexpr std::size_t most_parts = 12;

std::string list(const std::vector<std::string>& parts) {
    std::string text;
    for (std::size_t i = 0; i < std::min(parts.size(), most_parts); ++i) text += (i == 0 ? "" : ",") + parts[i];
    if (parts.size() > most_parts) text += fmt::format(" and {} more", parts.size() - most_parts);
    return text;
}

/// A set, or what is not in it, whichever takes fewer parts: `22,80` or `! 22`.
template <typename Part>
std::string either(const IntervalSet& set, Interval whole, Part part) {
    const IntervalSet rest = packet::complement(set, whole);
    const bool negated = rest.size() < set.size() || (rest.size() == set.size() && !rest.empty() && rest.front().single() && !set.front().single());
    std::vector<std::string> parts;
    for (const Interval& interval : negated ? rest : set) parts.push_back(part(interval));
    return (negated ? "! " : "") + list(parts);
}

std::string ports(const IntervalSet& set) {
    return either(set, {0, 65535}, [](Interval i) { return to_string(PortRange{static_cast<std::uint16_t>(i.first), static_cast<std::uint16_t>(i.last)}); });
}

std::string_view icmp_name_of(Family family, std::uint8_t type, std::optional<std::uint8_t> code) {
    for (const IcmpName& name : icmp_names()) {
        const auto& of = family == Family::ipv4 ? name.ipv4 : name.ipv6;
        if (of && of->type == type && of->code == code) return name.name;
    }
    return {};
}

std::string icmp_types(const IntervalSet& set, Family family) {
    return either(set, {0, 65535}, [&](Interval i) {
        const auto type = static_cast<std::uint8_t>(i.first / 256);
        const bool whole_types = i.first % 256 == 0 && i.last % 256 == 255;
        if (whole_types && i.last / 256 == type) {
            const std::string_view name = icmp_name_of(family, type, std::nullopt);
            return name.empty() ? fmt::format("{}", type) : std::string(name);
        }
        if (whole_types) return fmt::format("{}-{}", type, i.last / 256);
        const auto code = static_cast<std::uint8_t>(i.first % 256);
        if (!i.single()) return fmt::format("{}/{}-{}/{}", type, code, i.last / 256, i.last % 256);
        const std::string_view name = icmp_name_of(family, type, code);
        return name.empty() ? fmt::format("{}/{}", type, code) : std::string(name);
    });
}

bool is_icmp(std::uint32_t protocol, Family family) { return protocol == (family == Family::ipv4 ? icmp.number : icmpv6.number); }

/// The words of one product, part by part.
class Description {
public:
    Description(const Product& packets, const Space& space, const std::function<std::string(const Unknown&)>& place) : packets_(packets), space_(space), place_(place) {}

    std::string text() {
        traffic();
        addresses("from", Field::source);
        addresses("to", Field::destination);
        interfaces("in", Field::in);
        interfaces("out", Field::out);
        states();
        rest();
        return text_.empty() ? "any packet" : text_;
    }

private:
    [[nodiscard]] const IntervalSet* set(packet::FieldIndex field) const {
        for (const auto& [f, set] : packets_)
            if (f == field) return &set;
        return nullptr;
    }
    [[nodiscard]] const IntervalSet* set(Field field) const { return set(+field); }

    void say(const std::string& words) {
        if (!text_.empty()) text_ += ' ';
        text_ += words;
    }

    void traffic() {
        const IntervalSet* protocols = set(Field::protocol);
        const IntervalSet* to = set(Field::destination_port);
        const IntervalSet* from = set(Field::source_port);
        bool types = false;
        if (protocols != nullptr) {
            types = protocols->size() == 1 && protocols->front().single() && is_icmp(protocols->front().first, space_.family());
            say(either(*protocols, {0, 255}, [](Interval i) {
                const std::string first = to_string(Protocol{static_cast<std::uint8_t>(i.first)});
                const bool named = protocol_named(first).has_value();
                if (i.single()) return named ? first : "proto " + first;
                return fmt::format("proto {}-{}", i.first, i.last);
            }));
        }
        if (to != nullptr) say(types ? icmp_types(*to, space_.family()) : (protocols == nullptr ? "port " : "") + ports(*to));
        if (from != nullptr) say("sport " + ports(*from));
        if (const IntervalSet* flags = set(Field::tcp_flags)) tcp_flags(*flags);
    }

    void tcp_flags(const IntervalSet& set) {
        std::vector<bool> in(64);
        for (const Interval& interval : set)
            for (std::uint32_t code = interval.first; code <= interval.last; ++code) in[space_.flags_of(code)] = true;
        const auto is = [&](ir::TcpFlags match, bool negated) {
            for (std::uint8_t flags = 0; flags < 64; ++flags)
                if (in[flags] != (((flags & match.mask) == match.set) != negated)) return false;
            return true;
        };
        if (is(ir::syn_packet, false)) return say("(SYN)");
        if (is(ir::syn_packet, true)) return say("(no SYN)");
        std::vector<std::string> values;
        for (std::uint8_t flags = 0; flags < 64; ++flags) {
            if (!in[flags]) continue;
            std::string name;
            append_tcp_flags(name, flags);
            std::replace(name.begin(), name.end(), ',', '+');
            values.push_back(name);
        }
        say("(flags " + list(values) + ")");
    }

    void addresses(const char* word, Field field) {
        if (const IntervalSet* of = set(field)) say(fmt::format("{} {}", word, either(*of, space_.whole()[+field], [&](Interval i) { return to_string(space_.addresses(i)); })));
    }

    void interfaces(const char* word, Field field) {
        const IntervalSet* of = set(field);
        if (of == nullptr) return;
        const Interval real = space_.real_interface();
        const IntervalSet real_ones = packet::meet(*of, {real});
        if (real_ones.empty() || real_ones == IntervalSet{real}) return;
        // Names of what they mean, wildcards first; what nobody names can only be said by what it is not.
        const auto names = [&](const IntervalSet& some) -> std::optional<std::vector<std::string>> {
            std::vector<std::string> result;
            for (Interval interval : some)
                while (true) {
                    std::uint32_t last = interval.last;
                    std::string name;
                    for (; name.empty() && last + 1 > interval.first; --last) name = space_.interfaces().name({interval.first, last});
                    if (name.empty()) return std::nullopt;
                    result.push_back(name);
                    if (last + 1 >= interval.last) break;
                    interval.first = last + 2;
                }
            return result;
        };
        const IntervalSet rest = packet::complement(real_ones, real);
        const auto plain = names(real_ones);
        const auto others = names(rest);
        if (plain && (!others || plain->size() <= others->size())) return say(fmt::format("{} {}", word, list(*plain)));
        if (others) return say(fmt::format("{} ! {}", word, list(*others)));
        say(fmt::format("{} {} (of others)", word, space_.interfaces().example(real_ones.front().first)));
    }

    void states() {
        if (const IntervalSet* of = set(Field::state)) {
            constexpr std::string_view names[] = {"invalid", "untracked", "new", "related", "established"};
            std::vector<std::string> parts;
            bool in[5]{};
            for (const Interval& interval : *of)
                for (std::uint32_t code = interval.first; code <= interval.last; ++code) in[code] = true;
            // Where all else is, nobody asks for it.
            if (space_.family() == Family::ipv4 && of->front() != Interval{state_untracked, state_untracked}) in[state_untracked] = false;
            for (std::size_t code = 0; code < 5; ++code)
                if (in[code]) parts.emplace_back(names[code]);
            const bool plain = parts.size() == 1 && (in[state_new] || in[state_invalid]);
            const bool usual = parts.size() == 2 && in[state_related] && in[state_established];
            if (usual)
                say("established");
            else
                say((plain ? "" : "state ") + list(parts));
        }
        yes_or_no(Field::dnat, "state dnat", "not dnat");
        yes_or_no(Field::snat, "state snat", "not snat");
    }

    void yes_or_no(Field field, const char* yes, const char* no) {
        if (const IntervalSet* of = set(field)) say(of->front().first == 1 ? yes : no);
    }

    void rest() {
        if (const IntervalSet* of = set(Field::mac)) say("mac " + either(*of, space_.whole()[+Field::mac], [&](Interval i) { return i.first == space_.no_mac() ? std::string("none") : to_string(space_.mac_of(i.first)); }));
        if (const IntervalSet* of = set(Field::mark)) say("mark " + either(*of, space_.whole()[+Field::mark], [&](Interval i) { return marks(i); }));
        if (const IntervalSet* of = set(Field::destination_local)) {
            const bool own = packet::meet(*of, {{destination_own, destination_own}}) != IntervalSet();
            const bool elsewhere = of->front().first == destination_elsewhere;
            const bool broadcast = of->back().last == destination_broadcast;
            say(own ? (broadcast ? "(to the host, or to all on a link of its own)" : "to-local") : elsewhere ? "not to-local" : "(to all on a link of the host's)");
        }
        // Field::new_destination_local is told by where the packets go.
        yes_or_no(Field::source_local, "(from an address of the host)", "(from no address of the host)");
        yes_or_no(Field::forged, "(with a forged source)", "(its source not forged)");
        tracked("opened by", Field::original_source);
        tracked("answered by", Field::reply_source);
        for (const auto& [field, of] : packets_)
            if (field >= known_fields) {
                const Unknown& unknown = space_.unknown(field);
                const std::string at = place_ ? place_(unknown) : std::string();
                say(fmt::format("(if `{}`{} {})", unknown.words, at.empty() ? "" : " of " + at, of.front().first == 1 ? "matches" : "does not match"));
            }
    }
    /// Few codes stand for a mark each; many are marks themselves.
    [[nodiscard]] std::string marks(Interval codes) const {
        std::vector<std::string> parts;
        if (space_.few_marks())
            for (std::uint32_t code = codes.first; code <= codes.last; ++code) parts.push_back(fmt::format("{:#x}", space_.mark_of(code)));
        else
            parts = {fmt::format("{:#x}{}", codes.first, codes.single() ? "" : fmt::format("-{:#x}", codes.last))};
        return list(parts);
    }
    void tracked(const char* word, Field field) {
        if (const IntervalSet* of = set(field)) say(fmt::format("({} {})", word, either(*of, space_.whole()[+field], [&](Interval i) { return to_string(space_.addresses(i)); })));
    }

    const Product& packets_;
    const Space& space_;
    const std::function<std::string(const Unknown&)>& place_;
    std::string text_;
};

/// The address that people would think of: one that is set aside for examples, else a host of the widest run.
Address pick(const IntervalSet& set, const Space& space, std::size_t which) {
    constexpr std::string_view ipv4[] = {"203.0.113.9", "198.51.100.7", "192.0.2.5", "10.0.0.9"};
    constexpr std::string_view ipv6[] = {"2001:db8:9::9", "2001:db8:7::7", "2001:db8:5::5", "fd00:9::9"};
    AddressRange widest = space.addresses(set.front());
    for (const Interval& interval : set) {
        const AddressRange range = space.addresses(interval);
        if (range.last().value() - range.first().value() > widest.last().value() - widest.first().value()) widest = range;
    }
    for (std::size_t i = 0; i < 4; ++i) {
        const Address usual = *parse_address(space.family() == Family::ipv4 ? ipv4[(i + which) % 4] : ipv6[(i + which) % 4]);
        for (const Interval& interval : set)
            if (const AddressRange range = space.addresses(interval); range.contains(usual) && !range.single()) return usual;
    }
    const uint128 first = widest.first().value();
    const uint128 size = widest.last().value() - first;
    // The tenth of a subnet is likelier to be somebody than its first.
    return {space.family(), first + (size >= 20 ? 10 : size >= 2 ? 1 : 0)};
}

/// Whether an example of it may be one for the host's own address, and must be one for the host.
bool is_own(const IntervalSet& destinations) { return destinations.front().first == destination_own; }

std::uint32_t first_of(const IntervalSet& set, std::initializer_list<std::uint32_t> wanted) {
    for (const std::uint32_t code : wanted)
        for (const Interval& interval : set)
            if (interval.contains(code)) return code;
    return set.front().first;
}

}  // namespace

std::string words(const Product& packets, const Space& space, const std::function<std::string(const Unknown&)>& place) { return Description(packets, space, place).text(); }

std::string example(const Product& packets, Course way, const Space& space) {
    const auto of = [&](Field field) -> IntervalSet {
        for (const auto& [f, set] : packets)
            if (f == +field) return set;
        return {space.whole()[+field]};
    };
    const bool bare_icmp = space.family() == Family::ipv4;
    const std::uint32_t icmp_number = bare_icmp ? icmp.number : icmpv6.number;
    // Number 0 is no protocol that can be asked for.
    const IntervalSet protocols = packet::meet(of(Field::protocol), {{1, 255}});
    const std::uint32_t protocol = protocols.empty() ? 0 : first_of(protocols, {tcp.number, udp.number, icmp_number});
    const Protocol chosen{static_cast<std::uint8_t>(protocol)};
    const bool with_ports = has_ports(chosen);
    // `icmp` is the family's own; the other one's stands by its number.
    const bool other_icmp = protocol != icmp_number && (chosen == icmp || chosen == icmpv6);
    std::string text = other_icmp ? fmt::format("proto {}", protocol) : protocol_named(to_string(chosen)) ? to_string(chosen) : "proto " + to_string(chosen);
    bool asks = false;
    if (protocol == icmp_number) {
        const std::uint32_t type = first_of(of(Field::destination_port), {bare_icmp ? 8U * 256 : 128U * 256});
        const std::string_view name = icmp_name_of(space.family(), static_cast<std::uint8_t>(type / 256), std::nullopt);
        asks = type / 256 == (bare_icmp ? 8U : 128U);
        if (!name.empty() && type % 256 == 0)
            text += fmt::format(" {}", name);
        else
            text += fmt::format(" {}/{}", type / 256, type % 256);
    }
    std::optional<Address> destination;
    const auto end = [&](const char* word, Field address, Field port, std::uint32_t usual, std::size_t which) {
        const Address at = pick(of(address), space, which);
        destination = at;
        text += fmt::format(" {} ", word);
        if (!with_ports) {
            text += to_string(at);
            return;
        }
        const bool brackets = space.family() == Family::ipv6;
        text += fmt::format("{}{}{}:{}", brackets ? "[" : "", to_string(at), brackets ? "]" : "", first_of(of(port), {usual, 8080U, 1024U, 1U}));
    };
    end("from", Field::source, Field::source_port, 40000, 0);
    end("to", Field::destination, Field::destination_port, 80, 1);
    const auto interface = [&](const char* word, Field field) {
        const IntervalSet real = packet::meet(of(field), {space.real_interface()});
        // One that nobody names, rather than the one that is named first, which may be `lo`.
        if (!real.empty()) text += fmt::format(" {} {}", word, space.interfaces().example(real.back().last));
    };
    if (way != Course::from_host) interface("in", Field::in);
    if (way != Course::to_host) interface("out", Field::out);
    const std::uint32_t state = first_of(of(Field::state), {state_new, state_established, state_related});
    constexpr std::string_view names[] = {"invalid", "state untracked", "", "state related", "established"};
    // Other types of ICMP are taken for answers, or for nothing of conntrack's.
    if (state != state_new) text += fmt::format(" {}", names[state]);
    if (state == state_new && protocol == icmp_number && !asks) text += " new";
    if (state >= state_related && of(Field::dnat) == IntervalSet{{1, 1}}) text += " state dnat";
    if (const IntervalSet macs = of(Field::mac); macs != IntervalSet{space.whole()[+Field::mac]} && macs.front().single() && macs.front().first != space.no_mac()) text += " mac " + to_string(space.mac_of(macs.front().first));
    if (const std::uint32_t mark = first_of(of(Field::mark), {0U}); mark != 0) text += fmt::format(" mark {:#x}", space.mark_of(mark));
    const auto many = addresses_of_many(space.family());
    const bool to_many = std::any_of(many.begin(), many.end(), [&](const AddressRange& range) { return range.contains(*destination); });
    const bool to_own = way == Course::to_host && !to_many && !packet::meet(of(Field::destination_local), {{destination_own, destination_own}}).empty();
    const bool to_be_told = way != Course::to_host && is_own(of(Field::destination_local));
    if (to_own || to_be_told) text += " to-local";
    return text;
}

std::string verdict(const Fate& fate) {
    switch (fate.kind) {
        case Fate::Kind::accept: return "accept";
        case Fate::Kind::drop: return "drop";
        case Fate::Kind::reject: return "reject with " + fate.words;
        case Fate::Kind::elsewhere: return (fate.certain ? "" : "maybe ") + fate.words;
    }
    return {};
}

std::string translation(const Fate& fate, const Space& space) {
    std::vector<std::string> parts;
    const auto range = [](Interval i) { return to_string(PortRange{static_cast<std::uint16_t>(i.first), static_cast<std::uint16_t>(i.last)}); };
    const bool accepted = fate.kind == Fate::Kind::accept;
    if (accepted && (fate.to || fate.redirected || fate.to_ports || fate.shift != 0)) {
        std::string to = "to";
        if (fate.redirected) to += " the host itself";
        const bool anywhere = fate.to == space.whole()[+Field::destination];
        if (anywhere) to += " some address";
        if (fate.to && !anywhere) to += ' ' + to_string(space.addresses(*fate.to));
        if (fate.to_ports && fate.to_ports != space.whole()[+Field::destination_port]) to += fmt::format(" port {}", range(*fate.to_ports));
        if (fate.shift != 0) to += fmt::format(" port {:+}", fate.shift);
        parts.push_back(std::move(to));
    }
    if (fate.masqueraded) parts.emplace_back("masqueraded");
    if (fate.from) parts.push_back("from " + to_string(space.addresses(*fate.from)));
    if (fate.from_ports) parts.push_back("source ports " + to_string(*fate.from_ports));
    if (fate.mark) parts.push_back(fate.mark->single() ? fmt::format("mark {:#x}", space.mark_of(fate.mark->first)) : "some mark");
    if (fate.routed && fate.routed->single()) parts.push_back(fate.routed == fate.mark ? std::string("routed with it") : fmt::format("routed with mark {:#x}", space.mark_of(fate.routed->first)));
    if (fate.clamped) parts.emplace_back("MSS clamped");
    if (fate.filled) parts.emplace_back("checksum filled in");
    if (fate.untracked) parts.emplace_back("not tracked");
    for (const Deed& deed : fate.deeds) parts.push_back(fmt::format("`{}`{}", deed.words, deed.mark && deed.mark->single() ? fmt::format(" with mark {:#x}", space.mark_of(deed.mark->first)) : ""));
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
    return text;
}

std::string words(const Fate& fate, const Space& space) {
    const std::string more = translation(fate, space);
    return verdict(fate) + (more.empty() ? "" : " " + more);
}

}  // namespace natc::semantics

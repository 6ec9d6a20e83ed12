#include <algorithm>
#include <cctype>
#include <charconv>
#include <fmt/format.h>

#include "base/nearest.hpp"
#include "model/scope.hpp"
#include "syntax/shape.hpp"

namespace natc {

namespace {

/// No more values than this come out of one list, whatever its defines hold.
constexpr std::size_t most_values = 1'000'000;
/// And no more than this out of all lists together: a long define that thousands of rules name is as many again in each.
constexpr std::size_t most_values_of_all = 5'000'000;

bool looks_like_ports(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789-:") == std::string_view::npos &&
           std::isdigit(static_cast<unsigned char>(text.front())) != 0;
}

}  // namespace

std::string Scope::plain(const syntax::Word& word) const {
    const std::string_view written = text(word);
    return word.quoted ? syntax::unquoted(written) : std::string(written);
}

std::string Scope::remark_above(Span statement) const {
    const Span comment = sources_.comment_above(statement.begin);
    std::string remark;
    std::string_view rest = sources_.text(comment);
    while (!rest.empty()) {
        const auto end = std::min(rest.find('\n'), rest.size());
        std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        line.remove_prefix(std::min(line.find('#'), line.size() - 1) + 1);
        if (line.starts_with(' ')) line.remove_prefix(1);
        while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) line.remove_suffix(1);
        const auto word = line.find_first_not_of(" \t");
        if (word != std::string_view::npos && line.substr(word).starts_with("natc:")) continue;
        if (!remark.empty()) remark += '\n';
        remark += line;
    }
    return remark;
}

std::optional<Address> Scope::address(const syntax::Word& word) { return value(word, parse_address); }
std::optional<AddressRange> Scope::addresses(const syntax::Word& word) { return value(word, parse_addresses); }
std::optional<PortRange> Scope::ports(const syntax::Word& word) { return value(word, parse_ports); }
std::optional<Mac> Scope::mac(const syntax::Word& word) { return value(word, parse_mac); }

std::optional<InterfaceName> Scope::interface(const syntax::Word& word, bool exact) {
    const std::string written = plain(word);
    if (!word.quoted && (looks_like_address(written) || looks_like_ports(written))) {
        const bool address = looks_like_address(written);
        auto& diagnostic = diagnostics_.add(Code::bad_interface, word.span,
                                            fmt::format("`{}` is {}, and an interface is expected", written, address ? "an address" : "a number"));
        if (!address) diagnostic.advise(fmt::format("an interface of that name is written in quotes: \"{}\"", written));
        return std::nullopt;
    }
    const auto result = parse_interface(written);
    if (!result) {
        diagnostics_.add(word.span, result.error());
        return std::nullopt;
    }
    if (exact && result->wildcard()) {
        diagnostics_.add(Code::bad_interface, word.span, fmt::format("`{}` means many interfaces, and one is expected here", written));
        return std::nullopt;
    }
    return *result;
}

bool Scope::name(const syntax::Word& word, std::string_view kind) {
    const std::string_view written = text(word);
    const auto letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    const auto inner = [&](char c) {
        return letter(c) || std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.';
    };
    if (word.quoted) {
        const std::string inside = plain(word);
        auto& diagnostic = diagnostics_.add(Code::bad_name, word.span, fmt::format("the name of {} is written without quotes", kind));
        if (!inside.empty() && letter(inside.front()) && std::ranges::all_of(inside, inner)) diagnostic.advise(fmt::format("write {}", inside)).replace(word.span, inside);
        bad_names_.insert(inside);
        return false;
    }
    if (!letter(written.front())) {
        bad_names_.emplace(written);
        diagnostics_.add(Code::bad_name, word.span, fmt::format("`{}` is no name: a name begins with a letter or `_`", written));
        return false;
    }
    const auto odd = std::find_if_not(written.begin(), written.end(), inner);
    if (odd != written.end()) {
        bad_names_.emplace(written);
        diagnostics_.add(Code::bad_name, word.span,
                         fmt::format("`{}` is no name: a name has letters, digits and `_ - .` only", written));
        return false;
    }
    return true;
}

std::optional<std::uint32_t> Scope::number(const syntax::Word& word, std::uint32_t least, std::uint32_t most) {
    const std::string written = plain(word);
    const bool hex = written.starts_with("0x") || written.starts_with("0X");
    const char* begin = written.data() + (hex ? 2 : 0);
    const char* end = written.data() + written.size();
    std::uint64_t value = 0;
    const auto [read, error] = std::from_chars(begin, end, value, hex ? 16 : 10);
    // A leading zero means octal to iptables and decimal to people: neither guess is taken.
    const bool octal = !hex && written.size() > 1 && written.front() == '0';
    if (begin == end || (error != std::errc() && error != std::errc::result_out_of_range) || read != end || octal) {
        auto& diagnostic = diagnostics_.add(Code::bad_number, word.span,
                                            octal ? fmt::format("`{}` has a leading zero", written) : fmt::format("`{}` is no number", written));
        const auto first = written.find_first_not_of('0');
        if (octal && read == end) diagnostic.advise(fmt::format("write {}", first == std::string::npos ? "0" : written.substr(first)));
        return std::nullopt;
    }
    if (error == std::errc::result_out_of_range || value < least || value > most) {
        diagnostics_.add(Code::bad_number, word.span,
                         fmt::format("{} is out of range: {} to {} can stand here", written, least, most));
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(value);
}

bool Scope::wrong_kind(const syntax::Word& word, Kind kind, Span via) {
    if (!via.known() || kind == Kind::any) return false;
    const std::string written = plain(word);
    const bool address = !word.quoted && (looks_like_address(written) || is_end(written));
    const bool port = !word.quoted && looks_like_ports(written);
    const bool network = find_network(written).has_value();
    // A name that nothing bears may be an interface; one that nearly is a guest's is a misspelt guest, which is said elsewhere.
    const auto may_be_end = [&] { return is_end(written) || was_lost(written) || !nearest(written, names_of_ends()).empty(); };
    const bool fits = kind == Kind::addresses ? !port && !word.quoted && (address || may_be_end())
                      : kind == Kind::ports   ? port
                                              : (!address || network) && !port;
    if (fits) return false;
    static constexpr std::string_view wanted[] = {"addresses", "ports", "interfaces"};
    diagnostics_
        .add(Code::wrong_kind, via,
             fmt::format("`{}` holds {}, and {} are expected here", sources_.text(via),
                         address ? "addresses" : port ? "ports" : "interfaces", wanted[static_cast<std::size_t>(kind)]))
        .see(word.span, "this is in it");
    return true;
}

template <typename Each>
bool Scope::expand(syntax::Words words, Kind kind, const Each& each) {
    // The defines whose words are being looked at, innermost last: a stack of its own, so that long chains of defines cost no
    // depth of the program's.
    struct Level {
        DefineEntry* define;
        std::size_t next;
    };
    std::vector<Level> levels;
    std::size_t next = 0;
    std::size_t count = 0;
    bool ok = true;
    Span outermost;
    for (;;) {
        if (levels.empty()) outermost = {};
        const syntax::Words list = levels.empty() ? words : levels.back().define->define->values.words;
        std::size_t& at_word = levels.empty() ? next : levels.back().next;
        if (at_word == list.size()) {
            if (levels.empty()) break;
            levels.back().define->open = false;
            levels.pop_back();
            continue;
        }
        const syntax::Word& word = list[at_word++];
        if (++count > most_values) {
            diagnostics_.add(Code::too_many_rules, outermost.known() ? outermost : word.span, fmt::format("this stands for more than {} values", most_values));
            ok = false;
            break;
        }
        if (++values_ > most_values_of_all) {
            if (values_ == most_values_of_all + 1)
                diagnostics_.add(Code::too_many_rules, outermost.known() ? outermost : word.span,
                                 fmt::format("this and what stands above it stand for more than {} values", most_values_of_all));
            ok = false;
            break;
        }
        const std::string_view written = text(word);
        if (word.quoted || !written.starts_with('$')) {
            if (wrong_kind(word, kind, outermost)) {
                ok = false;
            } else if (!each(word)) {
                ok = false;
            }
            continue;
        }
        const auto at = defines_.find(written.substr(1));
        if (at == defines_.end()) {
            unknown(word.span, "define", written.substr(1), names_in(defines_));
            ok = false;
            continue;
        }
        DefineEntry& entry = at->second;
        if (entry.open && !entry.broken) {
            entry.broken = true;
            std::string way;
            bool inside = false;
            std::size_t named = 0;
            for (const Level& open : levels) {
                constexpr std::size_t most_named = 8;
                if (inside && named == most_named) {
                    way += " and others";
                    break;
                }
                if (inside) {
                    way += fmt::format("{}`{}`", named == 0 ? ", by way of " : ", ", text(open.define->define->name));
                    ++named;
                }
                inside = inside || open.define == &entry;
            }
            diagnostics_.add(Code::circular_define, word.span, fmt::format("the define `{}` refers to itself{}", at->first, way))
                .see(entry.define->name.span, "where it is defined");
        }
        if (entry.open || entry.broken) {
            // All that lead here are no better.
            for (const Level& open : levels) open.define->broken = true;
            ok = false;
            continue;
        }
        // To look for faults, once through each define is enough.
        if (kind == Kind::any && entry.checked) continue;
        entry.checked = entry.checked || kind == Kind::any;
        entry.used = entry.used || kind != Kind::any;
        if (levels.empty()) outermost = word.span;
        entry.open = true;
        levels.push_back({&entry, 0});
    }
    for (const Level& level : levels) level.define->open = false;
    return ok;
}

bool Scope::address_list(syntax::Words words, std::vector<AddressRange>& into) {
    return expand(words, Kind::addresses, [&](const syntax::Word& word) {
        const auto range = addresses(word);
        if (range) into.push_back(*range);
        return range.has_value();
    });
}

template <typename List>
bool Scope::list_ports(syntax::Words words, List& into) {
    return expand(words, Kind::ports, [&](const syntax::Word& word) {
        const auto range = ports(word);
        if (range) into.push_back(*range);
        return range.has_value();
    });
}

bool Scope::port_list(syntax::Words words, std::vector<PortRange>& into) { return list_ports(words, into); }
bool Scope::port_list(syntax::Words words, SmallVector<PortRange, 2>& into) { return list_ports(words, into); }

bool Scope::interface_list(syntax::Words words, std::vector<InterfaceName>& into,
                           std::vector<std::size_t>* networks, const std::vector<Network>& model) {
    return expand(words, Kind::interfaces, [&](const syntax::Word& word) {
        const std::string written = plain(word);
        if (const auto network = word.quoted ? std::nullopt : find_network(written); network && networks != nullptr) {
            networks->push_back(*network);
            into.push_back(model[*network].bridge);
            return true;
        }
        if (!word.quoted && find_guest(written) && networks != nullptr) {
            if (ambiguous(written)) return false;
            diagnostics_.add(Code::bad_interface, word.span, fmt::format("`{}` is a guest, and an interface is expected here", written))
                .advise("`from` and `to` take guests");
            return false;
        }
        const auto name = interface(word, false);
        if (!name) return false;
        into.push_back(*name);
        // An interface that is a network's bridge is that network, however it is written.
        if (networks != nullptr)
            if (const auto at = bridges_.find(std::string(name->text())); at != bridges_.end()) networks->push_back(at->second);
        return true;
    });
}

bool Scope::side_list(syntax::Words words, std::vector<Side>& into, const std::vector<Network>& model) {
    return expand(words, Kind::addresses, [&](const syntax::Word& word) {
        const std::string written = plain(word);
        if (!word.quoted) {
            if (const auto at = find_guest(written)) {
                const Network& network = model[at->network];
                for (const Address address : network.guests[at->guest].addresses)
                    into.push_back({address, network.bridge, at->network});
                return true;
            }
            if (const auto at = find_network(written)) {
                for (const Subnet& subnet : model[*at].subnets) into.push_back({subnet.range, model[*at].bridge, *at});
                return true;
            }
            if (const auto colon = written.find(':'); colon != std::string::npos && is_end(written.substr(0, colon))) {
                diagnostics_.add(Code::bad_address, word.span, fmt::format("{} has a port, where none belongs", written))
                    .advise("ports are written after their protocol: `tcp 22`, `tcp sport 22`");
                return false;
            }
            if (!looks_like_address(written) && !looks_like_ports(written)) {
                unknown(word.span, "guest or network", written, names_of_ends(), syntax::Foreign::Place::side);
                return false;
            }
        }
        if (word.quoted && is_end(written)) {
            diagnostics_.add(Code::bad_address, word.span, fmt::format("{} in quotes is no guest and no network", text(word)))
                .advise(fmt::format("write {}", written))
                .replace(word.span, written);
            return false;
        }
        const auto range = addresses(word);
        if (!range) return false;
        into.push_back({*range, std::nullopt, std::nullopt});
        return true;
    });
}

std::vector<Define> Scope::defines() const {
    std::vector<Define> result;
    for (const syntax::Define& written : input_.defines) {
        const auto at = defines_.find(text(written.name));
        if (at == defines_.end() || at->second.define != &written) continue;
        Define& define = result.emplace_back();
        define.name = at->first;
        define.span = written.name.span;
        define.used = at->second.used;
        for (const syntax::Word& word : written.values.words) {
            const std::string value = plain(word);
            if (!word.quoted && (value.starts_with('$') || is_end(value))) continue;
            if (!word.quoted && looks_like_ports(value)) {
                if (const auto range = parse_ports(value)) define.ports.push_back({*range, word.span});
            } else if (!word.quoted && looks_like_address(value)) {
                if (const auto range = parse_addresses(value)) define.addresses.push_back({*range, word.span});
            } else if (const auto interface_name = parse_interface(value)) {
                define.interfaces.push_back({*interface_name, word.span});
            }
        }
    }
    return result;
}

void Scope::check_defines() {
    for (const syntax::Define& define : input_.defines) {
        // The kinds that all of its words can be of.
        bool addresses_fit = true;
        bool ports_fit = true;
        bool interfaces_fit = true;
        (void)expand(define.values.words, Kind::any, [&](const syntax::Word& word) {
            const std::string written = plain(word);
            const bool port = !word.quoted && looks_like_ports(written);
            const bool address = !word.quoted && looks_like_address(written);
            const bool end = !word.quoted && is_end(written);
            if (port) {
                (void)ports(word);
            } else if (address) {
                (void)addresses(word);
            } else if (!end) {
                (void)interface(word, false);
            }
            addresses_fit = addresses_fit && (address || end);
            ports_fit = ports_fit && port;
            interfaces_fit = interfaces_fit && !port && !address && (!end || find_network(written));
            return true;
        });
        if (!addresses_fit && !ports_fit && !interfaces_fit)
            diagnostics_.add(Code::wrong_kind, define.values.span,
                             "a define holds addresses, ports or interfaces, and this one mixes them");
    }
}

}  // namespace natc

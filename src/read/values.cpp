#include "read/values.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <iterator>
#include <utility>

namespace natc::read {

namespace {

int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char small = static_cast<char>(c | 0x20);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : 99;
}

/// The length of a mask without holes.
std::optional<int> length_of_mask(Address mask) {
    const int bits = address_bits(mask.family());
    const uint128 inverted = AddressRange::all(mask.family()).last().value() & ~mask.value();
    if ((inverted & (inverted + 1)) != 0) return std::nullopt;
    int length = bits;
    for (uint128 rest = inverted; rest != 0; rest >>= 1U) --length;
    return length;
}

BadValue bad_port(std::string_view text) { return {Code::bad_port, fmt::format("{} is no port: ports are numbers from 0 to 65535", text), {}, {}}; }

}  // namespace

std::optional<std::uint64_t> number(std::string_view text, std::uint64_t most) {
    int base = 10;
    if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text.remove_prefix(2);
    } else if (text.size() > 1 && text[0] == '0') {
        base = 8;
        text.remove_prefix(1);
    }
    if (text.empty()) return std::nullopt;
    std::uint64_t result = 0;
    for (const char c : text) {
        const int digit = digit_value(c);
        if (digit >= base || result > most) return std::nullopt;
        result = result * static_cast<unsigned>(base) + static_cast<unsigned>(digit);
    }
    if (result > most) return std::nullopt;
    return result;
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

std::string_view next_piece(std::string_view& text, char sign) {
    const auto end = std::min(text.find(sign), text.size());
    const auto piece = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return piece;
}

Result<MaskedAddress> masked_address(std::string_view text) {
    const auto slash = text.find('/');
    const Result<Address> address = parse_address(text.substr(0, slash));
    if (!address) return address.error();
    const Family family = address->family();
    if (slash == std::string_view::npos) return MaskedAddress{family, AddressRange(*address)};
    const std::string_view written = text.substr(slash + 1);
    if (written.find_first_of(".:") != std::string_view::npos) {
        const Result<Address> mask = parse_address(written);
        if (!mask) return mask.error();
        if (mask->family() != family) return BadValue{Code::bad_prefix_length, fmt::format("{} is no mask of an {} address", written, name(family)), {}, {}};
        const auto length = length_of_mask(*mask);
        if (!length) return MaskedAddress{family, std::nullopt};
        return MaskedAddress{family, AddressRange::prefix(*address, *length)};
    }
    const auto length = number(written, static_cast<unsigned>(address_bits(family)));
    if (!length)
        return BadValue{Code::bad_prefix_length, fmt::format("`{}` is no length of an {} prefix: it goes from 0 to {}", written, name(family), address_bits(family)), {}, {}};
    return MaskedAddress{family, AddressRange::prefix(*address, static_cast<int>(*length))};
}

Result<MaskedAddress> address_range(std::string_view text) {
    const auto hyphen = text.find('-');
    const Result<Address> first = parse_address(text.substr(0, hyphen));
    if (!first) return first.error();
    if (hyphen == std::string_view::npos) return MaskedAddress{first->family(), AddressRange(*first)};
    const Result<Address> last = parse_address(text.substr(hyphen + 1));
    if (!last) return last.error();
    if (first->family() != last->family())
        return BadValue{Code::wrong_family, fmt::format("{} begins with an {} address and ends with an {} one", text, name(first->family()), name(last->family())), {}, {}};
    if (*last < *first) return MaskedAddress{first->family(), std::nullopt};
    return MaskedAddress{first->family(), AddressRange(*first, *last)};
}

bool may_name_service(std::string_view text) {
    const auto plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' || c == '+'; };
    const bool letter = std::any_of(text.begin(), text.end(), [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; });
    return letter && !text.starts_with('-') && !text.starts_with("0x") && std::all_of(text.begin(), text.end(), plain);
}

Result<std::optional<PortRange>> ports(std::string_view text, char between, bool open_ends) {
    const std::string_view whole = text;
    const bool range = text.find(between) != std::string_view::npos;
    const std::string_view first_text = next_piece(text, between);
    const std::string_view last_text = range ? text : first_text;
    std::uint64_t ends[2] = {0, 65535};
    for (const bool last : {false, true}) {
        const std::string_view end = last ? last_text : first_text;
        if (end.empty() && range && open_ends) continue;
        const auto port = number(end, 65535);
        if (!port && may_name_service(end)) return std::optional<PortRange>();
        if (!port) return bad_port(end.empty() ? whole : end);
        ends[last ? 1 : 0] = *port;
    }
    if (ends[1] < ends[0]) return BadValue{Code::backward_range, fmt::format("{} ends before it begins", whole), {}, {}};
    return std::optional(PortRange{static_cast<std::uint16_t>(ends[0]), static_cast<std::uint16_t>(ends[1])});
}

Result<ir::RateLimit> rate(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, std::uint32_t>, 4> units{{{"second", 1}, {"minute", 60}, {"hour", 3600}, {"day", 86400}}};
    const auto bad = [&](std::string_view why) { return BadValue{Code::bad_number, fmt::format("{} is no rate: {}", text, why), {}, {}}; };
    std::string_view rest = text;
    const bool has_unit = text.find('/') != std::string_view::npos;
    const std::string_view count_text = next_piece(rest, '/');
    const bool digits = !count_text.empty() && std::all_of(count_text.begin(), count_text.end(), [](char c) { return c >= '0' && c <= '9'; });
    // iptables reads it as decimal, whatever it begins with.
    const auto count = digits ? number(count_text.substr(std::min(count_text.find_first_not_of('0'), count_text.size() - 1)), UINT32_MAX) : std::nullopt;
    if (!count || *count == 0) return bad("a number of packets is missing");
    ir::RateLimit limit;
    if (has_unit) {
        const auto* const unit = std::find_if(units.begin(), units.end(), [&](const auto& one) { return !rest.empty() && one.first.starts_with(lower(rest)); });
        if (unit == units.end()) return bad("its time is second, minute, hour or day");
        limit.period = static_cast<ir::Period>(std::distance(units.begin(), unit));
    }
    if (*count > std::uint64_t{10'000} * units[static_cast<std::size_t>(limit.period)].second) return bad("iptables takes 10000 a second at most");
    limit.count = static_cast<std::uint32_t>(*count);
    return limit;
}

Result<MaskedNumber> masked_number(std::string_view text) {
    const auto slash = text.find('/');
    const auto value = number(text.substr(0, slash), UINT32_MAX);
    const auto mask = slash == std::string_view::npos ? std::nullopt : number(text.substr(slash + 1), UINT32_MAX);
    if (!value || (slash != std::string_view::npos && !mask))
        return BadValue{Code::bad_number, fmt::format("{} is no mark: a mark is a number of 32 bits, and a mask behind a `/` maybe", text), {}, {}};
    MaskedNumber result{static_cast<std::uint32_t>(*value), std::nullopt};
    if (mask) result.mask = static_cast<std::uint32_t>(*mask);
    return result;
}

Result<ir::ConntrackStates> states(std::string_view text, bool translated) {
    using enum ir::ConntrackState;
    constexpr std::array<std::pair<std::string_view, ir::ConntrackState>, 7> names{
        {{"invalid", invalid}, {"new", new_}, {"related", related}, {"established", established}, {"untracked", untracked}, {"snat", snat}, {"dnat", dnat}}};
    ir::ConntrackStates result;
    do {
        const std::string_view piece = next_piece(text, ',');
        const auto* const state = std::find_if(names.begin(), names.end() - (translated ? 0 : 2), [&](const auto& one) { return one.first == lower(piece); });
        if (state == names.end() - (translated ? 0 : 2)) return BadValue{Code::unknown_word, fmt::format("`{}` is no state of connection tracking", piece), {}, {}};
        result = result | state->second;
    } while (!text.empty());
    return result;
}

Result<std::uint8_t> tcp_flags(std::string_view text) {
    constexpr std::array<std::string_view, 6> names{"fin", "syn", "rst", "psh", "ack", "urg"};
    unsigned result = 0;
    do {
        const std::string_view piece = next_piece(text, ',');
        const std::string flag = lower(piece);
        const auto* const at = std::find(names.begin(), names.end(), flag);
        if (flag == "all")
            result |= 0x3FU;
        else if (at != names.end())
            result |= 1U << static_cast<unsigned>(std::distance(names.begin(), at));
        else if (flag != "none")
            return BadValue{Code::unknown_word, fmt::format("`{}` is no flag of tcp", piece), "they are FIN, SYN, RST, PSH, ACK and URG", {}};
    } while (!text.empty());
    return static_cast<std::uint8_t>(result);
}

}  // namespace natc::read

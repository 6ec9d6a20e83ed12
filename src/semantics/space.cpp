#include "semantics/space.hpp"

#include <algorithm>
#include <cassert>

#include "packet/interval_set.hpp"
#include "semantics/effects.hpp"

namespace natc::semantics {

using packet::Interval;

namespace {

/// Up to so many bits of the mark, each of their values is a code. A rule that asks for one of them has half of the codes, which may be as many boxes.
constexpr std::size_t most_mark_parts = 10;

constexpr std::uint32_t all_bits = 0xFFFF'FFFF;

std::uint64_t number(const Mac& mac) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : mac.bytes) value = value << 8U | byte;
    return value;
}

}  // namespace

std::vector<AddressRange> addresses_of_many(Family family) {
    if (family == Family::ipv6) return {AddressRange::prefix(Address(family, uint128{0xFF} << 120U), 8)};
    return {AddressRange::prefix(Address(family, 0xE000'0000U), 4), Address(family, 0xFFFF'FFFFU)};
}

AddressRange loopbacks(Family family) { return family == Family::ipv4 ? AddressRange::prefix(Address(family, 0x7F00'0000U), 8) : AddressRange(Address(family, 1)); }

Space::Space(Family family, std::span<const ir::Program* const> programs, std::span<const AddressRange> further, std::span<const InterfaceName> names, const std::optional<Mac>& mac)
    : family_(family), addresses_(address_bits(family)) {
    interfaces_.add(*parse_interface("lo"));
    for (const InterfaceName& name : names) interfaces_.add(name);
    // Told apart even where no rule does.
    for (const AddressRange& many : addresses_of_many(family)) addresses_.cut_at(many.first().value(), many.last().value());
    // So is the address that the host's own packets are redirected to.
    addresses_.cut_at(1, 1);
    for (const AddressRange& range : further)
        if (range.family() == family) addresses_.cut_at(range.first().value(), range.last().value());
    if (mac) macs_.cut_at(number(*mac), number(*mac));
    for (const ir::Program* program : programs) collect(*program);
    interfaces_.close();
    addresses_.close();
    macs_.close();
    order_flags();
    part_marks();
    unknowns_ = Unknowns(programs, family_, {[this](const ir::MarkIs& mark) { return looks_into(mark); }, marks_change_});

    whole_ = packet::Region(std::vector<Interval>(known_fields, Interval{0, 1}), unknowns_.all().size());
    whole_[+Field::in] = whole_[+Field::out] = interfaces_.all();
    for (const Field field : {Field::source, Field::destination, Field::original_source, Field::reply_source}) whole_[+field] = addresses_.all();
    whole_[+Field::protocol] = {0, 255};
    whole_[+Field::source_port] = whole_[+Field::destination_port] = {0, 65535};
    whole_[+Field::tcp_flags] = {0, 63};
    whole_[+Field::state] = {state_invalid, state_established};
    // IPv6 has no broadcast.
    whole_[+Field::destination_local] = {destination_elsewhere, family == Family::ipv4 ? destination_broadcast : destination_own};
    whole_[+Field::mac] = {macs_.all().first, no_mac()};
    whole_[+Field::mark] = {0, few_marks() ? (1U << mark_parts_.size()) - 1 : all_bits};
}

/// Takes in what a match asks for.
struct Space::Collector {
    Space& space;

    void operator()(const ir::SourceAddress& m) const { address(m.range); }
    void operator()(const ir::DestinationAddress& m) const { address(m.range); }
    void operator()(const ir::InInterface& m) const { space.interfaces_.add(m.name); }
    void operator()(const ir::OutInterface& m) const { space.interfaces_.add(m.name); }
    void operator()(const ir::SourceMac& m) const { space.macs_.cut_at(number(m.mac), number(m.mac)); }
    void operator()(const ir::TcpFlags& m) const {
        ir::TcpFlags plain = m;
        plain.negated = false;
        auto& all = space.flag_matches_;
        if (std::find(all.begin(), all.end(), plain) == all.end()) all.push_back(plain);
    }
    void operator()(const ir::MarkIs& m) const { space.marks_asked_ |= m.mask; }
    void operator()(const ir::Conntrack& m) const {
        if (m.original_source) address(*m.original_source);
        if (m.reply_source) address(*m.reply_source);
    }
    // Their values are codes of their own.
    void operator()(const ir::ProtocolIs&) const {}
    void operator()(const ir::SourcePorts&) const {}
    void operator()(const ir::DestinationPorts&) const {}
    void operator()(const ir::IcmpTypeIs&) const {}
    void operator()(const ir::SourceIsLocal&) const {}
    void operator()(const ir::DestinationIsLocal&) const {}
    void operator()(const ir::ForgedSource&) const {}
    // Fields of their own, once it is known which marks there are.
    void operator()(const ir::RateLimit&) const {}
    void operator()(const ir::Verbatim&) const {}

    void address(const AddressRange& range) const {
        if (range.family() == space.family_) space.addresses_.cut_at(range.first().value(), range.last().value());
    }
};

void Space::collect(const ir::Program& program) {
    const Collector collector{*this};
    for (const ir::Table& table : program.tables)
        for (const ir::Chain& chain : table.chains) {
            for (const ir::Rule& rule : chain.rules) {
                if (!rule.families.contains(family_)) continue;
                for (const ir::Match& match : rule.matches) ir::visit_meaning(match, collector);
                if (const auto* dnat = std::get_if<ir::DestinationNat>(&rule.statement); dnat != nullptr && dnat->to) collector.address(*dnat->to);
                if (const auto* set = std::get_if<ir::SetMark>(&rule.statement)) marks_set_.push_back(*set);
                marks_change_ = marks_change_ || changes_mark(rule.statement);
                if (const auto* snat = std::get_if<ir::SourceNat>(&rule.statement); snat != nullptr && snat->to) collector.address(*snat->to);
            }
        }
}

// Bits that rules ask for stand for themselves. Of those that are only set, one is enough for all that are set alike.
void Space::part_marks() {
    std::map<std::vector<bool>, std::uint32_t> alike;
    for (std::uint32_t bit = 1; bit != 0; bit <<= 1U) {
        if ((marks_asked_ & bit) != 0) {
            mark_parts_.push_back(bit);
            continue;
        }
        std::vector<bool> how;
        for (const ir::SetMark& set : marks_set_) {
            how.push_back((set.mask & bit) != 0);
            how.push_back((set.value & bit) != 0);
        }
        if (std::find(how.begin(), how.end(), true) != how.end()) alike[how] |= bit;
    }
    for (const auto& [how, bits] : alike) mark_parts_.push_back(bits);
    few_marks_ = mark_parts_.size() <= most_mark_parts;
    if (!few_marks_) mark_parts_.clear();
}

// Where rules ask for many bits apart from each other, what one asks of some of them cannot be said in codes.
bool Space::looks_into(const ir::MarkIs& mark) const { return few_marks() || mark.mask == all_bits; }

void Space::order_flags() {
    // Values that the same matches take stand together: first by the first match, then by the next.
    std::array<std::uint8_t, 64> order{};
    for (std::uint8_t flags = 0; flags < 64; ++flags) order[flags] = flags;
    std::stable_sort(order.begin(), order.end(), [&](std::uint8_t a, std::uint8_t b) {
        for (const ir::TcpFlags& match : flag_matches_) {
            const bool in_a = (a & match.mask) == match.set;
            const bool in_b = (b & match.mask) == match.set;
            if (in_a != in_b) return in_a;
        }
        return false;
    });
    flags_by_code_ = order;
    for (std::uint8_t code = 0; code < 64; ++code) codes_by_flags_[order[code]] = code;
}

Interval Space::codes(const AddressRange& range) const {
    assert(range.family() == family_);
    return addresses_.codes(range.first().value(), range.last().value());
}

AddressRange Space::addresses(Interval codes) const {
    return {Address(family_, addresses_.first_of(codes.first)), Address(family_, addresses_.last_of(codes.last))};
}

Interval Space::codes_of_mac(const Mac& mac) const { return macs_.codes(number(mac), number(mac)); }

Mac Space::mac_of(std::uint32_t code) const {
    Mac mac;
    auto value = static_cast<std::uint64_t>(macs_.first_of(code));
    for (auto byte = mac.bytes.rbegin(); byte != mac.bytes.rend(); ++byte, value >>= 8U) *byte = static_cast<std::uint8_t>(value & 0xFFU);
    return mac;
}

Interval Space::codes_of_flags(std::uint8_t flags) const { return {codes_by_flags_[flags & 63U], codes_by_flags_[flags & 63U]}; }

std::uint32_t Space::mark_of(std::uint32_t code) const {
    if (!few_marks()) return code;
    std::uint32_t mark = 0;
    for (std::size_t part = 0; part < mark_parts_.size(); ++part)
        if ((code >> part & 1U) != 0) mark |= mark_parts_[part];
    return mark;
}

std::uint32_t Space::code_of_mark(std::uint32_t mark) const {
    if (!few_marks()) return mark;
    std::uint32_t code = 0;
    for (std::size_t part = 0; part < mark_parts_.size(); ++part)
        if ((mark & mark_parts_[part] & (~mark_parts_[part] + 1)) != 0) code |= 1U << part;
    return code;
}

std::vector<Interval> Space::codes_of_mark(std::uint32_t value, std::uint32_t mask) const {
    if (!few_marks()) return {{value, value}};
    const std::uint32_t wanted = code_of_mark(value);
    const std::uint32_t parts = code_of_mark(mask);
    packet::IntervalSet codes;
    const std::uint32_t end = 1U << mark_parts_.size();
    for (std::uint32_t code = 0; code < end; ++code)
        if ((code & parts) == (wanted & parts)) codes.push_back({code, code});
    return packet::normal(std::move(codes));
}

std::uint32_t Space::set_mark(std::uint32_t code, const ir::SetMark& set) const { return code_of_mark((mark_of(code) & ~set.mask) ^ set.value); }

}  // namespace natc::semantics

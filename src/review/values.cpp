#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "review/review.hpp"

namespace natc {

namespace {

constexpr AddressRange block(std::uint32_t first, int length) {
    return {Address(Family::ipv4, first), Address(Family::ipv4, first | static_cast<std::uint32_t>((std::uint64_t{1} << (32 - length)) - 1))};
}

/// IPv4 addresses that no host of the internet has (IANA's special-purpose registry), so that a network at home may have them.
constexpr AddressRange nobodys[] = {
    block(0x0A00'0000, 8),  block(0xAC10'0000, 12), block(0xC0A8'0000, 16),                          // private
    block(0x6440'0000, 10), block(0xA9FE'0000, 16), block(0xC612'0000, 15),                          // providers' own, link-local, benchmarks
    block(0xC000'0200, 24), block(0xC633'6400, 24), block(0xCB00'7100, 24), block(0xC000'0000, 24),  // documentation, protocols
    block(0x0000'0000, 8),  block(0x7F00'0000, 8),  block(0xE000'0000, 4),  block(0xF000'0000, 4),   // no single host's
};

/// Where somebody lands who means a private block: 172.0 to 172.15, 172.32 to 172.63, 192.160 to 192.175.
constexpr AddressRange near_misses[] = {block(0xAC00'0000, 12), block(0xAC20'0000, 11), block(0xC0A0'0000, 12)};

bool within(const AddressRange& range, std::span<const AddressRange> blocks) {
    return std::any_of(blocks.begin(), blocks.end(), [&](const AddressRange& one) { return one.contains(range); });
}

std::uint64_t size(const AddressRange& range) { return static_cast<std::uint64_t>(range.last().value() - range.first().value()) + 1; }

/// Whether a range is public space of a size that a network has: a single address may well be translated on purpose, and what is larger
/// than any network says something else.
bool is_public(const AddressRange& range) { return range.family() == Family::ipv4 && size(range) >= 4 && size(range) <= (1U << 24U) && !within(range, nobodys); }

const AddressRange mapped_block{Address(Family::ipv6, uint128{0xFFFF} << 32U), Address(Family::ipv6, (uint128{0xFFFF} << 32U) + 0xFFFF'FFFFU)};

bool is_group(const Mac& mac) { return (mac.bytes[0] & 1U) != 0; }
bool is_nothing(const Mac& mac) { return mac == Mac{}; }

/// Whether a virtual machine may have it: locally administered, as 52:54:00 is, or of a vendor of virtual machines.
bool is_for_guests(const Mac& mac) {
    constexpr std::uint32_t vendors[] = {0x00163E, 0x005056, 0x000C29, 0x000569, 0x001C14, 0x080027, 0x00155D, 0x001C42, 0x0003FF, 0x00216A};
    const std::uint32_t vendor = static_cast<std::uint32_t>(mac.bytes[0] << 16U | mac.bytes[1] << 8U | mac.bytes[2]);
    return (mac.bytes[0] & 2U) != 0 || std::find(std::begin(vendors), std::end(vendors), vendor) != std::end(vendors);
}

class Values {
public:
    Values(const Subject& subject, Diagnostics& diagnostics) : subject_(subject), diagnostics_(diagnostics) {}

    void of_model(const Model& model) {
        for (const Network& network : model.networks) of_network(network);
        for (const auto* policy : {&model.input, &model.output, &model.forward})
            if (*policy) of_policy(**policy, false);
        for (const Network& network : model.networks)
            if (network.forward) of_policy(*network.forward, false);
        for (const ChainBlock& chain : model.chains) of_policy(chain.body, chain.table == ir::TableName::nat);
        for (const PortForward& forward : model.port_forwards) {
            if (!forward.from_negated) whole_family(forward.from, model.networks[forward.network].families(), forward.span, "port-forward");
            for (const Side& side : forward.from) mapped(side.addresses, forward.span);
            if (forward.on) mapped(*forward.on, forward.span);
        }
    }

    void of_dump(const ir::Program& program) {
        for (const ir::Table& table : program.tables)
            for (const ir::Chain& chain : table.chains)
                for (const ir::Rule& rule : chain.rules) {
                    if (rule.origins.empty()) continue;
                    const Span span = rule.origins.front();
                    const bool translates = std::holds_alternative<ir::Masquerade>(rule.statement) || std::holds_alternative<ir::SourceNat>(rule.statement);
                    for (const ir::Match& match : rule.matches) {
                        if (const auto* source = std::get_if<ir::SourceAddress>(&match)) {
                            if (translates && !source->negated) translated(source->range, span);
                            mapped(source->range, span);
                        }
                        if (const auto* destination = std::get_if<ir::DestinationAddress>(&match)) mapped(destination->range, span);
                        if (const auto* mac = std::get_if<ir::SourceMac>(&match); mac != nullptr && !mac->negated) never_a_source(mac->mac, span);
                    }
                }
    }

private:
    void of_network(const Network& network) {
        for (const Subnet& subnet : network.subnets) {
            mapped(subnet.range, subnet.span);
            const Egress& egress = network.egress_of(subnet.range.family());
            // What is routed as it is may well be public. A typing error is one all the same.
            const bool near_miss = within(subnet.range, near_misses) && size(subnet.range) >= 256;
            if (egress.translates() || near_miss) translated(subnet.range, subnet.span);
        }
        if (network.mac && (is_group(*network.mac) || is_nothing(*network.mac))) never_a_source(*network.mac, network.bridge_span);
        for (const Guest& guest : network.guests) {
            if (!guest.mac) continue;
            if (is_group(*guest.mac) || is_nothing(*guest.mac)) {
                never_a_source(*guest.mac, guest.span);
            } else if (!is_for_guests(*guest.mac) && network.members.empty()) {
                // With an interface of the host's in the bridge, a guest may be a machine of its own.
                diagnostics_
                    .add(Code::odd_mac, guest.span,
                         fmt::format("{} is a maker's address, which some network card has, and no virtual machine's", to_string(*guest.mac)))
                    .advise("virtual machines have addresses such as 52:54:00:…, or others whose second digit is 2, 6, a or e");
            }
        }
    }

    void of_policy(const Policy& policy, bool nat) {
        for (const Rule& rule : policy.rules) {
            const bool translates = nat && (std::holds_alternative<ir::Masquerade>(rule.verdict) || std::holds_alternative<ir::SourceNat>(rule.verdict));
            for (const Side& side : rule.from) {
                mapped(side.addresses, rule.at.from);
                if (translates && !rule.from_negated && !side.network) translated(side.addresses, rule.at.from);
            }
            for (const Side& side : rule.to) mapped(side.addresses, rule.at.to);
            if (!rule.from_negated) whole_family(rule.from, rule.families & of(rule.to), rule.at.from, "rule");
            if (!rule.to_negated) whole_family(rule.to, rule.families & of(rule.from), rule.at.to, "rule");
            if (!rule.mac_negated)
                for (const Mac& mac : rule.macs) never_a_source(mac, rule.at.mac);
        }
    }

    static FamilySet of(const std::vector<Side>& sides) {
        FamilySet families = sides.empty() ? FamilySet::both() : FamilySet();
        for (const Side& side : sides) families |= side.addresses.family();
        return families;
    }

    /// Says that these are translated, and public; once, however many rules do it.
    void translated(const AddressRange& range, Span span) {
        if (!is_public(range) || !told_.insert(range).second) return;
        auto& diagnostic = diagnostics_.add(Code::public_space, span,
                                            fmt::format("{} is public: hosts of the internet have these addresses, and cannot be reached from here", to_string(range)));
        const auto like = [&](std::uint32_t first) { return block(first, 8).contains(range); };
        if (like(0xAC00'0000)) {
            diagnostic.advise("private are 172.16.0.0/12, which is 172.16.0.0 to 172.31.255.255, and 10.0.0.0/8 and 192.168.0.0/16");
        } else if (like(0xC000'0000)) {
            diagnostic.advise("private are 192.168.0.0/16, and 10.0.0.0/8 and 172.16.0.0/12");
        } else {
            diagnostic.advise("private are 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16; addresses of your own are not translated: `route`");
        }
    }

    void mapped(const AddressRange& range, Span span) {
        if (!mapped_block.contains(range)) return;
        const auto ipv4 = [](Address a) { return Address(Family::ipv4, a.value() & 0xFFFF'FFFFU); };
        const std::string meant = to_string(AddressRange(ipv4(range.first()), ipv4(range.last())));
        diagnostics_.add(Code::mapped_address, span, fmt::format("{} is how programs write {} where IPv6 is expected: no packet bears it", to_string(range), meant))
            .advise(fmt::format("write {}", meant));
    }

    void never_a_source(const Mac& mac, Span span) {
        if (is_group(mac)) {
            diagnostics_.add(Code::odd_mac, span, fmt::format("{} is a multicast address, and nothing is sent from one", to_string(mac)))
                .advise("the first byte of a host's address is even: its second digit is 0, 2, 4, 6, 8, a, c or e");
        } else if (is_nothing(mac)) {
            diagnostics_.add(Code::odd_mac, span, fmt::format("{} is no host's address", to_string(mac)));
        }
    }

    /// Who writes 0.0.0.0/0 means everybody, and leaves IPv6 out.
    void whole_family(const std::vector<Side>& sides, FamilySet families, Span span, std::string_view what) {
        FamilySet whole, named;
        for (const Side& side : sides) {
            named |= side.addresses.family();
            if (side.addresses == AddressRange::all(side.addresses.family())) whole |= side.addresses.family();
        }
        if (whole.empty() || (whole != FamilySet::both() && named == FamilySet::both())) return;
        if (whole == FamilySet::both()) {
            // A define that stands for everybody is a place to write something else some day.
            if (subject_.sources.text(span).find('$') == std::string_view::npos)
                diagnostics_.add(Code::whole_family, span, "this is everybody: nothing is narrowed by it").advise("leave it out");
            return;
        }
        const Family family = whole.contains(Family::ipv4) ? Family::ipv4 : Family::ipv6;
        const std::string_view word = family == Family::ipv4 ? "ipv4" : "ipv6";
        const bool other_too = families.contains(other(family));
        diagnostics_
            .add(Code::whole_family, span,
                 other_too ? fmt::format("this is every {} address: the {} takes anybody there, and nobody in {}", name(family), what, name(other(family)))
                           : fmt::format("this is every {} address, which the {} takes without it", name(family), what))
            .advise(other_too && what == "rule" ? fmt::format("leave it out, or write `{}` if that is meant", word) : "leave it out");
    }

    const Subject& subject_;
    Diagnostics& diagnostics_;
    std::set<AddressRange> told_;
};

}  // namespace

void review_values(const Subject& subject, Diagnostics& diagnostics) {
    Values values(subject, diagnostics);
    if (subject.model != nullptr) {
        values.of_model(*subject.model);
    } else {
        values.of_dump(subject.program);
    }
}

}  // namespace natc

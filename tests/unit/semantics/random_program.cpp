#include "unit/semantics/random_program.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "emit/iptables.hpp"
#include "unit/property.hpp"

namespace natc::semantics::testing {

namespace {

std::size_t below(std::size_t end) { return *rc::gen::resize(100, rc::gen::inRange<std::size_t>(0, end)); }
bool one_in(std::size_t count) { return below(count) == 0; }
template <typename T>
T pick(const std::vector<T>& from) {
    return from[below(from.size())];
}

Address address(Family family, unsigned last) {
    return family == Family::ipv4 ? Address(family, 0x0A00'0000U + last) : Address(family, (uint128{0xFD00} << 112U) + last);
}
Address outside(Family family) { return *parse_address(family == Family::ipv4 ? "192.0.2.1" : "2001:db8::1"); }
Address multicast(Family family) { return *parse_address(family == Family::ipv4 ? "224.0.0.1" : "ff02::1"); }
Address loopback(Family family) { return *parse_address(family == Family::ipv4 ? "127.0.0.1" : "::1"); }
Mac mac(std::uint8_t last) { return {{2, 0, 0, 0, 0, last}}; }

/// What a target may choose that nobody looks into, and where a packet for the host itself may have been sent to.
std::vector<Address> choices(Family family) { return {address(family, 0), address(family, 1), address(family, 2), address(family, 3), outside(family)}; }

/// Half of what is asked has a way to say it shorter.
AddressRange range(Family family) {
    if (one_in(6)) return AddressRange::all(family);
    const auto a = static_cast<unsigned>(below(4));
    const auto b = one_in(2) ? a : static_cast<unsigned>(below(4));
    return {address(family, std::min(a, b)), address(family, std::max(a, b))};
}

AddressRange prefix(Family family) { return AddressRange::prefix(address(family, static_cast<unsigned>(below(4)) & ~1U), address_bits(family) - 1); }

PortRange ports() {
    constexpr std::uint16_t from[] = {0, 1, 2, 3};
    constexpr std::uint16_t to[] = {0, 1, 2, 3, 4, 65535};
    const std::uint16_t first = from[below(4)];
    const std::uint16_t last = one_in(2) ? first : to[below(6)];
    return {std::min(first, last), std::max(first, last)};
}

std::vector<PortRange> port_list() {
    std::vector<PortRange> list;
    for (std::size_t i = 0; i < 1 + below(3); ++i) list.push_back(ports());
    return list;
}

}  // namespace

World World::random(std::size_t packets) {
    World world;
    world.family = one_in(2) ? Family::ipv4 : Family::ipv6;
    const Family f = world.family;
    const std::uint8_t icmp_number = f == Family::ipv4 ? icmp.number : icmpv6.number;
    // One value each, until they are chosen.
    world.sources = world.destinations = world.original_sources = world.reply_sources = {outside(f)};
    world.ins = {"z9"};
    world.outs = {"z8"};
    world.protocols = {tcp.number, udp.number, icmp_number, 99};
    world.source_ports = {9};
    world.destination_ports = {9};
    world.types = {{8, 0}};
    world.flags = {0};
    world.states = {State::fresh};
    world.translated = {false};
    world.macs = {mac(9)};
    world.sources_local = world.destinations_local = world.broadcasts = world.forged = {false};
    world.marks = {0};

    std::size_t product = world.protocols.size();
    std::vector<std::size_t> order{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[below(i)]);
    const auto room = [&](std::size_t values) {
        if (product * values > packets) return false;
        product *= values;
        return true;
    };
    const std::vector<Address> inner{address(f, 0), address(f, 1), address(f, 2), address(f, 3), outside(f)};
    const std::vector<bool> both{false, true};
    for (const std::size_t which : order) switch (which) {
            case 0:
                if (room(5)) world.sources = inner;
                break;
            case 1:
                if (room(7)) {
                    world.destinations = inner;
                    world.destinations.push_back(multicast(f));
                    world.destinations.push_back(loopback(f));
                }
                break;
            case 2:
                if (room(6)) world.ins = {"a0", "a1", "a0x", "a2", "b0", "z9"};
                break;
            case 3:
                if (room(6)) world.outs = {"a0", "a1", "a2", "b0", "b1", "z8"};
                break;
            case 4:
                break;
            case 5:
                if (room(6)) world.source_ports = {0, 1, 2, 3, 4, 9};
                break;
            case 6:
                if (room(6)) world.destination_ports = {0, 1, 2, 3, 4, 9};
                break;
            case 7:
                if (room(9)) world.types = {{8, 0}, {8, 1}, {3, 0}, {3, 1}, {3, 2}, {133, 0}, {133, 1}, {200, 7}, {200, 8}};
                break;
            case 8:
                if (room(64))
                    for (std::uint8_t flags = 1; flags < 64; ++flags) world.flags.push_back(flags);
                break;
            case 9:
            case 10:  // twice as likely
                if (world.states.size() == 1 && room(14)) {
                    world.states = {State::invalid, State::untracked, State::fresh, State::related, State::established};
                    world.translated = both;
                }
                break;
            case 11:
                if (world.states.size() > 1 && room(9)) {
                    world.original_sources = {address(f, 0), address(f, 2), outside(f)};
                    world.reply_sources = {address(f, 1), address(f, 3), outside(f)};
                }
                break;
            case 12:
                if (room(4)) world.macs = {mac(1), mac(2), mac(9), std::nullopt};
                break;
            case 13:
                if (room(4)) {
                    world.destinations_local = both;
                    if (f == Family::ipv4) world.broadcasts = both;
                }
                break;
            case 14:
                if (room(4)) world.marks = {0, 1, 2, 3};
                break;
            default:
                if (room(4)) {
                    if (one_in(2)) {
                        world.sources_local = world.forged = both;
                    } else {
                        world.unknowns = true;
                    }
                }
        }
    return world;
}

std::vector<Packet> World::packets(const Space& space) const {
    std::vector<Packet> all(1);
    const auto vary = [&](const auto& values, auto set) {
        std::vector<Packet> more;
        for (const Packet& packet : all)
            for (const auto& value : values) {
                more.push_back(packet);
                set(more.back(), value);
            }
        all = std::move(more);
    };
    vary(sources, [](Packet& p, Address v) { p.source = v; });
    vary(destinations, [](Packet& p, Address v) { p.destination = v; });
    vary(original_sources, [](Packet& p, Address v) { p.original_source = v; });
    vary(reply_sources, [](Packet& p, Address v) { p.reply_source = v; });
    vary(ins, [](Packet& p, const std::string& v) { p.in = v; });
    vary(outs, [](Packet& p, const std::string& v) { p.out = v; });
    vary(protocols, [](Packet& p, std::uint8_t v) { p.protocol = v; });
    vary(source_ports, [](Packet& p, std::uint16_t v) { p.source_port = v; });
    vary(destination_ports, [](Packet& p, std::uint16_t v) { p.destination_port = v; });
    vary(types, [](Packet& p, const auto& v) { std::tie(p.type, p.code) = v; });
    vary(flags, [](Packet& p, std::uint8_t v) { p.flags = v; });
    vary(states, [](Packet& p, State v) { p.state = v; });
    vary(translated, [](Packet& p, bool v) { p.dnat = v; });
    vary(translated, [](Packet& p, bool v) { p.snat = v; });
    vary(macs, [](Packet& p, const std::optional<Mac>& v) { p.mac = v; });
    vary(sources_local, [](Packet& p, bool v) { p.source_local = v; });
    vary(destinations_local, [](Packet& p, bool v) { p.destination_local = v; });
    vary(broadcasts, [](Packet& p, bool v) { p.broadcast = v; });
    // Whose address a new destination is; asked where there are translations alone.
    vary(destinations_local, [](Packet& p, bool v) { p.new_destination_local = v; });
    vary(forged, [](Packet& p, bool v) { p.forged = v; });
    vary(marks, [](Packet& p, std::uint32_t v) { p.mark = v; });
    std::size_t varied = 0;
    for (packet::FieldIndex field = known_fields; field < space.whole().size(); ++field, ++varied) {
        const std::string key = space.unknown(field).key;
        if (varied < 4)
            vary(std::array<bool, 2>{false, true}, [&](Packet& p, bool v) { p.unknown[key] = v; });
        else
            for (std::size_t i = 0; i < all.size(); ++i) all[i].unknown[key] = (i * 7 + varied) % 3 == 0;
    }
    return all;
}

Oracle::Surroundings World::surroundings(const Space& space) const {
    Oracle::Surroundings result;
    result.addresses = choices(family);
    result.code_of_mark = [&space](std::uint32_t mark) { return space.code_of_mark(mark); };
    for (std::uint32_t code = 0; code <= std::min(space.whole()[+Field::mark].last, 63U); ++code) result.marks.push_back(space.mark_of(code));
    result.interfaces = {"a0", "a1", "a2", "b0", "b1", "z8", "lo"};
    result.root = [&space](const ir::Chain& chain) { return space.unknowns().root(chain); };
    result.called = [&space](Path path, const ir::Rule& call) { return space.unknowns().called(path, call); };
    const bool few = space.few_marks();
    result.unknown = [&space, few](Path path, const ir::Rule& rule, std::size_t match) -> std::optional<std::pair<std::string, bool>> {
        std::size_t number = 0;
        for (std::size_t i = 0; i <= match; ++i) {
            const auto* mark = std::get_if<ir::MarkIs>(&rule.matches[i]);
            const bool asks = std::holds_alternative<ir::Verbatim>(rule.matches[i]) || std::holds_alternative<ir::RateLimit>(rule.matches[i]) || (mark != nullptr && !few && mark->mask != 0xFFFF'FFFF);
            if (!asks && i == match) return std::nullopt;
            if (asks && i < match) ++number;
        }
        const Asked& asked = space.unknowns().asked(path, rule).at(number);
        return std::pair(space.unknowns().all()[asked.unknown].key, asked.yes);
    };
    return result;
}

namespace {

void add_matches(ir::Rule& rule, const World& world, bool conntrack, std::optional<Protocol> protocol) {
    const Family f = world.family;
    const std::uint8_t icmp_number = f == Family::ipv4 ? icmp.number : icmpv6.number;
    const auto negated = [] { return one_in(4); };
    const auto interface = [](std::initializer_list<const char*> names) { return *parse_interface(*(names.begin() + below(names.size()))); };
    if (protocol) rule.matches.emplace_back(ir::ProtocolIs{*protocol, false});
    const std::size_t wanted = below(4);
    for (std::size_t attempt = 0, made = 0; made < wanted && attempt < 30; ++attempt) {
        const std::size_t before = rule.matches.size();
        switch (below(16)) {
            case 0:
                if (world.sources.size() > 1 && std::none_of(rule.matches.begin(), rule.matches.end(), [](const auto& m) { return std::holds_alternative<ir::SourceAddress>(m); }))
                    rule.matches.emplace_back(ir::SourceAddress{range(f), negated()});
                break;
            case 1:
                if (world.destinations.size() > 1 && std::none_of(rule.matches.begin(), rule.matches.end(), [](const auto& m) { return std::holds_alternative<ir::DestinationAddress>(m); }))
                    rule.matches.emplace_back(ir::DestinationAddress{range(f), negated()});
                break;
            case 2:
                if (world.ins.size() > 1) rule.matches.emplace_back(ir::InInterface{interface({"a0", "a1", "a+", "a0+", "b0"}), negated()});
                break;
            case 3:
                if (world.outs.size() > 1) rule.matches.emplace_back(ir::OutInterface{interface({"a0", "a1", "a+", "b0", "b+"}), negated()});
                break;
            case 4:
                if (world.protocols.size() > 1 && !protocol) rule.matches.emplace_back(ir::ProtocolIs{pick<Protocol>({tcp, udp, Protocol{icmp_number}}), true});
                break;
            case 5:
                if (world.source_ports.size() > 1 && protocol && has_ports(*protocol)) rule.matches.emplace_back(ir::SourcePorts{port_list(), negated()});
                break;
            case 6:
                if (world.destination_ports.size() > 1 && protocol && has_ports(*protocol)) rule.matches.emplace_back(ir::DestinationPorts{port_list(), negated()});
                break;
            case 7:
                if (world.types.size() > 1 && protocol && protocol->number == icmp_number) {
                    const auto type = pick<std::pair<std::uint8_t, std::uint8_t>>({{8, 0}, {3, 0}, {3, 1}, {133, 0}, {200, 7}});
                    rule.matches.emplace_back(ir::IcmpTypeIs{{f, type.first, one_in(2) ? std::optional(type.second) : std::nullopt}, negated()});
                }
                break;
            case 8:
                if (world.flags.size() > 1 && protocol == tcp) {
                    const auto mask = pick<std::uint8_t>({0x17, 0x06, 0x3F, 0x12, 0x01});
                    rule.matches.emplace_back(ir::TcpFlags{mask, static_cast<std::uint8_t>(mask & pick<std::uint8_t>({0x02, 0x12, 0, 0x3F})), negated()});
                }
                break;
            case 9:
            case 10:
                if (world.states.size() > 1 && conntrack) {
                    ir::Conntrack tracked;
                    if (!one_in(4)) {
                        tracked.states.bits = static_cast<std::uint8_t>(1 + below(127));
                        if (one_in(2)) tracked.states.bits = static_cast<std::uint8_t>(1U << below(7));
                        tracked.states_negated = negated();
                    }
                    if (world.original_sources.size() > 1 && one_in(2)) {
                        tracked.original_source = prefix(f);
                        tracked.original_source_negated = negated();
                    }
                    if (world.reply_sources.size() > 1 && one_in(2)) {
                        tracked.reply_source = prefix(f);
                        tracked.reply_source_negated = negated();
                    }
                    // A new connection's ends are the packet's: those must vary too.
                    if (tracked.original_source && world.sources.size() == 1) tracked.original_source.reset();
                    if (tracked.reply_source && world.destinations.size() == 1) tracked.reply_source.reset();
                    if (tracked.states.bits != 0 || tracked.original_source || tracked.reply_source) rule.matches.emplace_back(tracked);
                }
                break;
            case 11:
                if (world.macs.size() > 1) rule.matches.emplace_back(ir::SourceMac{mac(static_cast<std::uint8_t>(1 + below(2))), negated()});
                break;
            case 12:
                if (world.destinations_local.size() > 1) rule.matches.emplace_back(ir::DestinationIsLocal{negated()});
                break;
            case 13:
                if (world.sources_local.size() > 1 && one_in(2)) rule.matches.emplace_back(ir::SourceIsLocal{negated()});
                else if (world.forged.size() > 1) rule.matches.emplace_back(ir::ForgedSource{});
                break;
            case 14:
                if (world.marks.size() > 1) {
                    const auto mask = pick<std::uint32_t>({1, 2, 3, 3});
                    rule.matches.emplace_back(ir::MarkIs{static_cast<std::uint32_t>(below(4)) & (one_in(8) ? 3 : mask), mask, negated()});
                }
                break;
            default:
                if (world.unknowns) {
                    if (one_in(2))
                        rule.matches.emplace_back(ir::Verbatim{pick<std::string>({"-m set --match-set s src", "-m set ! --match-set s src", "-m set --match-set s dst", "-m recent --name r --set"})});
                    else if (one_in(2))
                        rule.matches.emplace_back(ir::Verbatim{"-m recent --name r --rcheck"});
                    else
                        rule.matches.emplace_back(ir::RateLimit{3, ir::Period::second, 5});
                }
        }
        if (rule.matches.size() == before) continue;
        // One of a kind, as iptables takes them; but for unknown ones.
        const std::size_t kind = rule.matches.back().index();
        const bool again = std::any_of(rule.matches.begin(), rule.matches.end() - 1, [&](const ir::Match& m) { return m.index() == kind; });
        if (again && !std::holds_alternative<ir::Verbatim>(rule.matches.back()))
            rule.matches.pop_back();
        else
            ++made;
    }
}

ir::Statement random_statement(const World& world, const Liking& liking, ir::TableName table, std::size_t chain, const std::optional<Protocol>& protocol) {
    using enum ir::TableName;
    if (const std::size_t kind = below(10); kind < 3) {
        // Only on to chains behind, so that there is no loop.
        constexpr std::size_t user_chains = 3;
        const std::size_t built_in = ir::hooks_of(table).size();
        const std::size_t at = chain % (built_in + user_chains);
        const std::size_t least = at < built_in ? 0 : at - built_in + 1;
        if (least < user_chains) {
            const std::string to = fmt::format("c{}", least + below(user_chains - least));
            if (kind == 2) return ir::Goto{to};
            return ir::Jump{to};
        }
        return ir::Return{};
    }
    if (one_in(6)) return ir::Return{};
    if (one_in(12)) return ir::Log{"x"};
    if (liking.oddities && one_in(12)) return ir::Foreign{pick<std::string>({"ODDITY --some", "NFQUEUE --queue-num 1", "NFLOG --group 1"})};
    if (table == raw && one_in(2)) return ir::NoTrack{};
    if (table == mangle && liking.marks && !one_in(3)) {
        if (liking.oddities && one_in(4)) return ir::Foreign{pick<std::string>({"CONNMARK --restore-mark", "TTL --ttl-set 64", "SET --add-set s src", "CONNMARK --save-mark"})};
        const auto mask = pick<std::uint32_t>({1, 2, 3, 0xFFFF'FFFF});
        return ir::SetMark{static_cast<std::uint32_t>(below(4)), mask};
    }
    if (table == mangle && one_in(3)) return protocol == tcp ? ir::Statement(ir::ClampMss{}) : ir::Statement(ir::FillChecksum{});
    if (one_in(3)) return ir::Drop{};
    if (table == filter && one_in(3)) return ir::Reject{pick<ir::RejectWith>({ir::RejectWith::port_unreachable, ir::RejectWith::net_unreachable, ir::RejectWith::no_route})};
    (void)world;
    return ir::Accept{};
}

std::optional<PortRange> new_ports() {
    if (one_in(2)) return std::nullopt;
    if (one_in(2)) return PortRange{5, 7};
    const auto port = static_cast<std::uint16_t>(1 + below(5));
    return PortRange{port, port};
}

/// What translates in a chain of nat.
ir::Statement random_translation(const World& world, const Liking& liking, ir::Hook hook, bool with_ports) {
    if (liking.oddities && one_in(6)) return ir::Foreign{"NETMAP --to 10.0.0.0/30"};
    const auto to = [&]() -> AddressRange {
        if (one_in(6)) return loopback(world.family);
        // A choice among several is never what the packet has already: that, nobody could tell.
        if (one_in(3)) return {address(world.family, 8), address(world.family, 9)};
        return address(world.family, static_cast<unsigned>(below(4)));
    };
    const auto ports = with_ports ? new_ports() : std::nullopt;
    if (hook == ir::Hook::prerouting || hook == ir::Hook::output) {
        if (one_in(4)) return ir::Redirect{ports, {}};
        ir::DestinationNat dnat{to(), ports, {}, {}};
        if (ports && one_in(4)) dnat.to.reset();
        if (ports && !ports->single() && one_in(2)) {
            dnat.base = pick<std::uint16_t>({0, 1, 2, 3, 9});
            dnat.ports = PortRange{6000, 60000};
        }
        return dnat;
    }
    if (hook == ir::Hook::postrouting && one_in(2)) return ir::Masquerade{ports, {}};
    ir::SourceNat snat{to(), ports, {}};
    if (ports && one_in(4)) snat.to.reset();
    return snat;
}

}  // namespace

Placed random_rule(const World& world, const Liking& liking) {
    using enum ir::TableName;
    Placed placed{pick(liking.tables), below(8), {}};
    placed.rule.families = world.family;
    const std::uint8_t icmp_number = world.family == Family::ipv4 ? icmp.number : icmpv6.number;
    std::optional<Protocol> protocol;
    if (!one_in(3)) protocol = pick<Protocol>({tcp, udp, Protocol{icmp_number}});
    const std::size_t built_in = ir::hooks_of(placed.table).size();
    const std::size_t at = placed.chain % (built_in + 3);
    const bool translates = placed.table == nat && liking.translation && at < built_in && one_in(2);
    placed.rule.statement = translates ? random_translation(world, liking, ir::hooks_of(nat)[at], protocol.has_value()) : random_statement(world, liking, placed.table, placed.chain, protocol);
    if (std::holds_alternative<ir::ClampMss>(placed.rule.statement)) protocol = tcp;
    add_matches(placed.rule, world, placed.table != raw, protocol);
    return placed;
}

Plan random_plan(const World& world, const Liking& liking) {
    Plan plan;
    plan.family = world.family;
    plan.tables = liking.tables;
    // By the length of the list: rapidcheck can only leave out of those that may be shorter.
    plan.rules = *rc::gen::resize(static_cast<int>(liking.rules), rc::gen::container<std::vector<Placed>>(rc::gen::exec([world, liking] { return random_rule(world, liking); })));
    for (std::size_t i = 0; i < 5; ++i) plan.policies.push_back(one_in(3) ? ir::Policy::drop : ir::Policy::accept);
    return plan;
}

ir::Program Plan::program() const {
    ir::Program program;
    for (const ir::TableName name : {ir::TableName::raw, ir::TableName::mangle, ir::TableName::nat, ir::TableName::filter, ir::TableName::security}) {
        if (std::find(tables.begin(), tables.end(), name) == tables.end()) continue;
        ir::Table table = ir::empty_table(name);
        const bool decides = name == ir::TableName::filter || name == ir::TableName::mangle;
        for (ir::Chain& chain : table.chains)
            if (decides) chain.policy = policies[static_cast<std::size_t>(*chain.hook)];
        for (int i = 0; i < 3; ++i) {
            ir::Chain chain;
            chain.name = fmt::format("c{}", i);
            table.chains.push_back(std::move(chain));
        }
        for (const Placed& placed : rules)
            if (placed.table == name) table.chains[placed.chain % table.chains.size()] << placed.rule;
        program.tables.push_back(std::move(table));
    }
    return program;
}

namespace {

std::uint32_t code_of(Address address, const Space& space) {
    for (std::uint32_t low = 0, high = space.whole()[+Field::source].last;;) {
        const std::uint32_t middle = low + (high - low) / 2;
        const AddressRange run = space.addresses({middle, middle});
        if (run.contains(address)) return middle;
        if (address < run.first()) high = middle - 1;
        else low = middle + 1;
    }
}

/// Of a packet that is refused, where it was translated to: nothing, where no rule tells it from others.
std::string refused_at(const std::string& destination, const Space& space) {
    if (destination.empty()) return {};
    const std::uint32_t code = code_of(*parse_address(destination), space);
    return space.addresses({code, code}).single() ? destination : std::string();
}

}  // namespace

std::vector<std::uint32_t> codes_of(const Packet& packet, const Space& space) {
    std::vector<std::uint32_t> codes(space.whole().size());
    const auto set = [&](Field field, std::uint32_t code) { codes[+field] = code; };
    // The narrowest name that means it: those behind belong to others.
    const auto interface = [&](const std::string& name) -> std::uint32_t {
        if (name.empty()) return Interfaces::none;
        for (std::uint32_t code = space.real_interface().first; code <= space.real_interface().last; ++code)
            if (space.interfaces().name({code, code}) == name) return code;
        // One of those that a wildcard means and nobody names: found by the wildcards that mean it.
        for (std::size_t length = name.size(); length > 0; --length)
            for (std::uint32_t first = space.real_interface().first; first <= space.real_interface().last; ++first)
                for (std::uint32_t last = space.real_interface().last; last + 1 > first; --last)
                    if (space.interfaces().name({first, last}) == name.substr(0, length) + "+") return last;
        return space.real_interface().last;
    };
    const auto at = [&](Address address) { return code_of(address, space); };
    set(Field::in, interface(packet.in));
    set(Field::out, interface(packet.out));
    set(Field::source, at(packet.source));
    set(Field::destination, at(packet.destination));
    set(Field::protocol, packet.protocol);
    set(Field::source_port, packet.source_port);
    const bool is_icmp = packet.protocol == (space.family() == Family::ipv4 ? icmp.number : icmpv6.number);
    set(Field::destination_port, is_icmp ? packet.type * 256U + packet.code : packet.destination_port);
    set(Field::tcp_flags, space.codes_of_flags(packet.flags).first);
    set(Field::state, static_cast<std::uint32_t>(packet.state));
    set(Field::dnat, packet.dnat ? 1 : 0);
    set(Field::snat, packet.snat ? 1 : 0);
    set(Field::original_source, at(packet.original_source));
    set(Field::reply_source, at(packet.reply_source));
    set(Field::mac, space.no_mac());
    for (std::uint32_t code = 0; packet.mac && code < space.no_mac(); ++code)
        if (space.mac_of(code) <= *packet.mac) set(Field::mac, code);
    set(Field::source_local, packet.source_local ? 1 : 0);
    set(Field::destination_local, packet.destination_local ? destination_own : packet.broadcast ? destination_broadcast : destination_elsewhere);
    set(Field::new_destination_local, packet.new_destination_local ? 1 : 0);
    set(Field::forged, packet.forged ? 1 : 0);
    set(Field::mark, space.codes_of_mark(packet.mark, 0xFFFF'FFFF).front().first);
    for (packet::FieldIndex field = known_fields; field < codes.size(); ++field) codes[field] = packet.unknown.at(space.unknown(field).key) ? 1 : 0;
    return codes;
}

bool in(const std::vector<std::uint32_t>& codes, const packet::Region& region) {
    for (packet::FieldIndex field = 0; field < codes.size(); ++field)
        if (!region[field].contains(codes[field])) return false;
    return true;
}

bool in(const std::vector<std::uint32_t>& codes, packet::BoxView box) {
    return std::all_of(box.begin(), box.end(), [&](const packet::Side& side) { return side.interval.contains(codes[side.field]); });
}

bool in(const std::vector<std::uint32_t>& codes, const packet::Product& product) {
    return std::all_of(product.begin(), product.end(), [&](const auto& part) {
        return std::any_of(part.second.begin(), part.second.end(), [&](packet::Interval i) { return i.contains(codes[part.first]); });
    });
}

bool possible(const Packet& packet, Family family) {
    if (packet.destination_local && packet.broadcast) return false;
    if (!packet.destination_local && packet.destination == loopback(family)) return false;
    const bool discovery = family == Family::ipv6 && packet.protocol == icmpv6.number && ((packet.type >= 130 && packet.type <= 136) || packet.type == 143);
    if (discovery != (packet.state == State::untracked)) return false;
    const bool connection = packet.state == State::related || packet.state == State::established;
    return connection || (!packet.dnat && !packet.snat);
}

std::set<End> ends_of(const Fate& fate, Course course, const Packet& packet, const Space& space) {
    End end;
    constexpr const char* courses[] = {"", "in", "through", "out"};
    end.course = courses[static_cast<std::size_t>(course)];
    for (const Deed& deed : fate.deeds) {
        const bool other_mark = deed.mark && space.codes_of_mark(packet.mark, 0xFFFF'FFFF).front() != *deed.mark;
        end.deeds.push_back(fmt::format("{}{} {}{}{}", deed.lasting ? "! " : "", deed.words, ir::name(deed.hook), deed.translated ? " translated" : "",
                                        other_mark ? fmt::format(" mark {}", deed.mark->first) : ""));
    }
    // Of a choice that nobody knows, the oracle's.
    std::vector<std::string> destinations;
    if (fate.to) {
        const AddressRange range = space.addresses(*fate.to);
        if (fate.unknown_target)
            for (const Address& one : choices(space.family()))
                if (range.contains(one)) destinations.push_back(to_string(one));
        for (uint128 value = range.first().value(); !fate.unknown_target; ++value) {
            destinations.push_back(to_string(Address(space.family(), value)));
            if (value == range.last().value() || destinations.size() > 100) break;
        }
    }
    if (fate.kind != Fate::Kind::accept) {
        end.verdict = fate.kind == Fate::Kind::drop ? "drop" : (fate.kind == Fate::Kind::reject ? "reject with " : "elsewhere ") + fate.words;
        if (!fate.to) destinations = {""};
        std::set<End> all;
        for (end.destination_port = fate.to_ports ? static_cast<std::uint16_t>(fate.to_ports->first) : 0;; ++end.destination_port) {
            for (const std::string& destination : destinations) {
                end.destination = refused_at(destination, space);
                all.insert(end);
            }
            if (!fate.to_ports || end.destination_port == fate.to_ports->last) return all;
        }
    }
    end.verdict = "accept";
    if (fate.routed && space.codes_of_mark(packet.mark, 0xFFFF'FFFF).front() != *fate.routed) end.routed = fmt::format("{}", fate.routed->first);
    end.clamped = fate.clamped;
    end.filled = fate.filled;
    end.untracked = fate.untracked;
    end.source = fate.masqueraded ? "the interface's" : fate.from ? to_string(space.addresses(*fate.from)) : "";
    if (end.source == to_string(packet.source)) end.source.clear();
    end.source_ports = fate.from_ports ? to_string(*fate.from_ports) : "";
    if (fate.redirected)
        destinations = {"the host"};
    else if (!fate.to)
        destinations = {to_string(packet.destination)};
    std::vector<std::uint16_t> ports;
    if (fate.to_ports)
        for (std::uint32_t port = fate.to_ports->first; port <= fate.to_ports->last; ++port) ports.push_back(static_cast<std::uint16_t>(port));
    else
        ports = {static_cast<std::uint16_t>(packet.destination_port + fate.shift)};
    std::vector<std::uint32_t> marks;
    if (fate.mark)
        for (std::uint32_t code = fate.mark->first; code <= fate.mark->last && marks.size() < 100; ++code) marks.push_back(code);
    else
        marks = {space.codes_of_mark(packet.mark, 0xFFFF'FFFF).front().first};
    std::set<End> all;
    for (const std::string& destination : destinations)
        for (const std::uint16_t port : ports)
            for (const std::uint32_t mark : marks) {
                end.destination = destination;
                end.destination_port = port;
                end.mark = mark;
                all.insert(end);
            }
    return all;
}

std::set<End> coded(const std::set<End>& ends, const Space& space) {
    std::set<End> result;
    for (End end : ends) {
        if (end.verdict != "accept") end.destination = refused_at(end.destination, space);
        if (end.verdict == "accept") end.mark = space.codes_of_mark(end.mark, 0xFFFF'FFFF).front().first;
        result.insert(std::move(end));
    }
    return result;
}

std::string text(const ir::Program& program, Family family) { return emit_iptables(program, family); }

std::string text(const Packet& p) {
    std::string result = fmt::format("in {} out {} from {}:{} to {}:{} protocol {} type {}/{} flags {:#x} state {}{}{} opened by {} answered by {} mac {} local {}{} forged {} mark {}", p.in, p.out,
                                     to_string(p.source), p.source_port, to_string(p.destination), p.destination_port, p.protocol, p.type, p.code, p.flags, static_cast<int>(p.state),
                                     p.dnat ? " dnat" : "", p.snat ? " snat" : "", to_string(p.original_source), to_string(p.reply_source), p.mac ? to_string(*p.mac) : "none", p.source_local, p.destination_local,
                                     p.forged, p.mark);
    if (p.broadcast) result += " broadcast";
    if (p.new_destination_local) result += " new destination local";
    for (const auto& [key, yes] : p.unknown) result += fmt::format(" [{}]={}", key, yes);
    return result;
}

std::string text(const std::set<End>& ends) {
    std::string result;
    for (const End& e : ends)
        result += fmt::format("  {} {} to {}:{} from {} {} mark {} routed {}{}{}{} {}\n", e.course, e.verdict, e.destination, e.destination_port, e.source, e.source_ports, e.mark, e.routed, e.clamped ? " clamped" : "",
                              e.filled ? " filled" : "", e.untracked ? " untracked" : "", fmt::join(e.deeds, ", "));
    return result;
}

}  // namespace natc::semantics::testing

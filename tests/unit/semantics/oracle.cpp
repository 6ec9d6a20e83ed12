#include "unit/semantics/oracle.hpp"

#include <algorithm>
#include <cassert>
#include <fmt/format.h>
#include <string_view>

#include "emit/iptables_words.hpp"

namespace natc::semantics::testing {

namespace {

constexpr std::uint8_t state_bit(State state) {
    using enum ir::ConntrackState;
    constexpr ir::ConntrackState bits[] = {invalid, untracked, new_, related, established};
    return static_cast<std::uint8_t>(bits[static_cast<std::size_t>(state)]);
}

bool is_multicast(Address address) {
    if (address.family() == Family::ipv4) return (address.value() >> 28U) == 0xE;
    return (address.value() >> 120U) == 0xFF;
}

bool is_loopback(Address address) {
    if (address.family() == Family::ipv4) return (address.value() >> 24U) == 127;
    return address.value() == 1;
}

std::vector<Address> all_of(const AddressRange& range) {
    std::vector<Address> all;
    for (uint128 value = range.first().value();; ++value) {
        all.emplace_back(range.family(), value);
        if (value == range.last().value()) return all;
    }
}

}  // namespace

/// One packet's way, with the choices of one run.
class Way {
public:
    Way(const ir::Program& program, Family family, const Oracle::Surroundings& around, const Oracle& oracle, Packet packet, Chooser& chooser, Oracle::Hits* hits)
        : program_(program), family_(family), around_(around), oracle_(oracle), packet_(std::move(packet)), chooser_(chooser), hits_(hits), first_mark_(packet_.mark) {}

    End from_outside() {
        using enum ir::TableName;
        using enum ir::Hook;
        const std::string out = packet_.out;
        packet_.out.clear();
        if (!(raw_hook(prerouting) && hook(mangle, prerouting) && nat_hook(prerouting))) return end_;
        see_route();
        bool local = redirected_;
        if (!translated_)
            local = packet_.destination_local || is_multicast(packet_.destination) || packet_.broadcast;
        else
            packet_.destination_local = local = redirected_ || is_own(packet_.destination);
        if (local) {
            end_.course = "in";
            if (!(hook(mangle, input) && hook(filter, input) && hook(security, input) && nat_hook(input))) return end_;
            return arrive();
        }
        packet_.out = out;
        end_.course = "through";
        if (!(hook(mangle, forward) && hook(filter, forward) && hook(security, forward) && hook(mangle, postrouting) && nat_hook(postrouting))) return end_;
        return arrive();
    }

    End from_host() {
        using enum ir::TableName;
        using enum ir::Hook;
        end_.course = "out";
        packet_.in.clear();
        if (!(raw_hook(output) && hook(mangle, output))) return end_;
        if (program_.find(mangle) != nullptr) see_route();
        if (!nat_hook(output)) return end_;
        if (!(hook(filter, output) && hook(security, output))) return end_;
        if (translated_) {
            if (packet_.destination_local)
                packet_.out = "lo";
            else
                packet_.out = around_.interfaces[chooser_.choose(around_.interfaces.size())];
        }
        if (!(hook(mangle, postrouting) && nat_hook(postrouting))) return end_;
        return arrive();
    }

    void only(ir::TableName table, ir::Hook at) {
        if (table == ir::TableName::raw) packet_.state = State::invalid;
        (void)hook(table, at);
    }

private:
    bool raw_hook(ir::Hook at) {
        const State tracked = packet_.state;
        packet_.state = State::invalid;
        const bool goes_on = hook(ir::TableName::raw, at);
        if (end_.untracked)
            packet_.dnat = packet_.snat = false;
        else
            packet_.state = tracked;
        return goes_on;
    }

    void see_route() {
        const std::uint32_t code = around_.code_of_mark(packet_.mark);
        if (!restored_ && code != around_.code_of_mark(first_mark_)) end_.routed = fmt::format("{}", code);
    }

    bool nat_hook(ir::Hook at) {
        if (packet_.state != State::fresh) return true;
        return hook(ir::TableName::nat, at);
    }

    /// False if the packet's way ends there.
    bool hook(ir::TableName name, ir::Hook at) {
        const ir::Table* table = program_.find(name);
        if (table == nullptr) return true;
        hook_ = at;
        for (const ir::Chain& chain : table->chains) {
            if (chain.hook != at || !chain.families.contains(family_)) continue;
            switch (walk(*table, chain, around_.root(chain))) {
                case Verdict::accepted: return true;
                case Verdict::ended: return false;
                case Verdict::returned: break;
            }
            hit(chain, nullptr);
            if (chain.policy == ir::Policy::accept) return true;
            (void)refuse("drop");
            return false;
        }
        return true;
    }

    enum class Verdict : std::uint8_t { returned, accepted, ended };

    Verdict walk(const ir::Table& table, const ir::Chain& chain, std::uint32_t path) {
        for (const ir::Rule& rule : chain.rules) {
            if (!oracle_.matches(rule, packet_, path)) continue;
            hit(chain, &rule);
            for (const ir::Match& match : rule.matches)
                if (const auto* verbatim = std::get_if<ir::Verbatim>(&match); verbatim != nullptr && verbatim->options.ends_with("--set")) end_.deeds.push_back(deed(verbatim->options, true));
            if (const auto* jump = std::get_if<ir::Jump>(&rule.statement)) {
                const Verdict verdict = walk(table, *table.find(jump->chain), around_.called(path, rule));
                if (verdict != Verdict::returned) return verdict;
            } else if (const auto* go = std::get_if<ir::Goto>(&rule.statement)) {
                return walk(table, *table.find(go->chain), around_.called(path, rule));
            } else if (std::holds_alternative<ir::Return>(rule.statement)) {
                return Verdict::returned;
            } else if (const Verdict verdict = act(rule.statement); verdict != Verdict::returned) {
                return verdict;
            }
        }
        return Verdict::returned;
    }

    Verdict refuse(std::string words) {
        std::vector<std::string> kept;
        for (std::string& deed : end_.deeds)
            if (deed.starts_with("! ")) kept.push_back(std::move(deed));
        end_ = {end_.course, std::move(words), {}, 0, {}, {}, 0, {}, false, false, false, std::move(kept)};
        // Where it might have been translated otherwise.
        if (address_chosen_) end_.destination = to_string(packet_.destination);
        if (port_chosen_) end_.destination_port = packet_.destination_port;
        return Verdict::ended;
    }

    /// What was done to a packet, at which place: what lasts begins with a sign of its own, and knows the mark.
    [[nodiscard]] std::string deed(const std::string& words, bool lasting) const {
        const std::uint32_t code = around_.code_of_mark(packet_.mark);
        const std::string mark = lasting && !restored_ && code != around_.code_of_mark(first_mark_) ? fmt::format(" mark {}", code) : "";
        return fmt::format("{}{} {}{}{}", lasting ? "! " : "", words, ir::name(hook_), translated_ ? " translated" : "", mark);
    }

    /// `returned`: it goes on.
    Verdict act(const ir::Statement& statement) {
        if (std::holds_alternative<ir::Accept>(statement)) return Verdict::accepted;
        if (std::holds_alternative<ir::Drop>(statement)) return refuse("drop");
        if (const auto* reject = std::get_if<ir::Reject>(&statement)) return refuse("reject with " + std::string(reject_name(reject->with, family_)));
        if (const auto* set = std::get_if<ir::SetMark>(&statement)) {
            packet_.mark = (packet_.mark & ~set->mask) ^ set->value;
            if (set->mask == 0xFFFF'FFFF) restored_ = false;
        }
        if (std::holds_alternative<ir::ClampMss>(statement)) end_.clamped = true;
        if (std::holds_alternative<ir::FillChecksum>(statement)) end_.filled = true;
        if (std::holds_alternative<ir::NoTrack>(statement)) {
            end_.untracked = true;
            packet_.state = State::untracked;
        }
        if (const auto* foreign = std::get_if<ir::Foreign>(&statement)) {
            if (foreign->words.starts_with("TTL")) end_.deeds.push_back(deed(foreign->words, false));
            if (foreign->words.starts_with("SET") || foreign->words.starts_with("CONNMARK")) end_.deeds.push_back(deed(foreign->words, true));
            if (foreign->words.starts_with("NETMAP")) return somewhere(foreign->words);
            restored_ = restored_ || foreign->words.starts_with("CONNMARK --restore");
            if (foreign->words.starts_with("CONNMARK --restore")) packet_.mark = around_.marks[chooser_.choose(around_.marks.size())];
            if (foreign->words.starts_with("NFQUEUE")) return refuse("elsewhere " + foreign->words);
            if (foreign->words.starts_with("ODDITY") && chooser_.choose(2) == 0) return refuse("elsewhere " + foreign->words);
        }
        if (const auto* masquerade = std::get_if<ir::Masquerade>(&statement)) return source("the interface's", masquerade->ports);
        if (const auto* snat = std::get_if<ir::SourceNat>(&statement)) return source(snat->to ? to_string(*snat->to) : "", snat->ports);
        if (const auto* dnat = std::get_if<ir::DestinationNat>(&statement)) {
            const Packet before = packet_;
            if (dnat->to) {
                const auto choices = all_of(*dnat->to);
                packet_.destination = choices[chooser_.choose(choices.size())];
                address_chosen_ = choices.size() > 1;
            }
            if (is_icmp()) {
                // Its identifier: no rule asks for that.
            } else if (dnat->ports && dnat->base) {
                const auto offset = static_cast<std::uint16_t>(packet_.destination_port - *dnat->base);
                packet_.destination_port = static_cast<std::uint16_t>(dnat->ports->first + offset % dnat->ports->size());
            } else if (dnat->ports) {
                new_port(*dnat->ports);
            }
            translated_ = before.destination != packet_.destination;
            packet_.dnat = before.destination != packet_.destination || before.destination_port != packet_.destination_port;
            if (translated_ && hook_ == ir::Hook::output) packet_.destination_local = is_own(packet_.destination);
            return Verdict::accepted;
        }
        if (const auto* redirect = std::get_if<ir::Redirect>(&statement)) {
            translated_ = redirected_ = true;
            const bool to_own = hook_ == ir::Hook::output ? is_loopback(packet_.destination) : packet_.destination_local;
            const std::uint16_t port = packet_.destination_port;
            if (hook_ == ir::Hook::output)
                packet_.destination = family_ == Family::ipv4 ? Address(family_, 0x7F00'0001U) : Address(family_, 1);
            else
                packet_.destination = around_.addresses[chooser_.choose(around_.addresses.size())];
            packet_.destination_local = true;
            if (redirect->ports && !is_icmp()) new_port(*redirect->ports);
            // To the address that it was sent to, maybe.
            packet_.dnat = !(to_own && port == packet_.destination_port) || chooser_.choose(2) == 1;
            return Verdict::accepted;
        }
        return Verdict::returned;
    }

    [[nodiscard]] bool is_icmp() const { return packet_.protocol == (family_ == Family::ipv4 ? icmp.number : icmpv6.number); }
    [[nodiscard]] bool is_own(Address address) const { return is_loopback(address) || packet_.new_destination_local; }

    /// A translation that nobody looks into: to any of the addresses.
    Verdict somewhere(const std::string& words) {
        end_.deeds.push_back(deed(words, false));
        if (hook_ == ir::Hook::postrouting || hook_ == ir::Hook::input) return Verdict::accepted;
        std::vector<Address> all = around_.addresses;
        packet_.destination = all[chooser_.choose(all.size())];
        packet_.dnat = chooser_.choose(2) == 1;
        translated_ = address_chosen_ = true;
        if (hook_ == ir::Hook::output) packet_.destination_local = is_own(packet_.destination);
        return Verdict::accepted;
    }

    void new_port(PortRange ports) {
        // One of them already: it stays.
        if (ports.first <= packet_.destination_port && packet_.destination_port <= ports.last) return;
        port_chosen_ = ports.size() > 1;
        packet_.destination_port = static_cast<std::uint16_t>(ports.first + chooser_.choose(ports.size()));
    }

    Verdict source(std::string address, std::optional<PortRange> ports) {
        end_.source = address == to_string(packet_.source) ? "" : std::move(address);
        end_.source_ports = ports ? to_string(*ports) : "";
        return Verdict::accepted;
    }

    End arrive() {
        end_.verdict = "accept";
        end_.destination = redirected_ ? "the host" : to_string(packet_.destination);
        end_.destination_port = packet_.destination_port;
        end_.mark = packet_.mark;
        return end_;
    }

    void hit(const ir::Chain& chain, const ir::Rule* rule) {
        if (hits_ != nullptr) hits_->emplace(&chain, rule);
    }

    const ir::Program& program_;
    Family family_;
    const Oracle::Surroundings& around_;
    const Oracle& oracle_;
    Packet packet_;
    Chooser& chooser_;
    Oracle::Hits* hits_;
    End end_;
    ir::Hook hook_ = ir::Hook::prerouting;
    std::uint32_t first_mark_;
    bool translated_ = false, redirected_ = false, address_chosen_ = false, port_chosen_ = false;
    bool restored_ = false;  ///< its mark is one that nobody knows
};

namespace {

/// One match of one packet.
class Matching {
public:
    explicit Matching(const Packet& packet) : packet_(packet) {}

    bool operator()(const ir::SourceAddress& m) const { return m.range.contains(packet_.source) != m.negated; }
    bool operator()(const ir::DestinationAddress& m) const { return m.range.contains(packet_.destination) != m.negated; }
    bool operator()(const ir::InInterface& m) const { return named(m.name, packet_.in) != m.negated; }
    bool operator()(const ir::OutInterface& m) const { return named(m.name, packet_.out) != m.negated; }
    bool operator()(const ir::ProtocolIs& m) const { return (m.protocol.number == packet_.protocol) != m.negated; }
    bool operator()(const ir::SourcePorts& m) const { return in(m.ranges, packet_.source_port) != m.negated; }
    bool operator()(const ir::DestinationPorts& m) const { return in(m.ranges, packet_.destination_port) != m.negated; }
    bool operator()(const ir::TcpFlags& m) const { return ((packet_.flags & m.mask) == m.set) != m.negated; }
    bool operator()(const ir::IcmpTypeIs& m) const { return (m.type.type == packet_.type && (!m.type.code || *m.type.code == packet_.code)) != m.negated; }
    // xt_conntrack.c, conntrack_mt().
    bool operator()(const ir::Conntrack& m) const {
        const bool connection = packet_.state != State::invalid && packet_.state != State::untracked;
        std::uint8_t bits = state_bit(packet_.state);
        if (m.states.bits != 0) {
            if (connection && packet_.dnat) bits |= static_cast<std::uint8_t>(ir::ConntrackState::dnat);
            if (connection && packet_.snat) bits |= static_cast<std::uint8_t>(ir::ConntrackState::snat);
            if (((m.states.bits & bits) != 0) == m.states_negated) return false;
        }
        if (!connection) return m.states.bits != 0;
        const bool fresh = packet_.state == State::fresh;
        const Address from = fresh ? packet_.source : packet_.original_source;
        const Address answers = fresh ? packet_.destination : packet_.reply_source;
        if (m.original_source && m.original_source->contains(from) == m.original_source_negated) return false;
        if (m.reply_source && m.reply_source->contains(answers) == m.reply_source_negated) return false;
        return true;
    }
    bool operator()(const ir::SourceMac& m) const { return packet_.mac && (m.mac == *packet_.mac) != m.negated; }
    bool operator()(const ir::MarkIs& m) const { return ((packet_.mark & m.mask) == m.value) != m.negated; }
    bool operator()(const ir::SourceIsLocal& m) const { return packet_.source_local != m.negated; }
    bool operator()(const ir::DestinationIsLocal& m) const { return packet_.destination_local != m.negated; }
    bool operator()(const ir::ForgedSource&) const { return packet_.forged; }
    bool operator()(const ir::RateLimit&) const { return false; }
    bool operator()(const ir::Verbatim&) const { return false; }

private:
    static bool named(const InterfaceName& name, const std::string& interface) {
        return name.wildcard() ? std::string_view(interface).starts_with(name.stem()) : interface == name.text();
    }
    static bool in(const std::vector<PortRange>& ranges, std::uint16_t port) {
        return std::any_of(ranges.begin(), ranges.end(), [&](PortRange r) { return r.first <= port && port <= r.last; });
    }

    const Packet& packet_;
};

}  // namespace

Oracle::Oracle(const ir::Program& program, Family family, Surroundings surroundings) : program_(program), family_(family), around_(std::move(surroundings)) {}

bool Oracle::matches(const ir::Rule& rule, const Packet& packet, std::uint32_t path) const {
    if (!rule.families.contains(family_)) return false;
    for (std::size_t i = 0; i < rule.matches.size(); ++i) {
        const auto unknown = around_.unknown(path, rule, i);
        const bool holds = unknown ? packet.unknown.at(unknown->first) == unknown->second : std::visit(Matching(packet), rule.matches[i]);
        if (!holds) return false;
    }
    return true;
}

std::set<End> Oracle::ends(const Packet& packet, bool from_host) const {
    std::set<End> all;
    Chooser chooser;
    do {
        Way way(program_, family_, around_, *this, packet, chooser, nullptr);
        all.insert(from_host ? way.from_host() : way.from_outside());
    } while (chooser.next());
    return all;
}

void Oracle::ask(ir::TableName table, ir::Hook hook, const Packet& packet, Hits& hits) const {
    Chooser chooser;
    do {
        Way way(program_, family_, around_, *this, packet, chooser, &hits);
        way.only(table, hook);
    } while (chooser.next());
}

}  // namespace natc::semantics::testing

#include "graph/ask.hpp"

#include <algorithm>
#include <compare>
#include <map>
#include <optional>
#include <set>
#include <type_traits>
#include <utility>

#include "explain/host.hpp"
#include "explain/known.hpp"
#include "graph/shares.hpp"
#include "graph/sites.hpp"
#include "graph/traffic.hpp"
#include "semantics/possible.hpp"
#include "semantics/rulings.hpp"
#include "semantics/walk.hpp"
#include "semantics/words.hpp"

namespace natc::graph {

using packet::Interval;
using packet::IntervalSet;
using packet::Region;
using semantics::Course;
using semantics::Fate;
using semantics::Field;
using semantics::Journey;
using semantics::operator+;

namespace {

constexpr std::uint8_t syn = 0x02;

/// What packets of one line have in common.
struct Towards {
    Place to;
    bool refused = false;
    bool translated = false;
    std::optional<Interval> target;  ///< of translated ones
    std::int32_t shift = 0;          ///< of their ports
    std::optional<Interval> ports;   ///< or all of them become these
    auto operator<=>(const Towards&) const = default;
};

/// What no packet is seen to come and go by: `lo`, and ports of bridges.
std::vector<InterfaceName> never_seen(const Model& model) {
    std::vector<InterfaceName> names{*parse_interface("lo")};
    for (const Network& network : model.networks) {
        names.insert(names.end(), network.members.begin(), network.members.end());
        for (const Guest& guest : network.guests)
            if (guest.tap) names.push_back(*guest.tap);
    }
    return names;
}

std::vector<InterfaceName> names_of(const Model& model, const explain::Host& host) {
    std::vector<InterfaceName> names = host.interfaces();
    for (const InterfaceName& name : never_seen(model)) names.push_back(name);
    return names;
}

std::set<Mac> macs_asked_for(const ir::Program& program, Family family) {
    std::set<Mac> macs;
    for (const ir::Table& table : program.tables)
        for (const ir::Chain& chain : table.chains)
            for (const ir::Rule& rule : chain.rules) {
                if (!rule.families.contains(family)) continue;
                for (const ir::Match& match : rule.matches)
                    ir::visit_meaning(match, [&](const auto& m) {
                        if constexpr (std::is_same_v<std::decay_t<decltype(m)>, ir::SourceMac>) macs.insert(m.mac);
                    });
            }
    return macs;
}

class Asking {
public:
    Asking(const ir::Program& program, const Model& model, const std::vector<InterfaceName>& outside, Family family, packet::Budget& budget)
        : program_(program), model_(model), outside_(outside), budget_(budget), host_(&model), programs_{&program},
          space_(family, programs_, edges(model, family), names_of(model, host_)), sites_(model, space_), protocols_(protocols_of(program, family)),
          rulings_(program, space_, budget, host_.surroundings()) {
        IntervalSet inside;
        for (const InterfaceName& name : never_seen(model)) inside.push_back(space_.codes(name));
        for (const Network& network : model.networks) inside.push_back(space_.codes(network.bridge));
        macs_ = macs_asked_for(program, family);
        IntervalSet asked{{space_.no_mac(), space_.no_mac()}};
        for (const Mac& mac : macs_) asked.push_back(space_.codes_of_mac(mac));
        unasked_macs_ = packet::complement(packet::normal(std::move(asked)), space_.whole()[+Field::mac]);
        not_inside_ = packet::meet(packet::complement(packet::normal(std::move(inside)), space_.whole()[+Field::in]), {space_.real_interface()});
    }

    Findings run() {
        // What costs most is asked last: what is outside meets all port-forwards.
        for (std::size_t number = 0; number < model_.networks.size(); ++number) from_network(number);
        for (std::size_t number = 0; number < std::max<std::size_t>(outside_.size(), 1); ++number) from_outside(number);
        return std::move(findings_);
    }

private:
    void from_outside(std::size_t number) {
        const Place from{Place::Kind::outside, number};
        Region start = new_connections();
        in_ = ways(number);
        for (const Interval in : in_) {
            start[+Field::in] = in;
            follow(from, start);
        }
        tell(from);
    }

    void from_network(std::size_t number) {
        const Place from{Place::Kind::network, number};
        Region start = new_connections();
        in_ = {space_.codes(model_.networks[number].bridge)};
        start[+Field::in] = in_.front();
        IntervalSet rest;
        for (const Subnet& subnet : model_.networks[number].subnets)
            if (subnet.range.family() == space_.family()) rest.push_back(space_.codes(subnet.range));
        rest = packet::normal(std::move(rest));
        if (!macs_.empty()) {
            const IntervalSet followed = follow_by_macs(from, start);
            rest = packet::meet(rest, packet::complement(followed, space_.whole()[+Field::source]));
        }
        for (const Interval source : rest) {
            start[+Field::source] = source;
            follow(from, start);
        }
        tell(from);
    }

    /// Where rules ask for MACs: guests of whom the file tells theirs, one by one. Gives their addresses.
    IntervalSet follow_by_macs(Place from, Region start) {
        IntervalSet followed;
        for (const Guest& guest : model_.networks[from.number].guests) {
            if (!guest.mac) continue;
            // Those that no rule asks for are all alike.
            const IntervalSet macs = macs_.contains(*guest.mac) ? IntervalSet{space_.codes_of_mac(*guest.mac)} : unasked_macs_;
            if (macs.empty()) continue;
            start[+Field::mac] = macs.front();
            for (const Address address : guest.addresses) {
                if (address.family() != space_.family()) continue;
                followed.push_back(space_.codes(address));
                start[+Field::source] = followed.back();
                follow(from, start);
            }
        }
        return packet::normal(std::move(followed));
    }

    /// The interfaces of a way outside.
    [[nodiscard]] IntervalSet ways(std::size_t number) const { return outside_.empty() ? not_inside_ : IntervalSet{space_.codes(outside_[number])}; }

    /// All that open a connection, of any protocol.
    [[nodiscard]] Region new_connections() const {
        Region region = space_.whole();
        region[+Field::out] = space_.real_interface();
        region[+Field::state] = {semantics::state_new, semantics::state_new};
        for (const Field field : {Field::source_local, Field::forged, Field::dnat, Field::snat, Field::new_destination_local}) region[+field] = {0, 0};
        region[+Field::destination_local] = {semantics::destination_elsewhere, semantics::destination_own};
        if (const auto marks = space_.codes_of_mark(0, 0xFFFF'FFFF); !marks.empty()) region[+Field::mark] = marks.front();
        return region;
    }

    void follow(Place from, const Region& start) {
        for (const Protocols& protocol : protocols_) {
            Region region = start;
            region[+Field::protocol] = {protocol.number, protocol.number};
            region[+Field::destination_port] = protocol.ports;
            if (protocol.has_ports) region[+Field::source_port] = {ephemeral_ports.first, ephemeral_ports.last};
            if (protocol.number == tcp.number) region[+Field::tcp_flags] = space_.codes_of_flags(syn);
            explain::answer_known(region, space_, program_);
            for (const Journey& journey : semantics::follow(rulings_, space_, semantics::Origin::outside, region, false, budget_)) sort(from, region, journey);
        }
    }

    // --- where journeys lead --------------------------------------------------------------------------------------------
    void sort(Place from, const Region& start, const Journey& journey) {
        const Interval sent_to = journey.first[+Field::destination], sent_by = journey.first[+Field::source], now = journey.now[+Field::destination];
        if (packet::meet(sites_.of(from), {sent_by}).empty()) return;
        const bool translated = now != sent_to || journey.now[+Field::destination_port] != journey.first[+Field::destination_port];
        const bool accepted = journey.fate.kind == Fate::Kind::accept;
        if (!accepted && !(translated && now.single())) return;
        // What is translated was addressed to the host; so was what comes to it.
        if ((translated || journey.course == Course::to_host) && packet::meet(sites_.host(), {sent_to}).empty()) return;
        Towards towards;
        // The host's address, unless it is one that the rules take for another's.
        if (translated && journey.course == Course::to_host && !journey.fate.redirected && !rulings_.surroundings().own(space_.addresses(now)).value_or(false)) return;
        towards.refused = !accepted;
        towards.translated = translated;
        if (translated) {
            towards.target = now;
            towards.shift = journey.fate.shift;
            if (towards.shift == 0 && journey.now[+Field::destination_port] != journey.first[+Field::destination_port]) towards.ports = journey.now[+Field::destination_port];
        }
        if (journey.course == Course::to_host) return add(towards, start, journey, {});
        for (const std::size_t number : sites_.networks_among(now)) {
            const Interval bridge = space_.codes(model_.networks[number].bridge);
            towards.to = {Place::Kind::network, number};
            if (from == towards.to || packet::meet(sites_.of(towards.to), {now}).empty()) continue;
            if (!journey.now[+Field::out].overlaps(bridge)) continue;
            add(towards, start, journey, bridge);
        }
        if (from.kind == Place::Kind::outside || !accepted || packet::meet(sites_.outside(), {now}).empty()) return;
        for (std::size_t number = 0; number < std::max<std::size_t>(outside_.size(), 1); ++number)
            for (const Interval out : ways(number)) {
                if (!journey.now[+Field::out].overlaps(out)) continue;
                towards.to = {Place::Kind::outside, number};
                add(towards, start, journey, out.meet(journey.now[+Field::out]));
                break;
            }
    }

    void add(const Towards& towards, const Region& start, const Journey& journey, Interval out) {
        Pieces& pieces = pieces_[towards];
        Region told = space_.whole();
        // Where an arrow begins and ends, and what it lets pass.
        for (const Field field : {Field::source, Field::destination, Field::in, Field::protocol, Field::destination_port}) told[+field] = journey.first[+field];
        // What else decides.
        for (const Field field : {Field::source_port, Field::tcp_flags, Field::mac, Field::mark})
            if (journey.first[+field] != start[+field]) told[+field] = journey.first[+field];
        for (const packet::Side& answer : journey.first.answers())
            if (answer.interval != start[answer.field]) told.set(answer.field, answer.interval);
        pieces.regions.push_back(std::move(told));
        pieces.arriving.push_back(journey.first);
        pieces.courses.push_back(journey.course);
        pieces.out.push_back(out);
    }

    // --- what is told of them -------------------------------------------------------------------------------------------
    void tell(Place from) {
        const std::size_t before = findings_.all.size();
        tell_all(from);
        pieces_.clear();
        if (!budget_.spent()) return;
        // Half of it might be wrong: what is refused may pass elsewhere.
        findings_.all.resize(before);
        findings_.undecided.push_back(from);
    }

    void tell_all(Place from) {
        std::map<Towards, Traffic> passing;
        for (const auto& [towards, pieces] : pieces_) {
            std::vector<Share> all = shares(pieces, {sites_.of(from), sites_.of(first_place(towards)), in_}, space_, protocols_, budget_);
            if (towards.refused) {
                // Of the same ports, what some get is not refused.
                Towards accepted = towards;
                accepted.refused = false;
                if (const auto some = passing.find(accepted); some != passing.end())
                    for (Share& share : all) share.traffic.remove(some->second, protocols_);
                std::erase_if(all, [](const Share& share) { return share.traffic.empty(); });
            } else if (towards.translated) {
                for (const Share& share : all) passing[towards].add(share.traffic);
            }
            for (Share& share : all) tell(from, towards, share);
        }
    }

    void tell(Place from, const Towards& towards, Share& share) {
        Finding finding;
        finding.kind = towards.refused ? Arrow::Kind::refused : share.may ? Arrow::Kind::may : Arrow::Kind::passes;
        finding.words = share.traffic.words(protocols_);
        if (towards.ports) finding.words += " → " + words_of_ports({*towards.ports});
        // A port-forward to the same ports says so, too: it is not that all that is sent to the guest arrives.
        if (!towards.ports && towards.translated) {
            const IntervalSet ports = share.traffic.ports(protocols_, towards.shift);
            finding.words += " → " + (ports.empty() || ports.front() == Interval{0, 65535} ? "the same" : words_of_ports(ports));
        }
        const Part source = sites_.part(from, share.from, "from");
        const Place sent_to = first_place(towards);
        const Part destination = sites_.part(sent_to, share.to, sent_to.kind == Place::Kind::host ? "at" : "to");
        finding.from = source.end;
        finding.words += source.words + destination.words;
        finding.to = destination.end;
        if (towards.translated) {
            // Of no guest maybe.
            Part target = sites_.part(towards.to, {*towards.target}, "to");
            finding.to = std::move(target.end);
            finding.words += target.words;
        }
        finding.tells_family = source.tells_family || destination.tells_family;
        if (share.in != in_) {
            const IntervalSet others = packet::meet(in_, packet::complement(share.in, space_.whole()[+Field::in]));
            // Interfaces that nobody names cannot be named here.
            finding.words += has_unnamed(share.in) ? ", not by " + words_of_interfaces(others) : ", by " + words_of_interfaces(share.in);
        }
        finding.example = std::move(share.example);
        findings_.all.push_back(std::move(finding));
    }

    [[nodiscard]] bool has_unnamed(const IntervalSet& interfaces) const {
        return std::any_of(interfaces.begin(), interfaces.end(), [&](Interval interval) {
            for (std::uint32_t code = interval.first; code <= interval.last; ++code)
                if (space_.interfaces().name({code, code}).empty()) return true;
            return false;
        });
    }

    [[nodiscard]] std::string words_of_interfaces(const IntervalSet& interfaces) const {
        std::string words;
        for (const Interval interval : interfaces)
            for (std::uint32_t code = interval.first; code <= interval.last; ++code) {
                const std::string name = space_.interfaces().name({code, code});
                words += (words.empty() ? "" : ", ") + (name.empty() ? "others" : name);
            }
        return words;
    }

    /// Where packets are addressed to, before all translation.
    [[nodiscard]] Place first_place(const Towards& towards) const { return towards.translated ? Place{} : towards.to; }

    const ir::Program& program_;
    const Model& model_;
    const std::vector<InterfaceName>& outside_;
    packet::Budget& budget_;
    const explain::Host host_;
    const std::vector<const ir::Program*> programs_;
    const semantics::Space space_;
    const Sites sites_;
    const std::vector<Protocols> protocols_;
    const semantics::Rulings rulings_;
    IntervalSet not_inside_;  ///< interfaces that are no network's bridge, nor a port of one, nor `lo`
    std::set<Mac> macs_;  ///< that rules ask for
    IntervalSet unasked_macs_;
    // Of the place that is asked about:
    IntervalSet in_;  ///< the interfaces that it sends by
    std::map<Towards, Pieces> pieces_;
    Findings findings_;
};

}  // namespace

Findings ask(const ir::Program& program, const Model& model, const std::vector<InterfaceName>& outside, Family family, packet::Budget& budget) {
    return Asking(program, model, outside, family, budget).run();
}

}  // namespace natc::graph

#include "graph/ask.hpp"

#include <algorithm>
#include <compare>
#include <map>
#include <optional>
#include <utility>

#include "explain/host.hpp"
#include "explain/known.hpp"
#include "graph/sites.hpp"
#include "graph/traffic.hpp"
#include "packet/join.hpp"
#include "semantics/possible.hpp"
#include "semantics/rulings.hpp"
#include "semantics/walk.hpp"
#include "semantics/words.hpp"

namespace natc::graph {

using packet::Interval;
using packet::IntervalSet;
using packet::Product;
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

struct Pieces {
    std::vector<Region> regions;     ///< by what lines tell apart
    std::vector<Region> arriving;    ///< the same packets, by all that they are
    std::vector<Course> courses;
    std::vector<Interval> out;
};

/// Some of the packets of one line: those of a product.
struct Share {
    IntervalSet from, to, in;
    bool may = false;
    Traffic traffic;
    std::string example;
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

class Asking {
public:
    Asking(const ir::Program& program, const Model& model, const std::vector<InterfaceName>& outside, Family family, packet::Budget& budget)
        : program_(program), model_(model), outside_(outside), budget_(budget), host_(&model), programs_{&program},
          space_(family, programs_, edges(model, family), names_of(model, host_)), sites_(model, space_), protocols_(protocols_of(program, family)),
          rulings_(program, space_, budget, host_.surroundings()) {
        IntervalSet inside;
        for (const InterfaceName& name : never_seen(model)) inside.push_back(space_.codes(name));
        for (const Network& network : model.networks) inside.push_back(space_.codes(network.bridge));
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
        for (const Subnet& subnet : model_.networks[number].subnets) {
            if (subnet.range.family() != space_.family()) continue;
            start[+Field::source] = space_.codes(subnet.range);
            follow(from, start);
        }
        tell(from);
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
            std::vector<Share> all = shares(from, towards, pieces);
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
        if (towards.shift != 0) finding.words += " → " + words_of_ports(share.traffic.ports(protocols_, towards.shift));
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
            finding.words += codes_in(others) < codes_in(share.in) ? ", not by " + words_of_interfaces(others) : " by " + words_of_interfaces(share.in);
        }
        finding.example = std::move(share.example);
        findings_.all.push_back(std::move(finding));
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

    static std::uint64_t codes_in(const IntervalSet& set) {
        std::uint64_t codes = 0;
        for (const Interval interval : set) codes += std::uint64_t{interval.last} - interval.first + 1;
        return codes;
    }

    /// Where packets are addressed to, before all translation.
    [[nodiscard]] Place first_place(const Towards& towards) const { return towards.translated ? Place{} : towards.to; }

    /// What passes, by whose it is: for each selection of sources, destinations and interfaces the packets that all of it, and nobody else, is let through with.
    std::vector<Share> shares(Place from, const Towards& towards, const Pieces& pieces) {
        std::map<std::vector<packet::Box>, Traffic> by_boxes;
        for (std::size_t i = 0; i < protocols_.size(); ++i) collect(i, pieces, by_boxes);
        // Boxes that are the same set, put together in other ways, are one selection.
        const packet::Boxes never = nobody(from, towards);
        std::map<std::vector<Product>, Traffic> by_selection;
        for (const auto& [boxes, traffic] : by_boxes) {
            std::vector<Region> regions;
            for (const packet::Box& box : boxes) {
                regions.push_back(space_.whole());
                (void)packet::meet(regions.back(), box);
            }
            std::vector<Product> selection = packet::join(regions, space_.whole(), never, budget_);
            std::sort(selection.begin(), selection.end());
            by_selection[std::move(selection)].add(traffic);
        }
        std::vector<Share> shares;
        for (const auto& [selection, traffic] : by_selection)
            for (const Product& product : selection) {
                Share share{sites_.of(from), sites_.of(first_place(towards)), in_, false, traffic, {}};
                for (const auto& [field, set] : product) {
                    if (field == +Field::source) share.from = packet::meet(set, share.from);
                    else if (field == +Field::destination) share.to = packet::meet(set, share.to);
                    else if (field == +Field::in) share.in = packet::meet(set, share.in);
                    else share.may = true;
                }
                if (share.from.empty() || share.to.empty() || share.in.empty()) continue;
                share.example = example(product, share, pieces);
                shares.push_back(std::move(share));
            }
        // What passes for all comes first.
        std::stable_sort(shares.begin(), shares.end(), [&](const Share& x, const Share& y) { return whole(x, from, towards) && !whole(y, from, towards); });
        return shares;
    }

    [[nodiscard]] bool whole(const Share& share, Place from, const Towards& towards) const {
        return share.from == sites_.of(from) && share.to == sites_.of(first_place(towards)) && share.in == in_ && !share.may;
    }

    /// Packets of one protocol, run of ports by run of ports: all pieces that have the run, by what else they ask.
    void collect(std::size_t protocol, const Pieces& pieces, std::map<std::vector<packet::Box>, Traffic>& by_boxes) {
        struct Piece {
            Interval ports;
            packet::Box box;
        };
        std::vector<Piece> of_protocol;
        std::vector<std::uint32_t> begins;
        for (const Region& region : pieces.regions) {
            if (region[+Field::protocol].first != protocols_[protocol].number) continue;
            Region rest = region;
            for (const Field field : {Field::protocol, Field::destination_port}) rest[+field] = space_.whole()[+field];
            const Interval ports = region[+Field::destination_port];
            of_protocol.push_back({ports, packet::sides_of(rest, space_.whole())});
            begins.push_back(ports.first);
            begins.push_back(ports.last + 1);
        }
        std::sort(begins.begin(), begins.end());
        begins.erase(std::unique(begins.begin(), begins.end()), begins.end());
        std::vector<std::vector<packet::Box>> runs(begins.size());
        for (const Piece& piece : of_protocol) {
            const auto first = static_cast<std::size_t>(std::lower_bound(begins.begin(), begins.end(), piece.ports.first) - begins.begin());
            for (std::size_t run = first; begins[run] <= piece.ports.last; ++run) {
                if (!budget_.spend(1 + piece.box.size())) return;
                runs[run].push_back(piece.box);
            }
        }
        for (std::size_t run = 0; run + 1 < runs.size(); ++run) {
            if (runs[run].empty()) continue;
            std::sort(runs[run].begin(), runs[run].end());
            runs[run].erase(std::unique(runs[run].begin(), runs[run].end()), runs[run].end());
            by_boxes[runs[run]].add(Traffic(protocol, {begins[run], begins[run + 1] - 1}, protocols_));
        }
    }

    /// Packets that there are not, or that nobody asked about: which side of a line they are on is all one.
    [[nodiscard]] packet::Boxes nobody(Place from, const Towards& towards) const {
        packet::Boxes never;
        const auto others = [&](Field field, const IntervalSet& set) {
            for (const Interval other : packet::complement(set, space_.whole()[+field])) never.add(packet::Box{{+field, other}});
        };
        others(Field::source, sites_.of(from));
        others(Field::destination, sites_.of(first_place(towards)));
        others(Field::in, in_);
        return never;
    }

    /// A packet of a share: of the piece that has the most of what it may be sent to.
    std::string example(const Product& product, const Share& share, const Pieces& pieces) const {
        std::uint64_t most = 0;
        std::string example;
        for (std::size_t i = 0; i < pieces.arriving.size(); ++i) {
            const Region& piece = pieces.arriving[i];
            const std::uint64_t codes = codes_in(packet::meet(share.to, {piece[+Field::destination]}));
            if (codes <= most) continue;
            Product some;
            bool any = true;
            for (packet::FieldIndex field = 0; field < piece.size() && any; ++field) {
                IntervalSet set{piece[field]};
                if (field == +Field::source) set = packet::meet(set, share.from);
                if (field == +Field::destination) set = packet::meet(set, share.to);
                if (field == +Field::destination_port) set = share.traffic.among(piece[+Field::protocol].first, set, protocols_);
                if (field == +Field::out) set = packet::meet(IntervalSet{space_.real_interface()}, {pieces.out[i]});
                for (const auto& [of, asked] : product)
                    if (of == field) set = packet::meet(set, asked);
                any = !set.empty();
                if (set != IntervalSet{space_.whole()[field]}) some.emplace_back(field, std::move(set));
            }
            if (!any) continue;
            most = codes;
            example = semantics::example(some, pieces.courses[i], space_);
        }
        return example;
    }

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

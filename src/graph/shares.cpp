#include "graph/shares.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "packet/join.hpp"
#include "semantics/words.hpp"

namespace natc::graph {

using packet::Interval;
using packet::IntervalSet;
using packet::Product;
using packet::Region;
using semantics::Field;
using semantics::operator+;

namespace {

std::uint64_t codes_in(const IntervalSet& set) {
    std::uint64_t codes = 0;
    for (const Interval interval : set) codes += std::uint64_t{interval.last} - interval.first + 1;
    return codes;
}

class Sharing {
public:
    Sharing(const Pieces& pieces, const Everybody& everybody, const semantics::Space& space, const std::vector<Protocols>& protocols, packet::Budget& budget)
        : pieces_(pieces), everybody_(everybody), space_(space), protocols_(protocols), budget_(budget) {}

    std::vector<Share> run() {
        std::map<std::vector<packet::Box>, Traffic> by_boxes;
        for (std::size_t i = 0; i < protocols_.size(); ++i) collect(i, by_boxes);
        // Boxes that are the same set, put together in other ways, are one selection.
        const packet::Boxes never = nobody();
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
                Share share{everybody_.from, everybody_.to, everybody_.in, false, traffic, {}};
                for (const auto& [field, set] : product) {
                    if (field == +Field::source) share.from = packet::meet(set, share.from);
                    else if (field == +Field::destination) share.to = packet::meet(set, share.to);
                    else if (field == +Field::in) share.in = packet::meet(set, share.in);
                    else share.may = true;
                }
                if (share.from.empty() || share.to.empty() || share.in.empty()) continue;
                share.example = example(product, share);
                // Where something else tells two apart, it is not said what.
                const auto same = std::find_if(shares.begin(), shares.end(), [&](const Share& s) { return s.from == share.from && s.to == share.to && s.in == share.in && s.may == share.may; });
                if (same == shares.end())
                    shares.push_back(std::move(share));
                else
                    same->traffic.add(share.traffic);
            }
        // What passes for all comes first.
        std::stable_sort(shares.begin(), shares.end(), [&](const Share& x, const Share& y) { return whole(x) && !whole(y); });
        return shares;
    }

private:
    [[nodiscard]] bool whole(const Share& share) const {
        return share.from == everybody_.from && share.to == everybody_.to && share.in == everybody_.in && !share.may;
    }

    /// Packets of one protocol, run of ports by run of ports: all pieces that have the run, by what else they ask.
    void collect(std::size_t protocol, std::map<std::vector<packet::Box>, Traffic>& by_boxes) {
        struct Piece {
            Interval ports;
            packet::Box box;
        };
        std::vector<Piece> of_protocol;
        std::vector<std::uint32_t> begins;
        for (const Region& region : pieces_.regions) {
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
    [[nodiscard]] packet::Boxes nobody() const {
        packet::Boxes never;
        const auto others = [&](Field field, const IntervalSet& set) {
            for (const Interval other : packet::complement(set, space_.whole()[+field])) never.add(packet::Box{{+field, other}});
        };
        others(Field::source, everybody_.from);
        others(Field::destination, everybody_.to);
        others(Field::in, everybody_.in);
        return never;
    }

    /// A packet of a share: of the piece that has the most of what it may be sent to.
    [[nodiscard]] std::string example(const Product& product, const Share& share) const {
        std::uint64_t most = 0;
        std::string example;
        for (std::size_t i = 0; i < pieces_.arriving.size(); ++i) {
            const Region& piece = pieces_.arriving[i];
            const std::uint64_t codes = codes_in(packet::meet(share.to, {piece[+Field::destination]}));
            if (codes <= most) continue;
            Product some;
            bool any = true;
            for (packet::FieldIndex field = 0; field < piece.size() && any; ++field) {
                IntervalSet set{piece[field]};
                if (field == +Field::source) set = packet::meet(set, share.from);
                if (field == +Field::destination) set = packet::meet(set, share.to);
                if (field == +Field::destination_port) set = share.traffic.among(piece[+Field::protocol].first, set, protocols_);
                if (field == +Field::out) set = packet::meet(IntervalSet{space_.real_interface()}, {pieces_.out[i]});
                for (const auto& [of, asked] : product)
                    if (of == field) set = packet::meet(set, asked);
                any = !set.empty();
                if (set != IntervalSet{space_.whole()[field]}) some.emplace_back(field, std::move(set));
            }
            if (!any) continue;
            most = codes;
            example = semantics::example(some, pieces_.courses[i], space_);
        }
        return example;
    }

    const Pieces& pieces_;
    const Everybody& everybody_;
    const semantics::Space& space_;
    const std::vector<Protocols>& protocols_;
    packet::Budget& budget_;
};

}  // namespace

std::vector<Share> shares(const Pieces& pieces, const Everybody& everybody, const semantics::Space& space, const std::vector<Protocols>& protocols, packet::Budget& budget) {
    return Sharing(pieces, everybody, space, protocols, budget).run();
}

}  // namespace natc::graph

// Pictures say what `natc explain` says: of each arrow, an example packet goes where the arrow leads; and nothing goes where none does.

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

#include "cli/files.hpp"
#include "cli/front.hpp"
#include "explain/explain.hpp"
#include "graph/graph.hpp"
#include "optimise/passes.hpp"
#include "unit/validation/golden.hpp"

namespace natc::graph {
namespace {

using semantics::Course;
using semantics::Fate;
using semantics::Field;
using semantics::Journey;
using semantics::operator+;

/// A file, its rules, and what is asked about them.
class Lab {
public:
    explicit Lab(const std::string& path) : front_(cli::run_front(cli::read_file(path), {})) {
        if (front_.diagnostics.errors() > 0 || front_.kind != cli::InputKind::networks) return;
        program_ = for_iptables(std::move(front_.program));
        graph_ = graph_of(program_, model());
        readable_ = true;
    }

    [[nodiscard]] bool readable() const { return readable_; }
    [[nodiscard]] const Model& model() const { return *front_.model; }
    [[nodiscard]] const Graph& graph() const { return graph_; }

    /// Nothing where there is no such packet.
    std::optional<explain::Answer> explain(const std::string& words) {
        const Span text = front_.sources.add("PACKET", words);
        Diagnostics diagnostics;
        const explain::PacketText packet = explain::read_packet(text, front_.sources, model(), false, diagnostics);
        EXPECT_EQ(diagnostics.errors(), 0U) << words;
        return explain::explain(program_, front_.families, model(), packet, text, [](const ir::Rule&) { return std::string(); }, diagnostics);
    }

private:
    cli::Front front_;
    ir::Program program_;
    Graph graph_;
    bool readable_ = false;
};

bool lies_with(const Journey& journey, const End& end, const explain::Answer& answer, const Lab& lab) {
    const semantics::Space& space = *answer.space;
    const packet::Interval out = std::as_const(journey.now)[+Field::out];
    switch (end.place.kind) {
        case Place::Kind::host: return journey.course == Course::to_host;
        case Place::Kind::outside: break;
        case Place::Kind::network: {
            const Network& network = lab.model().networks[end.place.number];
            const AddressRange to = space.addresses(std::as_const(journey.now)[+Field::destination]);
            const auto has = [&](const std::vector<Address>& addresses) { return std::any_of(addresses.begin(), addresses.end(), [&](Address a) { return to == AddressRange(a); }); };
            const bool right = end.all ? network.subnet_of(to) != nullptr : std::any_of(end.guests.begin(), end.guests.end(), [&](std::size_t guest) { return has(network.guests[guest].addresses); });
            return right && journey.course == Course::through_host && out.overlaps(space.codes(network.bridge));
        }
    }
    return journey.course == Course::through_host && std::none_of(lab.model().networks.begin(), lab.model().networks.end(), [&](const Network& n) { return out == space.codes(n.bridge); });
}

bool accepted(const explain::Outcome& outcome) { return outcome.journey.fate.kind == Fate::Kind::accept; }

void examples_arrive(Lab& lab, std::size_t& asked) {
    for (const Arrow& arrow : lab.graph().arrows)
        for (const std::string& example : arrow.examples) {
            SCOPED_TRACE(example);
            const auto answer = lab.explain(example);
            if (!answer) {
                ADD_FAILURE() << "explain knows no such packet";
                continue;
            }
            ++asked;
            const auto arrives = [&](const explain::Outcome& outcome) { return accepted(outcome) && lies_with(outcome.journey, arrow.to, *answer, lab); };
            const auto& outcomes = answer->outcomes;
            switch (arrow.kind) {
                case Arrow::Kind::passes: EXPECT_TRUE(std::all_of(outcomes.begin(), outcomes.end(), arrives)); break;
                case Arrow::Kind::may: EXPECT_TRUE(std::any_of(outcomes.begin(), outcomes.end(), arrives)); break;
                case Arrow::Kind::refused: EXPECT_TRUE(std::none_of(outcomes.begin(), outcomes.end(), accepted)); break;
            }
        }
}

/// What a packet's text says of one of its ends, in one family: several ways of it, or none.
std::vector<std::string> words_of(Place place, Family family, bool source, const Lab& lab) {
    const std::string stranger = family == Family::ipv4 ? "203.0.113.9" : "2001:db8:9::9";
    if (place.kind == Place::Kind::host) return {" to " + stranger + " to-local"};
    if (place.kind == Place::Kind::outside) {
        std::string interface = lab.graph().outside[place.number];
        if (interface == "outside") interface = "eth7";
        if (interface.ends_with('+')) interface.back() = '7';
        return {fmt::format(" {} {} {} {}", source ? "from" : "to", stranger, source ? "in" : "out", interface)};
    }
    std::vector<std::string> words;
    const Network& network = lab.model().networks[place.number];
    for (const Subnet& subnet : network.subnets)
        if (subnet.range.family() == family && !subnet.range.single())
            words.push_back(fmt::format(" {} {} {} {}", source ? "from" : "to", to_string(subnet.range), source ? "in" : "out", network.bridge.text()));
    return words;
}

void nothing_else_arrives(Lab& lab, std::size_t& asked) {
    std::vector<Place> places;
    for (std::size_t i = 0; i < lab.graph().outside.size(); ++i) places.push_back({Place::Kind::outside, i});
    for (std::size_t i = 0; i < lab.model().networks.size(); ++i) places.push_back({Place::Kind::network, i});
    std::vector<Place> targets = places;
    targets.emplace_back();
    for (const Place from : places)
        for (const Place to : targets) {
            const auto leads = [&](const Arrow& arrow) { return arrow.kind != Arrow::Kind::refused && arrow.from.place == from && arrow.to.place == to; };
            if (from == to || (from.kind == Place::Kind::outside && to.kind == Place::Kind::outside)) continue;
            if (std::any_of(lab.graph().arrows.begin(), lab.graph().arrows.end(), leads)) continue;
            for (const Family family : all_families)
                for (const std::string& source : words_of(from, family, true, lab))
                    for (const std::string& destination : words_of(to, family, false, lab))
                        for (const char* what : {"tcp", "udp", "icmp echo-request", "proto 47"}) {
                            // The interfaces by name: one may be called as a word of packets is.
                            const std::string words = what + source + destination;
                            SCOPED_TRACE(words);
                            const auto answer = lab.explain(words);
                            if (!answer) continue;
                            ++asked;
                            for (const explain::Outcome& outcome : answer->outcomes)
                                EXPECT_FALSE(accepted(outcome) && lies_with(outcome.journey, {to, true, {}}, *answer, lab)) << "no arrow says so";
                        }
        }
}

const std::string answers = std::string(NATC_GOLDEN) + "/../answers";

/// None of the kinds of arrows is missing from this file.
std::string all_kinds() { return answers + "/graph/five/five.net"; }

std::vector<std::string> files() {
    std::vector<std::string> files{all_kinds(), answers + "/graph/small/lab.net", answers + "/graph/odd/ppp.net", answers + "/show/lab/lab.net"};
    for (const std::string& golden : validation::goldens()) files.push_back(validation::root() + "/" + golden + "/input.net");
    return files;
}

TEST(Agreement, ExamplesArriveWhereTheirArrowLeads) {
    std::size_t asked = 0;
    for (const std::string& file : files()) {
        SCOPED_TRACE(file);
        Lab lab(file);
        if (lab.readable()) examples_arrive(lab, asked);
    }
    EXPECT_GT(asked, 300U);
}

TEST(Agreement, NothingArrivesWhereNoArrowLeads) {
    std::size_t asked = 0;
    for (const std::string& file : files()) {
        SCOPED_TRACE(file);
        Lab lab(file);
        if (lab.readable()) nothing_else_arrives(lab, asked);
    }
    EXPECT_GT(asked, 1000U);
}

TEST(Agreement, AllKindsOfArrowsAreAskedAbout) {
    const Lab lab(all_kinds());
    ASSERT_TRUE(lab.readable());
    for (const Arrow::Kind kind : {Arrow::Kind::passes, Arrow::Kind::may, Arrow::Kind::refused})
        EXPECT_TRUE(std::any_of(lab.graph().arrows.begin(), lab.graph().arrows.end(), [&](const Arrow& arrow) { return arrow.kind == kind; }));
    EXPECT_TRUE(lab.graph().undecided.empty());
}

}  // namespace
}  // namespace natc::graph

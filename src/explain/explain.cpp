#include "explain/explain.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <utility>

#include "explain/known.hpp"
#include "explain/likely.hpp"
#include "explain/placement.hpp"
#include "explain/start.hpp"
#include "packet/join.hpp"
#include "semantics/budget.hpp"
#include "semantics/words.hpp"

namespace natc::explain {

using packet::Interval;
using packet::IntervalSet;
using packet::Region;
using semantics::Field;
using semantics::Journey;

namespace {

/// A journey, and which of the packets asked about it is of.
struct Trip {
    Journey journey;
    std::size_t start = 0;
};

bool asks_for_mac(const ir::Program& program) {
    bool asks = false;
    for (const ir::Table& table : program.tables)
        for (const ir::Chain& chain : table.chains)
            for (const ir::Rule& rule : chain.rules)
                for (const ir::Match& match : rule.matches)
                    ir::visit_meaning(match, [&](const auto& m) { asks = asks || std::is_same_v<std::decay_t<decltype(m)>, ir::SourceMac>; });
    return asks;
}

class Question {
public:
    Question(const ir::Program& program, const Model& model, const PacketText& packet, Span text, const PlaceOfRule& place, Diagnostics& diagnostics)
        : program_(program), host_(&model), packet_(packet), text_(text), place_(place), diagnostics_(diagnostics) {}

    std::optional<Answer> run(FamilySet families) {
        std::optional<Placement> placement = place(packet_, host_, families, text_, diagnostics_);
        if (!placement) return std::nullopt;
        placement_ = std::move(*placement);
        answer_.family = placement_.family;
        answer_.notes = std::move(placement_.notes);
        if (placement_.mac && !packet_.mac && asks_for_mac(program_)) answer_.notes.push_back(fmt::format("taken to come from {}", to_string(*placement_.mac)));
        make_space();
        starts_ = starts(packet_, placement_, *answer_.space, text_, answer_.notes, diagnostics_);
        if (starts_.empty()) return std::nullopt;
        answer_known_matches();
        packet::Budget budget(semantics::steps);
        const semantics::Rulings rulings(program_, *answer_.space, budget, host_.surroundings());
        const auto possible = semantics::possible_packets(*answer_.space, placement_.origin);
        std::vector<Trip> trips;
        bool may_be_forwarded = false;
        for (std::size_t start = 0; start < starts_.size(); ++start) {
            const Destination& destination = placement_.destinations[starts_[start].destination];
            auto journeys = follow_all(starts_[start].region, rulings, possible, budget);
            journeys = likely(std::move(journeys), placement_, placement_.sources[starts_[start].source], destination, host_, *answer_.space, answer_.notes);
            for (Journey& journey : journeys) trips.push_back({std::move(journey), start});
            if (!destination.maybe_own || may_be_forwarded) continue;
            Region own = starts_[start].region;
            own[+Field::destination_local] = {1, 1};
            const auto others = follow_all(own, rulings, possible, budget);
            may_be_forwarded = std::any_of(others.begin(), others.end(), [](const Journey& journey) { return journey.fate.to || journey.fate.redirected; });
        }
        if (may_be_forwarded) answer_.notes.push_back(fmt::format("{} is taken for an address outside: say `to-local`, if it is the host's own; a port-forward would take the packet then", packet_.to->name));
        answer_.undecided = budget.spent();
        if (answer_.undecided) return std::move(answer_);
        if (trips.empty()) {
            no_packet();
            return std::nullopt;
        }
        gather(trips);
        note_bridged();
        return std::move(answer_);
    }

private:
    void make_space() {
        std::vector<AddressRange> further;
        for (const Source& source : placement_.sources) further.push_back(source.addresses);
        std::vector<InterfaceName> names = host_.interfaces();
        for (const Destination& destination : placement_.destinations) {
            further.push_back(destination.addresses);
            if (destination.out) names.push_back(*destination.out);
        }
        if (placement_.in) names.push_back(*placement_.in);
        const std::vector<const ir::Program*> programs{&program_};
        answer_.space = std::make_unique<semantics::Space>(answer_.family, programs, further, names, placement_.mac);
    }

    void answer_known_matches() {
        for (Start& start : starts_) answer_known(start.region, *answer_.space, program_);
        for (packet::FieldIndex field = semantics::known_fields; field < answer_.space->whole().size(); ++field)
            if (std::all_of(starts_.begin(), starts_.end(), [&](const Start& start) { return start.region[field].single(); })) answer_.answered.insert(answer_.space->unknown(field).words);
    }

    [[nodiscard]] std::vector<Journey> follow_all(const Region& region, const semantics::Rulings& rulings, const std::vector<Region>& possible, packet::Budget& budget) const {
        std::vector<Journey> journeys;
        for (const Region& some : possible) {
            Region start = region;
            if (!packet::meet(start, packet::sides_of(some, answer_.space->whole()))) continue;
            for (Journey& journey : semantics::follow(rulings, *answer_.space, placement_.origin, start, true, budget)) journeys.push_back(std::move(journey));
        }
        return journeys;
    }

    void no_packet() {
        const bool untracked = packet_.states && packet_.states->contains(ir::ConntrackState::untracked);
        Diagnostic& diagnostic = diagnostics_.add(Code::no_such_packet, packet_.at.states.known() ? packet_.at.states : text_, "there is no such packet: connection tracking never gives it that state");
        if (untracked) diagnostic.advise("what a rule keeps from connection tracking is new ahead of that rule: leave the state out");
    }

    /// One outcome a fate, each with what must hold for it.
    void gather(std::vector<Trip>& trips) {
        const auto same_end = [](const Journey& a, const Journey& b) { return a.fate == b.fate && a.course == b.course; };
        for (Trip& trip : trips)
            if (trip.journey.fate.kind != semantics::Fate::Kind::accept) trip.journey.fate = semantics::unchosen(std::move(trip.journey.fate));
        std::vector<std::vector<const Trip*>> of;
        for (const Trip& trip : trips) {
            std::size_t at = 0;
            while (at < of.size() && !same_end(of[at].front()->journey, trip.journey)) ++at;
            if (at == of.size()) of.emplace_back();
            of[at].push_back(&trip);
        }
        for (packet::FieldIndex field = 0; field < semantics::known_fields; ++field)
            alike_.push_back(std::all_of(trips.begin(), trips.end(), [&](const Trip& trip) { return trip.journey.first[field] == trips.front().journey.first[field]; }));
        for (const auto& same : of) {
            Outcome outcome{same.front()->journey, {}};
            outcome.journey.now = what_all_are(same);
            if (of.size() > 1)
                outcome.condition = condition(same);
            else if (!same_steps(same))
                note_first(*same.front());
            answer_.outcomes.push_back(std::move(outcome));
        }
        if (of.size() > 1)
            for (const Outcome& outcome : answer_.outcomes) answer_.by_unknown = answer_.by_unknown || !outcome.journey.fate.certain;
    }

    /// Where they differ, in each field what all of them together are, if that is one run; else anything.
    [[nodiscard]] Region what_all_are(const std::vector<const Trip*>& trips) const {
        Region all = trips.front()->journey.now;
        for (packet::FieldIndex field = 0; field < semantics::known_fields; ++field) {
            IntervalSet set;
            for (const Trip* trip : trips) set.push_back(trip->journey.now[field]);
            set = packet::normal(std::move(set));
            all.set(field, set.size() == 1 ? set.front() : answer_.space->whole()[field]);
        }
        return all;
    }

    /// What stays within a bridge is not routed.
    void note_bridged() {
        const bool bridged = std::any_of(answer_.outcomes.begin(), answer_.outcomes.end(), [&](const Outcome& outcome) {
            const Region& now = outcome.journey.now;
            return outcome.journey.course == semantics::Course::through_host && !outcome.journey.fate.to && placement_.in && now[+Field::in] == now[+Field::out] && host_.network_behind(*placement_.in) != nullptr;
        });
        if (bridged) answer_.notes.push_back(fmt::format("what stays within {} is put to the rules only with net.bridge.bridge-nf-call-{}=1", placement_.in->text(), answer_.family == Family::ipv4 ? "iptables" : "ip6tables"));
    }

    /// Says of which packets the rules are that are shown.
    void note_first(Trip trip) {
        trip.journey.first[+Field::out] = answer_.space->whole()[+Field::out];
        if (const std::string first = condition({&trip}); !first.empty()) answer_.notes.push_back(fmt::format("the rules shown are those that {} meets; others meet other rules, to the same end", first));
    }

    /// Whether the same rules do something with all of them; what natc does not look into aside.
    static bool same_steps(const std::vector<const Trip*>& trips) {
        const auto unknown_alike = [&](const Journey& journey) { return std::ranges::equal(journey.first.answers(), trips.front()->journey.first.answers()); };
        const auto rules = [](const Journey& journey) {
            std::vector<const ir::Rule*> met;
            for (const semantics::Step& step : journey.steps)
                if (step.rule != nullptr && ir::called_chain(step.rule->statement) == nullptr) met.push_back(step.rule);
            return met;
        };
        const auto first = rules(trips.front()->journey);
        return std::all_of(trips.begin(), trips.end(), [&](const Trip* trip) { return !unknown_alike(trip->journey) || rules(trip->journey) == first; });
    }

    /// What tells these from the others that were asked about.
    std::string condition(const std::vector<const Trip*>& trips) {
        const Region& whole = answer_.space->whole();
        std::vector<Region> pieces;
        for (const Trip* trip : trips) {
            Region piece = trip->journey.first;
            const Region& start = starts_[trip->start].region;
            // What was asked for need not be said again, nor what routing makes of all of them.
            for (packet::FieldIndex field = 0; field < semantics::known_fields; ++field)
                if (alike_[field] || (trip->journey.first[field] == start[field] && (follows_from_others(field) || asked_alike(field)))) piece.set(field, whole[field]);
            for (const packet::Side& answer : trip->journey.first.answers()) {
                if (answer.interval == start[answer.field])
                    piece.set(answer.field, whole[answer.field]);
                else
                    answer_.by_unknown = true;
            }
            if (either_may_have_opened(*trip, trips))
                for (const Field field : {Field::original_source, Field::reply_source}) piece.set(+field, whole[+field]);
            pieces.push_back(std::move(piece));
        }
        packet::Budget budget(semantics::steps);
        std::string text;
        for (packet::Product& product : packet::join(pieces, whole, {}, budget)) {
            std::erase_if(product, [&](const auto& part) { return part.first < semantics::known_fields && part.second == asked(part.first); });
            text += (text.empty() ? "" : ", or ") + semantics::words(product, *answer_.space, [this](const semantics::Unknown& unknown) { return place_of(unknown); });
        }
        return text == "any packet" ? "" : text;
    }

    /// Whether it is among these whichever of the two ends opened the connection.
    static bool either_may_have_opened(const Trip& trip, const std::vector<const Trip*>& trips) {
        Region swapped = trip.journey.first;
        swapped.set(+Field::original_source, trip.journey.first[+Field::reply_source]);
        swapped.set(+Field::reply_source, trip.journey.first[+Field::original_source]);
        return std::any_of(trips.begin(), trips.end(), [&](const Trip* other) { return other->journey.first == swapped; });
    }

    /// Fields that hang on the addresses.
    [[nodiscard]] bool follows_from_others(packet::FieldIndex field) const {
        for (const Field of : {Field::mac, Field::source_local, Field::forged, Field::tcp_flags, Field::new_destination_local})
            if (field == +of) return true;
        return field == +Field::destination_local && std::all_of(placement_.destinations.begin(), placement_.destinations.end(), [](const Destination& to) { return to.local.single(); });
    }
    [[nodiscard]] bool asked_alike(packet::FieldIndex field) const {
        return std::all_of(starts_.begin(), starts_.end(), [&](const Start& start) { return start.region[field] == starts_.front().region[field]; });
    }
    [[nodiscard]] IntervalSet asked(packet::FieldIndex field) const {
        IntervalSet all;
        for (const Start& start : starts_) all.push_back(start.region[field]);
        return packet::normal(std::move(all));
    }

    /// Where there are several of the same words, the rule that tells it from the others.
    [[nodiscard]] std::string place_of(const semantics::Unknown& unknown) const {
        std::size_t alike = 0;
        for (packet::FieldIndex field = semantics::known_fields; field < answer_.space->whole().size(); ++field)
            if (answer_.space->unknown(field).words == unknown.words) ++alike;
        return alike > 1 && unknown.rule != nullptr ? place_(*unknown.rule) : std::string();
    }

    const ir::Program& program_;
    const Host host_;
    const PacketText& packet_;
    Span text_;
    const PlaceOfRule& place_;
    Diagnostics& diagnostics_;
    Answer answer_;
    Placement placement_;
    std::vector<Start> starts_;
    std::vector<bool> alike_;  ///< by field: whether it is the same for whatever becomes of the packet
};

}  // namespace

std::optional<Answer> explain(const ir::Program& program, FamilySet families, const Model& model, const PacketText& packet, Span text, const PlaceOfRule& place, Diagnostics& diagnostics) {
    return Question(program, model, packet, text, place, diagnostics).run(families);
}

}  // namespace natc::explain

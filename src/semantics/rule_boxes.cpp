// A rule's matches as boxes.
#include <algorithm>
#include <cassert>
#include <cstdint>
#include <utility>

#include "packet/product.hpp"
#include "semantics/space.hpp"

namespace natc::semantics {

using packet::Box;
using packet::FieldIndex;
using packet::Interval;

namespace {

using Set = packet::IntervalSet;

/// One way in which the matches hold.
using Variant = packet::Product;

/// False if nothing is left of it.
bool restrict_to(Variant& way, FieldIndex field, const Set& set) {
    if (set.empty()) return false;
    const auto at = std::lower_bound(way.begin(), way.end(), field, [](const auto& entry, FieldIndex f) { return entry.first < f; });
    if (at == way.end() || at->first != field) {
        way.insert(at, {field, set});
        return true;
    }
    at->second = packet::meet(at->second, set);
    return !at->second.empty();
}

/// Steps that stand for the memory of a box.
constexpr std::uint64_t one_box = 16;

constexpr Interval yes{1, 1};
constexpr Interval no{0, 0};

}  // namespace

/// Builds the boxes of one rule, match by match.
class RuleBoxes {
public:
    RuleBoxes(const Space& space, const ir::Rule& rule, Path path, packet::Budget& budget) : space_(space), budget_(budget), asked_(space.unknowns().asked(path, rule)) {
        for (const ir::Match& match : rule.matches) ir::visit_meaning(match, [this](const auto& m) { (*this)(m); });
    }

    [[nodiscard]] std::vector<Box> take() const {
        std::vector<Box> boxes;
        for (const Variant& way : ways_)
            if (budget_.spend(one_box * packet::boxes_in(way))) packet::expand(way, [&](const Box& box) { boxes.push_back(box); });
        return boxes;
    }

    void operator()(const ir::SourceAddress& m) { address(Field::source, m.range, m.negated); }
    void operator()(const ir::DestinationAddress& m) { address(Field::destination, m.range, m.negated); }
    void operator()(const ir::InInterface& m) { hold(Field::in, {space_.codes(m.name)}, m.negated); }
    void operator()(const ir::OutInterface& m) { hold(Field::out, {space_.codes(m.name)}, m.negated); }
    void operator()(const ir::ProtocolIs& m) { hold(Field::protocol, {{m.protocol.number, m.protocol.number}}, m.negated); }
    void operator()(const ir::SourcePorts& m) { ports(Field::source_port, m.ranges, m.negated); }
    void operator()(const ir::DestinationPorts& m) { ports(Field::destination_port, m.ranges, m.negated); }
    void operator()(const ir::TcpFlags& m) {
        Set set;
        for (std::uint32_t code = 0; code < 64; ++code) {
            if ((space_.flags_of(code) & m.mask) == m.set) set.push_back({code, code});
        }
        hold(Field::tcp_flags, packet::normal(std::move(set)), m.negated);
    }
    void operator()(const ir::IcmpTypeIs& m) {
        const std::uint32_t type = m.type.type * 256U;
        hold(Field::destination_port, {m.type.code ? Interval{type + *m.type.code, type + *m.type.code} : Interval{type, type + 255}}, m.negated);
    }
    void operator()(const ir::Conntrack& m) {
        std::vector<Variant> answers;
        for (const Variant& way : ways_of_states(m)) with_ends(way, m, answers);
        // Without a connection, the kernel (xt_conntrack.c) looks at the state alone, and says no where none is asked for.
        if (m.states.bits != 0) {
            Set without;
            for (const auto& [state, code] : {std::pair(ir::ConntrackState::invalid, state_invalid), {ir::ConntrackState::untracked, state_untracked}})
                if (m.states.contains(state) != m.states_negated) without.push_back({code, code});
            if (!without.empty()) merge(answers, packet::normal(std::move(without)));
        }
        hold_one_of(answers);
    }
    void operator()(const ir::SourceMac& m) {
        hold(Field::mac, {space_.codes_of_mac(m.mac)}, m.negated);
        // What has none is not asked, negated or not (xt_mac.c).
        if (m.negated) hold(Field::mac, {space_.macs_.all()}, false);
    }
    void operator()(const ir::RateLimit&) { hold_unknown(); }
    void operator()(const ir::MarkIs& m) {
        if (!space_.looks_into(m)) {
            hold_unknown();
            return;
        }
        // A value beyond its mask is none that a mark has.
        hold(Field::mark, (m.value & ~m.mask) == 0 ? space_.codes_of_mark(m.value, m.mask) : Set{}, m.negated);
    }
    void operator()(const ir::SourceIsLocal& m) { hold(Field::source_local, {yes}, m.negated); }
    void operator()(const ir::DestinationIsLocal& m) { hold(Field::destination_local, {yes}, m.negated); }
    void operator()(const ir::ForgedSource&) { hold(Field::forged, {yes}, false); }
    void operator()(const ir::Verbatim&) { hold_unknown(); }  // one whose meaning is not known

private:
    void hold(Field field, Set set, bool negated) {
        if (negated) set = packet::complement(set, space_.whole()[+field]);
        std::erase_if(ways_, [&](Variant& way) { return !restrict_to(way, +field, set); });
    }
    void hold_unknown() {
        assert(next_asked_ < asked_.size());
        const Asked asked = asked_[next_asked_++];
        std::erase_if(ways_, [&](Variant& way) { return !restrict_to(way, known_fields + asked.unknown, {asked.yes ? yes : no}); });
    }
    void hold_one_of(const std::vector<Variant>& answers) {
        std::vector<Variant> all;
        for (const Variant& way : ways_)
            for (const Variant& answer : answers) {
                if (!budget_.spend(one_box)) return ways_.clear();
                Variant both = way;
                if (std::all_of(answer.begin(), answer.end(), [&](const auto& part) { return restrict_to(both, part.first, part.second); })) all.push_back(std::move(both));
            }
        ways_ = std::move(all);
    }
    void address(Field field, const AddressRange& range, bool negated) {
        if (range.family() == space_.family())
            hold(field, {space_.codes(range)}, negated);
        else if (!negated)
            ways_.clear();
    }
    void ports(Field field, const std::vector<PortRange>& ranges, bool negated) {
        Set set;
        for (const PortRange& range : ranges) set.push_back({range.first, range.last});
        hold(field, packet::normal(std::move(set)), negated);
    }

    /// The states of packets that have a connection, and whether it is translated.
    [[nodiscard]] static std::vector<Variant> ways_of_states(const ir::Conntrack& m) {
        if (m.states.bits == 0) return {{{+Field::state, {{state_new, state_established}}}}};
        using enum ir::ConntrackState;
        Set states;
        for (const auto& [state, code] : {std::pair(new_, state_new), {related, state_related}, {established, state_established}}) {
            if (m.states.contains(state) != m.states_negated) states.push_back({code, code});
        }
        states = packet::normal(std::move(states));
        std::vector<Variant> ways;
        if (!m.states_negated) {
            if (!states.empty()) ways.push_back({{+Field::state, states}});
            const Set tracked{{state_new, state_established}};
            if (m.states.contains(dnat)) ways.push_back({{+Field::state, tracked}, {+Field::dnat, {yes}}});
            if (m.states.contains(snat)) ways.push_back({{+Field::state, tracked}, {+Field::snat, {yes}}});
            return ways;
        }
        if (states.empty()) return {};
        Variant way{{+Field::state, states}};
        if (m.states.contains(dnat)) way.push_back({+Field::dnat, {no}});
        if (m.states.contains(snat)) way.push_back({+Field::snat, {no}});
        return {way};
    }

    /// Adds what `--ctorigsrc` and `--ctreplsrc` ask. Those of a new connection are the packet's own addresses.
    void with_ends(const Variant& way, const ir::Conntrack& m, std::vector<Variant>& answers) const {
        if (!m.original_source && !m.reply_source) {
            answers.push_back(way);
            return;
        }
        for (const bool fresh : {true, false}) {
            Variant one = way;
            bool possible = restrict_to(one, +Field::state, {fresh ? Interval{state_new, state_new} : Interval{state_related, state_established}});
            const auto end = [&](const std::optional<AddressRange>& range, bool negated, Field now, Field kept) {
                if (!range || !possible) return;
                const Field field = fresh ? now : kept;
                Set set;
                if (range->family() == space_.family()) set = {space_.codes(*range)};
                if (negated) set = packet::complement(set, space_.whole()[+field]);
                possible = restrict_to(one, +field, set);
            };
            end(m.original_source, m.original_source_negated, Field::source, Field::original_source);
            end(m.reply_source, m.reply_source_negated, Field::destination, Field::reply_source);
            if (possible) answers.push_back(std::move(one));
        }
    }

    /// Adds states to the answer that asks for a state alone, or as one of its own.
    static void merge(std::vector<Variant>& answers, Set states) {
        for (Variant& way : answers) {
            if (way.size() != 1) continue;
            way.front().second = packet::unite(way.front().second, states);
            return;
        }
        answers.push_back({{+Field::state, std::move(states)}});
    }

    const Space& space_;
    packet::Budget& budget_;
    std::vector<Variant> ways_{Variant{}};
    const std::vector<Asked>& asked_;
    std::size_t next_asked_ = 0;
};

std::vector<Box> Space::boxes_of(const ir::Rule& rule, Path path, packet::Budget& budget) const { return RuleBoxes(*this, rule, path, budget).take(); }

}  // namespace natc::semantics

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "packet/index.hpp"
#include "packet/remainder.hpp"
#include "review/review.hpp"
#include "semantics/budget.hpp"
#include "semantics/space.hpp"
#include "semantics/unfold.hpp"

namespace natc {

namespace {

using packet::Interval;
using packet::Region;
using semantics::Entry;
using semantics::Field;
using semantics::Space;
using semantics::operator+;

/// A rule that names several values is a list that somebody wrote down one by one. Where earlier rules of the opposite verdict take all packets of one of them, it was
/// named for nothing; unless these rules are an exception, all of whose packets the list would have taken: that is how exceptions are written. The
/// same with ranges that an earlier one overlaps in part.
class Order {
public:
    Order(const Subject& subject, Diagnostics& diagnostics) : subject_(subject), diagnostics_(diagnostics) {
        if (subject.model == nullptr) return;
        const Model& model = *subject.model;
        const auto add = [&](const Policy& policy) {
            for (const Rule& rule : policy.rules) written_.emplace(key(rule.span), &rule);
        };
        for (const auto* policy : {&model.input, &model.output, &model.forward})
            if (*policy) add(**policy);
        for (const ChainBlock& chain : model.chains) add(chain.body);
        for (const Network& network : model.networks)
            if (network.forward && network.forward->head != network.head) add(*network.forward);
    }

    void look_at(Family family) {
        const ir::Table* filter = subject_.program.find(ir::TableName::filter);
        if (filter == nullptr || !takes_both_sides(*filter, family)) return;
        packet::Budget budget(steps);
        const ir::Program* const programs[] = {&subject_.program};
        const Space space(family, programs);
        for (const ir::Hook hook : ir::hooks_of(ir::TableName::filter))
            if (const auto list = semantics::unfold(*filter, hook, space, budget); list && !list->two_values) look_at(*list, space, budget);
    }

private:
    /// Less than for rules that never match: what is found here is worth less, and where the budget ends nothing is said.
    static constexpr std::uint64_t steps = semantics::steps / 10;

    /// Whether somebody has written rules that accept and rules that refuse.
    [[nodiscard]] bool takes_both_sides(const ir::Table& filter, Family family) const {
        bool accepted = false, refused = false;
        for (const ir::Chain& chain : filter.chains)
            for (const ir::Rule& rule : chain.rules) {
                if (!rule.families.contains(family) || !is_written(rule)) continue;
                accepted = accepted || accepts(rule);
                refused = refused || refuses(rule);
            }
        return accepted && refused;
    }
    [[nodiscard]] bool is_written(const ir::Rule& rule) const {
        return !rule.origins.empty() && (subject_.model == nullptr || written_.contains(key(rule.origins.front())));
    }

    static std::uint64_t key(Span span) { return std::uint64_t{span.begin} << 32U | span.end; }
    static bool accepts(const ir::Rule& rule) { return std::holds_alternative<ir::Accept>(rule.statement); }
    static bool refuses(const ir::Rule& rule) { return std::holds_alternative<ir::Drop>(rule.statement) || std::holds_alternative<ir::Reject>(rule.statement); }

    /// One statement in one list: the boxes of its rules.
    struct Stated {
        std::vector<std::uint32_t> boxes;
        std::vector<std::size_t> ahead;  ///< for each box, how many enders stand ahead of its rule
    };

    void look_at(const semantics::List& list, const Space& space, packet::Budget& budget) {
        packet::Boxes enders;
        std::vector<const ir::Rule*> owners;
        std::map<std::pair<std::uint32_t, std::uint32_t>, Stated> statements;
        bool accepted = false, refused = false;
        for (const Entry& entry : list.entries) {
            if (entry.rule == nullptr || entry.way != semantics::Way::ends || !entry.certain) continue;
            const std::size_t ahead = enders.size();
            const bool written = (accepts(*entry.rule) || refuses(*entry.rule)) && is_written(*entry.rule);
            accepted = accepted || (written && accepts(*entry.rule));
            refused = refused || (written && refuses(*entry.rule));
            for (std::uint32_t number = entry.first; number < entry.last; ++number) {
                enders.add(list.boxes[number]);
                owners.push_back(entry.rule);
                if (!written) continue;
                const Span span = entry.rule->origins.front();
                Stated& stated = statements[{span.begin, span.end}];
                stated.boxes.push_back(static_cast<std::uint32_t>(enders.size() - 1));
                stated.ahead.push_back(ahead);
            }
        }
        if (!accepted || !refused) return;
        const packet::Index index(enders);
        const Look look{space, enders, owners, index, statements, budget};
        for (const auto& [place, stated] : statements) {
            if (budget.spent()) return;
            look_at({place.first, place.second}, stated, look);
        }
    }

    struct Look {
        const Space& space;
        const packet::Boxes& enders;
        const std::vector<const ir::Rule*>& owners;
        const packet::Index& index;
        const std::map<std::pair<std::uint32_t, std::uint32_t>, Stated>& statements;
        packet::Budget& budget;
    };

    /// The rules of the opposite verdict that take part of a region of which earlier rules take everything; none where something of it is left.
    static std::vector<const ir::Rule*> taken(const Region& region, const std::vector<std::uint32_t>& ahead, bool accepting, const Look& look) {
        packet::Boxes taken;
        std::vector<const ir::Rule*> takers;
        const auto remains = [&](Region of) {
            std::vector<std::uint32_t> numbers(taken.size());
            std::iota(numbers.begin(), numbers.end(), 0U);
            packet::Remainder left(taken, std::move(numbers), std::move(of), look.budget);
            return left.next() || look.budget.spent();
        };
        const auto is_opposite = [&](std::uint32_t number) { return accepting ? refuses(*look.owners[number]) : accepts(*look.owners[number]); };
        if (std::none_of(ahead.begin(), ahead.end(), is_opposite)) return {};
        for (const std::uint32_t number : ahead) {
            if (!packet::overlaps(region, look.enders[number])) continue;
            const ir::Rule* owner = look.owners[number];
            if (!accepts(*owner) && !refuses(*owner)) continue;
            Region own = region;
            if (is_opposite(number) && (takers.empty() || takers.back() != owner) && packet::meet(own, look.enders[number]) && remains(own)) takers.push_back(owner);
            taken.add(look.enders[number]);
            if (packet::covers(look.enders[number], region)) return takers;
        }
        if (takers.empty() || remains(region)) return {};
        return takers;
    }

    static Region region_of(std::uint32_t number, const Look& look) {
        Region region = look.space.whole();
        (void)packet::meet(region, look.enders[number]);
        return region;
    }

    /// What opens connections, where it is among the packets: that those of established ones pass says nothing of a rule behind.
    static Region opening(Region region) {
        constexpr Interval opens{semantics::state_new, semantics::state_new};
        if (region[+Field::state].contains(opens)) region[+Field::state] = opens;
        return region;
    }

    void look_at(Span span, const Stated& stated, const Look& look) {
        if (told_.contains(key(span))) return;
        const bool accepting = accepts(*look.owners[stated.boxes.front()]);
        std::vector<std::uint32_t> living;
        std::vector<std::pair<std::uint32_t, std::vector<const ir::Rule*>>> dead;
        for (std::size_t i = 0; i < stated.boxes.size(); ++i) {
            const Region region = opening(region_of(stated.boxes[i], look));
            const std::vector<std::uint32_t> ahead = look.index.overlapping(region, stated.ahead[i], look.budget);
            auto takers = taken(region, ahead, accepting, look);
            if (takers.empty()) {
                living.push_back(stated.boxes[i]);
                if (overlapped(span, region, ahead, accepting, look)) return;
            } else {
                dead.emplace_back(stated.boxes[i], std::move(takers));
            }
        }
        if (living.empty()) return;
        for (const auto& [number, takers] : dead) {
            const Region gone = region_of(number, look);
            std::optional<Field> field;
            for (const std::uint32_t other : living)
                if ((field = only_difference(gone, region_of(other, look)))) break;
            if (!field || !is_list(span, *field) || is_exception(takers, stated, look)) continue;
            report(span, words(*field, gone, look.space), takers);
            return;
        }
    }

    /// A range of which an earlier one takes its beginning or its end.
    bool overlapped(Span span, const Region& own, const std::vector<std::uint32_t>& ahead, bool accepting, const Look& look) {
        for (const std::uint32_t number : ahead) {
            const ir::Rule* owner = look.owners[number];
            if (accepting ? !refuses(*owner) : !accepts(*owner)) continue;
            const Region other = region_of(number, look);
            std::optional<Field> field;
            bool narrower = !packet::covers(other.answers(), own);
            for (packet::FieldIndex f = 0; f < semantics::known_fields && !narrower; ++f) {
                if (other[f].contains(own[f])) continue;
                const bool partly = !field && !own[f].contains(other[f]) && is_named(static_cast<Field>(f));
                if (partly) field = static_cast<Field>(f);
                narrower = !partly;
            }
            if (narrower || !field || !is_literal(span, *field)) continue;
            Region both = own;
            both[+*field] = own[+*field].meet(other[+*field]);
            const auto takers = taken(both, ahead, accepting, look);
            if (takers.empty()) continue;
            report(span, words(*field, both, look.space), takers);
            return true;
        }
        return false;
    }

    /// Whether people name values of the field in a rule.
    static bool is_named(Field field) {
        constexpr Field named[] = {Field::in, Field::out, Field::source, Field::destination, Field::protocol, Field::source_port, Field::destination_port};
        return std::find(std::begin(named), std::end(named), field) != std::end(named);
    }

    /// A guest is named with the bridge that it is behind.
    static std::optional<Field> only_difference(const Region& a, const Region& b) {
        std::optional<Field> field;
        if (!std::ranges::equal(a.answers(), b.answers())) return std::nullopt;
        for (packet::FieldIndex f = 0; f < semantics::known_fields; ++f) {
            if (a[f] == b[f]) continue;
            if ((f == +Field::in && a[+Field::source] != b[+Field::source]) || (f == +Field::out && a[+Field::destination] != b[+Field::destination])) continue;
            if (field || !is_named(static_cast<Field>(f))) return std::nullopt;
            field = static_cast<Field>(f);
        }
        return field;
    }

    /// The words that name the values of a field.
    [[nodiscard]] std::string_view clause(Span span, Field field) const {
        const auto at = written_.find(key(span));
        if (at == written_.end()) return subject_.sources.text(span);
        const Rule::Places& places = at->second->at;
        switch (field) {
            case Field::in: return subject_.sources.text(places.in);
            case Field::out: return subject_.sources.text(places.out);
            case Field::source: return subject_.sources.text(places.from);
            case Field::destination: return subject_.sources.text(places.to);
            default: return subject_.sources.text(places.what);
        }
    }
    /// Whether people wrote them down there, and not in a define, and did not name others by leaving them out.
    [[nodiscard]] bool is_literal(Span span, Field field) const { return clause(span, field).find_first_of("$!") == std::string_view::npos; }
    /// Whether they were written one by one: what a define, a network or a service stands for is not meant value by value.
    [[nodiscard]] bool is_list(Span span, Field field) const { return is_literal(span, field) && clause(span, field).find(',') != std::string_view::npos; }

    /// Whether all that the takers' statements take would have been this one's.
    [[nodiscard]] static bool is_exception(const std::vector<const ir::Rule*>& takers, const Stated& stated, const Look& look) {
        return std::all_of(takers.begin(), takers.end(), [&](const ir::Rule* taker) {
            if (taker->origins.empty()) return true;
            const auto at = look.statements.find({taker->origins.front().begin, taker->origins.front().end});
            if (at == look.statements.end()) return true;
            return std::all_of(at->second.boxes.begin(), at->second.boxes.end(), [&](std::uint32_t number) {
                packet::Remainder left(look.enders, stated.boxes, opening(region_of(number, look)), look.budget);
                return !left.next();
            });
        });
    }

    static std::string words(Field field, const Region& region, const Space& space) {
        const Interval value = region[+field];
        switch (field) {
            case Field::source:
            case Field::destination: return to_string(space.addresses(value));
            case Field::in:
            case Field::out: return space.interfaces().name(value);
            case Field::protocol: return to_string(Protocol{static_cast<std::uint8_t>(value.first)});
            default: {
                const std::string ports = to_string(PortRange{static_cast<std::uint16_t>(value.first), static_cast<std::uint16_t>(value.last)});
                return region[+Field::protocol].single() ? to_string(Protocol{static_cast<std::uint8_t>(region[+Field::protocol].first)}) + " " + ports : ports;
            }
        }
    }

    void report(Span span, const std::string& what, const std::vector<const ir::Rule*>& takers) {
        if (what.empty() || !told_.emplace(key(span), true).second) return;
        constexpr std::size_t most_places = 5;
        Diagnostic& diagnostic = diagnostics_.add(Code::partly_shadowed, span,
                                                  fmt::format("{} is named here for nothing: what comes before this takes it, and does something else with it", what));
        std::vector<Span> shown;
        for (const ir::Rule* taker : takers)
            for (const Span& place : taker->origins)
                if (shown.size() < most_places && std::find(shown.begin(), shown.end(), place) == shown.end()) shown.push_back(place);
        for (const Span& place : shown) diagnostic.see(place, shown.size() == 1 ? "takes it" : "takes some of it");
        diagnostic.advise(fmt::format("put this ahead of what takes it, or leave {} out", what));
    }

    const Subject& subject_;
    Diagnostics& diagnostics_;
    std::unordered_map<std::uint64_t, const Rule*> written_;  ///< the rules of the file by their places
    std::unordered_map<std::uint64_t, bool> told_;
};

}  // namespace

void review_order(const Subject& subject, Diagnostics& diagnostics) {
    Order order(subject, diagnostics);
    for (const Family family : all_families)
        if (subject.families.contains(family)) order.look_at(family);
}

}  // namespace natc

#include "semantics/never.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "packet/index.hpp"
#include "packet/remainder.hpp"
#include "semantics/unfold.hpp"

namespace natc::semantics {

using packet::Region;

namespace {

/// From so many takers on, they are named as they were found, without looking whether fewer would do.
constexpr std::size_t most_thinned = 64;

/// What was found out about a rule, over all places where it is asked.
struct Fared {
    bool asked = false;  ///< at some place
    bool lives = false;
    bool contradicts = true;  ///< at every place
    std::vector<const ir::Rule*> takers;
};

/// The questions that one rule of a list alone asks. Its packets may as well not match: it does not help to cover what others ask for, and need not be looked at.
class AskedOnce {
public:
    explicit AskedOnce(const List& list) {
        for (std::uint32_t i = 0; i < list.entries.size(); ++i)
            for (std::uint32_t number = list.entries[i].first; number < list.entries[i].last; ++number)
                for (const packet::Side& side : list.boxes[number])
                    if (side.field >= known_fields) {
                        const auto [at, first] = by_.try_emplace(side.field, i);
                        if (!first && at->second != i) at->second = several;
                    }
    }
    [[nodiscard]] bool any(packet::BoxView box) const {
        return std::any_of(box.begin(), box.end(), [&](const packet::Side& side) { return side.field >= known_fields && by_.at(side.field) != several; });
    }

private:
    static constexpr std::uint32_t several = ~0U;
    std::unordered_map<packet::FieldIndex, std::uint32_t> by_;
};

class Search {
public:
    Search(const ir::Program& program, Family family, packet::Budget& budget, Progress& progress) : program_(program), space_(family, one(program)), budget_(budget), progress_(progress) {}

    NeverMatches run() {
        for (const ir::Table& table : program_.tables) look_at(table);
        NeverMatches result;
        for (const ir::Table& table : program_.tables)
            for (const ir::Chain& chain : table.chains) {
                if (!chain.families.contains(space_.family())) continue;
                for (const ir::Rule& rule : chain.rules)
                    if (rule.families.contains(space_.family())) report(table, chain, &rule, rules_[&rule], result);
                if (chain.hook) report(table, chain, nullptr, policies_[&chain], result);
            }
        result.undecided = budget_.spent();
        return result;
    }

private:
    static std::vector<const ir::Program*> one(const ir::Program& program) { return {&program}; }

    void look_at(const ir::Table& table) {
        for (const ir::Hook hook : ir::hooks_of(table.table))
            if (const auto list = unfold(table, hook, space_, budget_)) look_at(*list);
        // What nothing leads to: first the chains that no rule calls, whose callees are looked at by that; then those that call each other in a circle.
        const Chains chains = chains_of(table);
        std::unordered_set<const ir::Chain*> called;
        for (const ir::Chain& chain : table.chains)
            for (const ir::Rule& rule : chain.rules)
                if (const std::string* name = ir::called_chain(rule.statement)) called.insert(chains.at(*name));
        for (const bool by_others : {false, true})
            for (const ir::Chain& chain : table.chains) {
                if (chain.hook || called.contains(&chain) != by_others || !chain.families.contains(space_.family())) continue;
                const bool asked = std::any_of(chain.rules.begin(), chain.rules.end(), [&](const ir::Rule& rule) { return rules_[&rule].asked; });
                if (asked || chain.rules.empty()) continue;
                if (const auto list = unfold_uncalled(table, chains, chain, space_, budget_)) look_at(*list);
            }
    }

    void look_at(const List& list) {
        packet::Boxes enders;
        std::vector<const Entry*> owners;
        std::vector<std::size_t> enders_before;
        const AskedOnce asked_once(list);
        for (const Entry& entry : list.entries) {
            enders_before.push_back(enders.size());
            if (entry.way != Way::ends || !entry.certain) continue;
            for (std::uint32_t number = entry.first; number < entry.last; ++number) {
                // Which mark it speaks of is another question where rules set one: it takes nothing for certain. In raw, so is the state.
                const Field changing = list.table == ir::TableName::raw ? Field::state : Field::mark;
                const auto asks = [&](const packet::Side& side) { return side.field == +changing && side.interval != list.whole[+changing]; };
                if (list.two_values && std::any_of(list.boxes[number].begin(), list.boxes[number].end(), asks)) continue;
                if (asked_once.any(list.boxes[number])) continue;
                enders.add(list.boxes[number]);
                owners.push_back(&entry);
            }
        }
        const packet::Index index(enders);
        progress_.begin("looking for rules that never match", list.entries.size());
        for (std::size_t i = 0; i < list.entries.size() && !budget_.spent(); ++i) {
            progress_.advance();
            const Entry& entry = list.entries[i];
            Fared& found = entry.rule != nullptr ? rules_[entry.rule] : policies_[entry.chain];
            found.asked = true;
            if (found.lives) continue;
            found.contradicts = found.contradicts && entry.contradicts_itself;
            std::vector<const ir::Rule*> takers;
            if (entry.rule != nullptr) takers = entry.returns;
            for (std::uint32_t number = entry.first; number < entry.last && !found.lives; ++number) {
                Region region = space_.whole();
                if (!packet::meet(region, list.boxes[number])) continue;
                std::vector<std::uint32_t> ahead = index.overlapping(region, enders_before[i], budget_);
                std::vector<std::uint32_t> by;
                if (!covered(enders, std::move(ahead), region, by))
                    found.lives = true;
                else
                    for (const std::uint32_t taker : by) {
                        if (owners[taker]->rule != nullptr)
                            takers.push_back(owners[taker]->rule);
                        else
                            takers.insert(takers.end(), owners[taker]->returns.begin(), owners[taker]->returns.end());
                    }
            }
            // Whom it sends back, the policy decides on.
            if (found.lives && entry.way == Way::ends && entry.rule != nullptr && std::holds_alternative<ir::Return>(entry.rule->statement)) policies_[entry.chain].lives = true;
            // A place whose caller is never reached, or whose packets are all gone.
            if (!found.lives)
                for (const ir::Rule* taker : takers)
                    if (std::find(found.takers.begin(), found.takers.end(), taker) == found.takers.end()) found.takers.push_back(taker);
        }
    }

    /// Whether the boxes cover the region together, and which of them do: one, where one does; else as few as are needed.
    bool covered(const packet::Boxes& boxes, std::vector<std::uint32_t> ahead, const Region& region, std::vector<std::uint32_t>& by) {
        for (const std::uint32_t number : ahead)
            if (packet::covers(boxes[number], region)) {
                by = {number};
                return true;
            }
        packet::Remainder left(boxes, std::move(ahead), region, budget_);
        if (left.next() || budget_.spent()) return false;
        by = left.takers();
        std::sort(by.begin(), by.end());
        by.erase(std::unique(by.begin(), by.end()), by.end());
        if (by.size() > most_thinned) return true;
        for (std::size_t i = by.size(); i-- > 0;) {
            std::vector<std::uint32_t> fewer = by;
            fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
            packet::Remainder rest(boxes, fewer, region, budget_);
            if (!rest.next() && !budget_.spent()) by = std::move(fewer);
        }
        return true;
    }

    void report(const ir::Table& table, const ir::Chain& chain, const ir::Rule* rule, const Fared& found, NeverMatches& result) const {
        if (found.lives || !found.asked || budget_.spent()) return;
        Never never{table.table, &chain, rule, found.contradicts, found.takers, false};
        const auto ends_like = [&](const ir::Rule* taker) {
            if (rule != nullptr) return taker->statement == rule->statement;
            return chain.policy == ir::Policy::accept ? std::holds_alternative<ir::Accept>(taker->statement) : std::holds_alternative<ir::Drop>(taker->statement);
        };
        never.same_fate = !never.takers.empty() && std::all_of(never.takers.begin(), never.takers.end(), ends_like);
        result.rules.push_back(std::move(never));
    }

    const ir::Program& program_;
    Space space_;
    packet::Budget& budget_;
    Progress& progress_;
    std::unordered_map<const ir::Rule*, Fared> rules_;
    std::unordered_map<const ir::Chain*, Fared> policies_;
};

}  // namespace

NeverMatches never_match(const ir::Program& program, Family family, packet::Budget& budget, Progress& progress) { return Search(program, family, budget, progress).run(); }

}  // namespace natc::semantics

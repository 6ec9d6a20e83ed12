#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "review/by_span.hpp"
#include "review/review.hpp"
#include "semantics/budget.hpp"
#include "semantics/never.hpp"

namespace natc {

namespace {

using semantics::Never;

/// So many of the places that take a statement's packets are shown.
constexpr std::size_t most_takers = 5;

/// What is known of the rules of one statement.
struct Statement {
    bool lives = false;
    bool contradicts = true;
    bool same_fate = true;
    std::vector<Span> takers;
};

class Review {
public:
    Review(const Subject& subject, Diagnostics& diagnostics) : program_(subject.program), diagnostics_(diagnostics) {
        if (subject.model != nullptr) written_ = written_rules(*subject.model);
    }

    void look_at(Family family, Progress& progress) {
        packet::Budget budget(semantics::steps);
        const semantics::NeverMatches found = semantics::never_match(program_, family, budget, progress);
        undecided_ = undecided_ || found.undecided;
        std::unordered_map<const ir::Rule*, const Never*> dead;
        for (const Never& never : found.rules) {
            if (never.rule != nullptr) {
                dead.emplace(never.rule, &never);
            } else {
                policies_[never.chain] |= family;
                policy_takers_.insert(never.takers.begin(), never.takers.end());
            }
        }
        for (const ir::Table& table : program_.tables)
            for (const ir::Chain& chain : table.chains) {
                if (chain.hook && chain.families.contains(family)) chains_[&chain] |= family;
                for (const ir::Rule& rule : chain.rules) {
                    if (!rule.families.contains(family)) continue;
                    const auto at = dead.find(&rule);
                    for (const Span& origin : rule.origins) take_down(origin, at == dead.end() ? nullptr : at->second);
                }
            }
    }

    void report() {
        for (const auto& [span, statement] : statements_)
            if (!statement.lives) report(span, statement);
        for (const auto& [chain, families] : policies_) report(*chain, families);
        if (undecided_) diagnostics_.note(Code::review_undecided, {}, "the rules are too many and too entangled to say of all of them whether they match");
    }

private:
    void take_down(Span origin, const Never* never) {
        Statement& statement = statements_[origin];
        if (never == nullptr) {
            statement.lives = true;
            return;
        }
        statement.contradicts = statement.contradicts && never->contradicts_itself;
        statement.same_fate = statement.same_fate && never->same_fate;
        for (const ir::Rule* taker : never->takers)
            for (const Span& span : taker->origins)
                if (!(span == origin) && std::find(statement.takers.begin(), statement.takers.end(), span) == statement.takers.end()) statement.takers.push_back(span);
    }

    [[nodiscard]] bool is_written(Span span) const {
        return !written_ || std::binary_search(written_->begin(), written_->end(), span, [](const Span& a, const Span& b) { return a.begin < b.begin; });
    }

    void report(Span span, const Statement& statement) {
        if (!is_written(span)) return;
        if (statement.contradicts && statement.takers.empty()) {
            diagnostics_.add(Code::never_matches, span, "this never matches: what it asks excludes itself, or what its chain is called for");
            return;
        }
        // Its own earlier rules take the packets of its later ones: nobody wrote that.
        if (statement.takers.empty()) return;
        const bool idle = statement.same_fate;
        // What natc says for itself, it says whether somebody wrote it or not.
        if (idle && !std::all_of(statement.takers.begin(), statement.takers.end(), [&](const Span& taker) { return is_written(taker); })) return;
        Diagnostic& diagnostic = diagnostics_.add(idle ? Code::idle : Code::shadowed, span,
                                                  idle ? "this does nothing: what comes before it does the same to all of its packets" : "this never matches: what comes before it takes all of its packets");
        show(diagnostic, statement.takers);
        const bool can_go_ahead = !idle && std::any_of(statement.takers.begin(), statement.takers.end(), [&](const Span& taker) { return is_written(taker); });
        diagnostic.advise(can_go_ahead ? "put it ahead of what takes its packets, or leave it out" : "leave it out");
    }

    void show(Diagnostic& diagnostic, const std::vector<Span>& takers) const {
        const std::size_t shown = std::min(takers.size(), most_takers);
        for (std::size_t i = 0; i < shown; ++i) {
            const bool more = i + 1 == shown && takers.size() > shown;
            if (is_written(takers[i]))
                diagnostic.see(takers[i], takers.size() == 1 ? "takes them" : more ? "takes some of them, as further ones do" : "takes some of them");
            else
                diagnostic.see(takers[i], takers.size() == 1 ? "a rule of natc's own, for this, takes them" : "a rule of natc's own, for this, takes some of them");
        }
    }

    void report(const ir::Chain& chain, FamilySet families) {
        // In both families, where it is a chain of both; and where somebody wrote a policy: accept is what there is without one.
        if (!(chains_[&chain] == families) || chain.policy == ir::Policy::accept || chain.rules.empty()) return;
        const auto last = std::find_if(chain.rules.rbegin(), chain.rules.rend(), [&](const ir::Rule& rule) { return rule.origins.size() > 0 && policy_takers_.contains(&rule); });
        if (last == chain.rules.rend() || !is_written(last->origins.front())) return;
        diagnostics_.add(Code::policy_unreached, last->origins.front(), "no packet comes to the policy of " + chain.name + ": this takes all that are left");
    }

    const ir::Program& program_;
    std::optional<std::vector<Span>> written_;  ///< the places of the rules that somebody wrote, sorted, where natc made others
    Diagnostics& diagnostics_;
    bool undecided_ = false;
    std::map<Span, Statement, BySpan> statements_;
    std::map<const ir::Chain*, FamilySet> policies_, chains_;
    std::set<const ir::Rule*> policy_takers_;  ///< what takes the packets of policies that are never reached
};

}  // namespace

void review_never(const Subject& subject, Diagnostics& diagnostics, Progress& progress) {
    Review review(subject, diagnostics);
    for (const Family family : all_families)
        if (subject.families.contains(family)) review.look_at(family, progress);
    review.report();
}

}  // namespace natc

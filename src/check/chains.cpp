#include <algorithm>
#include <array>
#include <deque>
#include <fmt/format.h>
#include <unordered_map>

#include "check/checks.hpp"
#include "ir/placement.hpp"

namespace natc {

namespace {

/// iptables-nft refuses a 16th chain within chains ("Too many links").
constexpr int most_nested = 15;

std::string fault_of_name(const ChainBlock& chain) {
    const std::string& name = chain.name;
    const auto plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.'; };
    if (name.empty() || (std::isalpha(static_cast<unsigned char>(name.front())) == 0 && name.front() != '_') ||
        !std::all_of(name.begin(), name.end(), plain))
        return "a name begins with a letter or `_` and has letters, digits and `_ - .`";
    if (name.size() > ir::longest_chain_name) return fmt::format("it has {} bytes, and the kernel takes {}", name.size(), ir::longest_chain_name);
    if (name.starts_with("natc-")) return "names that begin with `natc-` are natc's own";
    if (ir::is_target_name(name))
        return "it is the name of a target of iptables";
    if (chain.hook) return {};
    std::string capitals = name;
    std::transform(capitals.begin(), capitals.end(), capitals.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    for (const auto hook : {ir::Hook::prerouting, ir::Hook::input, ir::Hook::forward, ir::Hook::output, ir::Hook::postrouting}) {
        if (ir::name(hook) != capitals) continue;
        // Nothing would ever jump to a chain `input`: who writes it means the built-in one.
        if (ir::has_hook(chain.table, hook)) return fmt::format("the built-in chain is written {}", capitals);
        return fmt::format("table {} has no built-in chain of that name", ir::name(chain.table));
    }
    return {};
}

void check_names(const Model& model, Diagnostics& diagnostics) {
    for (const ChainBlock& chain : model.chains) {
        if (const std::string fault = fault_of_name(chain); !fault.empty())
            diagnostics.add(Code::bad_chain_name, chain.span, fmt::format("`{}` cannot be a chain: {}", chain.name, fault));
        const auto& policy = chain.body.policy;
        if (policy && !chain.hook)
            diagnostics.add(Code::policy_not_here, chain.body.policy_word, "only a built-in chain has a policy")
                .advise("let its last rule say what becomes of the rest");
        if (policy && chain.hook && chain.table == ir::TableName::nat)
            diagnostics.add(Code::policy_not_here, chain.body.policy_word, "a chain of nat translates, and has no policy")
                .advise("what is to be dropped is dropped in filter");
    }
}

void check_filled_twice(const Model& model, Diagnostics& diagnostics) {
    const auto served = std::find_if(model.networks.begin(), model.networks.end(), [](const Network& n) { return !n.serves.empty(); });
    for (const ChainBlock& chain : model.chains) {
        if (chain.table != ir::TableName::filter || !chain.hook) continue;
        Span other;
        std::string what;
        if (*chain.hook == ir::Hook::input) {
            if (model.input) {
                other = model.input->head;
                what = "`input`";
            } else if (served != model.networks.end()) {
                other = served->serve_span;
                what = fmt::format("what network `{}` serves", served->name);
            }
        } else if (*chain.hook == ir::Hook::output && model.output) {
            other = model.output->head;
            what = "`output`";
        } else if (*chain.hook == ir::Hook::forward) {
            if (model.forward) {
                other = model.forward->head;
                what = "`forward`";
            } else if (!model.networks.empty()) {
                other = model.networks.front().head;
                what = fmt::format("network `{}`", model.networks.front().name);
            }
        }
        if (what.empty()) continue;
        diagnostics.add(Code::chain_filled_twice, chain.span, fmt::format("{} fills the chain {} already", what, chain.name))
            .see(other, "it stands here")
            .advise("write the rules there, or all of the chain by hand");
    }
}

/// Jumps between chains of one table, as a graph: chains by their place in the model.
class JumpGraph {
public:
    JumpGraph(Model& model, ir::TableName table) : model_(model) {
        for (std::size_t i = 0; i < model.chains.size(); ++i)
            if (model.chains[i].table == table) {
                by_name_.try_emplace(model.chains[i].name, i);
                members_.push_back(i);
            }
        for (const std::size_t i : members_) {
            ChainBlock& chain = model_.chains[i];
            chain.hooks = chain.hook ? bit(*chain.hook) : std::uint8_t{0};
            added_[i] = add(chain.body.rules, [&](const Call& call) { calls_[i].push_back(call); });
        }
        if (table != ir::TableName::filter) return;
        const auto from_policy = [&](const Policy& policy, ir::Hook hook) {
            const int deepest = add(policy.rules, [&](const Call& call) {
                model_.chains[call.to].hooks |= bit(hook);
                depth_[call.to] = std::max(depth_[call.to], call.extra);
            });
            if (deepest > most_nested) too_deep_.push_back({policy.head, deepest});
        };
        if (model.input) from_policy(*model.input, ir::Hook::input);
        if (model.output) from_policy(*model.output, ir::Hook::output);
        if (model.forward) from_policy(*model.forward, ir::Hook::forward);
        for (const Network& network : model.networks)
            if (network.forward) from_policy(*network.forward, ir::Hook::forward);
    }

    /// Hands the hooks of each chain on to those that it calls, and looks for loops and depth on the way.
    void check(Diagnostics& diagnostics) {
        std::unordered_map<std::size_t, int> callers;
        for (const std::size_t i : members_)
            for (const Call& call : calls_[i]) ++callers[call.to];
        std::deque<std::size_t> ready;
        for (const std::size_t i : members_)
            if (callers[i] == 0) ready.push_back(i);
        for (const auto& [head, deepest] : too_deep_)
            diagnostics.add(Code::jumps_too_deep, head, fmt::format("these rules take {} chains within chains, and iptables-nft takes {}", deepest, most_nested))
                .advise(help_);
        std::size_t done = 0;
        while (!ready.empty()) {
            const std::size_t i = ready.front();
            ready.pop_front();
            ++done;
            const int own = depth_[i] + (model_.chains[i].hook ? 0 : 1);
            const int deepest = own + added_[i];
            if (deepest > most_nested && depth_[i] <= most_nested) {
                auto& diagnostic = diagnostics.add(Code::jumps_too_deep, model_.chains[i].span,
                                                   fmt::format("chain {} lies {} chains deep, and iptables-nft takes {}", model_.chains[i].name, deepest, most_nested));
                if (own <= most_nested) diagnostic.advise(help_);
            }
            for (const Call& call : calls_[i]) {
                depth_[call.to] = std::max(depth_[call.to], own + call.extra);
                model_.chains[call.to].hooks |= model_.chains[i].hooks;
                if (--callers[call.to] == 0) ready.push_back(call.to);
            }
        }
        if (done == members_.size()) return;
        leave_out_dead_ends(callers);
        for (const std::size_t i : members_)
            if (callers[i] > 0) report_loop(i, callers, diagnostics);
    }

private:
    struct Call {
        std::size_t to;
        Span span;
        int extra;
    };

    static std::uint8_t bit(ir::Hook hook) { return static_cast<std::uint8_t>(1U << static_cast<unsigned>(hook)); }

    /// Whether natc gives the rule a chain of its own: iptables takes one interface a rule, and but so many words.
    static bool splits(const Rule& rule) {
        constexpr std::size_t most_excluded = 16;
        const std::size_t excluded = (rule.from_negated ? rule.from.size() : 0) + (rule.to_negated ? rule.to.size() : 0) + (rule.mac_negated ? rule.macs.size() : 0);
        return (rule.in_negated && rule.in.size() > 1) || (rule.out_negated && rule.out.size() > 1) || excluded > most_excluded;
    }

    static bool leaves(const Rule& rule) { return std::holds_alternative<ir::Return>(rule.verdict) || std::holds_alternative<ir::Goto>(rule.verdict); }

    /// Hands over the calls in rules that stand in a row. Gives how many chains of natc's own they take, one within the other.
    template <typename Each>
    int add(const std::vector<Rule>& rules, const Each& each) {
        int inside = 0;
        int deepest = 0;
        for (const Rule& rule : rules) {
            const int here = inside + (splits(rule) ? 1 : 0);
            deepest = std::max(deepest, here);
            if (const std::string* called = ir::called_chain(rule.verdict))
                if (const auto at = by_name_.find(*called); at != by_name_.end()) each(Call{at->second, rule.span, here});
            // What follows such a rule moves to a chain that both this one and the rule's own lead to.
            if (splits(rule) && leaves(rule) && &rule != &rules.back()) {
                inside += 2;
                deepest = std::max(deepest, inside);
            }
        }
        return deepest;
    }

    /// Of the chains that are left over, those that no loop can be reached from: they lie behind one.
    void leave_out_dead_ends(std::unordered_map<std::size_t, int>& left) {
        std::unordered_map<std::size_t, std::vector<std::size_t>> called_by;
        std::unordered_map<std::size_t, std::size_t> ways_on;
        std::vector<std::size_t> dead_ends;
        for (const std::size_t i : members_) {
            if (left[i] <= 0) continue;
            // What is left over calls only what is left over.
            for (const Call& call : calls_[i]) called_by[call.to].push_back(i);
            ways_on[i] = calls_[i].size();
            if (ways_on[i] == 0) dead_ends.push_back(i);
        }
        while (!dead_ends.empty()) {
            const std::size_t i = dead_ends.back();
            dead_ends.pop_back();
            left[i] = 0;
            for (const std::size_t caller : called_by[i])
                if (--ways_on[caller] == 0) dead_ends.push_back(caller);
        }
    }

    /// Follows jumps that are left over until they come back. What was passed on the way is not asked again: a second loop that
    /// hangs on the first is told once that one is gone.
    void report_loop(std::size_t start, std::unordered_map<std::size_t, int>& left, Diagnostics& diagnostics) {
        std::vector<std::size_t> path;
        std::vector<const Call*> via;
        std::size_t at = start;
        std::unordered_map<std::size_t, std::size_t> seen;
        bool back = true;
        while (!seen.contains(at)) {
            seen.emplace(at, path.size());
            path.push_back(at);
            const auto& calls = calls_[at];
            const auto next = std::find_if(calls.begin(), calls.end(), [&](const Call& c) { return left[c.to] > 0; });
            // Into a loop that was told: nothing new.
            back = next != calls.end();
            if (!back) break;
            via.push_back(&*next);
            at = next->to;
        }
        for (const std::size_t passed : path) left[passed] = 0;
        if (!back) return;
        const std::size_t first = seen[at];
        std::string names;
        for (std::size_t k = first; k < path.size(); ++k) names += model_.chains[path[k]].name + " to ";
        auto& diagnostic = diagnostics.add(Code::jump_loop, via[first]->span,
                                           fmt::format("chains lead back to themselves: {}{}", names, model_.chains[at].name));
        for (std::size_t k = first + 1; k < path.size() && k < first + 4; ++k) diagnostic.see(via[k]->span, "and on from here");
    }

    Model& model_;
    std::unordered_map<std::string_view, std::size_t> by_name_;
    std::vector<std::size_t> members_;
    std::unordered_map<std::size_t, std::vector<Call>> calls_;
    std::unordered_map<std::size_t, int> added_;  // chains of natc's own within one, at the deepest
    std::unordered_map<std::size_t, int> depth_;  // chains within chains down to this one, without it
    std::vector<std::pair<Span, int>> too_deep_;  // policies, and how deep their rules go
    static constexpr const char* help_ = "rules that exclude several interfaces, or more than 16 values, have chains of their own: two for each `return` or `goto`";
};

}  // namespace

void check_chains(Model& model, Diagnostics& diagnostics) {
    check_names(model, diagnostics);
    check_filled_twice(model, diagnostics);
    for (const auto table : {ir::TableName::raw, ir::TableName::mangle, ir::TableName::nat, ir::TableName::filter})
        JumpGraph(model, table).check(diagnostics);
}

}  // namespace natc

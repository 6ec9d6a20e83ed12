#include "read/chains.hpp"

#include <fmt/format.h>
#include <unordered_map>
#include <vector>

#include "ir/placement.hpp"

namespace natc::read {

namespace {

class Walk {
public:
    Walk(const ir::Table& table, Diagnostics& diagnostics) : table_(table), diagnostics_(diagnostics), marks_(table.chains.size()) {
        for (std::size_t i = 0; i < table.chains.size(); ++i) by_name_.emplace(table.chains[i].name, i);
    }

    void run() {
        for (std::size_t i = 0; i < table_.chains.size(); ++i)
            if (const auto hook = table_.chains[i].hook) from(i, *hook);
    }

private:
    enum class Mark { unseen, open, done };
    struct Step {
        std::size_t chain;
        std::size_t rule;
    };

    /// Depth first, without the program's own stack: chains may lie thousands deep.
    void from(std::size_t root, ir::Hook hook) {
        std::fill(marks_.begin(), marks_.end(), Mark::unseen);
        std::vector<Step> path{{root, 0}};
        marks_[root] = Mark::open;
        while (!path.empty()) {
            Step& step = path.back();
            const ir::Chain& chain = table_.chains[step.chain];
            if (step.rule == chain.rules.size()) {
                marks_[step.chain] = Mark::done;
                path.pop_back();
                continue;
            }
            const ir::Rule& rule = chain.rules[step.rule++];
            check(rule, chain, hook);
            const std::string* called = ir::called_chain(rule.statement);
            if (called == nullptr) continue;
            const std::size_t next = by_name_.at(*called);
            if (marks_[next] == Mark::open) {
                diagnostics_.add(Code::jump_loop, rule.origins.front(), fmt::format("chains lead back to themselves: {} to {}", chain.name, *called));
            } else if (marks_[next] == Mark::unseen) {
                marks_[next] = Mark::open;
                path.push_back({next, 0});
            }
        }
    }

    void check(const ir::Rule& rule, const ir::Chain& chain, ir::Hook hook) {
        const auto reached = [&] { return chain.hook ? std::string() : fmt::format(", which leads to {}", chain.name); };
        if ((ir::placement(rule.statement).hooks & ir::bit(hook)) == 0)
            diagnostics_.add(Code::verdict_not_here, rule.origins.front(), fmt::format("the kernel does not take this target in {}{}", ir::name(hook), reached()));
        for (const ir::Match& match : rule.matches) {
            const bool mac = std::holds_alternative<ir::SourceMac>(match) && (ir::bit(hook) & ir::sees_in) == 0;
            const bool forged = std::holds_alternative<ir::ForgedSource>(match) &&
                                (hook != ir::Hook::prerouting || (table_.table != ir::TableName::raw && table_.table != ir::TableName::mangle));
            if (mac || forged)
                diagnostics_.add(Code::clause_not_here, rule.origins.front(),
                                 fmt::format("the kernel does not take `-m {}` in {} of table {}{}", mac ? "mac" : "rpfilter", ir::name(hook), ir::name(table_.table), reached()));
        }
    }

    const ir::Table& table_;
    Diagnostics& diagnostics_;
    std::unordered_map<std::string_view, std::size_t> by_name_;
    std::vector<Mark> marks_;
};

}  // namespace

void check_chains(const ir::Table& table, Diagnostics& diagnostics) { Walk(table, diagnostics).run(); }

}  // namespace natc::read

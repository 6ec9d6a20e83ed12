// A comma too many at the end of a line makes the next statement a part of its list.

#include <fmt/format.h>
#include <string>
#include <unordered_set>
#include <utility>

#include "syntax/shape.hpp"
#include "syntax/words.hpp"

namespace natc::syntax {

namespace {

class Splitter {
public:
    Splitter(const Sources& sources, Diagnostics& diagnostics) : sources_(sources), diagnostics_(diagnostics) {}

    void split(Shape& shape) {
        if (!shape.goes_on) return;
        names_of(shape.statements);
        split(shape.statements, words::top);
    }

private:
    [[nodiscard]] std::string_view word(const Statement& statement, std::size_t i) const {
        return i < statement.items.size() && statement.items[i].kind == ItemKind::word ? sources_.text(statement.items[i].span) : std::string_view{};
    }

    /// Whatever bears the word of a statement as its name may stand in a list.
    void names_of(const std::vector<Statement>& statements) {
        for (const Statement& statement : statements) {
            const std::string_view name = word(statement, 1);
            if (words::kinds_of(name) != 0) names_.emplace(name);
            if (statement.block != nullptr) names_of(statement.block->statements);
        }
    }

    /// The item that another statement begins with, of those that stand where `heads` do; 0 for none.
    [[nodiscard]] std::size_t next_head(const Statement& statement, std::span<const std::string_view> heads) const {
        static constexpr std::string_view complete_alone[] = {"accept", "drop", "reject", "log", "return", "masquerade", "route", "isolated"};
        for (std::size_t i = 1; i + 1 < statement.items.size(); ++i) {
            if (statement.items[i].kind != ItemKind::comma) continue;
            const Span gap{statement.items[i].span.begin, statement.items[i + 1].span.begin};
            const std::string_view head = word(statement, i + 1);
            if (!words::has(heads, head) || sources_.text(gap).find('\n') == std::string_view::npos || names_.contains(std::string(head))) continue;
            const bool last = i + 2 == statement.items.size() && statement.block == nullptr;
            if (last ? words::has(complete_alone, head) : i + 2 == statement.items.size() || statement.items[i + 2].kind != ItemKind::comma) return i + 1;
        }
        return 0;
    }

    void split(std::vector<Statement>& statements, std::span<const std::string_view> heads) {
        std::vector<Statement> result;
        result.reserve(statements.size());
        for (Statement& one : statements) {
            Statement statement = std::move(one);
            for (std::size_t at = next_head(statement, heads); at != 0 && !statement.damaged; at = next_head(statement, heads)) {
                const Span comma = statement.items[at - 1].span;
                const Span head = statement.items[at].span;
                diagnostics_.add(Code::misplaced_sign, {comma.begin, comma.begin + 1}, "this comma makes the next statement a part of its list")
                    .see(head, "which begins here")
                    .advise("take the comma out");
                Statement rest;
                rest.items = statement.items.subspan(at);
                rest.block = std::move(statement.block);
                rest.span = {head.begin, statement.span.end};
                rest.kinds = words::kinds_of(sources_.text(head));
                statement.items = statement.items.first(at - 1);
                statement.span.end = statement.items.back().span.end;
                result.push_back(std::move(statement));
                statement = std::move(rest);
            }
            if (statement.block != nullptr) split(statement.block->statements, heads_within(statement));
            result.push_back(std::move(statement));
        }
        statements = std::move(result);
    }

    [[nodiscard]] std::span<const std::string_view> heads_within(const Statement& statement) const {
        const std::string_view head = word(statement, 0);
        if (head == "network") return words::network;
        if ((statement.kinds & words::with_block) != 0) return words::verdict;
        return {};
    }

    const Sources& sources_;
    Diagnostics& diagnostics_;
    std::unordered_set<std::string> names_;
};

}  // namespace

void split_at_stray_commas(Shape& shape, const Sources& sources, Diagnostics& diagnostics) { Splitter(sources, diagnostics).split(shape); }

}  // namespace natc::syntax

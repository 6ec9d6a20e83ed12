// Rules and policies: from words to values. Inner header of src/model.
#pragma once

#include <optional>
#include <vector>

#include "model/scope.hpp"

namespace natc {

/// Reads rules. The networks must be complete, and all names declared.
class RuleResolver {
public:
    RuleResolver(Scope& scope, const std::vector<Network>& networks) : scope_(scope), networks_(networks) {}

    [[nodiscard]] Policy policy(const syntax::Policy& policy, ir::TableName table);
    /// What protocols, ports and types mean; nothing if a part of it was wrong.
    [[nodiscard]] std::optional<std::vector<Traffic>> traffic(const syntax::Traffic& written);

private:
    /// A rule may lead to a guest that has an address in each family: then it is two.
    void rule(const syntax::Rule& written, ir::TableName table, std::vector<Rule>& into);
    bool verdict(const syntax::Rule& written, ir::TableName table, Rule& rule, std::vector<ir::Statement>& verdicts);
    bool translation(const syntax::Rule& written, Rule& rule, std::vector<ir::Statement>& verdicts);
    /// `5`, `0x10/0xff`.
    [[nodiscard]] std::optional<ir::MarkIs> mark_of(const syntax::Word& word);
    bool states(const syntax::Rule& written, Rule& rule);
    bool limits(const syntax::Rule& written, Rule& rule);
    bool texts(const syntax::Rule& written, Rule& rule);
    bool sides(const syntax::Rule& written, Rule& rule);
    bool consistent(const Rule& rule);
    bool protocol_traffic(const syntax::Traffic& written, std::string_view name, Span span, std::vector<Traffic>& into);
    bool icmp_traffic(const syntax::Traffic& written, bool only_ipv6, std::vector<Traffic>& into);

    Scope& scope_;
    const std::vector<Network>& networks_;
};

}  // namespace natc

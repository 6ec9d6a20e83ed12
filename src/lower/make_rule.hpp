// A short way to write netfilter's rules down. Inner header of src/lower.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ir/program.hpp"

namespace natc {

/// Builds one rule, match by match, in the order in which iptables prints them.
class MakeRule {
public:
    MakeRule(FamilySet families, Span origin) {
        rule_.families = families;
        if (origin.known()) rule_.origins.push_back(origin);
    }
    MakeRule& from(const AddressRange& range, bool negated = false) {
        rule_.families &= range.family();
        return match(ir::SourceAddress{range, negated});
    }
    MakeRule& to(const AddressRange& range, bool negated = false) {
        rule_.families &= range.family();
        return match(ir::DestinationAddress{range, negated});
    }
    MakeRule& in(const InterfaceName& name, bool negated = false) { return match(ir::InInterface{name, negated}); }
    MakeRule& out(const InterfaceName& name, bool negated = false) { return match(ir::OutInterface{name, negated}); }
    MakeRule& out(const std::optional<InterfaceName>& name) { return name ? out(*name) : *this; }
    MakeRule& protocol(Protocol protocol) { return match(ir::ProtocolIs{protocol, false}); }
    MakeRule& ports(std::vector<PortRange> ports) { return match(ir::DestinationPorts{std::move(ports), false}); }
    MakeRule& source_port(std::uint16_t port) { return match(ir::SourcePorts{{{port, port}}, false}); }
    MakeRule& port(std::uint16_t port) { return ports({{port, port}}); }
    MakeRule& state(ir::ConntrackStates states) {
        ir::Conntrack conntrack;
        conntrack.states = states;
        return match(conntrack);
    }
    MakeRule& match(ir::Match match) {
        rule_.matches.push_back(std::move(match));
        return *this;
    }
    MakeRule& remark(ir::Remark remark) {
        rule_.remark = std::move(remark);
        return *this;
    }
    [[nodiscard]] ir::Rule then(ir::Statement statement) {
        rule_.statement = std::move(statement);
        return std::move(rule_);
    }

private:
    ir::Rule rule_;
};

/// Puts a statement's comment above the first rule of each family that stands in `chain` from `begin` on: its first one, if
/// what the statement causes was added there. Gives the families that have one, of those that are asked for.
inline FamilySet put_remark(const std::string& text, ir::Chain& chain, std::size_t begin, FamilySet wanted = FamilySet::both()) {
    FamilySet done;
    for (std::size_t i = begin; i < chain.rules.size() && (wanted & done) != wanted; ++i)
        for (const Family family : all_families) {
            ir::Rule& rule = chain.rules[i];
            if (!wanted.contains(family) || done.contains(family) || !rule.families.contains(family)) continue;
            done |= family;
            std::string& there = rule.remark.of(family);
            if (!text.empty()) there = there.empty() ? text : text + "\n" + there;
        }
    return done;
}

/// The families that are not in `set`.
inline FamilySet complement(FamilySet set) {
    FamilySet result;
    for (const Family family : all_families)
        if (!set.contains(family)) result |= family;
    return result;
}

}  // namespace natc

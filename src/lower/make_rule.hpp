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
    MakeRule& remark(std::string text) {
        rule_.remark = std::move(text);
        return *this;
    }
    [[nodiscard]] ir::Rule then(ir::Statement statement) {
        rule_.statement = std::move(statement);
        return std::move(rule_);
    }

private:
    ir::Rule rule_;
};

}  // namespace natc

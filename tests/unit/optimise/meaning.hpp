// What a small part of the rule program does to a packet, so that a test can say that a pass leaves
// it as it was.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "ir/program.hpp"

namespace natc::testing {

struct Packet {
    Address source;
    Address destination;
    std::string in;
    std::string out;
    Protocol protocol = tcp;
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    bool fragment = false;  ///< ports cannot be seen
    std::uint32_t mark = 0;
};

/// Follows a packet as the kernel does: a chain that was gone to has no place to return to of its
/// own.
class Walk {
public:
    Walk(const ir::Table& table, Packet packet) : table_(table), packet_(std::move(packet)) {}

    /// The verdict, and ahead of it what happened on the way: logs, marks, and each question to a
    /// limit.
    std::string through(ir::Hook hook) {
        const ir::Chain* chain = table_.find(name(hook));
        std::vector<std::pair<const ir::Chain*, std::size_t>> callers;
        std::size_t at = 0;
        for (int steps = 0; steps < 10'000; ++steps) {
            if (at == chain->rules.size() || !chain->families.contains(packet_.source.family())) {
                EXPECT_TRUE(chain->families.contains(packet_.source.family())) << chain->name;
            } else {
                const ir::Rule& rule = chain->rules[at++];
                if (!matches(rule)) continue;
                if (std::holds_alternative<ir::Accept>(rule.statement)) return trace_ + "accept";
                if (std::holds_alternative<ir::Drop>(rule.statement)) return trace_ + "drop";
                if (const auto* to = std::get_if<ir::DestinationNat>(&rule.statement))
                    return trace_ + "to " + (to->to ? to_string(*to->to) : "") + (to->ports ? ":" + to_string(*to->ports) : "") + (to->base ? "/" + std::to_string(*to->base) : "");
                if (const auto* log = std::get_if<ir::Log>(&rule.statement)) {
                    trace_ += "log " + log->prefix + ", ";
                    continue;
                }
                if (const auto* mark = std::get_if<ir::SetMark>(&rule.statement)) {
                    packet_.mark = mark->value;
                    continue;
                }
                if (const std::string* called = ir::called_chain(rule.statement)) {
                    if (std::holds_alternative<ir::Jump>(rule.statement))
                        callers.emplace_back(chain, at);
                    chain = table_.find(*called);
                    at = 0;
                    continue;
                }
                EXPECT_TRUE(std::holds_alternative<ir::Return>(rule.statement));
            }
            if (callers.empty()) return trace_ + "policy";
            std::tie(chain, at) = callers.back();
            callers.pop_back();
        }
        return "loop";
    }

private:
    bool matches(const ir::Rule& rule) {
        return rule.families.contains(packet_.source.family()) &&
               std::all_of(rule.matches.begin(), rule.matches.end(), [&](const ir::Match& match) {
                   return std::visit([&](const auto& m) { return holds(m); }, match);
               });
    }

    bool in(std::uint16_t port, const std::vector<PortRange>& ranges, bool negated) const {
        if (packet_.fragment) return false;
        return negated != std::any_of(ranges.begin(), ranges.end(), [&](PortRange range) {
                   return range.overlaps({port, port});
               });
    }

    bool holds(const ir::SourceAddress& m) { return m.range.contains(packet_.source) != m.negated; }
    bool holds(const ir::DestinationAddress& m) {
        return m.range.contains(packet_.destination) != m.negated;
    }
    bool holds(const ir::InInterface& m) { return (m.name.text() == packet_.in) != m.negated; }
    bool holds(const ir::OutInterface& m) { return (m.name.text() == packet_.out) != m.negated; }
    bool holds(const ir::ProtocolIs& m) { return (m.protocol == packet_.protocol) != m.negated; }
    bool holds(const ir::SourcePorts& m) { return in(packet_.source_port, m.ranges, m.negated); }
    bool holds(const ir::DestinationPorts& m) {
        return in(packet_.destination_port, m.ranges, m.negated);
    }
    bool holds(const ir::DestinationIsLocal& m) { return !m.negated; }
    bool holds(const ir::MarkIs& m) { return (m.value == packet_.mark) != m.negated; }
    /// Lets half of the packets pass.
    bool holds(const ir::RateLimit& m) {
        trace_ += "limit " + std::to_string(m.count) + ", ";
        return (packet_.destination_port & m.count) == 0;
    }
    bool holds(const auto&) {
        ADD_FAILURE() << "a match that the test does not know";
        return false;
    }

    const ir::Table& table_;
    Packet packet_;
    std::string trace_;
};

}  // namespace natc::testing

// Programs by chance: after the passes, every packet fares as before.
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "emit/iptables.hpp"
#include "meaning.hpp"
#include "optimise/passes.hpp"

namespace natc {
namespace {

using namespace ir;  // NOLINT(*-build-using-namespace)

class Chance {
public:
    explicit Chance(unsigned seed) : engine_(seed) {}

    /// From 0 up to, but without, `end`. (Not std::uniform_int_distribution: it differs between
    /// libraries.)
    unsigned below(unsigned end) { return static_cast<unsigned>(engine_() % end); }
    bool one_in(unsigned n) { return below(n) == 0; }

    InterfaceName interface() { return *parse_interface(std::string(1, "abc"[below(3)])); }
    Address address(Family family) { return {family, uint128{below(40)}}; }

    std::vector<PortRange> ports() {
        std::vector<PortRange> list;
        const unsigned size = one_in(3) ? 30 + below(300) : 1 + below(3);
        for (unsigned i = 0; i < size; ++i) {
            const unsigned first = one_in(20) ? below(65536) : below(600);
            const unsigned last = one_in(4) ? first + below(65536 - first) % 9 : first;
            list.push_back({static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last)});
        }
        return list;
    }

    FamilySet families() {
        return one_in(3) ? FamilySet(one_in(2) ? Family::ipv4 : Family::ipv6) : FamilySet::both();
    }

    Rule rule() {
        Rule rule;
        rule.families = families();
        for (unsigned i = one_in(2) ? 0 : below(4); i > 0; --i)
            rule.matches.push_back(InInterface{interface(), true});
        for (unsigned i = one_in(2) ? 0 : below(3); i > 0; --i)
            rule.matches.push_back(OutInterface{interface(), true});
        if (one_in(4)) {
            rule.matches.push_back(ProtocolIs{one_in(2) ? tcp : udp});
            if (one_in(2)) rule.matches.push_back(DestinationPorts{ports(), one_in(2)});
            if (one_in(2)) rule.matches.push_back(SourcePorts{ports(), one_in(2)});
        }
        if (rule.families != FamilySet::both() && one_in(2)) {
            const Family family =
                rule.families.contains(Family::ipv4) ? Family::ipv4 : Family::ipv6;
            for (unsigned i = one_in(2) ? below(3) : below(25); i > 0; --i)
                rule.matches.push_back(SourceAddress{address(family), true});
            if (one_in(4)) rule.matches.push_back(DestinationAddress{address(family), true});
        }
        if (one_in(4)) rule.matches.push_back(MarkIs{below(3), 0xFFFF'FFFF, one_in(3)});
        for (std::size_t i = rule.matches.size(); i > 1; --i)
            std::swap(rule.matches[i - 1], rule.matches[below(static_cast<unsigned>(i))]);
        // Last, as in every rule that natc makes: it counts what matches otherwise.
        if (one_in(4)) rule.matches.push_back(RateLimit{1U << below(3), Period::second});
        return rule;
    }

    /// What a rule of a chain does that may call those behind it.
    Statement statement(unsigned chain, unsigned chains) {
        switch (below(chain + 1 < chains ? 7 : 5)) {
        case 0: return Accept{};
        case 1: return Drop{};
        case 2: return Log{std::to_string(below(100))};
        case 3: return Return{};
        case 4: return SetMark{below(3)};
        case 5: return Jump{called(chain, chains)};
        default: return Goto{called(chain, chains)};
        }
    }

    Program program() {
        const unsigned chains = 4;
        Table table = empty_table(TableName::filter);
        for (unsigned i = 0; i < chains; ++i) {
            Chain chain;
            chain.name = "u" + std::to_string(i);
            for (unsigned rules = below(6); rules > 0; --rules) {
                chain << rule();
                chain.rules.back().statement = statement(i, chains);
                // Often the same exclusions again, with another statement.
                if (!one_in(3)) continue;
                chain << Rule(chain.rules.back());
                chain.rules.back().statement = statement(i, chains);
                chain.rules.back().matches.insert(chain.rules.back().matches.begin(),
                                                  MarkIs{below(3), 0xFFFF'FFFF, true});
            }
            if (i == 0)
                table.at(Hook::forward).rules = std::move(chain.rules);
            else
                table.chains.push_back(std::move(chain));
        }
        return {{std::move(table)}};
    }

    natc::testing::Packet packet(Family family) {
        natc::testing::Packet packet;
        packet.source = address(family);
        packet.destination = address(family);
        packet.in = "abcd"[below(4)];
        packet.out = "abcd"[below(4)];
        packet.protocol = one_in(2) ? tcp : udp;
        packet.source_port = static_cast<std::uint16_t>(below(700));
        packet.destination_port = static_cast<std::uint16_t>(below(700));
        packet.fragment = one_in(8);
        packet.mark = below(3);
        return packet;
    }

private:
    std::string called(unsigned chain, unsigned chains) {
        return "u" + std::to_string(chain + 1 + below(chains - chain - 1));
    }

    std::mt19937 engine_;
};

TEST(ForIptables, EveryPacketFaresAsBefore) {
    for (unsigned seed = 0; seed < 400; ++seed) {
        Chance chance(seed);
        const Program before = chance.program();
        const Program after = for_iptables(before);
        for (const Family family : all_families) {
            const std::string text =
                emit_iptables(after, family);  // asserts that all of it can be written
            for (int i = 0; i < 60; ++i) {
                const natc::testing::Packet packet = chance.packet(family);
                const auto walk = [&](const Program& program) {
                    return natc::testing::Walk(program.tables[0], packet).through(Hook::forward);
                };
                ASSERT_EQ(walk(before), walk(after)) << "seed " << seed << "\n" << text;
            }
        }
    }
}

}  // namespace
}  // namespace natc

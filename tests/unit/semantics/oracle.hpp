// What netfilter does with one packet, rule by rule: written down without any of src/packet or src/semantics, to
// hold those to.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ir/program.hpp"

namespace natc::semantics::testing {

enum class State : std::uint8_t { invalid, untracked, fresh, related, established };

/// A packet as it is at one moment, with all that rules may ask of it.
struct Packet {
    std::string in, out;  ///< empty: none
    Address source, destination;
    std::uint8_t protocol = 6;
    std::uint16_t source_port = 0, destination_port = 0;
    std::uint8_t type = 0, code = 0;  ///< of ICMP
    std::uint8_t flags = 0;           ///< of TCP
    State state = State::fresh;
    bool dnat = false, snat = false;
    Address original_source, reply_source;  ///< of its connection, where that is not new
    std::optional<Mac> mac;
    bool source_local = false, destination_local = false, forged = false;
    bool broadcast = false, new_destination_local = false;
    std::uint32_t mark = 0;
    std::map<std::string, bool> unknown;  ///< the answers of matches that nobody looks into
};

/// What netfilter does is not always one thing: an address out of several, a target that may go on. Each run makes its choices, until all were made.
class Chooser {
public:
    std::size_t choose(std::size_t count) {
        if (at_ == taken_.size()) {
            taken_.push_back(0);
            counts_.push_back(count);
        }
        return taken_[at_++];
    }
    /// Whether there is another run.
    bool next() {
        at_ = 0;
        while (!taken_.empty() && taken_.back() + 1 == counts_.back()) {
            taken_.pop_back();
            counts_.pop_back();
        }
        if (taken_.empty()) return false;
        ++taken_.back();
        return true;
    }

private:
    std::vector<std::size_t> taken_, counts_;
    std::size_t at_ = 0;
};

/// How a packet's way ended.
struct End {
    std::string course;   ///< `in`, `through`, `out`; empty: it did not come so far
    std::string verdict;  ///< `accept`, `drop`, `reject with …`, `elsewhere …`
    // Of an accepted one, as it is then:
    std::string destination;
    std::uint16_t destination_port = 0;
    std::string source, source_ports;
    std::uint32_t mark = 0;
    std::string routed;  ///< the mark that routing saw, as a code, where rules had given it one
    bool clamped = false, filled = false, untracked = false;
    std::vector<std::string> deeds;  ///< what targets and matches did that nobody looks into; of one that is not accepted, what lasts
    auto operator<=>(const End&) const = default;
};

class Oracle {
public:
    struct Surroundings {
        std::vector<Address> addresses;      ///< those that the host may have
        std::vector<std::string> interfaces; ///< those that routing may choose
        std::vector<std::uint32_t> marks;    ///< those that may be restored
        std::function<std::uint32_t(std::uint32_t)> code_of_mark;
        /// How a packet came to a chain: from the kernel, or by a rule of another.
        std::function<std::uint32_t(const ir::Chain&)> root;
        std::function<std::uint32_t(std::uint32_t path, const ir::Rule& call)> called;
        /// Of a match that nobody looks into, its name in Packet::unknown, and the answer there with which it holds.
        std::function<std::optional<std::pair<std::string, bool>>(std::uint32_t path, const ir::Rule&, std::size_t match)> unknown;
    };
    /// Rules, or a chain's policy, that a packet matched.
    using Hits = std::set<std::pair<const ir::Chain*, const ir::Rule*>>;

    Oracle(const ir::Program& program, Family family, Surroundings surroundings);

    /// Every way in which a packet may end that arrives, or that the host sends.
    [[nodiscard]] std::set<End> ends(const Packet& packet, bool from_host) const;
    /// Puts a packet to one hook of one table. What it may meet there goes to `hits`.
    void ask(ir::TableName table, ir::Hook hook, const Packet& packet, Hits& hits) const;
    /// Whether a packet is one that the rule matches, there.
    [[nodiscard]] bool matches(const ir::Rule& rule, const Packet& packet, std::uint32_t path) const;

private:
    const ir::Program& program_;
    Family family_;
    Surroundings around_;
};

}  // namespace natc::semantics::testing

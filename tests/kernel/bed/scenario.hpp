#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lab.hpp"

namespace bed {

/// What becomes of a packet: `reaches web:22 as 203.0.113.9:1024-65535`, `refused reset`, `nothing`. As an expectation, what is not
/// said may be anything.
struct Fate {
    enum class Kind { reaches, refused, nothing, strange } kind = Kind::nothing;
    std::string host;  ///< reaches
    std::uint16_t port = 0;
    std::string as;
    std::uint16_t as_from = 0, as_to = 0;
    std::string how;  ///< refused; or what is strange
    /// What a SYN said when it came to the host that it reached, and what the answer said when it came back; 0 for anything.
    int mss = 0, answer_mss = 0;
    /// Of a datagram, as it came: `right` or `wrong`.
    std::string checksum;
};

Fate refused(const std::string& how);
Fate strange(const std::string& how);
std::string to_string(const Fate& fate);
bool agrees(const Fate& expected, const Fate& seen);

struct Step {
    enum class Kind { probe, open, talk, load, run } kind = Kind::probe;
    int line = 0;
    std::string text;

    std::string host;
    std::string what;  ///< tcp, udp, ping …; or the command
    EndPoint to;       ///< its address may be a host's name
    bool ipv6 = false;
    EndPoint from;             ///< forged
    std::uint16_t port = 0;    ///< the source port
    std::size_t size = 0;      ///< of what it sends, padded
    std::vector<std::string> backends;  ///< all, where none is named
    std::string connection;    ///< the one opened, talked by or spoken about
    Fate fate;
    std::string unexplained;  ///< why `natc explain` cannot be asked; empty where it can
};

struct Scenario {
    std::filesystem::path folder;
    std::string name;
    std::vector<std::filesystem::path> nets;
    std::vector<std::string> backends;  ///< all, where none is named
    Topology topology;
    std::vector<Step> steps;
    std::vector<std::pair<std::string, std::vector<std::string>>> never;  ///< host, prefixes

    [[nodiscard]] std::vector<std::uint16_t> ports() const;
};

Scenario read_scenario(const std::filesystem::path& folder);

}  // namespace bed

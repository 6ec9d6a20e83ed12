#include "explain.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "scenario.hpp"

namespace bed {

namespace {

using nlohmann::json;

/// Where the router of a topology sends packets, and what its own addresses are.
class Routes {
public:
    explicit Routes(const Topology& topology) : topology_(topology) {}

    [[nodiscard]] bool owns(const std::string& address) const {
        if (is_in(address, "127.0.0.0/8") || address == "::1") return true;
        return std::any_of(topology_.links.begin(), topology_.links.end(), [&](const auto& link) {
            return link.gate.empty() && std::any_of(link.prefixes.begin(), link.prefixes.end(), [&](const auto& prefix) { return bare(prefix) == address; });
        });
    }
    /// Who has an address; empty if nobody.
    [[nodiscard]] std::string holder(const std::string& address) const {
        if (owns(address)) return "router";
        for (const auto& host : topology_.hosts)
            for (const std::string& prefix : host.prefixes)
                if (bare(prefix) == address) return host.name;
        return {};
    }
    [[nodiscard]] std::size_t number(const std::string& name) const {
        for (std::size_t host = 0; host < topology_.hosts.size(); host++)
            if (topology_.hosts[host].name == name) return host;
        throw Trouble{"no host is called '" + name + "'"};
    }
    [[nodiscard]] bool has(const std::string& name) const {
        return std::any_of(topology_.hosts.begin(), topology_.hosts.end(), [&](const auto& host) { return host.name == name; });
    }
    /// The first of a host's addresses in a family.
    [[nodiscard]] std::string address(const std::string& name, bool ipv6) const {
        for (const std::string& prefix : topology_.hosts[number(name)].prefixes)
            if (is_ipv6(prefix) == ipv6) return bare(prefix);
        throw Trouble{name + " has no " + (ipv6 ? "IPv6" : "IPv4") + " address of its own"};
    }
    /// The router's interface that a host's packets come by.
    [[nodiscard]] const Topology::Link& way_from(const std::string& name) const { return root(link(topology_.hosts[number(name)].link)); }
    /// A host's MAC address, where the router sees it.
    [[nodiscard]] std::string mac(const std::string& name) const {
        const std::size_t host = number(name);
        if (!link(topology_.hosts[host].link).gate.empty()) return {};
        if (!topology_.hosts[host].mac.empty()) return topology_.hosts[host].mac;
        std::array<char, 18> text{};
        std::snprintf(text.data(), text.size(), "02:00:00:00:00:%02x", static_cast<unsigned>(host + 1) & 0xFFU);
        return text.data();
    }
    /// The router's interface to an address that is not its own.
    [[nodiscard]] const Topology::Link& way_to(const std::string& address) const {
        for (const auto& link : topology_.links)
            for (const std::string& prefix : link.prefixes)
                if (is_in(address, prefix)) return root(link);
        return topology_.links.front();
    }
    /// As whom the router sends there itself, or masquerades.
    [[nodiscard]] std::string source_to(const std::string& address) const {
        if (owns(address)) return address;
        const Topology::Link& out = way_to(address);
        std::string first;
        for (const std::string& prefix : out.prefixes) {
            if (is_ipv6(prefix) != is_ipv6(address)) continue;
            if (is_in(address, prefix)) return bare(prefix);
            if (first.empty()) first = bare(prefix);
        }
        return first;
    }

private:
    [[nodiscard]] const Topology::Link& link(const std::string& name) const {
        for (const auto& each : topology_.links)
            if (each.name == name) return each;
        throw Trouble{"no link is called '" + name + "'"};
    }
    [[nodiscard]] const Topology::Link& root(const Topology::Link& of) const { return of.gate.empty() ? of : root(link(topology_.hosts[number(of.gate)].link)); }

    const Topology& topology_;
};

/// What natc says becomes of a packet.
struct Answer {
    std::vector<Fate> fates;
    bool has_unknown = false;  ///< a match that natc does not look into has a say
    bool is_guessed = false;   ///< the file does not tell whether the source is forged
    std::string packet;
    std::string text;  ///< in place of fates, where natc gives none
};

/// Why a step is not put to natc; empty if it is.
std::string reason_to_skip(const Scenario& scenario, const Step& step) {
    if (step.kind == Step::Kind::talk) return "a packet further on in a connection";
    if (!step.unexplained.empty()) return step.unexplained;
    if (!step.connection.empty() && step.kind != Step::Kind::open) return "about a connection";
    if (step.fate.how == "too-big") return "refused by the line, not by rules";
    // Conntrack takes it for the middle of a connection, and lets it begin one: new, and no SYN.
    if (step.what == "ack") return "a packet has no words for TCP flags";
    if (step.what == "sctp-answer")
        for (const Step& other : scenario.steps)
            if (other.what == "sctp" && other.fate.kind == Fate::Kind::reaches && EndPoint{other.fate.as, other.fate.as_from} == step.to) return "an answer to the probe ahead of it";
    return {};
}

class Asker {
public:
    Asker(std::string natc, const Scenario& scenario) : natc_(std::move(natc)), routes_(scenario.topology) {}

    /// NUMBER is the step's, as the bed counts them.
    Answer ask(const std::filesystem::path& net, const Step& step, int number) {
        step_ = &step;
        to_ = step.to;
        if (routes_.has(to_.address)) to_.address = routes_.address(to_.address, step.ipv6);
        const bool ipv6 = is_ipv6(to_.address);
        is_own_ = step.host == "router";
        from_ = step.from;
        if (from_.address.empty()) from_.address = is_own_ ? routes_.source_to(to_.address) : step.what.starts_with("mld-") ? "fe80::9" : routes_.address(step.host, ipv6);
        if (step.port) from_.port = step.port;
        // The bed chooses a port for packets that no socket sends.
        const bool is_made = !step.from.address.empty() || (step.what != "tcp" && step.what != "udp");
        if (!from_.port && is_made) from_.port = static_cast<std::uint16_t>(20000 + number);
        std::string words = traffic(ipv6);
        const bool has_ports = step.what != "ping" && step.what != "echo-reply" && step.what != "protocol" && !step.what.starts_with("mld-");
        if (!has_ports) from_.port = to_.port = 0;
        words += " from " + end(from_) + " to " + end(to_);
        if (is_own_ && routes_.owns(to_.address)) {
            // By the loopback, out and in again, if it is not translated into something that leaves.
            Answer out = answer(net, words + " to-local out lo", "lo");
            if (out.fates.size() == 1 && out.fates.front().kind == Fate::Kind::reaches && out.fates.front().host == "router") return answer(net, words + " to-local in lo", {});
            return rerouted(net, words + " to-local", std::move(out));
        }
        const std::string out = routes_.way_to(to_.address).name;
        if (is_own_) return rerouted(net, words, answer(net, words + " out " + out, out));
        words += " in " + routes_.way_from(step.host).name;
        if (const std::string mac = routes_.mac(step.host); !mac.empty()) words += " mac " + mac;
        if (routes_.owns(to_.address)) return rerouted(net, words + " to-local", answer(net, words + " to-local", {}));
        if (to_.address == "255.255.255.255" || is_in(to_.address, "ff00::/8")) return answer(net, words, {});
        return rerouted(net, words, answer(net, words + " out " + out, out));
    }

    /// Whether the packet last asked about has a source that lies elsewhere.
    [[nodiscard]] bool is_forged() const { return !is_own_ && routes_.way_to(from_.address).name != routes_.way_from(step_->host).name; }

private:
    /// Once more, with the interface that it leaves by after its translation.
    Answer rerouted(const std::filesystem::path& net, const std::string& words, Answer first) {
        if (first.fates.size() != 1 || first.fates.front().kind != Fate::Kind::strange || !reroute_) return first;
        return answer(net, words + " out " + *reroute_, *reroute_);
    }

    [[nodiscard]] std::string traffic(bool ipv6) const {
        const std::string& what = step_->what;
        const std::string icmp = ipv6 ? "icmpv6 " : "icmp ";
        if (what == "tcp" || what == "udp" || what == "sctp") return what;
        if (what == "ping") return icmp + "echo-request";
        if (what == "mld-query") return "icmpv6 130";
        if (what == "mld-report") return "icmpv6 143";
        if (what == "protocol") return "proto 50";
        // What belongs to no connection and begins none.
        if (what == "echo-reply") return icmp + "echo-reply invalid";
        if (what == "rst" || what == "syn-ack") return "tcp invalid";
        if (what == "bad-udp") return "udp invalid";
        if (what == "sctp-answer") return "sctp invalid";
        throw Trouble{"'" + what + "' has no words for natc explain"};
    }
    [[nodiscard]] static std::string end(const EndPoint& point) {
        if (!point.port) return point.address;
        return to_string(point);
    }

    Answer answer(const std::filesystem::path& net, const std::string& words, const std::string& out) {
        Answer result;
        reroute_.reset();
        result.packet = words;
        const std::string command = "'" + natc_ + "' explain --format json '" + net.string() + "' " + words + " 2>&1";
        FILE* pipe = popen(command.c_str(), "r");
        if (!pipe) throw Trouble{"cannot run " + natc_};
        std::string text;
        std::array<char, 4096> buffer{};
        for (std::size_t size = 0; (size = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) text.append(buffer.data(), size);
        const int status = pclose(pipe);
        const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
        constexpr int undecided = 3;
        if (code != 0 && code != undecided) {
            result.text = text;
            return result;
        }
        const json told = json::parse(text, nullptr, false);
        if (told.is_discarded()) {
            result.text = text;
            return result;
        }
        for (const json& outcome : told["outcomes"]) {
            result.fates.push_back(fate(outcome, out));
            for (const json& step : outcome["steps"]) result.has_unknown = result.has_unknown || step["may"].get<bool>();
        }
        for (const json& note : told["notes"]) result.is_guessed = result.is_guessed || note.get<std::string>().find("is taken to lie behind") != std::string::npos;
        if (result.fates.empty()) result.text = text;
        return result;
    }

    Fate fate(const json& outcome, const std::string& asked_out) {
        Fate fate;
        const std::string kind = outcome["fate"];
        if (kind == "drop") return fate;
        if (kind == "reject") {
            fate.kind = Fate::Kind::refused;
            fate.how = outcome["with"];
            for (const std::string start : {"tcp-", "icmp-", "icmp6-", "icmpv6-"})
                if (fate.how.starts_with(start)) fate.how.erase(0, start.size());
            // A packet with a wrong checksum is answered by none, and a reset by no other.
            if (step_->what == "bad-udp" || (step_->what == "rst" && fate.how == "reset")) return {};
            return fate;
        }
        if (kind != "accept") return strange(kind);
        const std::string to = outcome.value("to", to_.address);
        const std::string out = outcome.value("out", "");
        const bool is_redirected = to == "the host itself";
        fate.kind = Fate::Kind::reaches;
        // natc may not know by what.
        const bool is_moved = to != to_.address && !is_redirected && !routes_.owns(to);
        if (out.empty() && is_moved) {
            reroute_ = routes_.way_to(to).name;
            return strange("leaves for " + to);
        }
        if (is_redirected || out.empty() || (out == "lo" && routes_.owns(to))) {
            fate.host = "router";
        } else {
            const std::string way = routes_.owns(to) ? "lo" : routes_.way_to(to).name;
            if (way != out) {
                if (out == asked_out) reroute_ = way;
                return strange("leaves for " + to + " by " + out);
            }
            fate.host = routes_.holder(to);
            if (fate.host.empty()) return strange("leaves for " + to + ", which nobody has");
        }
        if (const std::string port = outcome.value("port", ""); !port.empty()) {
            if (port.find_first_not_of("0123456789") != std::string::npos) return strange("goes to one of the ports " + port);
            fate.port = static_cast<std::uint16_t>(std::stoul(port));
        }
        fate.as = outcome.value("from", from_.address);
        if (fate.as == "masquerade") fate.as = routes_.source_to(to);
        fate.as_from = fate.as_to = from_.port;
        if (const std::string ports = outcome.value("from_ports", ""); !ports.empty()) {
            fate.as_from = static_cast<std::uint16_t>(std::stoul(ports));
            const auto dash = ports.find('-');
            fate.as_to = dash == std::string::npos ? fate.as_from : static_cast<std::uint16_t>(std::stoul(ports.substr(dash + 1)));
        } else if (!from_.port && step_->fate.as_from) {
            fate.as_from = 32768, fate.as_to = 60999;  // what a socket gets that does not ask
        }
        // The host itself refuses what begins no connection to it; natc tells what the rules do.
        if (fate.host == "router" && step_->what == "syn-ack") return refused("reset");
        return fate;
    }

    std::string natc_;
    Routes routes_;
    const Step* step_ = nullptr;
    EndPoint from_, to_;
    bool is_own_ = false;
    std::optional<std::string> reroute_;
};

/// As `agrees`, but of an answer, which tells no checksum and no MSS, and all source ports that it may get.
bool answers(const Fate& expected, const Fate& told) {
    Fate plain = expected;
    plain.mss = plain.answer_mss = 0;
    plain.checksum.clear();
    return agrees(plain, told) && (!expected.as_from || told.as_to <= expected.as_to);
}

}  // namespace

int explain(const std::string& natc, const std::filesystem::path& folder) {
    const Scenario scenario = read_scenario(folder);
    int failed = 0, asked = 0, undecided = 0;
    std::map<std::string, int> skipped;
    for (const auto& net : scenario.nets) {
        Asker asker(natc, scenario);
        int number = 0;
        for (const Step& step : scenario.steps) {
            number++;
            if (step.kind == Step::Kind::load || step.kind == Step::Kind::run) continue;
            if (const std::string why = reason_to_skip(scenario, step); !why.empty()) {
                skipped[why]++;
                continue;
            }
            const Answer answer = asker.ask(net, step, number);
            if (answer.is_guessed && asker.is_forged()) {
                skipped["from an address that the file does not tell to be elsewhere"]++;
                continue;
            }
            asked++;
            const bool is_told = std::any_of(answer.fates.begin(), answer.fates.end(), [&](const Fate& fate) { return answers(step.fate, fate); });
            const bool is_open = answer.fates.size() > 1;
            // Only what natc does not look into may leave it open.
            if (is_told && (!is_open || answer.has_unknown)) {
                undecided += is_open;
                continue;
            }
            failed++;
            std::cout << scenario.name << ", " << net.filename().string() << ", probes:" << step.line << ": " << step.text << "\n    packet:   " << answer.packet
                      << "\n    expected: " << to_string(step.fate) << "\n";
            for (const Fate& fate : answer.fates) std::cout << "    " << (is_open ? "or told:  " : "told:     ") << to_string(fate) << "\n";
            if (!answer.text.empty()) std::cout << answer.text;
        }
    }
    std::cout << scenario.name << ": " << asked << " asked, " << failed << " of them answered otherwise, " << undecided << " left open by a match that natc does not look into\n";
    for (const auto& [why, count] : skipped) std::cout << "    " << count << " skipped: " << why << "\n";
    if (asked > 0) return failed ? 1 : 0;
    // A scenario of rules that are not natc's alone says so.
    const bool says_why = std::any_of(scenario.steps.begin(), scenario.steps.end(), [](const Step& step) { return !step.unexplained.empty(); });
    const bool is_whole = std::all_of(scenario.steps.begin(), scenario.steps.end(), [](const Step& step) { return step.kind == Step::Kind::load || step.kind == Step::Kind::run || !step.unexplained.empty(); });
    if (says_why && is_whole) return 77;
    std::cout << "no probe was asked\n";
    return 1;
}

}  // namespace bed

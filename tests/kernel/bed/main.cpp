// natc_bed NATC SCENARIO BACKEND: loads what NATC compiles from the scenario's .net files into a router among hosts, all of them
// network namespaces, and compares what becomes of real packets with the scenario's table of probes. BACKEND is iptables-legacy,
// iptables-nft or nft. Exit status: 0 all as expected, 1 not, 2 trouble, 77 skipped. With NATC_BED_BRIEF set it ends
// at the first probe that fails. natc_bed --explain NATC SCENARIO asks `natc explain` instead: see explain.hpp.

#include <netinet/in.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>

#include "explain.hpp"
#include "lab.hpp"
#include "scenario.hpp"

namespace bed {

namespace {

constexpr std::uint32_t sctp_tag = 0x43;

struct Skip {
    std::string why;
};

bool is_brief() { return std::getenv("NATC_BED_BRIEF") != nullptr; }

/// A folder for temporary files, gone with this object.
class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "natc-bed-XXXXXX").string();
        if (!mkdtemp(name.data())) throw Trouble{"cannot make a folder for temporary files"};
        path_ = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] std::string operator/(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

/// The rules of one .net file for one back end.
class Rules {
public:
    Rules(const std::string& natc, const std::filesystem::path& net, const std::string& backend, const Folder& folder)
        : backend_(backend) {
        const std::string compile = "'" + natc + "' compile --target ";
        std::string commands;
        if (backend == "nft") {
            commands = compile + "nft -o '" + (folder / "rules") + "' '" + net.string() + "'";
        } else {
            for (const std::string family : {"", "6"})
                commands += compile + "ip" + family + "tables -o '" + (folder / ("rules" + family)) + "' '" + net.string() + "'\n";
        }
        const std::string quoted = "(" + commands + ") 2>'" + (folder / "diagnostics") + "'";
        const int status = std::system(("set -e; " + quoted).c_str());
        if (status) {
            static_cast<void>(std::system(("cat '" + (folder / "diagnostics") + "'").c_str()));
            throw Trouble{"natc does not compile " + net.string() + " for " + backend};
        }
        const std::string kind = backend.substr(backend.find('-') + 1);
        // What a `run` may use: the texts, and the commands that go with them.
        variables_ = "export XTABLES_LOCKFILE='" + (folder / "lock") + "' BACKEND=" + backend + " KIND=" + kind + " SCENARIO='" + net.parent_path().string() + "'" + " RULES4='" + (folder / "rules") +
                     "' RULES6='" + (folder / "rules6") + "' IPTABLES=iptables-" + kind + " IP6TABLES=ip6tables-" + kind + "\n";
    }

    [[nodiscard]] const std::string& variables() const { return variables_; }
    [[nodiscard]] std::string load() const {
        return variables_ + (backend_ == "nft" ? "nft -f \"$RULES4\"" : "$IPTABLES-restore <\"$RULES4\"; $IP6TABLES-restore <\"$RULES6\"");
    }
    [[nodiscard]] std::string show() const {
        return variables_ + (backend_ == "nft" ? "nft list ruleset" : "$IPTABLES-save -c; $IP6TABLES-save -c");
    }

private:
    std::string backend_, variables_;
};

/// Goes through a scenario's steps in a lab of their own.
class Run {
public:
    Run(const Scenario& scenario, const Rules& rules, const std::string& backend, const Mode& mode)
        : scenario_(scenario), rules_(rules), backend_(backend), lab_(scenario.topology, mode, scenario.ports()) {}

    /// How many probes failed; what to say of them goes to standard output, each under TITLE.
    int run(const std::string& title) {
        const auto& steps = scenario_.steps;
        if (std::none_of(steps.begin(), steps.end(), [](const Step& step) { return step.kind == Step::Kind::load; })) load();
        int failed = 0;
        for (const Step& step : steps) {
            number_++;
            if (!step.backends.empty() && std::find(step.backends.begin(), step.backends.end(), backend_) == step.backends.end()) continue;
            const std::string place = title + ", probes:" + std::to_string(step.line);
            try {
                if (step.kind == Step::Kind::load) {
                    load();
                } else if (step.kind == Step::Kind::run) {
                    std::string output;
                    if (lab_.run(lab_.host(step.host), rules_.variables() + step.what, output)) {
                        failed++;
                        std::cout << place << ": this failed: " << step.what << "\n" << output;
                    }
                } else {
                    failed += !probe(step, place);
                    if (failed && is_brief()) return failed;
                }
            } catch (const Trouble& trouble) {
                throw Trouble{place + ": " + trouble.message};
            }
            lab_.seen.clear();
            lab_.heard.clear();
        }
        if (failed) {
            std::string output;
            lab_.run(the_router, rules_.show(), output);
            std::cout << "The rules of the router, with " << title << ":\n" << output << std::flush;
        }
        return failed;
    }

private:
    struct Opened {
        Client* client;
        HostNumber server;
        EndPoint at, from;  ///< as the server sees it
    };

    void load() {
        std::string output;
        if (lab_.run(the_router, rules_.load(), output)) throw Trouble{"the rules do not load: " + output};
    }

    [[nodiscard]] EndPoint resolve(const Step& step) const {
        EndPoint to = step.to;
        if (lab_.has(to.address)) to.address = lab_.address(lab_.host(to.address), step.ipv6);
        return to;
    }

    bool probe(const Step& step, const std::string& place) {
        std::array<char, 32> text{};
        std::snprintf(text.data(), text.size(), "%s%06d", message_start, number_);
        message_ = text.data();
        const Pinned pinned;
        Client* client = nullptr;
        Packet made;
        std::function<Fate()> find;
        if (step.kind == Step::Kind::talk) {
            client = connection(step).client;
            lab_.send(*client, message_, step.size);
            find = [&] { return fate_of(*client, true); };
        } else {
            const HostNumber host = lab_.host(step.host);
            const bool is_plain = step.from.address.empty() && step.connection.empty();
            if ((step.what == "tcp" || step.what == "udp") && (is_plain || step.kind == Step::Kind::open)) {
                client = &lab_.connect(host, step.what == "tcp" ? protocol::tcp : protocol::udp, resolve(step), step.port, message_, step.size);
                find = [&] { return fate_of(*client, false); };
            } else if (step.what == "ping" && is_plain) {
                made.from.address = step.host;
                made.to = resolve(step);
                lab_.ping(host, made.to.address, message_);
                find = [&, host] { return fate_of_ping(host); };
            } else {
                made = make(step, host);
                lab_.inject(host, made);
                find = [&, host] { return fate_of_made(made, host); };
            }
        }
        const HostNumber sender = client ? client->host : lab_.host(step.host);

        Fate fate;
        // A fate of 'nothing' is found without a clock; one of something may take the kernel a moment, as may a packet that waits for
        // its neighbour's address: until it left, nothing is known of it.
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(is_brief() ? 1 : 3);
        for (;;) {
            lab_.settle();
            fate = find();
            if (fate.kind == Fate::Kind::reaches) add_details(fate, sender);
            const bool is_final = step.fate.kind == Fate::Kind::nothing && fate.kind != Fate::Kind::strange;
            if (agrees(step.fate, fate) || is_final || std::chrono::steady_clock::now() > end) break;
            poll(nullptr, 0, 5);
        }

        bool is_good = agrees(step.fate, fate);
        const std::string leak = find_leak();
        if (!is_good || !leak.empty()) {
            is_good = false;
            std::cout << place << ": " << step.text << "\n    expected: " << to_string(step.fate) << "\n    seen:     " << to_string(fate) << "\n";
            if (!leak.empty()) std::cout << "    and a packet that must not be: " << leak << "\n";
            std::size_t count = 0;
            for (const Seen& each : lab_.seen)
                if (count++ < 40) std::cout << "        " << lab_.name(each.host) << (each.incoming ? " in:  " : " out: ") << describe(each.packet) << "\n";
        }
        if (step.kind == Step::Kind::open && fate.kind == Fate::Kind::reaches) {
            for (const Heard& each : lab_.heard)
                if (each.message == message_) opened_.insert_or_assign(step.connection, Opened{client, each.host, each.at, each.from});
        } else if (client && step.kind == Step::Kind::probe) {
            lab_.close(*client);
            lab_.settle();
        }
        return is_good;
    }

    /// What else the packets said that came to whom it reached, and back.
    void add_details(Fate& fate, HostNumber sender) const {
        const HostNumber receiver = lab_.host(fate.host);
        for (const Seen& each : lab_.seen) {
            const Packet& packet = each.packet;
            if (!each.incoming) continue;
            const int syn = packet.tcp_flags & (flag::syn | flag::ack);
            if (each.host == receiver && syn == flag::syn) fate.mss = packet.mss;
            if (each.host == sender && syn == (flag::syn | flag::ack)) fate.answer_mss = packet.mss;
            if (each.host == receiver && packet.protocol == protocol::udp && carries_message(packet)) fate.checksum = packet.has_good_checksum ? "right" : "wrong";
        }
    }

    const Opened& connection(const Step& step) const {
        const auto found = opened_.find(step.connection);
        if (found == opened_.end()) throw Trouble{"no connection '" + step.connection + "' is open"};
        return found->second;
    }

    /// A packet that no socket would send.
    Packet make(const Step& step, HostNumber host) const {
        Packet packet;
        packet.label = 0x4000U + static_cast<std::uint32_t>(number_);
        packet.payload.assign(message_.begin(), message_.end());
        if (!step.connection.empty()) {
            const Opened& about = connection(step);
            // An error belongs to a connection where it quotes a packet as its receiver sees it: one to the server, or one back to the client.
            const bool is_back = step.what.ends_with("-back"), is_forged = step.what == "forge";
            Packet theirs;
            theirs.protocol = about.client->protocol;
            theirs.from = is_forged ? about.client->from : is_back ? about.client->to : about.from;
            theirs.to = is_forged ? about.client->to : is_back ? about.client->from : about.at;
            theirs.seq = about.client->seq;
            theirs.ack = about.client->ack;
            theirs.tcp_flags = flag::ack | flag::psh;
            theirs.label = packet.label;
            theirs.payload = packet.payload;
            if (is_forged) return theirs;
            const bool ipv6 = is_ipv6(theirs.from.address);
            packet.protocol = ipv6 ? protocol::icmpv6 : protocol::icmp;
            if (step.what.starts_with("too-big")) {
                packet.icmp_type = ipv6 ? 2 : 3;
                packet.icmp_code = ipv6 ? 0 : 4;
            } else {
                packet.icmp_type = ipv6 ? 1 : 3;
                packet.icmp_code = ipv6 ? 4 : 3;
            }
            packet.from.address = step.from.address.empty() ? lab_.address(host, ipv6) : step.from.address;
            packet.to.address = theirs.from.address;
            packet.payload.clear();
            packet.quoted.push_back(theirs);
            return packet;
        }
        packet.to = resolve(step);
        const bool ipv6 = is_ipv6(packet.to.address);
        packet.from = step.from;
        if (packet.from.address.empty()) packet.from.address = step.what.starts_with("mld-") ? "fe80::9" : lab_.address(host, ipv6);
        const auto& what = step.what;
        if (what == "mld-query") {
            packet.protocol = protocol::icmpv6;
            packet.icmp_type = 130;
            packet.seq = 1U << 16;
            packet.payload = Bytes(20);
            packet.payload[16] = 2;
            packet.payload[17] = 125;
        } else if (what == "mld-report") {
            // Of one group, in a record that asks for it from all sources; what stands behind the last record is nobody's.
            packet.protocol = protocol::icmpv6;
            packet.icmp_type = 143;
            packet.seq = 1;
            const Bytes record = {4, 0, 0, 0, 0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34};
            packet.payload.insert(packet.payload.begin(), record.begin(), record.end());
        } else if (what == "sctp" || what == "sctp-answer") {
            // INIT, and the INIT ACK that answers it: with a tag of its own, two streams each way, and the message in a parameter to skip.
            packet.protocol = protocol::sctp;
            if (!packet.from.port) packet.from.port = static_cast<std::uint16_t>(20000 + number_);
            const bool is_answer = what == "sctp-answer";
            packet.seq = is_answer ? sctp_tag : 0;
            const auto tag = static_cast<std::uint8_t>(is_answer ? 2 : sctp_tag);
            constexpr auto parameter = static_cast<std::uint8_t>(4 + message_size);
            Bytes chunk = {static_cast<std::uint8_t>(is_answer ? 2 : 1), 0, 0, 20 + parameter, 0, 0, 0, tag, 0, 0, 0xFF, 0xFF, 0, 2, 0, 2, 0, 0, 0, 1, 0x80, 1, 0, parameter};
            chunk.insert(chunk.end(), packet.payload.begin(), packet.payload.end());
            chunk.resize((chunk.size() + 3) / 4 * 4);
            packet.payload = chunk;
        } else if (what == "ping" || what == "echo-reply") {
            packet.protocol = ipv6 ? protocol::icmpv6 : protocol::icmp;
            packet.icmp_type = (ipv6 ? 128 : 8);
            if (what == "echo-reply") packet.icmp_type = ipv6 ? 129 : 0;
            packet.seq = 0x4E430000U + static_cast<std::uint32_t>(number_);
        } else if (what == "protocol") {
            packet.protocol = protocol::esp;
            packet.to.port = 0;
        } else {
            if (!packet.from.port) packet.from.port = step.port ? step.port : static_cast<std::uint16_t>(20000 + number_);
            packet.protocol = what == "udp" || what == "bad-udp" ? protocol::udp : protocol::tcp;
            packet.has_good_checksum = what != "bad-udp";
            packet.seq = 0x4E430000U + static_cast<std::uint32_t>(number_);
            packet.tcp_flags = what == "rst" ? flag::rst : what == "ack" ? flag::ack : what == "syn-ack" ? flag::syn | flag::ack : flag::syn;
            if (packet.protocol == protocol::tcp) packet.payload.clear();
        }
        return packet;
    }

    [[nodiscard]] bool carries_message(const Packet& packet) const {
        return std::search(packet.payload.begin(), packet.payload.end(), message_.begin(), message_.end()) != packet.payload.end();
    }

    Fate reached(HostNumber host, std::uint16_t port, const EndPoint& as) const {
        Fate fate;
        fate.kind = Fate::Kind::reaches;
        fate.host = lab_.name(host);
        fate.port = port;
        fate.as = as.address;
        fate.as_from = fate.as_to = as.port;
        return fate;
    }

    Fate fate_of(const Client& client, bool is_talk) const {
        for (const Heard& each : lab_.heard)
            if (each.message == message_) {
                if (client.is_answered) return reached(each.host, each.at.port, each.from);
                return strange("arrives at " + lab_.name(each.host) + " as " + to_string(each.from) + ", whose answer is lost");
            }
        for (const Seen& each : lab_.seen) {
            if (each.host != client.host || (!each.incoming && client.host != the_router)) continue;
            const Packet& packet = each.packet;
            const auto how = refusal(packet);
            if (!how) continue;
            if (packet.is_icmp_error() ? packet.quoted[0].from == client.from && packet.quoted[0].to == client.to
                                       : packet.from == client.to && packet.to == client.from)
                return refused(*how);
        }
        std::uint32_t seq = client.seq;
        for (const Seen& each : lab_.seen)
            if (each.host == client.host && !each.incoming && each.packet.from == client.from && each.packet.to == client.to) {
                seq = each.packet.seq;
                break;
            }
        bool at_router = client.host == the_router;
        for (const Seen& each : lab_.seen) {
            const Packet& packet = each.packet;
            if (!each.incoming || packet.protocol != client.protocol || each.host == client.host) continue;
            if (packet.protocol == protocol::udp || is_talk ? !carries_message(packet) : packet.seq != seq) continue;
            if (each.host != the_router) return strange("arrives at " + lab_.name(each.host) + " as " + to_string(packet.from) + ", which does not answer");
            at_router = true;
        }
        if (!at_router) return strange("never left " + lab_.name(client.host));
        return {};
    }

    Fate fate_of_ping(HostNumber from) const {
        const Seen* request = nullptr;
        bool is_answered = false, at_router = from == the_router;
        for (const Seen& each : lab_.seen) {
            const Packet& packet = each.packet;
            if (!each.incoming) continue;
            if (each.host == from && packet.is_icmp_error() && carries_message(packet.quoted[0]))
                if (const auto how = refusal(packet)) return refused(*how);
            if (!carries_message(packet)) continue;
            const bool is_request = packet.icmp_type == 8 || packet.icmp_type == 128;
            if (is_request && each.host != from && (!request || request->host == the_router)) request = &each;
            if (is_request && each.host == the_router) at_router = true;
            if (!is_request && each.host == from) is_answered = true;
        }
        if (is_answered && request) return reached(request->host, 0, request->packet.from);
        if (request && request->host != the_router) return strange("arrives at " + lab_.name(request->host) + ", whose answer is lost");
        if (!at_router) return strange("never left " + lab_.name(from));
        return {};
    }

    Fate fate_of_made(const Packet& made, HostNumber from) const {
        const auto is_same = [&](const Packet& packet) {
            if (packet.protocol != made.protocol) return false;
            if (made.is_icmp_error()) return packet.is_icmp_error() && packet.quoted[0].label == made.label;
            if (made.protocol == protocol::tcp && made.payload.empty()) return packet.seq == made.seq && packet.tcp_flags == made.tcp_flags;
            return carries_message(packet) && packet.icmp_type == made.icmp_type;
        };
        for (const Heard& each : lab_.heard)
            if (each.host == the_router && each.message == message_) return reached(each.host, each.at.port ? each.at.port : made.to.port, each.from);
        for (const Seen& each : lab_.seen)
            if (each.incoming && each.host != from && each.host != the_router && is_same(each.packet))
                return reached(each.host, each.packet.to.port, each.packet.from);
        bool at_router = false, is_answered = false;
        for (const Seen& each : lab_.seen) {
            const Packet& packet = each.packet;
            if (each.incoming && each.host == the_router && is_same(packet)) at_router = true;
            if (made.icmp_type == 130 && each.host == from && each.incoming && (packet.icmp_type == 143 || packet.icmp_type == 131)) is_answered = true;
            if (each.host == the_router && !each.incoming) {
                const bool to_syn = made.protocol == protocol::tcp && packet.protocol == protocol::tcp && packet.ack == made.seq + 1;
                if (to_syn && packet.tcp_flags == (flag::syn | flag::ack)) is_answered = true;
                if ((made.icmp_type == 8 || made.icmp_type == 128) && (packet.icmp_type == 0 || packet.icmp_type == 129) && carries_message(packet))
                    is_answered = true;
                const bool is_about_it = packet.is_icmp_error() ? packet.quoted[0].label == made.label : packet.from == made.to && packet.to == made.from;
                if (const auto how = refusal(packet); how && is_about_it && !made.is_icmp_error()) return refused(*how);
            }
        }
        if (is_answered) return reached(the_router, made.to.port, made.from);
        if (!at_router) return strange("never left " + lab_.name(from));
        return {};
    }

    /// A packet of those that are never to arrive somewhere.
    std::string find_leak() const {
        for (const auto& [host, prefixes] : scenario_.never)
            for (const Seen& each : lab_.seen)
                for (const std::string& prefix : prefixes)
                    if (each.incoming && lab_.name(each.host) == host && is_in(each.packet.from.address, prefix))
                        return describe(each.packet) + " at " + host;
        return {};
    }

    const Scenario& scenario_;
    const Rules& rules_;
    std::string backend_;
    Lab lab_;
    int number_ = 0;
    std::string message_;
    std::map<std::string, Opened> opened_;
};

/// Is there anything to load, and with what?
void need(const std::string& natc, const std::string& backend, const Folder& folder) {
    const std::string empty = folder / "empty.net";
    const std::string quiet = " >/dev/null 2>&1";
    if (std::system((": >'" + empty + "'").c_str())) throw Trouble{"cannot write to " + empty};
    if (backend == "nft") {
        constexpr int usage = 2;
        const int status = std::system(("'" + natc + "' compile --target nft '" + empty + "'" + quiet).c_str());
        if (WIFEXITED(status) && WEXITSTATUS(status) == usage) throw Skip{"this natc has no target nft"};
    }
    const std::string tool = backend == "nft" ? "nft" : backend + "-restore";
    const std::string command = "unshare --net sh -c '" + (backend == "nft" ? std::string("nft list ruleset") : "echo COMMIT | sed \"1i *nat\" | " + tool) + "'";
    if (std::system((command + quiet).c_str())) {
        const std::string why = "cannot load rules in a namespace with " + tool + " (root is needed)";
        if (const char* ci = std::getenv("CI"); ci && *ci) throw Trouble{why};
        throw Skip{why};
    }
}

int run(const std::string& natc, const std::filesystem::path& folder, const std::string& backend) {
    const Scenario scenario = read_scenario(folder);
    if (!scenario.backends.empty() && std::find(scenario.backends.begin(), scenario.backends.end(), backend) == scenario.backends.end())
        throw Skip{"this scenario is not for " + backend};
    const Folder temporary;
    setenv("XTABLES_LOCKFILE", (temporary / "lock").c_str(), 1);
    need(natc, backend, temporary);
    int failed = 0, passed = 0;
    for (const auto& net : scenario.nets) {
        const Rules rules(natc, net, backend, temporary);
        for (const Mode mode : {Mode{0, 0}, Mode{1, 2}, Mode{0, 2}, Mode{1, 0}}) {
            const std::string title = scenario.name + " with " + backend + ", " + net.filename().string() + ", bridge-nf " + std::to_string(mode.bridge_nf) +
                                      ", rp_filter " + std::to_string(mode.rp_filter);
            const int count = Run(scenario, rules, backend, mode).run(title);
            (count ? failed : passed)++;
            if (failed && is_brief()) return 1;
        }
    }
    std::cout << scenario.name << " with " << backend << ": " << passed << " of " << passed + failed << " runs passed, " << scenario.steps.size()
              << " steps each\n";
    return failed ? 1 : 0;
}

}  // namespace

}  // namespace bed

int main(int argc, char** argv) {
    if (argc != 4) {
        std::cerr << "usage: natc_bed NATC SCENARIO iptables-legacy|iptables-nft|nft\n       natc_bed --explain NATC SCENARIO\n";
        return 2;
    }
    try {
        if (argv[1] == std::string("--explain")) return bed::explain(std::filesystem::absolute(argv[2]).string(), std::filesystem::absolute(argv[3]));
        return bed::run(std::filesystem::absolute(argv[1]).string(), std::filesystem::absolute(argv[2]), argv[3]);
    } catch (const bed::Skip& skip) {
        std::cout << "skipped: " << skip.why << "\n";
        return 77;
    } catch (const bed::Trouble& trouble) {
        std::cout << trouble.message << "\n";
        return 2;
    } catch (const std::exception& error) {
        std::cout << error.what() << "\n";
        return 2;
    }
}

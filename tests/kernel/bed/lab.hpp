#pragma once

#include <sched.h>

#include <map>
#include <string>
#include <vector>

#include "packet.hpp"

namespace bed {

/// What the hosts are and what joins them: the lines of a topology.
struct Topology {
    struct Link {
        std::string name;
        std::vector<std::string> prefixes;  ///< the router's own addresses there
        bool is_bridge = false;
        std::string gate;  ///< the host whose link it is, with these addresses, where it is not the router's
        int mtu = 0;
    };
    struct Host {
        std::string name, link, mac;
        std::vector<std::string> prefixes;
    };

    std::vector<Link> links;
    std::vector<Host> hosts;
};

/// Sysctls of the router.
struct Mode {
    int bridge_nf = 0;
    int rp_filter = 0;
};

class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number);  ///< throws what errno says for a negative one
    Descriptor(Descriptor&& other) noexcept : number_(other.number_) { other.number_ = -1; }
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor();

    [[nodiscard]] int get() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }

private:
    int number_ = -1;
};

/// Hosts are numbered: the router, then those of the topology.
using HostNumber = std::size_t;
constexpr HostNumber the_router = 0;

/// A packet that passed an interface of a host, before any rule of its had a say (incoming) or after all.
struct Seen {
    HostNumber host;
    bool incoming;
    Packet packet;
};

/// A message that a server got; it sends each one back.
struct Heard {
    HostNumber host;
    EndPoint at, from;
    std::string message;
};

/// As long is every message, and begins so.
constexpr std::size_t message_size = 17;
constexpr const char* message_start = "natc-probe-";

/// A connection that a probe makes, its messages told apart by their text.
struct Client {
    HostNumber host = 0;
    int protocol = 0;
    EndPoint from, to;
    std::string message;
    std::string text;      ///< what it sends: dots, and the message behind them
    std::string received;
    bool is_sent = false, is_answered = false;
    Descriptor socket;
    /// The last segment that it sent.
    std::uint32_t seq = 0, ack = 0;
};

/// Stays on one processor, where a packet that was sent earlier is dealt with earlier.
class Pinned {
public:
    Pinned();
    Pinned(const Pinned&) = delete;
    Pinned& operator=(const Pinned&) = delete;
    ~Pinned();

private:
    cpu_set_t before_{};
};

/// A router and its hosts, each a network namespace that lives as long as this object (not a moment longer, however the program ends),
/// with servers for all PORTS of tcp and udp on each of them, the router too.
class Lab {
public:
    Lab(const Topology& topology, const Mode& mode, const std::vector<std::uint16_t>& ports);

    [[nodiscard]] HostNumber host(const std::string& name) const;
    [[nodiscard]] const std::string& name(HostNumber host) const { return names_[host]; }
    [[nodiscard]] bool has(const std::string& name) const;
    /// The first of the host's addresses in a family.
    [[nodiscard]] std::string address(HostNumber host, bool ipv6) const;

    /// Runs COMMAND with sh in the host's namespace; adds what it prints to OUTPUT.
    int run(HostNumber host, const std::string& command, std::string& output) const;

    /// Starts a connection, from PORT if that is not 0. The message is the end of SIZE bytes.
    Client& connect(HostNumber host, int protocol, const EndPoint& to, std::uint16_t port, const std::string& message, std::size_t size);
    /// Sends a further message by it.
    void send(Client& client, const std::string& message, std::size_t size);
    void close(Client& client);
    /// Puts a packet on the host's wire as it is.
    void inject(HostNumber host, const Packet& packet);
    /// Sends an echo request, with MESSAGE in it.
    void ping(HostNumber host, const std::string& to, const std::string& message);

    /// Until nothing moves any more: what was sent before has been dealt with by every host when this returns. No clock decides that, but
    /// frames of no protocol that pass every wire behind the packets, again and again until none of them meets a packet.
    void settle();

    std::vector<Seen> seen;
    std::vector<Heard> heard;

private:
    struct Server {
        enum class Kind { sniffer, listener, connection, datagrams, raw } kind;
        HostNumber host;
        Descriptor socket;
        EndPoint at, from;
        std::string received = {};
    };

    void enter(HostNumber host) const;
    void set(HostNumber host, const std::string& sysctl, int value) const;
    void build(const Topology& topology, const Mode& mode);
    void serve(HostNumber host, const std::vector<std::uint16_t>& ports);
    void meet();
    void add(Server server);
    int pump();
    int sniff(const Server& server);
    int receive(Server& server);
    int receive_raw(const Server& server);
    void serve_raw();
    int advance(Client& client);
    bool mark(int patience);

    Topology topology_;
    std::vector<std::string> names_;
    std::vector<Descriptor> spaces_;
    std::vector<Bytes> macs_;                       ///< of each host's interface
    std::map<std::string, Bytes> link_macs_;        ///< the router's on each link
    std::vector<HostNumber> gates_;                 ///< whom each host's wire leads to
    std::vector<unsigned> ports_;                   ///< that one's interface index toward the host
    std::vector<unsigned> interfaces_;              ///< each host's own
    Descriptor epoll_;
    std::map<int, Server> servers_;
    std::vector<int> sniffers_;
    std::map<int, Client> clients_;
    std::uint32_t marker_ = 0;
    std::size_t met_ = 0;  ///< frames other than markers
    std::map<std::pair<HostNumber, unsigned>, std::uint32_t> marked_;
};

}  // namespace bed

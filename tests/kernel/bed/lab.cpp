#include "lab.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

namespace bed {

namespace {

/// Of local experiments (IEEE 802): no kernel knows it.
constexpr std::uint16_t marker_type = 0x88B5;

[[noreturn]] void fail(const std::string& what) { throw Trouble{what + ": " + std::strerror(errno)}; }

Bytes mac_bytes(const std::string& text) {
    Bytes result;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, ':');) result.push_back(static_cast<std::uint8_t>(std::stoul(part, nullptr, 16)));
    if (result.size() != 6) throw Trouble{"'" + text + "' is no MAC address"};
    return result;
}

std::string mac_text(const Bytes& mac) {
    std::array<char, 18> text{};
    std::snprintf(text.data(), text.size(), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    return text.data();
}

union Address {
    sockaddr any;
    sockaddr_in ipv4;
    sockaddr_in6 ipv6;
};

Address to_sockaddr(const EndPoint& point, socklen_t& size) {
    Address result{};
    if (is_ipv6(point.address)) {
        result.ipv6.sin6_family = AF_INET6;
        result.ipv6.sin6_port = htons(point.port);
        inet_pton(AF_INET6, point.address.c_str(), &result.ipv6.sin6_addr);
        size = sizeof result.ipv6;
    } else {
        result.ipv4.sin_family = AF_INET;
        result.ipv4.sin_port = htons(point.port);
        inet_pton(AF_INET, point.address.c_str(), &result.ipv4.sin_addr);
        size = sizeof result.ipv4;
    }
    return result;
}

EndPoint to_end_point(const Address& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const bool ipv6 = address.any.sa_family == AF_INET6;
    if (ipv6)
        inet_ntop(AF_INET6, &address.ipv6.sin6_addr, text.data(), text.size());
    else
        inet_ntop(AF_INET, &address.ipv4.sin_addr, text.data(), text.size());
    return {text.data(), ntohs(ipv6 ? address.ipv6.sin6_port : address.ipv4.sin_port)};
}

EndPoint own_name(int socket) {
    Address address{};
    socklen_t size = sizeof address;
    getsockname(socket, &address.any, &size);
    return to_end_point(address);
}

std::string padded(const std::string& message, std::size_t size) {
    return size > message.size() ? std::string(size - message.size(), '.') + message : message;
}

std::string unpadded(const std::string& text) {
    const auto start = text.find_first_not_of('.');
    return start == std::string::npos ? "" : text.substr(start);
}

/// `10.1.0.0/24` for `10.1.0.1/24`.
std::string network_of(const std::string& prefix) {
    const std::string address = bare(prefix);
    const bool ipv6 = is_ipv6(address);
    std::array<std::uint8_t, 16> bytes{};
    inet_pton(ipv6 ? AF_INET6 : AF_INET, address.c_str(), bytes.data());
    const std::size_t length = std::stoul(prefix.substr(prefix.find('/') + 1));
    for (std::size_t bit = length; bit < (ipv6 ? 128U : 32U); bit++) bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> bit % 8));
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(ipv6 ? AF_INET6 : AF_INET, bytes.data(), text.data(), text.size());
    return text.data() + prefix.substr(prefix.find('/'));
}

void set_option(int socket, int level, int option, int value) {
    if (setsockopt(socket, level, option, &value, sizeof value)) fail("setsockopt");
}

}  // namespace

Descriptor::Descriptor(int number) : number_(number) {
    if (number < 0) fail("cannot open a descriptor");
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
}

Descriptor::~Descriptor() {
    if (number_ >= 0) ::close(number_);
}

Pinned::Pinned() {
    sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(static_cast<std::size_t>(sched_getcpu()), &here);
    sched_setaffinity(0, sizeof here, &here);
}

Pinned::~Pinned() { sched_setaffinity(0, sizeof before_, &before_); }

Lab::Lab(const Topology& topology, const Mode& mode, const std::vector<std::uint16_t>& ports)
    : topology_(topology), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    build(topology, mode);
    for (HostNumber host = 0; host < names_.size(); host++) serve(host, ports);
    serve_raw();
    meet();
}

HostNumber Lab::host(const std::string& name) const {
    for (HostNumber host = 0; host < names_.size(); host++)
        if (names_[host] == name) return host;
    throw Trouble{"no host is called '" + name + "'"};
}

bool Lab::has(const std::string& name) const { return std::find(names_.begin(), names_.end(), name) != names_.end(); }

std::string Lab::address(HostNumber host, bool ipv6) const {
    if (host != the_router)
        for (const std::string& prefix : topology_.hosts[host - 1].prefixes)
            if (is_ipv6(prefix) == ipv6) return bare(prefix);
    throw Trouble{names_[host] + " has no " + (ipv6 ? "IPv6" : "IPv4") + " address of its own"};
}

void Lab::enter(HostNumber host) const {
    if (setns(spaces_[host].get(), CLONE_NEWNET)) fail("setns");
}

void Lab::set(HostNumber host, const std::string& sysctl, int value) const {
    enter(host);
    std::ofstream file("/proc/sys/net/" + sysctl);
    file << value << std::flush;
    if (!file) throw Trouble{"cannot set " + sysctl};
}

void Lab::build(const Topology& topology, const Mode& mode) {
    names_.emplace_back("router");
    for (const auto& host : topology.hosts) names_.push_back(host.name);
    const auto leads_on = [&](HostNumber host) {
        return std::any_of(topology.links.begin(), topology.links.end(), [&](const auto& link) { return link.gate == names_[host]; });
    };
    for (HostNumber host = 0; host < names_.size(); host++) {
        if (unshare(CLONE_NEWNET)) fail("cannot make a network namespace (root is needed)");
        // The thread's own, which /proc/self is not in a program of several.
        spaces_.emplace_back(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
        for (const char* kind : {"all", "default"}) {
            const std::string ipv6 = std::string("ipv6/conf/") + kind;
            set(host, ipv6 + "/accept_dad", 0);
            set(host, ipv6 + "/accept_ra", 0);
            set(host, ipv6 + "/router_solicitations", 0);
            set(host, ipv6 + "/forwarding", host == the_router || leads_on(host));
            set(host, std::string("ipv4/conf/") + kind + "/rp_filter", host == the_router ? mode.rp_filter : 0);
        }
        if (leads_on(host)) set(host, "ipv4/ip_forward", 1);
        // Refusals are to be seen, however many there are.
        set(host, "ipv4/icmp_ratemask", 0);
        set(host, "ipv6/icmp/ratelimit", 0);
        try {
            // Over all destinations too, where the kernel counts that by namespace.
            set(host, "ipv4/icmp_msgs_burst", 100'000);
            set(host, "ipv4/icmp_msgs_per_sec", 1'000'000);
        } catch (const Trouble&) {
        }
    }
    set(the_router, "ipv4/ip_forward", 1);
    set(the_router, "bridge/bridge-nf-call-iptables", mode.bridge_nf);
    set(the_router, "bridge/bridge-nf-call-ip6tables", mode.bridge_nf);

    std::vector<std::string> batches(names_.size(), "link set lo up\n");
    std::string& router = batches[the_router];
    const auto add_addresses = [](std::string& batch, const std::vector<std::string>& prefixes, const std::string& interface) {
        for (const std::string& prefix : prefixes)
            batch += "addr add " + prefix + " dev " + interface + (!is_ipv6(prefix) ? "\n" : prefix.ends_with("/128") ? " nodad preferred_lft 0\n" : " nodad\n");
    };
    std::uint8_t number = 0;
    for (const auto& link : topology.links) {
        link_macs_[link.name] = {2, 0, 0, 0, 1, number++};
        if (!link.is_bridge) continue;
        router += "link add " + link.name + " address " + mac_text(link_macs_[link.name]) + " type bridge\nlink set " + link.name + " up\n";
    }
    macs_.emplace_back();
    gates_.push_back(the_router);
    for (HostNumber host = 1; host < names_.size(); host++) {
        const auto& config = topology.hosts[host - 1];
        const Topology::Link* link = nullptr;
        for (const auto& each : topology.links)
            if (each.name == config.link) link = &each;
        if (!link) throw Trouble{"no link is called '" + config.link + "'"};
        macs_.push_back(config.mac.empty() ? Bytes{2, 0, 0, 0, 0, static_cast<std::uint8_t>(host)} : mac_bytes(config.mac));
        const std::string port = link->is_bridge ? "p-" + config.name : link->name;
        const HostNumber gate = link->gate.empty() ? the_router : this->host(link->gate);
        if (gate >= host) throw Trouble{"the host that leads to " + config.name + " has to stand above it"};
        gates_.push_back(gate);
        std::string& other_end = batches[gate];
        other_end += "link add " + port + (link->is_bridge ? "" : " address " + mac_text(link_macs_[link->name])) + " type veth peer name eth0 address " +
                  mac_text(macs_[host]) + " netns /proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(spaces_[host].get()) + "\n";
        other_end += "link set " + port + (link->is_bridge ? " master " + link->name : "") + " up\n";
        std::string& own = batches[host];
        own += "link set eth0 up\n";
        if (link->mtu) {
            other_end += "link set " + port + " mtu " + std::to_string(link->mtu) + "\n";
            own += "link set eth0 mtu " + std::to_string(link->mtu) + "\n";
        }
        add_addresses(own, config.prefixes, "eth0");
        for (const bool ipv6 : {false, true}) {
            std::string gateway;
            for (const std::string& prefix : config.prefixes)
                for (const std::string& its : link->prefixes)
                    if (gateway.empty() && is_ipv6(prefix) == ipv6 && is_in(bare(its), prefix)) gateway = bare(its);
            if (!gateway.empty()) own += "route add default via " + gateway + "\n";
        }
    }
    for (const auto& link : topology.links) {
        add_addresses(batches[link.gate.empty() ? the_router : host(link.gate)], link.prefixes, link.name);
        // Those on the way there know it.
        for (HostNumber via = link.gate.empty() ? the_router : host(link.gate); via != the_router; via = gates_[via])
            for (const std::string& prefix : link.prefixes)
                batches[gates_[via]] += "route add " + network_of(prefix) + " via " + address(via, is_ipv6(prefix)) + "\n";
    }
    // The first host beyond is where everything else is.
    for (const bool ipv6 : {false, true})
        for (const auto& host : topology.hosts) {
            if (host.link != topology.links.front().name) continue;
            for (const std::string& prefix : host.prefixes)
                if (is_ipv6(prefix) == ipv6 && !prefix.ends_with("/32") && !prefix.ends_with("/128")) {
                    router += "route add default via " + bare(prefix) + "\n";
                    break;
                }
            break;
        }
    for (HostNumber host = 0; host < names_.size(); host++) {
        std::string output;
        if (run(host, "ip -batch - <<'END'\n" + batches[host] + "END", output)) throw Trouble{"ip fails for " + names_[host] + ": " + output};
    }
    ports_.push_back(0);
    interfaces_.push_back(0);
    for (HostNumber host = 1; host < names_.size(); host++) {
        enter(host);
        interfaces_.push_back(if_nametoindex("eth0"));
        enter(gates_[host]);
        const auto& config = topology.hosts[host - 1];
        ports_.push_back(if_nametoindex(("p-" + config.name).c_str()));
        if (!ports_.back()) ports_.back() = if_nametoindex(config.link.c_str());
    }
}

int Lab::run(HostNumber host, const std::string& command, std::string& output) const {
    enter(host);
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC)) fail("pipe");
    Descriptor in(ends[0]);
    const pid_t child = fork();
    if (child < 0) fail("fork");
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        const int nothing = open("/dev/null", O_RDONLY);
        dup2(nothing, STDIN_FILENO);
        execl("/bin/sh", "sh", "-ec", command.c_str(), nullptr);
        _exit(127);
    }
    ::close(ends[1]);
    std::array<char, 4096> buffer{};
    for (ssize_t size = 0; (size = read(in.get(), buffer.data(), buffer.size())) > 0;) output.append(buffer.data(), static_cast<std::size_t>(size));
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

void Lab::add(Server server) {
    const int number = server.socket.get();
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = number;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, number, &event)) fail("epoll_ctl");
    servers_.insert_or_assign(number, std::move(server));
}

void Lab::serve(HostNumber host, const std::vector<std::uint16_t>& ports) {
    enter(host);
    Descriptor sniffer(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL)));
    set_option(sniffer.get(), SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20);
    sniffers_.push_back(sniffer.get());
    add({Server::Kind::sniffer, host, std::move(sniffer), {}, {}});
    for (const std::uint16_t port : ports)
        for (const char* address : {"0.0.0.0", "::"})
            for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
                socklen_t size = 0;
                const Address at = to_sockaddr({address, port}, size);
                const bool ipv6 = is_ipv6(address);
                Descriptor server(socket(ipv6 ? AF_INET6 : AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
                set_option(server.get(), SOL_SOCKET, SO_REUSEADDR, 1);
                if (ipv6) set_option(server.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
                if (bind(server.get(), &at.any, size)) fail("bind to port " + std::to_string(port));
                if (type == SOCK_STREAM) {
                    if (listen(server.get(), 64)) fail("listen");
                    add({Server::Kind::listener, host, std::move(server), {}, {}});
                } else {
                    set_option(server.get(), ipv6 ? static_cast<int>(IPPROTO_IPV6) : static_cast<int>(IPPROTO_IP), ipv6 ? IPV6_RECVPKTINFO : IP_PKTINFO, 1);
                    add({Server::Kind::datagrams, host, std::move(server), {address, port}, {}});
                }
            }
}

/// The router hears SCTP and, as one that routes multicast would, reports of membership.
void Lab::serve_raw() {
    enter(the_router);
    for (const int family : {AF_INET, AF_INET6}) {
        Descriptor sctp(socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_SCTP));
        add({Server::Kind::raw, the_router, std::move(sctp), {}, {}});
    }
    Descriptor reports(socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMPV6));
    icmp6_filter filter{};
    ICMP6_FILTER_SETBLOCKALL(&filter);
    constexpr int mld_report = 143;
    ICMP6_FILTER_SETPASS(mld_report, &filter);
    if (setsockopt(reports.get(), IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter)) fail("setsockopt");
    for (const auto& link : topology_.links) {
        if (!link.gate.empty()) continue;
        ipv6_mreq group{};
        inet_pton(AF_INET6, "ff02::16", &group.ipv6mr_multiaddr);
        group.ipv6mr_interface = if_nametoindex(link.name.c_str());
        if (setsockopt(reports.get(), IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &group, sizeof group)) fail("cannot join ff02::16");
    }
    add({Server::Kind::raw, the_router, std::move(reports), {}, {}});
}

/// The router and each neighbour learn each other's MAC addresses, before there are rules.
void Lab::meet() {
    // The kernel takes a moment to see that both ends of a wire are up.
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    const auto is_late = [&] { return std::chrono::steady_clock::now() > end; };
    while (!mark(1))
        if (is_late()) throw Trouble{"the wires of the lab do not come up"};
    // That a bridge has a port that is up, it may notice a second later, and later yet on a machine with more to do.
    while (!is_late()) {
        enter(the_router);
        for (const auto& host : topology_.hosts)
            for (const std::string& prefix : host.prefixes) {
                socklen_t size = 0;
                const Address to = to_sockaddr({bare(prefix), 9}, size);
                const Descriptor socket(::socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
                sendto(socket.get(), "", 0, 0, &to.any, size);
            }
        settle();
        std::size_t arrived = 0, expected = 0;
        for (const auto& host : topology_.hosts)
            for (const std::string& prefix : host.prefixes) {
                expected++;
                for (const Seen& each : seen)
                    if (each.incoming && each.host == this->host(host.name) && each.packet.to.address == bare(prefix) && each.packet.to.port == 9) {
                        arrived++;
                        break;
                    }
            }
        seen.clear();
        if (arrived == expected) return;
        poll(nullptr, 0, 20);
    }
    throw Trouble{"the hosts of the lab do not reach one another even without rules"};
}

Client& Lab::connect(HostNumber host, int protocol, const EndPoint& to, std::uint16_t port, const std::string& message, std::size_t text_size) {
    enter(host);
    socklen_t size = 0;
    const Address address = to_sockaddr(to, size);
    Descriptor socket(::socket(address.any.sa_family, (protocol == protocol::tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (port) {
        set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
        set_option(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1);
        Address own = to_sockaddr({is_ipv6(to.address) ? "::" : "0.0.0.0", port}, size);
        if (bind(socket.get(), &own.any, size)) fail("bind to port " + std::to_string(port));
    }
    if (::connect(socket.get(), &address.any, size) && errno != EINPROGRESS && errno != ECONNREFUSED && errno != EPERM) fail("connect to " + to_string(to));
    const int number = socket.get();
    Client client;
    client.host = host;
    client.protocol = protocol;
    client.from = own_name(number);
    client.to = to;
    client.message = message;
    client.text = padded(message, text_size);
    client.socket = std::move(socket);
    return clients_.insert_or_assign(number, std::move(client)).first->second;
}

void Lab::send(Client& client, const std::string& message, std::size_t size) {
    client.message = message;
    client.text = padded(message, size);
    client.received.clear();
    client.is_sent = client.is_answered = false;
}

void Lab::close(Client& client) {
    // No last words but a reset: the next probe is not to meet them.
    const linger now{1, 0};
    setsockopt(client.socket.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    clients_.erase(client.socket.get());
}

void Lab::inject(HostNumber host, const Packet& packet) {
    if (host == the_router) throw Trouble{"packets of one's own making do not start at the router"};
    const auto& config = topology_.hosts[host - 1];
    const std::string& to = packet.to.address;
    Bytes mac = link_macs_[config.link];
    if (to == "255.255.255.255") mac = Bytes(6, 0xFF);
    for (HostNumber other = 1; other < names_.size(); other++)
        for (const std::string& prefix : topology_.hosts[other - 1].prefixes)
            if (topology_.hosts[other - 1].link == config.link && bare(prefix) == to) mac = macs_[other];
    if (is_in(to, "ff00::/8")) mac = {0x33, 0x33, 0, 0, 0, static_cast<std::uint8_t>(std::stoul(to.substr(to.rfind(':') + 1), nullptr, 16))};
    if (is_in(to, "224.0.0.0/24")) mac = {1, 0, 0x5E, 0, 0, static_cast<std::uint8_t>(std::stoul(to.substr(to.rfind('.') + 1)))};
    sockaddr_ll wire{};
    wire.sll_family = AF_PACKET;
    wire.sll_ifindex = static_cast<int>(interfaces_[host]);
    wire.sll_halen = 6;
    const Bytes bytes = frame(mac, macs_[host], is_ipv6(to) ? ETH_P_IPV6 : ETH_P_IP, encode(packet));
    union {
        sockaddr_ll wire;
        sockaddr any;
    } address{wire};
    if (sendto(sniffers_[host], bytes.data(), bytes.size(), 0, &address.any, sizeof wire) < 0) fail("cannot inject a packet");
}

void Lab::ping(HostNumber host, const std::string& to, const std::string& message) {
    enter(host);
    const bool ipv6 = is_ipv6(to);
    const Descriptor socket(::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC, ipv6 ? protocol::icmpv6 : protocol::icmp));
    Packet packet;
    packet.from.address = packet.to.address = to;
    packet.protocol = ipv6 ? protocol::icmpv6 : protocol::icmp;
    packet.icmp_type = ipv6 ? 128 : 8;
    packet.seq = static_cast<std::uint32_t>(std::hash<std::string>()(message));
    packet.payload.assign(message.begin(), message.end());
    const Bytes bytes = encode(packet);
    const std::size_t header = ipv6 ? 40 : 20;
    socklen_t size = 0;
    const Address address = to_sockaddr({to, 0}, size);
    // What OUTPUT drops is an error here, and what it is to be found out.
    sendto(socket.get(), bytes.data() + header, bytes.size() - header, 0, &address.any, size);
}

int Lab::sniff(const Server& server) {
    int moved = 0;
    std::array<std::uint8_t, 65536> buffer{};
    for (;;) {
        union {
            sockaddr_ll wire;
            sockaddr any;
        } from{};
        socklen_t size = sizeof from;
        const ssize_t got = recvfrom(server.socket.get(), buffer.data(), buffer.size(), 0, &from.any, &size);
        if (got < 0) return moved;
        const bool incoming = from.wire.sll_pkttype != PACKET_OUTGOING;
        const auto length = static_cast<std::size_t>(got);
        if (ntohs(from.wire.sll_protocol) == marker_type) {
            std::uint32_t number = 0;
            if (incoming && length >= 18) {
                std::memcpy(&number, buffer.data() + 14, 4);
                // Those of neighbours pass through bridges as well: only the router's count elsewhere.
                if (server.host == the_router || buffer[18] || static_cast<unsigned>(from.wire.sll_ifindex) != interfaces_[server.host]) marked_[{server.host, static_cast<unsigned>(from.wire.sll_ifindex)}] = number;
            }
            continue;
        }
        if (length < 14) continue;
        moved++;
        met_++;
        auto packet = decode(buffer.data() + 14, length - 14);
        if (!packet) continue;
        if (!incoming && packet->protocol == protocol::tcp)
            for (auto& [number, client] : clients_)
                if (client.host == server.host && client.from == packet->from && client.to == packet->to) {
                    client.seq = packet->seq + static_cast<std::uint32_t>(packet->payload.size()) + (packet->tcp_flags & flag::syn ? 1 : 0);
                    client.ack = packet->ack;
                }
        seen.push_back({server.host, incoming, std::move(*packet)});
    }
}

int Lab::receive(Server& server) {
    std::array<char, 65536> text{};
    alignas(cmsghdr) std::array<char, 256> control{};
    Address from{};
    iovec data{text.data(), text.size()};
    msghdr message{};
    message.msg_name = &from;
    message.msg_namelen = sizeof from;
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t size = recvmsg(server.socket.get(), &message, 0);
    if (size < 0) return 1;
    data.iov_len = static_cast<std::size_t>(size);
    EndPoint at = server.at;
    if (server.kind == Server::Kind::datagrams) {
        // Answers go by the way that the kernel chooses, but from the address that was asked.
        for (cmsghdr* each = CMSG_FIRSTHDR(&message); each; each = CMSG_NXTHDR(&message, each)) {
            if (each->cmsg_level == IPPROTO_IP && each->cmsg_type == IP_PKTINFO) {
                in_pktinfo info{};
                std::memcpy(&info, CMSG_DATA(each), sizeof info);
                Address to{};
                to.ipv4.sin_family = AF_INET;
                to.ipv4.sin_addr = info.ipi_addr;
                at.address = to_end_point(to).address;
                info.ipi_ifindex = 0;
                info.ipi_spec_dst = info.ipi_addr;
                std::memcpy(CMSG_DATA(each), &info, sizeof info);
            } else if (each->cmsg_level == IPPROTO_IPV6 && each->cmsg_type == IPV6_PKTINFO) {
                in6_pktinfo info{};
                std::memcpy(&info, CMSG_DATA(each), sizeof info);
                Address to{};
                to.ipv6.sin6_family = AF_INET6;
                to.ipv6.sin6_addr = info.ipi6_addr;
                at.address = to_end_point(to).address;
                info.ipi6_ifindex = 0;
                std::memcpy(CMSG_DATA(each), &info, sizeof info);
            }
        }
        heard.push_back({server.host, at, to_end_point(from), unpadded({text.data(), data.iov_len})});
        // The answer is small, however large the question was.
        data.iov_base = heard.back().message.data();
        data.iov_len = heard.back().message.size();
        sendmsg(server.socket.get(), &message, MSG_NOSIGNAL);
        return 1;
    }
    if (size == 0) return 0;
    server.received = unpadded(server.received.append(text.data(), data.iov_len));
    while (server.received.size() >= message_size) {
        heard.push_back({server.host, server.at, server.from, server.received.substr(0, message_size)});
        server.received = unpadded(server.received.substr(message_size));
    }
    ::send(server.socket.get(), text.data(), data.iov_len, MSG_NOSIGNAL);
    return 1;
}

int Lab::receive_raw(const Server& server) {
    std::array<char, 65536> data{};
    Address from{};
    socklen_t size = sizeof from;
    const ssize_t got = recvfrom(server.socket.get(), data.data(), data.size(), 0, &from.any, &size);
    if (got < 0) return 0;
    const std::string text(data.data(), static_cast<std::size_t>(got));
    const auto start = text.find(message_start);
    if (start == std::string::npos) return 1;
    Heard each{server.host, {}, to_end_point(from), text.substr(start, message_size)};
    each.from.port = 0;
    heard.push_back(each);
    return 1;
}

/// One step of a client: 1 if it could make one.
int Lab::advance(Client& client) {
    if (!client.is_sent) {
        if (::send(client.socket.get(), client.text.data(), client.text.size(), MSG_NOSIGNAL) < 0) {
            // An error that came in is told once only; a connection that is not there yet, by EAGAIN.
            if (client.protocol == protocol::udp && errno != EPERM) return errno == ECONNREFUSED || errno == EHOSTUNREACH || errno == EACCES;
            return 0;
        }
        client.is_sent = true;
        return 1;
    }
    std::array<char, 65536> text{};
    const ssize_t size = recv(client.socket.get(), text.data(), text.size(), 0);
    if (size <= 0) return 0;
    client.received.append(text.data(), static_cast<std::size_t>(size));
    if (client.received.find(client.message) != std::string::npos) client.is_answered = true;
    return 1;
}

int Lab::pump() {
    int moved = 0;
    for (auto& [number, client] : clients_) moved += advance(client);
    std::array<epoll_event, 64> events{};
    for (int count = 0; (count = epoll_wait(epoll_.get(), events.data(), events.size(), 0)) > 0;) {
        for (int i = 0; i < count; i++) {
            const auto found = servers_.find(events[static_cast<std::size_t>(i)].data.fd);
            if (found == servers_.end()) continue;
            Server& server = found->second;
            switch (server.kind) {
                case Server::Kind::sniffer: moved += sniff(server); break;
                case Server::Kind::datagrams: moved += receive(server); break;
                case Server::Kind::raw: moved += receive_raw(server); break;
                case Server::Kind::connection:
                    moved++;
                    if (char peek = 0; recv(server.socket.get(), &peek, 1, MSG_PEEK) <= 0)
                        servers_.erase(found);
                    else
                        receive(server);
                    break;
                case Server::Kind::listener: {
                    Address from{};
                    socklen_t size = sizeof from;
                    const int number = accept4(server.socket.get(), &from.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
                    if (number < 0) break;
                    moved++;
                    add({Server::Kind::connection, server.host, Descriptor(number), own_name(number), to_end_point(from)});
                    break;
                }
            }
        }
    }
    return moved;
}

/// Sends a marker over every wire, toward the router and then away from it, and waits for each; false if one was lost.
bool Lab::mark(int patience) {
    marker_++;
    const auto put = [&](HostNumber from, unsigned interface, const Bytes& source, bool is_down) {
        Bytes payload(46);
        std::memcpy(payload.data(), &marker_, 4);
        payload[4] = is_down;
        const Bytes bytes = frame(Bytes(6, 0xFF), source, marker_type, payload);
        union {
            sockaddr_ll wire;
            sockaddr any;
        } address{};
        address.wire.sll_family = AF_PACKET;
        address.wire.sll_ifindex = static_cast<int>(interface);
        address.wire.sll_halen = 6;
        if (sendto(sniffers_[from], bytes.data(), bytes.size(), 0, &address.any, sizeof address.wire) < 0) fail("cannot send a marker");
    };
    const auto await = [&](HostNumber at, unsigned interface) {
        for (int turn = 0; marked_[{at, interface}] != marker_; turn++) {
            if (turn > patience) return false;
            pollfd wait{sniffers_[at], POLLIN, 0};
            poll(&wait, 1, turn ? 10 : 0);
            sniff(servers_.at(sniffers_[at]));
        }
        return true;
    };
    for (HostNumber host = 1; host < names_.size(); host++) put(host, interfaces_[host], macs_[host], false);
    for (HostNumber host = 1; host < names_.size(); host++)
        if (!await(gates_[host], ports_[host])) return false;
    for (HostNumber host = 1; host < names_.size(); host++) put(gates_[host], ports_[host], link_macs_[topology_.hosts[host - 1].link], true);
    for (HostNumber host = 1; host < names_.size(); host++)
        if (!await(host, interfaces_[host])) return false;
    return true;
}

void Lab::settle() {
    int quiet = 0;
    for (int turn = 0; quiet < 3 && turn < 200; turn++) {
        const std::size_t met = met_;
        const int moved = pump();
        if (!mark(500)) throw Trouble{"a marker was lost on its way: the lab has come apart"};
        quiet = moved || met_ != met ? 0 : quiet + 1;
    }
}

}  // namespace bed

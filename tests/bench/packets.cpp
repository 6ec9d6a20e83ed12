// packets NETNS KIND SOURCE PORT DESTINATION PORT COUNT: sends TCP packets from a network namespace and prints the CPU time in ns that one
// took, which has all that the kernel does with it on its way through further namespaces: over veth that is done by who sends.
//   syn      each packet opens a connection of its own: source addresses and ports change from packet to packet
//   synack, ack   packets of one connection
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "packets: %s: %s\n", what, std::strerror(errno));
    std::exit(1);
}

struct Packet {
    iphdr ip;
    tcphdr tcp;
};

/// The sum of all 16-bit words, as the checksums of IP and TCP have it.
std::uint32_t sum_of(const void* data, std::size_t size) {
    std::uint32_t sum = 0;
    const auto* bytes = static_cast<const unsigned char*>(data);
    for (std::size_t i = 0; i + 1 < size; i += 2) sum += static_cast<std::uint32_t>(bytes[i] << 8U | bytes[i + 1]);
    return sum;
}

std::uint16_t folded(std::uint32_t sum) {
    while (sum >> 16U != 0) sum = (sum & 0xFFFFU) + (sum >> 16U);
    return htons(static_cast<std::uint16_t>(~sum));
}

Packet packet(std::string_view kind, std::uint32_t source, std::uint16_t source_port, std::uint32_t destination, std::uint16_t destination_port) {
    Packet made{};
    made.ip.version = 4;
    made.ip.ihl = 5;
    made.ip.tot_len = htons(sizeof made);
    made.ip.ttl = 64;
    made.ip.protocol = IPPROTO_TCP;
    made.ip.saddr = htonl(source);
    made.ip.daddr = htonl(destination);
    made.ip.check = folded(sum_of(&made.ip, sizeof made.ip));
    made.tcp.source = htons(source_port);
    made.tcp.dest = htons(destination_port);
    // Either side's first number is 1000.
    made.tcp.seq = htonl(kind == "ack" ? 1001 : 1000);
    made.tcp.ack_seq = htonl(kind == "syn" ? 0 : 1001);
    made.tcp.doff = 5;
    made.tcp.syn = kind != "ack";
    made.tcp.ack = kind != "syn";
    made.tcp.window = htons(60'000);
    made.tcp.check = folded(sum_of(&made.ip.saddr, 8) + std::uint32_t{IPPROTO_TCP} + std::uint32_t{sizeof made.tcp} + sum_of(&made.tcp, sizeof made.tcp));
    return made;
}

std::int64_t cpu_time() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::uint32_t address(const char* text) {
    in_addr read{};
    if (::inet_pton(AF_INET, text, &read) != 1) fail(text);
    return ntohl(read.s_addr);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 8) {
        std::fputs("usage: packets NETNS syn|synack|ack SOURCE PORT DESTINATION PORT COUNT\n", stderr);
        return 2;
    }
    const std::string path = std::string("/run/netns/") + argv[1];
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 || ::setns(fd, CLONE_NEWNET) != 0) fail(path.c_str());
    const std::string_view kind = argv[2];
    const std::uint32_t source = address(argv[3]);
    const auto source_port = static_cast<std::uint32_t>(std::atoi(argv[4]));
    const std::uint32_t destination = address(argv[5]);
    const auto destination_port = static_cast<std::uint16_t>(std::atoi(argv[6]));
    const auto count = static_cast<std::uint32_t>(std::atoi(argv[7]));
    const int out = ::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
    if (out < 0) fail("socket");

    // All that this program does itself with a packet is done before the clock runs.
    std::vector<Packet> packets;
    packets.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint32_t k = kind == "syn" ? i : 0;
        packets.push_back(packet(kind, source + k / 50'000, static_cast<std::uint16_t>(source_port + k % 50'000), destination, destination_port));
    }
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(destination);
    std::vector<iovec> parts(count);
    std::vector<mmsghdr> messages(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        parts[i] = {&packets[i], sizeof(Packet)};
        messages[i].msg_hdr.msg_name = &to;
        messages[i].msg_hdr.msg_namelen = sizeof to;
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    const std::int64_t begin = cpu_time();
    for (std::uint32_t at = 0; at < count;) {
        const int sent = ::sendmmsg(out, &messages[at], count - at, 0);
        if (sent > 0) at += static_cast<std::uint32_t>(sent);
        if (sent < 0 && errno != EINTR && errno != ENOBUFS) fail("sendmmsg");
    }
    std::printf("%.1f\n", static_cast<double>(cpu_time() - begin) / count);
}

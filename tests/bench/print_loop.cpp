// The least that a compiler of port-forwards could do: reads lines such as `port-forward tcp 80 to g1:22`, and prints the two iptables
// rules of each.
#include <cstdio>
#include <iterator>
#include <string>
#include <string_view>

#include <fmt/compile.h>
#include <unistd.h>

namespace {

std::string read_all() {
    std::string text;
    for (;;) {
        const std::size_t size = text.size();
        text.resize(size + (1U << 20U));
        const ssize_t got = ::read(STDIN_FILENO, text.data() + size, text.size() - size);
        text.resize(size + static_cast<std::size_t>(got > 0 ? got : 0));
        if (got <= 0) return text;
    }
}

std::string_view take_word(std::string_view& line) {
    const std::size_t end = line.find(' ');
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
    return word;
}

}  // namespace

int main() {
    const std::string text = read_all();
    std::string nat = "*nat\n";
    std::string filter = "COMMIT\n*filter\n";
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line(text.data() + at, end - at);
        at = end + 1;
        if (take_word(line) != "port-forward") continue;
        const std::string_view protocol = take_word(line);
        const std::string_view port = take_word(line);
        take_word(line);
        const std::string_view target = take_word(line);
        const std::size_t colon = target.find(':');
        fmt::format_to(std::back_inserter(nat), FMT_COMPILE("-A PREROUTING -i enp5s0 -p {} -m {} --dport {} -j DNAT --to-destination {}\n"), protocol, protocol, port, target);
        fmt::format_to(std::back_inserter(filter), FMT_COMPILE("-A FORWARD -d {} -i enp5s0 -p {} -m {} --dport {} -j ACCEPT\n"), target.substr(0, colon), protocol, protocol,
                       target.substr(colon + 1));
    }
    std::fwrite(nat.data(), 1, nat.size(), stdout);
    std::fwrite(filter.data(), 1, filter.size(), stdout);
    std::fputs("COMMIT\n", stdout);
}

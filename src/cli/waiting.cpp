#include "cli/waiting.hpp"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <initializer_list>
#include <string_view>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <unistd.h>

namespace natc::cli {

namespace {

constexpr int first_shown = 500'000;  // microseconds of work
constexpr int shown_again = 100'000;
constexpr std::size_t many = 100;  // steps: of fewer the seconds tell more

// What the handlers see.
std::atomic<const Progress*> shown = nullptr;
std::atomic<bool> line_is_there = false;
timespec begun{};

/// A line that is put together without memory from the heap: a handler may run amid an allocation.
class Line {
public:
    void add(std::string_view text) {
        const std::size_t size = std::min(text.size(), sizeof text_ - size_);
        std::memcpy(text_ + size_, text.data(), size);
        size_ += size;
    }
    /// With a comma after every third digit from the right: 65,000.
    void add(std::size_t number) {
        char digits[20];
        const std::size_t count = static_cast<std::size_t>(std::to_chars(digits, digits + sizeof digits, number).ptr - digits);
        for (std::size_t i = 0; i < count; ++i) {
            if (i > 0 && (count - i) % 3 == 0) add(",");
            add(std::string_view(digits + i, 1));
        }
    }
    void cut(std::size_t size) { size_ = std::min(size_, size); }
    void write() const { (void)!::write(STDERR_FILENO, text_, size_); }

private:
    char text_[200] = {};
    std::size_t size_ = 0;
};

std::size_t width() {
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

void draw(const Progress& progress) {
    Line line;
    line.add("natc: ");
    line.add(progress.what());
    if (const std::size_t of = progress.of(); of >= many) {
        line.add(": ");
        line.add(std::min(progress.done(), of));
        line.add(" of ");
        line.add(of);
    } else {
        timespec now{};
        ::clock_gettime(CLOCK_MONOTONIC, &now);
        line.add(" (");
        line.add(static_cast<std::size_t>(std::max<std::time_t>(now.tv_sec - begun.tv_sec, 0)));
        line.add(" s)");
    }
    // A line that is as wide as the terminal would go on in the next one.
    line.cut(width() - 1);
    line_is_there = true;
    (void)!::write(STDERR_FILENO, "\r", 1);
    line.write();
    (void)!::write(STDERR_FILENO, "\x1b[K", 3);
}

extern "C" void on_alarm(int) {
    const int before = errno;
    // In the background the terminal is somebody else's.
    if (const Progress* progress = shown; progress != nullptr && ::tcgetpgrp(STDERR_FILENO) == ::getpgrp()) draw(*progress);
    errno = before;
}

/// Ends natc as the signal would have.
extern "C" void on_end(int signal) {
    end_waiting();
    std::signal(signal, SIG_DFL);
    ::raise(signal);
}

constexpr int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

void handle(int signal, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    // None of them within another.
    ::sigaddset(&action.sa_mask, SIGALRM);
    for (const int end : ends) ::sigaddset(&action.sa_mask, end);
    ::sigaction(signal, &action, nullptr);
}

/// Whether nobody has said that the signal is to do something else: `nohup` has it ignored.
bool is_default(int signal) {
    struct sigaction action {};
    return ::sigaction(signal, nullptr, &action) == 0 && (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_DFL;
}

void set_timer(int first, int again) {
    const itimerval timer{{0, again}, {0, first}};
    ::setitimer(ITIMER_REAL, &timer, nullptr);
}

bool has_terminal() {
    const char* kind = std::getenv("TERM");  // NOLINT(*-mt-unsafe): natc has one thread
    return ::isatty(STDERR_FILENO) == 1 && kind != nullptr && *kind != '\0' && std::string_view(kind) != "dumb";
}

}  // namespace

void end_waiting() {
    shown = nullptr;
    if (line_is_there.exchange(false)) (void)!::write(STDERR_FILENO, "\r\x1b[K", 4);
}

Waiting::Waiting(const Progress& progress) : on_(has_terminal() && is_default(SIGALRM)) {
    if (!on_) return;
    assert(shown == nullptr);
    shown = &progress;
    ::clock_gettime(CLOCK_MONOTONIC, &begun);
    handle(SIGALRM, on_alarm);
    for (const int end : ends)
        if (is_default(end)) handle(end, on_end);
    set_timer(first_shown, shown_again);
}

Waiting::~Waiting() {
    if (!on_) return;
    set_timer(0, 0);
    // A signal that came just before has been handled by now.
    std::signal(SIGALRM, SIG_IGN);
    std::signal(SIGALRM, SIG_DFL);
    end_waiting();
    for (const int end : ends) {
        struct sigaction action {};
        if (::sigaction(end, nullptr, &action) == 0 && action.sa_handler == on_end) std::signal(end, SIG_DFL);
    }
}

}  // namespace natc::cli

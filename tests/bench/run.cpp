// run RUNS NETNS|- IN OUT COMMAND…: runs a command some times, one after the other, with IN as its standard input and OUT as its output, in
// a network namespace if one is named. Prints a line for each run: CPU time (user and system, in µs), the most memory (KiB) and its exit
// status. Small, because what a process cost its parent before exec is counted as the command's.
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "run: %s: %s\n", what, std::strerror(errno));
    std::exit(1);
}

long micros(const timeval& time) { return time.tv_sec * 1'000'000 + time.tv_usec; }

}  // namespace

int main(int argc, char** argv) {
    if (argc < 6) {
        std::fputs("usage: run RUNS NETNS|- IN OUT COMMAND…\n", stderr);
        return 2;
    }
    const int runs = std::atoi(argv[1]);
    if (std::strcmp(argv[2], "-") != 0) {
        const std::string path = std::string("/run/netns/") + argv[2];
        const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (fd < 0 || ::setns(fd, CLONE_NEWNET) != 0) fail(path.c_str());
    }
    for (int i = 0; i < runs; ++i) {
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, argv[3], O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, argv[4], O_WRONLY | O_CREAT | O_TRUNC, 0644);
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        pid_t child = 0;
        if (const int error = ::posix_spawnp(&child, argv[5], &actions, nullptr, argv + 5, environ); error != 0) {
            errno = error;
            fail(argv[5]);
        }
        int status = 0;
        rusage usage{};
        while (::wait4(child, &status, 0, &usage) < 0)
            if (errno != EINTR) fail("wait4");
        std::printf("%ld %ld %d\n", micros(usage.ru_utime) + micros(usage.ru_stime), usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        posix_spawn_file_actions_destroy(&actions);
    }
}

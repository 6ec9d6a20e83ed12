#include "cli/graphviz.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/showable.hpp"

extern char** environ;  // NOLINT(*-redundant-declaration): not every libc declares it

namespace natc::cli {

namespace {

struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using Temporary = std::unique_ptr<std::FILE, Close>;

std::string last_error() { return std::strerror(errno); }

std::string all_of(std::FILE* file) {
    std::string text;
    char buffer[65536];
    std::rewind(file);
    while (const std::size_t read = std::fread(buffer, 1, sizeof buffer, file)) text.append(buffer, read);
    return text;
}

}  // namespace

Drawn draw_svg(std::string_view dot) {
    // Files rather than pipes: neither side waits for the other.
    const Temporary in(std::tmpfile()), out(std::tmpfile()), said(std::tmpfile());
    if (!in || !out || !said) return {{}, fmt::format("cannot make a temporary file: {}", last_error())};
    if (std::fwrite(dot.data(), 1, dot.size(), in.get()) != dot.size() || std::fflush(in.get()) != 0) return {{}, fmt::format("cannot write a temporary file: {}", last_error())};
    std::rewind(in.get());

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ::fileno(in.get()), STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, ::fileno(out.get()), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, ::fileno(said.get()), STDERR_FILENO);
    char program[] = "dot", format[] = "-Tsvg";
    char* arguments[] = {program, format, nullptr};
    pid_t child = 0;
    const int failed = ::posix_spawnp(&child, program, &actions, nullptr, arguments, environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (failed == ENOENT) return {{}, "svg is drawn by Graphviz, and there is no `dot` here: install graphviz, or take --format dot or mermaid"};
    if (failed != 0) return {{}, fmt::format("cannot run Graphviz' `dot`: {}", std::strerror(failed))};
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return {{}, fmt::format("cannot wait for Graphviz' `dot`: {}", last_error())};
    Drawn drawn;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        drawn.svg = all_of(out.get());
        if (drawn.svg.find("</svg>") == std::string::npos) drawn.error = "Graphviz' `dot` wrote no svg: is the disk full?";
        return drawn;
    }
    const std::string words = all_of(said.get());
    drawn.error = "Graphviz' `dot` failed";
    if (!words.empty()) {
        drawn.error += ": ";
        append_prose(drawn.error, std::string_view(words).substr(0, words.find('\n')));
    }
    return drawn;
}

}  // namespace natc::cli

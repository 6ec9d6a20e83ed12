#include "cli/files.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "cli/commands.hpp"
#include "cli/waiting.hpp"

namespace natc::cli {

namespace {

std::string last_error() { return std::strerror(errno); }  // NOLINT(*-mt-unsafe): natc has one thread

/// Closes a descriptor at the end of a block.
class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ > STDERR_FILENO) ::close(fd_);
    }
    [[nodiscard]] int get() const { return fd_; }
    /// Closes now: some file systems tell only then that the disk is full.
    [[nodiscard]] bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

private:
    int fd_;
};

syntax::LoadedFile read(const std::string& path, std::string name) {
    syntax::LoadedFile file;
    file.name = std::move(name);
    const bool standard = path == "-";
    const Descriptor in(standard ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat about {};
    if (in.get() < 0 || ::fstat(in.get(), &about) != 0) {
        file.error = last_error();
        return file;
    }
    if (S_ISDIR(about.st_mode)) {
        file.error = "it is a directory";
        return file;
    }
    file.identity = standard ? "-" : fmt::format("{}:{}", about.st_dev, about.st_ino);
    constexpr std::size_t piece = 1U << 16U;
    constexpr std::size_t most = syntax::largest_file + 1;
    // With room for a byte more, all of it is read, and its end found, without another allocation.
    const bool size_known = S_ISREG(about.st_mode) && about.st_size > 0;
    file.text.reserve(size_known ? std::min(static_cast<std::size_t>(about.st_size), most) + 1 : piece);
    for (;;) {
        const std::size_t size = file.text.size();
        if (size > syntax::largest_file) return file;
        if (size == file.text.capacity()) file.text.reserve(size * 2);
        file.text.resize(size + std::min({piece, file.text.capacity() - size, most - size}));
        const ssize_t got = ::read(in.get(), file.text.data() + size, file.text.size() - size);
        if (got < 0 && errno == EINTR) {
            file.text.resize(size);
            continue;
        }
        file.text.resize(size + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got < 0) file.error = last_error();
        if (got <= 0) return file;
    }
}

std::string write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0) {
            if (errno == EINTR) continue;
            return last_error();
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

/// What the shell has opened for natc already: `/dev/stdout` may be a file that is appended to.
std::optional<int> open_descriptor(std::string_view path) {
    if (path == "/dev/stdout") return STDOUT_FILENO;
    if (path == "/dev/stderr") return STDERR_FILENO;
    for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
        if (!path.starts_with(folder)) continue;
        const std::string_view number = path.substr(folder.size());
        int descriptor = 0;
        const auto read = std::from_chars(number.data(), number.data() + number.size(), descriptor);
        if (read.ec == std::errc{} && read.ptr == number.data() + number.size() && descriptor >= 0) return descriptor;
    }
    return std::nullopt;
}

/// Where links lead to, of which the last one leads to nothing yet.
std::filesystem::path end_of_links(std::filesystem::path path) {
    constexpr int most = 40;  // Linux follows no more
    for (int links = 0; links < most; ++links) {
        std::error_code failed;
        const std::filesystem::path next = std::filesystem::read_symlink(path, failed);
        if (failed) break;
        path = path.parent_path() / next;
    }
    return path;
}

/// Keeps signals from ending natc while there is a temporary file; they do so afterwards.
class Uninterrupted {
public:
    Uninterrupted() {
        sigset_t ending;
        ::sigemptyset(&ending);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) ::sigaddset(&ending, signal);
        ::sigprocmask(SIG_BLOCK, &ending, &before_);
    }
    Uninterrupted(const Uninterrupted&) = delete;
    Uninterrupted& operator=(const Uninterrupted&) = delete;
    ~Uninterrupted() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_{};
};

}  // namespace

void open_standard_descriptors() {
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::fcntl(descriptor, F_GETFD) < 0) (void)!::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

syntax::LoadedFile read_file(const std::string& path) { return read(path, path == "-" ? std::string(standard_input) : path); }

bool is_unread(const syntax::LoadedFile& file) {
    if (file.error.empty()) return false;
    complain(fmt::format("cannot read {}: {}", file.name, file.error));
    return true;
}

std::optional<syntax::LoadedFile> read_input(const std::string& path) {
    syntax::LoadedFile file = read_file(path);
    if (is_unread(file)) return std::nullopt;
    return file;
}

std::string path_of_included(std::string_view path, std::string_view from) {
    std::filesystem::path whole(path);
    if (whole.is_relative()) whole = std::filesystem::path(from).parent_path() / whole;
    return whole.string();
}

syntax::LoadedFile read_included(std::string_view path, std::string_view from) {
    const std::string whole = path_of_included(path, from);
    return read(whole, std::filesystem::path(whole).lexically_normal().string());
}

std::string working_directory() {
    std::error_code failed;
    const std::filesystem::path here = std::filesystem::current_path(failed);
    return failed ? "/" : here.string();
}

std::string write_output(std::string_view text) {
    end_waiting();
    return write_all(STDOUT_FILENO, text);
}

std::string replace_file(const std::string& path, std::string_view text) {
    end_waiting();
    if (const std::optional<int> open = open_descriptor(path)) return write_all(*open, text);
    struct stat about {};
    const bool there = ::stat(path.c_str(), &about) == 0;
    if (!there && errno != ENOENT) return last_error();
    if (there && S_ISDIR(about.st_mode)) return "it is a directory";
    if (there && !S_ISREG(about.st_mode)) {
        const Descriptor out(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
        return out.get() < 0 ? last_error() : write_all(out.get(), text);
    }
    // Of a link, what it leads to is replaced, and the link stays.
    std::error_code failed;
    const std::filesystem::path target = there ? std::filesystem::canonical(path, failed) : end_of_links(path);
    if (failed) return failed.message();
    const Uninterrupted whole;
    const std::filesystem::path folder = target.has_parent_path() ? target.parent_path() : ".";
    std::string temporary = (folder / ".natc.XXXXXX").string();
    Descriptor out(::mkstemp(temporary.data()));
    if (out.get() < 0) {
        const std::string why = last_error();
        return fmt::format("no file can be made in {}: {}", folder.string(), why);
    }
    mode_t mode = about.st_mode & 07777U;
    if (!there) {
        const mode_t mask = ::umask(0);
        ::umask(mask);
        mode = 0666U & ~mask;
    }
    std::string error = write_all(out.get(), text);
    if (error.empty() && ::fchmod(out.get(), mode) != 0) error = last_error();
    // Another owner than the file had would lock its readers out; where natc may not give files away, it stays natc's user's.
    if (error.empty() && there && ::fchown(out.get(), about.st_uid, about.st_gid) != 0 && errno != EPERM) error = last_error();
    if (error.empty() && ::fsync(out.get()) != 0 && errno != EINVAL) error = last_error();
    if (error.empty() && !out.close()) error = last_error();
    if (error.empty() && ::rename(temporary.c_str(), target.c_str()) != 0) error = last_error();
    if (!error.empty()) ::unlink(temporary.c_str());
    return error;
}

bool same_file(const std::string& a, const std::string& b) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(b, ignored) && std::filesystem::equivalent(a, b, ignored);
}

}  // namespace natc::cli

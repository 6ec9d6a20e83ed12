// How far long work is, for whoever waits for it.
#pragma once

#include <atomic>
#include <cstddef>

namespace natc {

/// Phases tell it what they do; what they do does not depend on it. Whoever shows it may look at any moment, from a signal's handler too: hence the atomics,
/// which cost what plain variables do.
class Progress {
public:
    /// Begins something: `what` is a literal, such as "looking for rules that never match"; `of` how many steps it has, if that is known.
    void begin(const char* what, std::size_t of = 0) {
        of_.store(0, std::memory_order_relaxed);
        done_.store(0, std::memory_order_relaxed);
        what_.store(what, std::memory_order_relaxed);
        of_.store(of, std::memory_order_relaxed);
    }
    /// One step of it is done.
    void advance() { done_.store(done_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }

    [[nodiscard]] const char* what() const { return what_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::size_t of() const { return of_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::size_t done() const { return done_.load(std::memory_order_relaxed); }

private:
    std::atomic<const char*> what_ = "working";
    std::atomic<std::size_t> of_ = 0;
    std::atomic<std::size_t> done_ = 0;
    static_assert(std::atomic<const char*>::is_always_lock_free && std::atomic<std::size_t>::is_always_lock_free);
};

}  // namespace natc

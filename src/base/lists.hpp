// Many short lists that are written once: they lie one behind the other, without an allocation each.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace natc {

/// Keeps lists for as long as it lives, wherever it is moved to. One list at a time is being written.
template <typename T>
class Lists {
public:
    Lists() = default;
    Lists(const Lists&) = delete;  // whoever holds a list holds a place in this one
    Lists& operator=(const Lists&) = delete;
    Lists(Lists&&) = default;
    Lists& operator=(Lists&&) = default;
    ~Lists() = default;

    /// Adds to the list that is being written.
    void add(const T& value) {
        if (pieces_.empty() || pieces_.back().size() == pieces_.back().capacity()) begin_piece();
        pieces_.back().push_back(value);
    }
    /// What was added since the last call. It stays where it is.
    [[nodiscard]] std::span<const T> finish() {
        if (pieces_.empty()) return {};
        const std::span<const T> list = std::span<const T>(pieces_.back()).subspan(begin_);
        begin_ = pieces_.back().size();
        return list;
    }
    /// Whether nothing was added since then.
    [[nodiscard]] bool empty() const { return pieces_.empty() || pieces_.back().size() == begin_; }

private:
    static constexpr std::size_t least = 64;
    static constexpr std::size_t most = 4096;

    /// The list that is being written moves to the new piece as a whole.
    void begin_piece() {
        std::vector<T> piece;
        if (pieces_.empty()) {
            piece.reserve(least);
        } else {
            std::vector<T>& last = pieces_.back();
            const auto begun = std::span<const T>(last).subspan(begin_);
            piece.reserve(std::max(begun.size() * 2, std::min(last.capacity() * 2, most)));
            piece.assign(begun.begin(), begun.end());
            last.resize(begin_);
        }
        pieces_.push_back(std::move(piece));
        begin_ = 0;
    }

    std::vector<std::vector<T>> pieces_;  // none grows beyond what was reserved for it
    std::size_t begin_ = 0;               // of the list that is being written, in the last one
};

}  // namespace natc

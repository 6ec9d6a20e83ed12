// Lists that nearly always have an element or two, and are there by the ten thousand.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace natc {

/// As std::vector, but up to `few` elements lie in it itself.
template <typename T, std::size_t few>
class SmallVector {
public:
    SmallVector() = default;
    SmallVector(const SmallVector& o) : few_(o.few_), size_(o.size_), many_(o.many_ ? std::make_unique<std::vector<T>>(*o.many_) : nullptr) {}
    SmallVector& operator=(const SmallVector& o) { return *this = SmallVector(o); }
    SmallVector(SmallVector&&) noexcept = default;
    SmallVector& operator=(SmallVector&&) noexcept = default;
    ~SmallVector() = default;

    [[nodiscard]] std::size_t size() const { return many_ ? many_->size() : size_; }
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] const T* begin() const { return many_ ? many_->data() : few_.data(); }
    [[nodiscard]] const T* end() const { return begin() + size(); }
    [[nodiscard]] const T& operator[](std::size_t i) const { return begin()[i]; }
    [[nodiscard]] const T& front() const { return *begin(); }

    void push_back(const T& value) {
        if (!many_ && size_ < few) {
            few_[size_++] = value;
        } else {
            add_to_many(value);
        }
    }

    friend bool operator==(const SmallVector& a, const SmallVector& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }
    friend auto operator<=>(const SmallVector& a, const SmallVector& b) {
        return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end());
    }

private:
    void add_to_many(T value) {
        if (!many_) many_ = std::make_unique<std::vector<T>>(few_.begin(), few_.end());
        size_ = 0;
        many_->push_back(value);
    }

    std::array<T, few> few_{};
    std::uint32_t size_ = 0;  // of those in `few_`
    std::unique_ptr<std::vector<T>> many_;  // all of them, once they are more
};

}  // namespace natc

// A value, or what is wrong with the text that should have been one.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "base/codes.hpp"

namespace natc {

/// Why a text is no value of its kind. Whoever knows the place makes a diagnostic of it.
struct BadValue {
    Code code;
    std::string message;
    std::string help;  ///< empty where there is no way out to offer
    std::string fix;   ///< the text that was surely meant, or empty
};

template <typename T>
class Result {
public:
    Result(T value) : content_(std::move(value)) {}                // NOLINT(*-explicit-*)
    Result(BadValue error) : content_(std::move(error)) {}         // NOLINT(*-explicit-*)

    [[nodiscard]] bool ok() const { return content_.index() == 0; }
    explicit operator bool() const { return ok(); }
    [[nodiscard]] const T& operator*() const { return std::get<0>(content_); }
    [[nodiscard]] const T* operator->() const { return &std::get<0>(content_); }
    [[nodiscard]] const BadValue& error() const { return std::get<1>(content_); }

private:
    std::variant<T, BadValue> content_;
};

}  // namespace natc

// Values that are wider than a code, as codes: the runs between the values that somebody asks for.
#pragma once

#include <vector>

#include "net/address.hpp"
#include "packet/box.hpp"

namespace natc::semantics {

/// Values from 0 to a greatest one, cut at edges. No question of the rules tells two values of one run apart, so that the number of the run is
/// all that the analysis needs. Up to 32 bits, a value is its own code.
class Scale {
public:
    explicit Scale(int bits);

    /// To be told of all that will be asked, before `close`.
    void cut_at(uint128 first, uint128 last);
    void close();

    [[nodiscard]] packet::Interval all() const;
    /// `first` and `last` must be edges that were cut.
    [[nodiscard]] packet::Interval codes(uint128 first, uint128 last) const;
    [[nodiscard]] uint128 first_of(std::uint32_t code) const;
    [[nodiscard]] uint128 last_of(std::uint32_t code) const;

private:
    uint128 greatest_;
    bool plain_;
    std::vector<uint128> starts_;  ///< of the runs, ascending
};

}  // namespace natc::semantics

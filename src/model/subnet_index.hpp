// Which network an address lies in.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "model/model.hpp"

namespace natc {

/// Answers in logarithmic time. Subnets that overlap are an error of the input; which of them is found then is not said.
class SubnetIndex {
public:
    explicit SubnetIndex(const std::vector<Network>& networks);

    struct Entry {
        AddressRange range;
        std::size_t network;
        std::size_t subnet;
    };
    /// The subnet that holds all of these addresses.
    [[nodiscard]] const Entry* find(const AddressRange& addresses) const;
    /// By first address.
    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

private:
    std::vector<Entry> entries_;
};

}  // namespace natc

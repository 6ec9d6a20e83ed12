// Where a translation leads: `lxdev01:22`, `10.1.1.28`, `[fd00::5]:22`. Inner header of src/model.
#pragma once

#include <optional>
#include <vector>

#include "model/scope.hpp"

namespace natc {

struct EndPoint {
    SmallVector<AddressRange, 2> addresses;  ///< of a guest: all that it has
    std::optional<PortRange> ports;
    bool guest = false;
};

/// Errors: bad_end_point, bad_address, bad_port, unknown_name. `range`: a range of addresses may stand in place of one.
[[nodiscard]] std::optional<EndPoint> read_end_point(const syntax::Word& word, Scope& scope, const std::vector<Network>& model,
                                                     bool range);

}  // namespace natc

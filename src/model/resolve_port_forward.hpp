// Port-forwards: from words to values. Inner header of src/model.
#pragma once

#include <optional>

#include "model/scope.hpp"
#include "model/subnet_index.hpp"

namespace natc {

/// False if something was wrong with it. `owner`: the network that it stands in, if it stands in one.
[[nodiscard]] bool read_port_forward(const syntax::PortForward& written, std::optional<std::size_t> owner,
                                     const std::vector<Network>& networks, const SubnetIndex& subnets, Scope& scope, PortForward& forward);

}  // namespace natc

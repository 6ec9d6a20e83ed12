#include "optimise/passes.hpp"

#include <cassert>
#include <utility>

namespace natc {

ir::Program for_iptables(ir::Program program) {
    // First, since the chains that it makes have rules with lists of ports, long ones too.
    program = fit_exclusions(std::move(program));

    // Last of all: whatever comes before it need not care how long a list is.
    program = fit_ports(std::move(program));

    assert(ir::fault(program).empty());
    return program;
}

}  // namespace natc

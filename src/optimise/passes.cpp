#include "optimise/passes.hpp"

#include <cassert>
#include <utility>

namespace natc {

ir::Program for_iptables(ir::Program program) {
    // Ahead of what fits rules to iptables, since it makes rules.
    program = grow_port_trees(std::move(program));

    // Behind it, which may leave port-forwards that ask for more than a port as rules in a row.
    program = branch(std::move(program));

    // What is left in a row differs in interfaces, which no tree can be over.
    program = ask_once(std::move(program));

    return fit_iptables(std::move(program));
}

ir::Program for_nft(ir::Program program) { return ir::as_rules(std::move(program), ir::few_port_forwards); }

ir::Program fit_iptables(ir::Program program) {
    // First, since the chains that it makes have rules with lists of ports, long ones too.
    program = fit_exclusions(std::move(program));

    // Last of all: whatever comes before it need not care how long a list is.
    program = fit_ports(std::move(program));

    assert(ir::fault(program).empty());
    return program;
}

}  // namespace natc

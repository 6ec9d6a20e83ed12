// The parts that lowering is made of: each fills chains of one table. Inner header of src/lower.
#pragma once

#include "base/diagnostic.hpp"
#include "ir/program.hpp"
#include "lower/lower.hpp"
#include "lower/user_rules.hpp"
#include "model/model.hpp"

namespace natc {

/// Chain blocks of a table: into the built-in chains, ahead of natc's own rules, and as chains of their own.
void lower_chain_blocks(const Model& model, ir::Table& table, Diagnostics& diagnostics);

/// FORWARD of filter.
void lower_forward(const Model& model, ir::Table& filter, Diagnostics& diagnostics);
/// INPUT and OUTPUT of filter.
void lower_input(const Model& model, ir::Table& filter, Diagnostics& diagnostics);
void lower_output(const Model& model, ir::Table& filter, Diagnostics& diagnostics);

/// What port-forwards translate: PREROUTING and OUTPUT of nat, and their part of POSTROUTING, which must come first in it.
void lower_port_forwards(const Model& model, ir::Table& nat, PortForwards as);
/// How networks reach out: POSTROUTING of nat.
void lower_egress(const Model& model, ir::Table& nat);

/// PREROUTING of mangle: what enters by a bridge with a source that is not routed back through it.
void lower_forged_sources(const Model& model, ir::Table& mangle);
/// POSTROUTING of mangle: checksums of DHCP replies.
void lower_checksums(const Model& model, ir::Table& mangle);

/// A subnet that holds a target of a hairpin port-forward.
struct HairpinTarget {
    const Network* network;
    AddressRange subnet;
    Span origin;
};
/// Each once, in the order in which port-forwards name them.
[[nodiscard]] std::vector<HairpinTarget> hairpin_targets(const Model& model);

/// The families in which INPUT has a rule of what a network serves.
[[nodiscard]] FamilySet served_families(const Network& network);

/// Whether a service is one that DHCP servers of that family answer on.
[[nodiscard]] bool serves_dhcp(const Network& network, Family family);

}  // namespace natc

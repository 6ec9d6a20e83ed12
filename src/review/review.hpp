// What a careful colleague would say of a file that is right by itself: findings about what its rules do together, and about values that are seldom
// meant. One file a kind of finding.
#pragma once

#include "base/diagnostic.hpp"
#include "base/progress.hpp"
#include "ir/program.hpp"
#include "model/model.hpp"
#include "net/address.hpp"

namespace natc {

/// What is looked at: a file without errors.
struct Subject {
    const Sources& sources;
    const ir::Program& program;
    FamilySet families;           ///< that it binds: of a dump, one
    const Model* model = nullptr;  ///< of a .net file; a dump has none
};

/// Statements of a file, or rules of a dump, that no packet ever meets: because earlier ones take all of theirs, alone or together, or because what they
/// ask excludes itself. A statement counts if that is so of all of its rules, in every family. What natc made by itself is not spoken of, and no statement is idle
/// because of that. Errors: shadowed (it would have decided otherwise), never_matches. Warnings: idle, policy_unreached. Note: review_undecided, where that
/// was too much work.
void review_never(const Subject& subject, Diagnostics& diagnostics, Progress& progress);

/// Rules of which earlier ones of the opposite verdict take a part that they name themselves. Warning: partly_shadowed.
void review_order(const Subject& subject, Diagnostics& diagnostics);

/// What does not come to where it is sent, by what the filter does: port-forwards, services, the host's own connections, guests' questions for an address,
/// ssh from outside, uplinks. Warnings: forward_refused, own_service_taken, serve_refused, replies_refused, guests_unserved, ssh_refused, uplink_refused.
void review_reach(const Subject& subject, Diagnostics& diagnostics);

/// Addresses and MACs that are seldom meant. Warnings: public_space, mapped_address, odd_mac, whole_family.
void review_values(const Subject& subject, Diagnostics& diagnostics);

/// What a network says of itself that does not go together. Warnings: no_room, dhcp_range_taken, idle_exemption, nothing_translated, no_guest,
/// unnamed_target.
void review_networks(const Model& model, Diagnostics& diagnostics);

/// Defines, services and chains. Warnings: held_by_another, unused.
void review_names(const Model& model, const Sources& sources, Diagnostics& diagnostics);

/// All of them.
inline void review(const Subject& subject, Diagnostics& diagnostics, Progress& progress) {
    review_never(subject, diagnostics, progress);
    progress.begin("looking at the order of rules");
    review_order(subject, diagnostics);
    progress.begin("looking at what reaches whom");
    review_reach(subject, diagnostics);
    progress.begin("looking at names and values");
    review_values(subject, diagnostics);
    if (subject.model == nullptr) return;
    review_networks(*subject.model, diagnostics);
    review_names(*subject.model, subject.sources, diagnostics);
}

}  // namespace natc

// Who needs a rule of natc's own on replies. Inner header of src/lower.
#pragma once

#include <cstddef>

#include "model/model.hpp"

namespace natc {

/// How many networks are not isolated in that family.
[[nodiscard]] std::size_t open_networks(const Model& model, Family family);

/// The families in which FORWARD must accept what belongs to accepted connections by a rule of natc's own: the rules of the file do not do it for all of them.
[[nodiscard]] FamilySet replies_needed(const Model& model);

/// The families in which the top-level rules of the file do it for all.
[[nodiscard]] FamilySet replies_accepted(const Model& model);

/// Whether a rule accepts what belongs to connections, and asks for nothing but that and what its word says.
[[nodiscard]] bool accepts_replies(const Rule& rule);

}  // namespace natc

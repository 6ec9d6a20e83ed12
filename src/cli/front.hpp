// From a file, of either kind, to the rule program: the phases, one after the other.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/progress.hpp"
#include "base/source.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "ir/program.hpp"
#include "lower/lower.hpp"
#include "model/model.hpp"
#include "net/address.hpp"
#include "syntax/load.hpp"

namespace natc::cli {

/// A .net file, or what iptables-save or ip6tables-save prints.
enum class InputKind { networks, dump };

/// What a command knows of a dump's family, and what it is going to do with the program.
struct FrontOptions {
    std::optional<Family> family;  ///< what the dump must be of: `--family`, or a target that takes only one
    std::optional<Family> otherwise = {};  ///< what it is taken for where nothing tells
    Progress* progress = nullptr;          ///< told what is done, where somebody may wait for it
    PortForwards port_forwards = PortForwards::as_rules;  ///< as_maps only for what emits
};

struct Front {
    InputKind kind = InputKind::networks;
    Sources sources;
    Diagnostics diagnostics;
    std::vector<std::string> included;  ///< the paths of all files that were read besides the first one
    std::optional<Model> model;  ///< of a .net file
    ir::Program program;         ///< only if there are no errors
    FamilySet families = FamilySet::both();  ///< what the program binds: of a dump, one
    Span told_by;  ///< the place of a dump that tells its family, if one does
};

/// Runs all phases that find errors, each on what the one before gave, and settles the diagnostics. `loader` reads what is included.
[[nodiscard]] Front run_front(syntax::LoadedFile file, const FrontOptions& options, const syntax::Loader& loader = read_included);

/// Whether the output of a command is one of the files that its input `path` was read from; says so if it is.
[[nodiscard]] bool overwrites_input(const std::string& output, const std::string& path, const Front& front);

/// Adds an error where the rules, of a dump, are not of the target's family.
void check_target(Front& front, Target target);

/// The rules in the target's spelling, of a file without errors; adds to the diagnostics what the target cannot say, and settles them
/// again. The program is used up.
[[nodiscard]] std::string emit(Front& front, Target target);

}  // namespace natc::cli

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "base/print.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/front.hpp"
#include "cli/waiting.hpp"
#include "cli/rule_text.hpp"
#include "explain/host.hpp"
#include "optimise/passes.hpp"
#include "semantics/budget.hpp"
#include "semantics/differ.hpp"
#include "semantics/words.hpp"

namespace natc::cli {

namespace {

using semantics::Course;
using semantics::Difference;
using semantics::Differences;
using semantics::Fate;
using semantics::Origin;
using semantics::Space;
using semantics::Step;

struct Side {
    Front front;
    ir::Program program;
};

/// The differences of one family.
struct Result {
    Family family;
    std::unique_ptr<Space> space;
    Differences differences;
};

// What is printed of the differences: more is for programs, which have all of it by `--format json`.
constexpr std::size_t most_classes = 100;
constexpr std::size_t most_descriptions = 20;
constexpr std::size_t most_lines = 20;
constexpr std::size_t most_fates = 20;

/// `  and 7 further lines`, where there are more of something than are printed.
std::string further(std::string_view indent, std::size_t all, std::size_t printed, std::string_view what) {
    return all > printed ? fmt::format("{}and {} further {}: `--format json` has them\n", indent, all - printed, what) : std::string();
}

std::string_view course_text(const Difference& difference) {
    if (difference.origin == Origin::host) return "from the host";
    const Course before = difference.before_course;
    const Course after = difference.after_course;
    const Course known = before == Course::undecided ? after : before;
    if (before != after && before != Course::undecided && after != Course::undecided) return "arriving";
    switch (known) {
        case Course::to_host: return "to the host";
        case Course::through_host: return "forwarded";
        default: return "arriving";
    }
}

std::string fates_text(const std::vector<Fate>& fates, Course course, const Space& space, std::size_t most) {
    std::string text;
    for (std::size_t i = 0; i < std::min(fates.size(), most); ++i) {
        const Fate& fate = fates[i];
        text += (text.empty() ? "" : ", or ") + semantics::words(fate, space);
        if (fate.kind == Fate::Kind::accept && course == Course::to_host && !fate.redirected && fate.to) text += " (the host itself)";
    }
    if (fates.size() > most) text += fmt::format(", or {} further ends", fates.size() - most);
    return text;
}

/// The lines that decide, each once.
void append_steps(std::string& text, const char* word, const std::vector<Step>& steps, Family family, const Sources& sources) {
    std::vector<std::string> lines;
    std::unordered_set<std::string> known;
    for (const Step& step : steps) {
        const auto place = place_of(step, sources);
        std::string line = place ? fmt::format("{}:{}: {}", place->file, place->line, place->text) : fmt::format("{}: {}", chain_text(step), rule_text(step, family));
        if (known.insert(line).second) lines.push_back(std::move(line));
    }
    for (std::size_t i = 0; i < std::min(lines.size(), most_lines); ++i) text += fmt::format("  {:<8}{}\n", i == 0 ? word : "", lines[i]);
    text += further("          ", lines.size(), most_lines, "lines");
}

std::string example_text(const Difference& difference, std::size_t which, const Space& space) {
    const Course course = difference.before_course == Course::to_host && difference.after_course != Course::through_host ? Course::to_host : Course::through_host;
    return semantics::example(difference.examples[which], difference.origin == Origin::host ? Course::from_host : course, space);
}

std::string as_text(const std::vector<Result>& results, const Sources& before, const Sources& after) {
    std::string text;
    std::size_t classes = 0;
    for (const Result& result : results)
        for (const Difference& difference : result.differences.classes) {
            if (++classes > most_classes) continue;
            if (!text.empty()) text += '\n';
            text += fmt::format("{}{}, {}: before {}; after {}\n", difference.unsure ? "maybe " : "", name(result.family), course_text(difference),
                                fates_text(difference.before, difference.before_course, *result.space, most_fates), fates_text(difference.after, difference.after_course, *result.space, most_fates));
            append_steps(text, "before", difference.before_steps, result.family, before);
            append_steps(text, "after", difference.after_steps, result.family, after);
            for (std::size_t i = 0; i < std::min(difference.packets.size(), most_descriptions); ++i) {
                text += fmt::format("  packets {}\n", semantics::words(difference.packets[i], *result.space));
                text += fmt::format("          for example {}\n", example_text(difference, i, *result.space));
            }
            text += further("          ", difference.packets.size(), most_descriptions, "descriptions of packets");
        }
    if (classes > most_classes) text += '\n' + further("", classes, most_classes, "classes");
    return text;
}

nlohmann::ordered_json steps_json(const std::vector<Step>& steps, Family family, const Sources& sources) {
    auto list = nlohmann::ordered_json::array();
    for (const Step& step : steps) list.push_back(step_json(step, family, place_of(step, sources)));
    return list;
}

nlohmann::ordered_json as_json(const std::vector<Result>& results, bool equal, bool undecided, const Sources& before, const Sources& after) {
    using nlohmann::ordered_json;
    ordered_json list = ordered_json::array();
    for (const Result& result : results)
        for (const Difference& difference : result.differences.classes) {
            ordered_json one;
            one["family"] = result.family == Family::ipv4 ? "ipv4" : "ipv6";
            one["way"] = course_text(difference);
            ordered_json packets = ordered_json::array();
            for (std::size_t i = 0; i < difference.packets.size(); ++i)
                packets.push_back({{"words", semantics::words(difference.packets[i], *result.space)}, {"example", example_text(difference, i, *result.space)}});
            one["packets"] = std::move(packets);
            one["certain"] = !difference.unsure;
            one["before"] = {{"fate", fates_text(difference.before, difference.before_course, *result.space, difference.before.size())}, {"rules", steps_json(difference.before_steps, result.family, before)}};
            one["after"] = {{"fate", fates_text(difference.after, difference.after_course, *result.space, difference.after.size())}, {"rules", steps_json(difference.after_steps, result.family, after)}};
            list.push_back(std::move(one));
        }
    return ordered_json{{"equal", equal}, {"undecided", undecided}, {"differences", std::move(list)}};
}

explain::Host host_of(const Side& side) { return explain::Host(side.front.model ? &*side.front.model : nullptr); }

/// What is known of the host that a file is for: one without networks tells nothing of it, but is compared with what is meant for the same.
semantics::Surroundings around(const Side& side, const Side& other) {
    const bool tells = side.front.model && !side.front.model->networks.empty();
    return host_of(tells ? side : other).surroundings();
}

/// Reads and compiles one of the two. Something else than all_well is the whole command's status.
Status load(const std::string& path, const DiffOptions& options, Side& side) {
    std::optional<syntax::LoadedFile> file = read_input(path);
    if (!file) return could_not_work;
    Progress progress;
    const Waiting waiting(progress);
    side.front = run_front(std::move(*file), {options.family, {}, &progress});
    if (side.front.diagnostics.errors() > 0) {
        say(print(side.front.diagnostics, side.front.sources, use_color(options.color)));
        return input_has_errors;
    }
    side.program = fit_iptables(std::move(side.front.program));
    return all_well;
}

}  // namespace

Status diff(const DiffOptions& options) {
    if (options.before == "-" && options.after == "-") {
        complain("only one of the two can be standard input");
        return could_not_work;
    }
    Side before;
    Side after;
    for (const auto& [path, side] : {std::pair(&options.before, &before), {&options.after, &after}})
        if (const Status status = load(*path, options, *side); status != all_well) return status;

    std::vector<InterfaceName> names;
    for (const Side* side : {&before, &after})
        for (InterfaceName& name : host_of(*side).interfaces()) names.push_back(std::move(name));
    const FamilySet common = before.front.families & after.front.families;
    if (common.empty()) {
        complain(fmt::format("{} and {} are of two families: there is nothing to compare", options.before, options.after));
        return could_not_work;
    }
    Progress progress;
    const Waiting waiting(progress);
    std::vector<Result> results;
    bool spent = false;
    bool different = false;
    bool unsure = false;
    for (const Family family : all_families) {
        if (!common.contains(family)) continue;
        progress.begin(family == Family::ipv4 ? "comparing the IPv4 rules" : "comparing the IPv6 rules");
        const std::vector<const ir::Program*> programs{&before.program, &after.program};
        auto space = std::make_unique<Space>(family, programs, std::span<const AddressRange>(), names);
        packet::Budget budget(semantics::steps);
        Differences differences = semantics::differ({before.program, around(before, after)}, {after.program, around(after, before)}, *space, budget);
        spent = spent || differences.undecided;
        for (const Difference& difference : differences.classes) (difference.unsure ? unsure : different) = true;
        results.push_back({family, std::move(space), std::move(differences)});
    }
    const bool equal = !spent && !different && !unsure;
    const bool open = !different && (spent || unsure);
    std::string text;
    if (options.format == Format::json) {
        text = as_json(results, equal, open, before.front.sources, after.front.sources).dump(2) + '\n';
    } else {
        text = as_text(results, before.front.sources, after.front.sources);
        if (equal) text = common == FamilySet::both() ? "equal: every packet meets the same end in both\n" : fmt::format("equal: every {} packet meets the same end in both\n", name(common.contains(Family::ipv4) ? Family::ipv4 : Family::ipv6));
        if (common != before.front.families || common != after.front.families) say(fmt::format("natc: only {} is compared: the other file is of no more\n", name(common.contains(Family::ipv4) ? Family::ipv4 : Family::ipv6)));
        if (spent) text += "undecided: the rules are too many and too entangled; there may be more differences\n";
        if (open && !spent) text += "undecided: a match that natc does not look into decides\n";
    }
    if (const Status status = print_result(text); status != all_well) return status;
    if (different) return input_has_errors;
    return equal ? all_well : undecided;
}

}  // namespace natc::cli

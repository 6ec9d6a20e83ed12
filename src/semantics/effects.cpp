#include "semantics/effects.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace natc::semantics {

namespace {

// What xtables' own targets do, by their sources: those that return XT_CONTINUE, and those that give a verdict.
constexpr std::string_view targets_that_go_on[] = {"AUDIT", "CHECKSUM", "CLASSIFY", "CONNMARK", "CONNSECMARK", "CT", "DSCP", "ECN", "HL", "HMARK", "IDLETIMER", "LED",
                                                   "LOG", "MARK", "NFLOG", "NOTRACK", "RATEEST", "SECMARK", "SET", "TCPMSS", "TCPOPTSTRIP", "TEE", "TOS", "TRACE", "TTL", "ULOG"};
constexpr std::string_view targets_that_end[] = {"DNAT", "MASQUERADE", "MIRROR", "NETMAP", "NFQUEUE", "QUEUE", "REDIRECT", "REJECT", "SAME", "SNAT", "TARPIT"};
constexpr std::string_view targets_that_translate[] = {"DNAT", "MASQUERADE", "NETMAP", "REDIRECT", "SAME", "SNAT"};
// Those that tell somebody, and do nothing else.
constexpr std::string_view targets_that_tell[] = {"AUDIT", "IDLETIMER", "LED", "LOG", "NFLOG", "TRACE", "ULOG"};
// Those whose work is kept somewhere else than in the packet.
constexpr std::string_view targets_that_last[] = {"CONNMARK", "CONNSECMARK", "RATEEST", "SET", "TEE"};

template <std::size_t count>
bool is_one_of(std::string_view name, const std::string_view (&names)[count]) {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

/// The name of a target that is kept word for word.
std::string_view target_of(const ir::Foreign& foreign) {
    const std::string_view words = foreign.words;
    return words.substr(0, words.find(' '));
}

/// Whether options have this word among them.
bool has_option(std::string_view words, std::string_view option) {
    for (auto at = words.find(option); at != std::string_view::npos; at = words.find(option, at + 1)) {
        const auto end = at + option.size();
        if (at > 0 && words[at - 1] == ' ' && (end == words.size() || words[end] == ' ')) return true;
    }
    return false;
}

/// Whether a match writes down what it sees, where other rules may find it: a list of addresses, a table of rates.
bool writes(const ir::Match& match) {
    const auto* verbatim = std::get_if<ir::Verbatim>(&match);
    if (verbatim == nullptr) return false;
    const std::string_view words = verbatim->options;
    if (words.starts_with("-m recent ")) return has_option(words, "--set") || has_option(words, "--update") || has_option(words, "--remove");
    return words.starts_with("-m hashlimit ") || (words.starts_with("-m socket ") && has_option(words, "--restore-skmark"));
}

}  // namespace

Way way_of(const ir::Statement& statement) {
    struct Visitor {
        Way operator()(const ir::Accept&) const { return Way::ends; }
        Way operator()(const ir::Drop&) const { return Way::ends; }
        Way operator()(const ir::Reject&) const { return Way::ends; }
        Way operator()(const ir::Masquerade&) const { return Way::ends; }
        Way operator()(const ir::SourceNat&) const { return Way::ends; }
        Way operator()(const ir::DestinationNat&) const { return Way::ends; }
        Way operator()(const ir::Redirect&) const { return Way::ends; }
        Way operator()(const ir::ByPort&) const {
            assert(false && "port-forwards are lowered as plain rules for semantics");
            return Way::may_end;
        }
        Way operator()(const ir::Log&) const { return Way::goes_on; }
        Way operator()(const ir::Return&) const { return Way::goes_on; }
        Way operator()(const ir::Jump&) const { return Way::goes_on; }
        Way operator()(const ir::Goto&) const { return Way::goes_on; }
        Way operator()(const ir::FillChecksum&) const { return Way::goes_on; }
        Way operator()(const ir::SetMark&) const { return Way::goes_on; }
        Way operator()(const ir::ClampMss&) const { return Way::goes_on; }
        Way operator()(const ir::NoTrack&) const { return Way::goes_on; }
        Way operator()(const ir::Continue&) const { return Way::goes_on; }
        Way operator()(const ir::Foreign& foreign) const {
            const std::string_view target = target_of(foreign);
            if (is_one_of(target, targets_that_go_on)) return Way::goes_on;
            if (is_one_of(target, targets_that_end)) return Way::ends;
            return Way::may_end;
        }
    };
    return std::visit(Visitor{}, statement);
}

bool restores_mark(const ir::Foreign& foreign) {
    const std::string_view target = target_of(foreign);
    if (target == "HMARK" || target == "MARK") return true;
    if (target == "CONNMARK") return has_option(foreign.words, "--restore-mark");
    return target == "SET" && has_option(foreign.words, "--map-mark");
}

bool changes_mark(const ir::Statement& statement) {
    if (const auto* foreign = std::get_if<ir::Foreign>(&statement)) return restores_mark(*foreign);
    return std::holds_alternative<ir::SetMark>(statement);
}

bool translates(const ir::Foreign& foreign) { return is_one_of(target_of(foreign), targets_that_translate); }

bool translates(const ir::Statement& statement) {
    const auto* foreign = std::get_if<ir::Foreign>(&statement);
    return std::holds_alternative<ir::DestinationNat>(statement) || std::holds_alternative<ir::Redirect>(statement) || (foreign != nullptr && translates(*foreign));
}

bool keeps_ports(const ir::Foreign& foreign) { return target_of(foreign) == "NETMAP" || target_of(foreign) == "SAME"; }

std::vector<Doing> doings_of(const ir::Rule& rule) {
    std::vector<Doing> doings;
    for (const ir::Match& match : rule.matches)
        if (writes(match)) doings.push_back({std::get<ir::Verbatim>(match).options, true});
    const auto* foreign = std::get_if<ir::Foreign>(&rule.statement);
    if (foreign == nullptr) return doings;
    const std::string_view target = target_of(*foreign);
    const bool does = translates(*foreign) || (way_of(*foreign) == Way::goes_on && !is_one_of(target, targets_that_tell));
    if (does) doings.push_back({foreign->words, is_one_of(target, targets_that_last)});
    return doings;
}

bool changes_packet(const ir::Rule& rule) {
    const ir::Statement& statement = rule.statement;
    return changes_mark(statement) || std::holds_alternative<ir::NoTrack>(statement) || std::holds_alternative<ir::ClampMss>(statement) ||
           std::holds_alternative<ir::FillChecksum>(statement) || !doings_of(rule).empty();
}

}  // namespace natc::semantics

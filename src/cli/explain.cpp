#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/print.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/front.hpp"
#include "cli/rule_text.hpp"
#include "explain/explain.hpp"
#include "optimise/passes.hpp"
#include "semantics/words.hpp"

namespace natc::cli {

namespace {

using explain::Answer;
using explain::Outcome;
using semantics::Course;
using semantics::Fate;
using semantics::Field;
using semantics::Step;

/// Whether a match that natc does not look into had a say: the rule may match or not.
bool may(const Step& step) {
    bool unknown = false;
    if (step.rule != nullptr)
        for (const ir::Match& match : step.rule->matches)
            ir::visit_meaning(match, [&](const auto& m) {
                using M = std::decay_t<decltype(m)>;
                unknown = unknown || std::is_same_v<M, ir::Verbatim> || std::is_same_v<M, ir::RateLimit>;
            });
    return unknown;
}

/// Steps that people want to see: not the policies that let pass what nothing in their table is about.
bool worth_telling(const Step& step) {
    return step.rule != nullptr || step.chain->policy == ir::Policy::drop || step.table == ir::TableName::filter;
}

/// `10.1.1.28:22`, where it goes in the end; empty if the packet does not say.
struct End {
    std::string address, port;
    [[nodiscard]] std::string text() const {
        if (address.empty()) return port.empty() ? "" : "port " + port;
        if (port.empty()) return address;
        return (address.find(':') == std::string::npos ? address : "[" + address + "]") + ":" + port;
    }
};

End destination(const semantics::Journey& journey, const semantics::Space& space) {
    End end;
    const packet::Interval to = journey.now[+Field::destination];
    if (journey.fate.redirected)
        end.address = "the host itself";
    else if (to != space.whole()[+Field::destination])
        end.address = to_string(space.addresses(to));
    const packet::Interval protocol = journey.now[+Field::protocol];
    const packet::Interval ports = journey.now[+Field::destination_port];
    if (protocol.single() && has_ports(Protocol{static_cast<std::uint8_t>(protocol.first)}) && ports != space.whole()[+Field::destination_port])
        end.port = to_string(PortRange{static_cast<std::uint16_t>(ports.first), static_cast<std::uint16_t>(ports.last)});
    return end;
}

std::string out_interface(const semantics::Journey& journey, const semantics::Space& space) {
    if (journey.course == Course::to_host || journey.course == Course::undecided) return {};
    return space.interfaces().name(journey.now[+Field::out]);
}

/// The second line: where it goes, where translation or forwarding changed it.
std::string way_out(const semantics::Journey& journey, const semantics::Space& space) {
    const Fate& fate = journey.fate;
    if (fate.kind != Fate::Kind::accept) return {};
    const bool moved = fate.to || fate.redirected || fate.to_ports || fate.shift != 0;
    std::string text;
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
    if (moved || journey.course == Course::through_host) {
        const std::string to = destination(journey, space).text();
        const std::string out = out_interface(journey, space);
        std::string part = to.empty() ? "" : "to " + to;
        if (!out.empty()) part += (part.empty() ? "" : " ") + ("out " + out);
        if (!part.empty()) add(part);
    }
    Fate rest = fate;
    rest.to.reset();
    rest.to_ports.reset();
    rest.shift = 0;
    rest.redirected = false;
    if (const std::string others = semantics::translation(rest, space); !others.empty()) add(others);
    return text;
}

std::string steps_text(const Answer& answer, const Outcome& outcome, const Sources& sources) {
    std::string text;
    for (const Step& step : outcome.journey.steps) {
        if (!worth_telling(step)) continue;
        text += fmt::format("  {}: {}{}\n", chain_text(step), may(step) ? "may match: " : "", rule_text(step, answer.family));
        const auto place = place_of(step, sources);
        if (!place) continue;
        // A dump's line is the rule itself.
        text += fmt::format("      {}:{}", place->file, place->line);
        if (step.rule->spelling.empty()) text += fmt::format(": {}", place->text);
        text += '\n';
    }
    return text;
}

std::string as_text(const Answer& answer, const Sources& sources) {
    std::string text;
    if (answer.undecided) return "undecided: the rules are too many and too entangled\n";
    if (answer.outcomes.size() > 1) text += answer.by_unknown ? "undecided: a match that natc does not look into decides\n" : "undecided: it depends on what the packet does not say\n";
    for (const Outcome& outcome : answer.outcomes) {
        if (answer.outcomes.size() > 1) text += "\nmay ";
        text += semantics::verdict(outcome.journey.fate);
        if (!outcome.condition.empty()) text += fmt::format(": {}", outcome.condition);
        text += '\n';
        if (const std::string way = way_out(outcome.journey, *answer.space); !way.empty()) text += way + '\n';
        if (answer.outcomes.size() > 1) text += steps_text(answer, outcome, sources);
    }
    if (answer.outcomes.size() == 1) {
        const std::string steps = steps_text(answer, answer.outcomes.front(), sources);
        if (!steps.empty()) text += '\n' + steps;
    }
    if (!answer.notes.empty()) text += '\n';
    for (const std::string& note : answer.notes) text += fmt::format("note: {}\n", note);
    return text;
}

nlohmann::ordered_json as_json(const Answer& answer, const Sources& sources) {
    using nlohmann::ordered_json;
    ordered_json result;
    result["family"] = answer.family == Family::ipv4 ? "ipv4" : "ipv6";
    result["decided"] = !answer.undecided && answer.outcomes.size() == 1;
    ordered_json outcomes = ordered_json::array();
    for (const Outcome& outcome : answer.outcomes) {
        const Fate& fate = outcome.journey.fate;
        ordered_json one;
        constexpr std::string_view kinds[] = {"accept", "drop", "reject", "elsewhere"};
        one["fate"] = kinds[static_cast<std::size_t>(fate.kind)];
        if (!fate.words.empty()) one["with"] = fate.words;
        if (!outcome.condition.empty()) one["if"] = outcome.condition;
        if (fate.kind == Fate::Kind::accept) {
            const End end = destination(outcome.journey, *answer.space);
            if (!end.address.empty()) one["to"] = end.address;
            if (!end.port.empty()) one["port"] = end.port;
            if (const std::string out = out_interface(outcome.journey, *answer.space); !out.empty()) one["out"] = out;
            if (fate.masqueraded) one["from"] = "masquerade";
            if (fate.from) one["from"] = to_string(answer.space->addresses(*fate.from));
            if (fate.from_ports) one["from_ports"] = to_string(*fate.from_ports);
        }
        ordered_json steps = ordered_json::array();
        for (const Step& step : outcome.journey.steps) {
            ordered_json entry = step_json(step, answer.family, sources);
            entry["may"] = may(step);
            steps.push_back(std::move(entry));
        }
        one["steps"] = std::move(steps);
        outcomes.push_back(std::move(one));
    }
    result["outcomes"] = std::move(outcomes);
    result["notes"] = answer.notes;
    return result;
}

/// What the packet's addresses tell of its family, for a dump that does not tell its own.
Family family_of_words(const std::vector<std::string>& packet) {
    const bool colons = std::any_of(packet.begin(), packet.end(), [](const std::string& word) { return word.find("::") != std::string::npos || std::count(word.begin(), word.end(), ':') > 2; });
    return colons ? Family::ipv6 : Family::ipv4;
}

}  // namespace

Status explain_packet(const ExplainOptions& options) {
    std::optional<syntax::LoadedFile> file = read_input(options.file);
    if (!file) return could_not_work;
    Front front = run_front(std::move(*file), {options.family, family_of_words(options.packet)});
    if (front.diagnostics.errors() > 0) {
        say(print(front.diagnostics, front.sources, use_color(options.color)));
        return input_has_errors;
    }
    std::string words;
    for (const std::string& word : options.packet) words += (words.empty() ? "" : " ") + word;
    const Span text = front.sources.add("PACKET", words);
    const Model* model = front.model ? &*front.model : nullptr;
    // What it says of the file was said by `compile`.
    Diagnostics diagnostics;
    const explain::PacketText packet = explain::read_packet(text, front.sources, model, diagnostics);
    const ir::Program program = for_iptables(std::move(front.program));
    std::optional<Answer> answer;
    if (diagnostics.errors() == 0) answer = explain::explain(program, front.families, explain::Host(model), packet, text, diagnostics);
    if (!answer) {
        diagnostics.settle(front.sources);
        say(print(diagnostics, front.sources, use_color(options.color)));
        return could_not_work;
    }
    const std::string result = options.format == Format::json ? as_json(*answer, front.sources).dump(2) + '\n' : as_text(*answer, front.sources);
    if (const Status status = print_result(result); status != all_well) return status;
    return answer->undecided || answer->outcomes.size() != 1 ? undecided : all_well;
}

}  // namespace natc::cli

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/print.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/front.hpp"
#include "cli/waiting.hpp"
#include "cli/rule_text.hpp"
#include "explain/explain.hpp"
#include "model/resolve.hpp"
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
bool may(const Step& step, const Answer& answer) {
    bool unknown = false;
    if (step.rule != nullptr)
        for (const ir::Match& match : step.rule->matches)
            ir::visit_meaning(match, [&](const auto& m) {
                using M = std::decay_t<decltype(m)>;
                if constexpr (std::is_same_v<M, ir::RateLimit>) unknown = true;
                if constexpr (std::is_same_v<M, ir::Verbatim>) unknown = unknown || !answer.answered.contains(m.options);
            });
    return unknown;
}

/// Chains of natc's own: no file may name one so.
bool is_natcs_own(const ir::Chain& chain) { return chain.name.starts_with("natc-"); }

/// Which of the steps came to nothing: calls of chains that the packet left again without meeting a rule that did something, and the ways out of
/// natc's own chains.
class Idle {
public:
    explicit Idle(const std::vector<Step>& steps) : steps_(steps), idle_(steps.size()) {
        for (std::size_t at = 0; at < steps.size();) (void)look_at(at);
    }
    [[nodiscard]] bool operator[](std::size_t step) const { return idle_[step]; }

private:
    /// Whether the step did something, it or what it called. Moves on to the step behind.
    bool look_at(std::size_t& at) {
        const std::size_t here = at++;
        const Step& step = steps_[here];
        if (step.rule == nullptr) return true;
        if (std::holds_alternative<ir::Return>(step.rule->statement)) {
            idle_[here] = is_natcs_own(*step.chain);
            return !idle_[here];
        }
        const std::string* called = ir::called_chain(step.rule->statement);
        if (called == nullptr) return true;
        bool did = false;
        while (at < steps_.size() && steps_[at].table == step.table && steps_[at].hook == step.hook && steps_[at].chain->name == *called) did = look_at(at) || did;
        idle_[here] = !did;
        return did;
    }

    const std::vector<Step>& steps_;
    std::vector<bool> idle_;
};

/// Steps that people want to see: not the policies that let pass what nothing in their table is about.
bool worth_telling(const Step& step) {
    return step.rule != nullptr || step.chain->policy == ir::Policy::drop || step.table == ir::TableName::filter;
}

/// What the answer is put into words with.
struct View {
    const Answer& answer;
    const Sources& sources;
    const Model& model;

    /// Port-forwards share rules for what they have translated: of them, the one that did is named.
    [[nodiscard]] std::optional<Place> place(const Step& step, const std::vector<Step>& steps) const {
        const auto place = place_of(step, sources);
        if (!place || std::holds_alternative<ir::DestinationNat>(step.rule->statement) || !is_port_forward(step)) return place;
        for (const Step& other : steps)
            if (other.rule != nullptr && std::holds_alternative<ir::DestinationNat>(other.rule->statement) && is_port_forward(other)) return place_of(other, sources);
        return place;
    }

private:
    [[nodiscard]] bool is_port_forward(const Step& step) const {
        return step.rule != nullptr && !step.rule->origins.empty() &&
               std::any_of(model.port_forwards.begin(), model.port_forwards.end(), [&](const PortForward& forward) { return forward.span == step.rule->origins.front(); });
    }
};

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
        const End end = destination(journey, space);
        // Of many, the port says nothing that was not asked.
        const std::string to = end.address.empty() && !moved ? "" : end.text();
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

std::string steps_text(const View& view, const Outcome& outcome) {
    std::string text;
    const std::vector<Step>& steps = outcome.journey.steps;
    const Idle idle(steps);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const Step& step = steps[i];
        if (!worth_telling(step) || idle[i]) continue;
        text += fmt::format("  {}: {}{}\n", chain_text(step), may(step, view.answer) ? "may match: " : "", rule_text(step, view.answer.family));
        const auto place = view.place(step, steps);
        if (!place) continue;
        // A dump's line is the rule itself.
        text += fmt::format("      {}:{}", place->file, place->line);
        if (step.rule->spelling.empty()) text += fmt::format(": {}", place->text);
        text += '\n';
    }
    return text;
}

/// Nobody reads more ways in which a packet may end.
constexpr std::size_t most_outcomes = 20;

std::string as_text(const View& view) {
    const Answer& answer = view.answer;
    std::string text;
    if (answer.undecided) return "undecided: the rules are too many and too entangled\n";
    if (answer.outcomes.size() > 1) text += answer.by_unknown ? "undecided: a match that natc does not look into decides\n" : "undecided: it depends on what the packet does not say\n";
    for (std::size_t i = 0; i < std::min(answer.outcomes.size(), most_outcomes); ++i) {
        const Outcome& outcome = answer.outcomes[i];
        if (answer.outcomes.size() > 1) text += "\nmay ";
        text += semantics::verdict(outcome.journey.fate);
        if (!outcome.condition.empty()) text += fmt::format(": {}", outcome.condition);
        text += '\n';
        if (const std::string way = way_out(outcome.journey, *answer.space); !way.empty()) text += way + '\n';
        if (answer.outcomes.size() > 1) text += steps_text(view, outcome);
    }
    if (answer.outcomes.size() > most_outcomes) text += fmt::format("\nand {} further ends: `--format json` has them all\n", answer.outcomes.size() - most_outcomes);
    if (answer.outcomes.size() == 1) {
        const std::string steps = steps_text(view, answer.outcomes.front());
        if (!steps.empty()) text += '\n' + steps;
    }
    if (!answer.notes.empty()) text += '\n';
    for (const std::string& note : answer.notes) text += fmt::format("note: {}\n", note);
    return text;
}

nlohmann::ordered_json steps_json(const View& view, const std::vector<Step>& steps) {
    nlohmann::ordered_json result = nlohmann::ordered_json::array();
    const Idle idle(steps);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const Step& step = steps[i];
        nlohmann::ordered_json entry = step_json(step, view.answer.family, view.place(step, steps));
        entry["may"] = may(step, view.answer);
        entry["idle"] = idle[i];
        result.push_back(std::move(entry));
    }
    return result;
}

nlohmann::ordered_json as_json(const View& view) {
    using nlohmann::ordered_json;
    const Answer& answer = view.answer;
    ordered_json result;
    result["family"] = answer.family == Family::ipv4 ? "ipv4" : "ipv6";
    result["decided"] = !answer.undecided && answer.outcomes.size() == 1;
    if (!result["decided"]) result["depends_on"] = answer.undecided ? "too many rules" : answer.by_unknown ? "a match" : "the packet";
    ordered_json outcomes = ordered_json::array();
    for (const Outcome& outcome : answer.outcomes) {
        const Fate& fate = outcome.journey.fate;
        ordered_json one;
        constexpr std::string_view kinds[] = {"accept", "drop", "reject", "elsewhere"};
        one["fate"] = kinds[static_cast<std::size_t>(fate.kind)];
        if (!fate.words.empty()) one["with"] = fate.words;
        constexpr std::string_view courses[] = {"undecided", "to the host", "through the host", "from the host"};
        one["course"] = courses[static_cast<std::size_t>(outcome.journey.course)];
        if (!outcome.condition.empty()) one["if"] = outcome.condition;
        if (fate.kind == Fate::Kind::accept) {
            const End end = destination(outcome.journey, *answer.space);
            if (!end.address.empty()) one["to"] = end.address;
            if (!end.port.empty()) one["port"] = end.port;
            if (const std::string out = out_interface(outcome.journey, *answer.space); !out.empty()) one["out"] = out;
            if (fate.masqueraded) one["from"] = "masquerade";
            if (fate.from) one["from"] = to_string(answer.space->addresses(*fate.from));
            if (fate.from_ports) one["from_ports"] = to_string(*fate.from_ports);
            if (fate.mark) one["mark"] = fate.mark->single() ? fmt::format("{:#x}", answer.space->mark_of(fate.mark->first)) : "some mark";
            if (fate.clamped) one["mss_clamped"] = true;
            if (fate.filled) one["checksum_filled"] = true;
            if (fate.untracked) one["untracked"] = true;
            for (const semantics::Deed& deed : fate.deeds) one["does"].push_back(deed.words);
        }
        one["steps"] = steps_json(view, outcome.journey.steps);
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
    Progress progress;
    const Waiting waiting(progress);
    Front front = run_front(std::move(*file), {options.family, family_of_words(options.packet), &progress});
    if (front.diagnostics.errors() > 0) {
        say(print(front.diagnostics, front.sources, use_color(options.color)));
        return input_has_errors;
    }
    std::string words;
    for (const std::string& word : options.packet) words += (words.empty() ? "" : " ") + word;
    const Span text = front.sources.add("PACKET", words);
    // What it says of the file was said by `compile`.
    Diagnostics diagnostics;
    // A dump has natc's own services, and nothing else.
    const Model model = front.model ? std::move(*front.model) : resolve(syntax::Input{}, front.sources, diagnostics);
    const explain::PacketText packet = explain::read_packet(text, front.sources, model, !front.model, diagnostics);
    const ir::Program program = fit_iptables(std::move(front.program));
    const auto place = [&](const ir::Rule& rule) {
        const auto at = place_of(rule, front.sources);
        return at ? fmt::format("{}:{}", at->file, at->line) : std::string();
    };
    std::optional<Answer> answer;
    progress.begin("following the packet");
    if (diagnostics.errors() == 0) answer = explain::explain(program, front.families, model, packet, text, place, diagnostics);
    if (!answer) {
        diagnostics.settle(front.sources);
        say(print(diagnostics, front.sources, use_color(options.color)));
        return could_not_work;
    }
    const View view{*answer, front.sources, model};
    const std::string result = options.format == Format::json ? as_json(view).dump(2) + '\n' : as_text(view);
    if (const Status status = print_result(result); status != all_well) return status;
    return answer->undecided || answer->outcomes.size() != 1 ? undecided : all_well;
}

}  // namespace natc::cli

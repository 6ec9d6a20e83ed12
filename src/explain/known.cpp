#include "explain/known.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string_view>

#include "net/port.hpp"
#include "semantics/effects.hpp"

namespace natc::explain {

using semantics::Field;
using semantics::Space;
using semantics::Unknown;

namespace {

template <typename Is>
bool any_statement(const ir::Program& program, Is is) {
    for (const ir::Table& table : program.tables)
        for (const ir::Chain& chain : table.chains)
            if (std::any_of(chain.rules.begin(), chain.rules.end(), [&](const ir::Rule& rule) { return is(rule.statement); })) return true;
    return false;
}

/// Whether all of the addresses lie in what is asked for, or none.
std::optional<bool> lies_in(const AddressRange& addresses, const AddressRange& asked) {
    if (asked.contains(addresses)) return true;
    return asked.overlaps(addresses) ? std::nullopt : std::optional(false);
}

std::optional<bool> mark_is(const Unknown& unknown, std::uint32_t mark) {
    for (const ir::Match& match : unknown.rule->matches) {
        std::optional<bool> answer;
        ir::visit_meaning(match, [&](const auto& m) {
            // The words of the field are those without `!`.
            if constexpr (std::is_same_v<std::decay_t<decltype(m)>, ir::MarkIs>)
                if (unknown.words == fmt::format("mark {:#x}/{:#x}", m.value, m.mask)) answer = (mark & m.mask) == m.value;
        });
        if (answer) return answer;
    }
    return std::nullopt;
}

/// What stands behind a word of the match's, and `not` behind a `!`.
struct Asked {
    std::string_view value;
    bool negated = false;
};

std::optional<Asked> behind(std::string_view words, std::string_view option) {
    constexpr std::string_view module = "-m conntrack ";
    if (!words.starts_with(module)) return std::nullopt;
    words.remove_prefix(module.size());
    const bool negated = words.starts_with("! ");
    if (negated) words.remove_prefix(2);
    if (!words.starts_with(option) || !words.substr(option.size()).starts_with(' ')) return std::nullopt;
    words.remove_prefix(option.size() + 1);
    // The only option of its match.
    return words.find(' ') == std::string_view::npos ? std::optional(Asked{words, negated}) : std::nullopt;
}

std::optional<bool> opened_to(const Unknown& unknown, const packet::Region& region, const Space& space) {
    std::optional<bool> answer;
    bool negated = false;
    if (const auto asked = behind(unknown.words, "--ctorigdst")) {
        negated = asked->negated;
        if (const auto range = parse_addresses(asked->value); range && range->family() == space.family()) answer = lies_in(space.addresses(region[+Field::destination]), *range);
    } else if (const auto port = behind(unknown.words, "--ctorigdstport")) {
        negated = port->negated;
        const packet::Interval ports = region[+Field::destination_port];
        if (const auto number = parse_ports(port->value); number && region[+Field::protocol].single() && has_ports(Protocol{static_cast<std::uint8_t>(region[+Field::protocol].first)})) {
            if (number->first <= ports.first && ports.last <= number->last) answer = true;
            if (ports.last < number->first || number->last < ports.first) answer = false;
        }
    }
    return answer ? std::optional(*answer != negated) : std::nullopt;
}

}  // namespace

void answer_known(packet::Region& region, const Space& space, const ir::Program& program) {
    const bool marks_stay = !any_statement(program, semantics::changes_mark);
    const bool all_tracked = !any_statement(program, [](const ir::Statement& statement) { return std::holds_alternative<ir::NoTrack>(statement); });
    const bool is_new = region[+Field::state] == packet::Interval{semantics::state_new, semantics::state_new};
    for (packet::FieldIndex field = semantics::known_fields; field < region.size(); ++field) {
        const Unknown& unknown = space.unknown(field);
        std::optional<bool> answer;
        if (marks_stay && region[+Field::mark].single() && unknown.rule != nullptr) answer = mark_is(unknown, space.mark_of(region[+Field::mark].first));
        if (!answer && is_new && all_tracked) answer = opened_to(unknown, region, space);
        if (answer) region[field] = *answer ? packet::Interval{1, 1} : packet::Interval{0, 0};
    }
}

}  // namespace natc::explain

#include "semantics/unknowns.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <set>
#include <type_traits>

namespace natc::semantics {

namespace {

constexpr Path nothing_asked = 0;

/// So many calls of chains that ask something are told apart.
constexpr std::size_t most_paths = 50'000;

/// What an answer hangs on.
enum class Looks : std::uint8_t {
    at_what_stays,  ///< the same packet gives the same answer wherever it is asked
    at_its_way,     ///< destination, ports, interfaces, or what else the host changes in passing on
    at_more,        ///< it counts, or remembers what it saw
};

bool is_one_of(std::string_view words, std::span<const std::string_view> beginnings) {
    return std::any_of(beginnings.begin(), beginnings.end(), [&](std::string_view beginning) { return words.starts_with(beginning); });
}

constexpr std::string_view stays[] = {"-m owner ", "-m string ", "-m length ", "-m time ", "-m dscp ", "-m tos ", "-m pkttype ", "-m esp ", "-m ah ", "-m icmp ", "-m icmp6 ", "-m mark ",
                                      "-m rt ", "-m frag ", "-m ipv6header ", "-m tcpmss ", "-m ecn ", "-m cgroup ", "-m eui64 ", "-m srh ", "-m mh ", "-m ipcomp ", "-m cpu ", "-m dst ", "-m hbh ",
                                      "-f", "! -f", "-s ", "! -s ", "-p ", "! -p "};
constexpr std::string_view changing[] = {"-m set ", "-m connmark ", "-m helper ", "-m physdev ", "-m ttl ", "-m hl ", "-m policy ", "-m tcp ", "-m udp ", "-m sctp ", "-m dccp ", "-m udplite ", "-m addrtype ", "-m conntrack ", "-m realm ", "-m socket ",
                                         "-m multiport ", "-m bpf ", "-m u32 ", "-m devgroup ", "-m rpfilter", "-m iprange ", "-m ipvs ", "-d ", "! -d ", "-i ", "! -i ", "-o ", "! -o "};

Looks looks(std::string_view words) {
    // A set that is asked for sources alone.
    if (words.starts_with("-m set ") && words.find("dst") == std::string_view::npos && words.find(' ', words.rfind("src")) == std::string_view::npos) return Looks::at_what_stays;
    if (is_one_of(words, stays)) return Looks::at_what_stays;
    return is_one_of(words, changing) ? Looks::at_its_way : Looks::at_more;
}

/// Targets that change what a match looks at.
struct Changes {
    std::string_view target, match;
};
constexpr Changes changes[] = {{"CONNMARK", "-m connmark "}, {"CONNMARK", "-m mark "}, {"HMARK", "-m mark "}, {"MARK", "-m mark "}, {"SET", "-m mark "}, {"SET", "-m set "},  {"DSCP", "-m dscp "}, {"DSCP", "-m tos "},
                               {"TOS", "-m dscp "},          {"TOS", "-m tos "},       {"TTL", "-m ttl "},    {"HL", "-m hl "},     {"ECN", "-m ecn "},  {"ECN", "-m tos "},  {"TCPMSS", "-m tcpmss "}, {"CT", "-m conntrack "},
                               {"CT", "-m helper "}, {"TCPOPTSTRIP", "-m tcp "}};

/// Matches that may look at all of the packet, or at what routing makes of it, its mark too.
constexpr std::string_view look_anywhere[] = {"-m u32 ", "-m bpf ", "-m rpfilter"};
constexpr std::string_view change_anything[] = {"CONNMARK", "HMARK", "MARK", "SET", "TOS", "DSCP", "TTL", "HL", "ECN", "TCPMSS", "TCPOPTSTRIP"};

/// Of a question that is another one's opposite, that one: `-m set ! --match-set x src`. Only where one of the two always holds: a match on what a
/// packet may lack says no to both.
std::optional<std::string> opposite(std::string_view words) {
    constexpr std::string_view two_sided[] = {"-m set ! ", "-m owner ! ", "-m physdev ! ", "-m length ! ", "-m dscp ! ", "-m tos ! ", "-m pkttype ! ", "-m addrtype ! "};
    for (const std::string_view beginning : two_sided) {
        if (!words.starts_with(beginning)) continue;
        const std::string_view option = words.substr(beginning.size());
        if (option.find(" --") != std::string_view::npos || option.find(" ! ") != std::string_view::npos) return std::nullopt;
        return std::string(beginning.substr(0, beginning.size() - 2)) + std::string(option);
    }
    return std::nullopt;
}

std::string words_of(const ir::RateLimit& limit) {
    constexpr std::string_view periods[] = {"second", "minute", "hour", "day"};
    return fmt::format("limit {}/{} burst {}", limit.count, periods[static_cast<std::size_t>(limit.period)], limit.burst);
}

/// The part of the way on which what a match looks at stays the same: behind the translation of the destination it is another.
std::string_view stage_of(ir::TableName table, ir::Hook hook) {
    const bool behind = table == ir::TableName::filter || table == ir::TableName::security;
    if (hook == ir::Hook::output && behind) return "OUTPUT, translated";
    // Connections are not known yet.
    if (table == ir::TableName::raw) return hook == ir::Hook::output ? "OUTPUT, untracked" : "PREROUTING, untracked";
    return ir::name(hook);
}

}  // namespace

/// Goes through the chains of one program as packets do.
class Unknowns::Collector {
public:
    Collector(Unknowns& to, const ir::Program& program, std::size_t number, Family family, const Marks& marks) : to_(to), bit_(1U << number), family_(family), marks_(marks) {
        for (const ir::Table& table : program.tables)
            for (const ir::Chain& chain : table.chains)
                for (const ir::Rule& rule : chain.rules) {
                    if (const auto* foreign = std::get_if<ir::Foreign>(&rule.statement)) targets_.insert(std::string_view(foreign->words).substr(0, foreign->words.find(' ')));
                    if (std::holds_alternative<ir::ClampMss>(rule.statement)) targets_.insert("TCPMSS");
                    if (std::holds_alternative<ir::SetMark>(rule.statement)) targets_.insert("MARK");
                }
        for (const ir::Table& table : program.tables) go_through(table);
    }

private:
    /// What rules ask that natc does not look into, and whether the answer may be another at each place.
    struct Question {
        std::string words;
        bool yes;
        Looks looks;
    };

    std::vector<Question> questions(const ir::Rule& rule) const {
        std::vector<Question> result;
        for (const ir::Match& match : rule.matches)
            ir::visit_meaning(match, [&](const auto& m) {
                using M = std::decay_t<decltype(m)>;
                if constexpr (std::is_same_v<M, ir::RateLimit>) result.push_back({words_of(m), true, Looks::at_more});
                if constexpr (std::is_same_v<M, ir::Verbatim>) {
                    const auto other = opposite(m.options);
                    std::string words = other.value_or(m.options);
                    const Looks at = may_change(words) ? Looks::at_more : looks(words);
                    result.push_back({std::move(words), !other, at});
                }
                // Ahead of a rule that sets marks, it may be another one than behind.
                if constexpr (std::is_same_v<M, ir::MarkIs>)
                    if (!marks_.looked_into(m)) result.push_back({fmt::format("mark {:#x}/{:#x}", m.value, m.mask), !m.negated, marks_.change ? Looks::at_more : Looks::at_what_stays});
            });
        return result;
    }

    [[nodiscard]] bool may_change(std::string_view words) const {
        if (is_one_of(words, look_anywhere) && std::any_of(std::begin(change_anything), std::end(change_anything), [&](std::string_view target) { return targets_.contains(target); })) return true;
        return std::any_of(std::begin(changes), std::end(changes), [&](const Changes& change) { return words.starts_with(change.match) && targets_.contains(change.target); });
    }

    void go_through(const ir::Table& table) {
        table_ = &table;
        chains_.clear();
        asking_.clear();
        for (const ir::Chain& chain : table.chains)
            if (chain.families.contains(family_)) chains_.emplace(chain.name, &chain);
        find_asking(table);
        const auto start_at = [&](const ir::Chain& chain) {
            if (chain.families.contains(family_) && asking_.contains(&chain)) enter(chain, chain.hook ? stage_of(table.table, *chain.hook) : std::string_view(chain.name));
        };
        for (const ir::Chain& chain : table.chains)
            if (chain.hook) start_at(chain);
        // What the kernel never comes to.
        for (const ir::Chain& chain : table.chains)
            if (!to_.roots_.contains(&chain)) start_at(chain);
    }

    /// The chains that ask something, or call one that does.
    void find_asking(const ir::Table& table) {
        std::unordered_map<std::string_view, std::vector<const ir::Chain*>> callers;
        std::vector<const ir::Chain*> found;
        for (const ir::Chain& chain : table.chains) {
            if (!chain.families.contains(family_)) continue;
            bool asks = false;
            for (const ir::Rule& rule : chain.rules) {
                if (!rule.families.contains(family_)) continue;
                asks = asks || !questions(rule).empty();
                if (const std::string* called = ir::called_chain(rule.statement)) callers[*called].push_back(&chain);
            }
            if (asks) found.push_back(&chain);
        }
        while (!found.empty()) {
            const ir::Chain* chain = found.back();
            found.pop_back();
            if (!asking_.insert(chain).second) continue;
            for (const ir::Chain* caller : callers[chain->name]) found.push_back(caller);
        }
    }

    /// A chain that is being gone through.
    struct Visit {
        const ir::Chain* chain;
        std::uint32_t place;
        Path path;
        std::size_t rule = 0;  ///< that is next
        std::map<std::string, std::size_t> asked = {};
        std::map<std::string_view, std::size_t> called = {};
    };

    void enter(const ir::Chain& start, std::string_view stage) {
        std::vector<Visit> visits;
        std::set<const ir::Chain*> open;  // a chain that is called from itself, the kernel refuses
        const auto call = [&](const ir::Chain& chain, std::uint32_t place) {
            if (to_.paths_.size() >= most_paths) to_.too_many_ = true;
            if (to_.too_many_ || !open.insert(&chain).second) return nothing_asked;
            const auto path = static_cast<Path>(to_.paths_.size());
            to_.paths_.emplace_back();
            to_.roots_.try_emplace(&chain, path);
            visits.push_back({&chain, place, path});
            return path;
        };
        call(start, place(fmt::format("{} {}", ir::name(table_->table), start.name)));
        while (!visits.empty()) {
            Visit& visit = visits.back();
            if (visit.rule == visit.chain->rules.size()) {
                open.erase(visit.chain);
                visits.pop_back();
                continue;
            }
            const ir::Rule& rule = visit.chain->rules[visit.rule++];
            if (!rule.families.contains(family_)) continue;
            for (Question& question : questions(rule)) {
                std::string key = question.words;
                if (question.looks == Looks::at_its_way) key += fmt::format("\n{}", stage);
                if (question.looks == Looks::at_more) key += fmt::format("\n{}\n{}", visit.place, visit.asked[question.words]++);
                to_.paths_[visit.path].asked[&rule].push_back({number_of(std::move(question.words), std::move(key), rule), question.yes});
            }
            const std::string* called = ir::called_chain(rule.statement);
            if (called == nullptr) continue;
            const auto at = chains_.find(*called);
            if (at == chains_.end() || !asking_.contains(at->second)) continue;
            const Path from = visit.path;
            const std::uint32_t to = place(fmt::format("{} {} {}", visit.place, *called, visit.called[*called]++));
            if (const Path path = call(*at->second, to); path != nothing_asked) to_.paths_[from].calls[&rule] = path;
        }
    }

    /// A chain as it is called from one place: the same number in both programs.
    std::uint32_t place(std::string from_where) { return to_.places_.try_emplace(std::move(from_where), static_cast<std::uint32_t>(to_.places_.size())).first->second; }

    std::uint32_t number_of(std::string words, std::string key, const ir::Rule& rule) {
        const auto [at, fresh] = to_.numbers_.try_emplace(key, static_cast<std::uint32_t>(to_.unknowns_.size()));
        if (fresh) to_.unknowns_.push_back({std::move(words), std::move(key), 0, &rule});
        to_.unknowns_[at->second].programs |= bit_;
        return at->second;
    }

    Unknowns& to_;
    std::uint32_t bit_;
    Family family_;
    const Marks& marks_;
    std::set<std::string_view> targets_;  ///< that natc does not look into, by name
    const ir::Table* table_ = nullptr;
    std::unordered_map<std::string_view, const ir::Chain*> chains_;
    std::set<const ir::Chain*> asking_;
};

Unknowns::Unknowns(std::span<const ir::Program* const> programs, Family family, const Marks& marks) : paths_(1) {
    for (std::size_t i = 0; i < programs.size(); ++i) Collector(*this, *programs[i], i, family, marks);
}

Path Unknowns::root(const ir::Chain& chain) const {
    const auto at = roots_.find(&chain);
    return at == roots_.end() ? nothing_asked : at->second;
}

Path Unknowns::called(Path path, const ir::Rule& rule) const {
    const auto at = paths_[path].calls.find(&rule);
    return at == paths_[path].calls.end() ? nothing_asked : at->second;
}

const std::vector<Asked>& Unknowns::asked(Path path, const ir::Rule& rule) const {
    static const std::vector<Asked> nothing;
    const auto at = paths_[path].asked.find(&rule);
    return at == paths_[path].asked.end() ? nothing : at->second;
}

}  // namespace natc::semantics

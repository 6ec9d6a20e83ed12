#include <algorithm>
#include <fmt/format.h>

#include "base/nearest.hpp"
#include "syntax/foreign.hpp"
#include "syntax/reader.hpp"
#include "syntax/words.hpp"

namespace natc::syntax {

/// Remembers the words of a statement that could not be read.
void Reader::lose(const Statement& statement) {
    input_.damaged = true;
    for (const Item& item : statement.items)
        if (item.kind == ItemKind::word) {
            // `lxdev01:22` speaks of lxdev01, `$admins` of admins.
            std::string_view word = sources_.text(item.span);
            if (word.starts_with('$')) word.remove_prefix(1);
            input_.lost_words.emplace(word.substr(0, word.find(':')));
        }
    if (statement.block != nullptr)
        for (const Statement& inner : statement.block->statements) lose(inner);
}

/// Whether a `}` too many may have put a statement outside of its block.
bool Reader::behind_stray_close(const Statement& statement) const {
    return !shape_->stray_closes.empty() && statement.span.begin < shape_->stray_closes.back().begin;
}

/// Whether a `forward` is a network's own, by the words of its rules.
bool Reader::speaks_of_directions(const Statement& statement) const {
    return statement.block != nullptr && std::ranges::any_of(statement.block->statements, [&](const Statement& rule) {
        return std::ranges::any_of(rule.items, [&](const Item& item) { return words::has(words::direction, sources_.text(item.span)); });
    });
}

/// Says that a statement stands where it does not belong, unless a brace that is missing or one too many brought
/// it there: then it is read where it belongs, without another word.
void Reader::misplaced(const Statement& statement, Place place, Place belongs) {
    if (shape_->unclosed && place > belongs) {
        strays_.push_back(&statement);
        return;
    }
    if (place == Place::network && belongs == Place::policy && forward_without_block_ != nullptr) {
        read_in_policy(statement, *forward_without_block_);
        return;
    }
    const bool follows = behind_stray_close(statement) || last_has_no_block_;
    if (place == Place::file && follows) {
        if (belongs == Place::network && last_was_network_ && !input_.networks.empty()) {
            read_in_network(statement, input_.networks.back());
            return;
        }
        if (belongs == Place::policy && last_policy_ != nullptr) {
            read_in_policy(statement, *last_policy_);
            return;
        }
    }
    if (shape_->unclosed || follows) {
        lose(statement);
        return;
    }
    const std::string_view word = sources_.text(statement.items.front().span);
    static constexpr std::string_view where[] = {"stands outside of all blocks", "belongs in a `network NAME { … }`",
                                                 "is a rule: it belongs in `input`, `output`, `forward` or a chain"};
    diagnostics_.add(Code::wrong_place, statement.items.front().span,
                     fmt::format("`{}` {}", word, where[static_cast<std::size_t>(belongs)]))
        .advise(place == Place::policy ? std::string() : foreign_help(place == Place::file ? Foreign::Place::file : Foreign::Place::network, word));
    lose(statement);
}

/// The word that a statement begins with, if such statements stand at this place; a misspelt one is said and taken for the
/// word that it is nearest to. Otherwise says why not, and gives nothing.
std::string_view Reader::head(const Statement& statement, Place place) {
    static constexpr words::Kind kinds[] = {words::of_file, words::of_network, words::of_policy};
    static constexpr std::span<const std::string_view> lists[] = {words::top, words::network, words::verdict};
    static constexpr std::string_view what[] = {"a statement of a file", "a statement of a network", "a verdict, which a rule begins with"};
    const auto known = lists[static_cast<std::size_t>(place)];
    if (statement.damaged || statement.items.empty()) {
        lose(statement);
        return {};
    }
    const Item& first = statement.items.front();
    const std::string_view word = sources_.text(first.span);
    if ((statement.kinds & kinds[static_cast<std::size_t>(place)]) != 0) return word;
    for (const Place other : {Place::file, Place::network, Place::policy})
        if ((statement.kinds & kinds[static_cast<std::size_t>(other)]) != 0) {
            misplaced(statement, place, other);
            return {};
        }
    Cursor cursor(statement, sources_, diagnostics_, input_.lists);
    static constexpr Foreign::Place places[] = {Foreign::Place::file, Foreign::Place::network, Foreign::Place::verdict};
    const auto there = places[static_cast<std::size_t>(place)];
    auto& diagnostic = cursor.unknown(what[static_cast<std::size_t>(place)], known, there);
    // Read as what was meant, so that what it defines is known; the error stands.
    const Foreign* other = first.kind == ItemKind::word ? foreign(there, word) : nullptr;
    const std::string_view near = other != nullptr ? other->meant : first.kind == ItemKind::word ? meant(word, known) : std::string_view{};
    if (near.empty() && diagnostic.help.empty()) {
        // What verdicts a rule of each table may have, and of the usual ones all.
        const auto usual = place == Place::policy ? known.first(7) : known;
        std::string list;
        for (const std::string_view one : usual)
            list += fmt::format("{}`{}`", list.empty() ? "" : one == usual.back() ? " or " : ", ", one);
        diagnostic.advise(fmt::format("here stands {}", list));
    }
    input_.damaged = true;
    if (near.empty()) lose(statement);
    return near;
}

/// True unless the statement has a block, which it must not have.
bool Reader::no_block(Cursor& cursor, const Statement& statement) {
    if (statement.block == nullptr) return true;
    const std::string_view word = sources_.text(statement.items.front().span);
    cursor.fail(Code::stray_brace, statement.block->open, fmt::format("`{}` takes no block", word));
    return false;
}

/// True if the statement has the block that it must have.
bool Reader::with_block(Cursor& cursor, const Statement& statement, std::string_view what) {
    if (statement.block != nullptr) return true;
    cursor.fail(Code::missing_word, {statement.span.end, statement.span.end},
                fmt::format("`{{` must follow on this line, with {} after it", what));
    return false;
}

void Reader::read_define(Cursor& cursor, const Statement& statement) {
    Define define;
    define.span = statement.span;
    define.name = cursor.expect("a name");
    if (!cursor.bad() && cursor.text(define.name).starts_with('$'))
        cursor.fail(Code::bad_name, define.name.span, "a define's name is written without `$`; only its use has one");
    if (!cursor.next_is(ItemKind::equals) && !cursor.bad()) {
        cursor.fail(Code::missing_word, cursor.span(), "`=` must follow the name of a define");
    } else if (!cursor.bad()) {
        cursor.take();
    }
    if (cursor.next_is(ItemKind::bang))
        cursor.fail(Code::misplaced_sign, cursor.span(), "a define has no `!`; write it where the define is used");
    define.values = cursor.expect_values("an address, a port or an interface");
    cursor.finish();
    if (!cursor.bad()) {
        input_.defines.push_back(std::move(define));
    } else {
        lose(statement);
    }
}

void Reader::read_service(Cursor& cursor) {
    Service service;
    service.name = cursor.expect("a name");
    const std::string_view name = cursor.text(service.name);
    if (!cursor.bad() && words::belongs_to_rules(name))
        cursor.fail(Code::bad_name, service.name.span, fmt::format("a service cannot be called `{}`: rules have a word like that", name));
    if (!cursor.next_is(ItemKind::equals) && !cursor.bad()) {
        cursor.fail(Code::missing_word, cursor.span(), "`=` must follow the name of a service");
    } else if (!cursor.bad()) {
        cursor.take();
    }
    do {
        service.traffic.push_back(read_traffic(cursor));
        if (!cursor.next_is(ItemKind::comma)) break;
        cursor.take();
    } while (!cursor.bad());
    cursor.finish();
    if (!cursor.bad()) input_.services.push_back(std::move(service));
}

Word Reader::read_policy_word(Cursor& cursor) {
    Word policy;
    if (cursor.accept("policy")) {
        policy = cursor.expect("`accept` or `drop`");
        static constexpr std::string_view policies[] = {"accept", "drop"};
        if (!cursor.bad() && !words::has(policies, cursor.text(policy)))
            cursor.unknown(policy.span, "`accept` or `drop`", policies, Foreign::Place::policy);
    } else if (!cursor.at_end()) {
        static constexpr std::string_view known[] = {"policy"};
        const bool lacks_policy = cursor.peek() == "accept" || cursor.peek() == "drop";
        auto& diagnostic = cursor.unknown("`policy accept`, `policy drop` or `{`", known, Foreign::Place::head);
        if (lacks_policy) diagnostic.advise(fmt::format("write `policy {}`", sources_.text(diagnostic.span)));
    }
    cursor.finish();
    return policy;
}

/// Reads what follows `input`, `output` or `forward` into `into`, which must be empty. If it is not, or the head is
/// wrong, the rules are read for the errors in them.
void Reader::read_policy_block(Cursor& cursor, const Statement& statement, std::optional<Policy>& into) {
    Policy policy;
    policy.head = statement.items.front().span;
    policy.policy = read_policy_word(cursor);
    with_block(cursor, statement, "rules");
    if (statement.block != nullptr) read_rules(*statement.block, policy);
    policy.damaged = policy.damaged || cursor.bad();
    if (!into) into = std::move(policy);
}

void Reader::read_chain(Cursor& cursor, const Statement& statement) {
    ChainBlock chain;
    chain.table = cursor.expect("a table (raw, mangle, nat or filter)");
    static constexpr std::string_view tables[] = {"raw", "mangle", "nat", "filter"};
    if (!cursor.bad() && !words::has(tables, cursor.text(chain.table)))
        cursor.unknown(chain.table.span, "a table (raw, mangle, nat or filter)", tables);
    chain.name = cursor.expect("the name of a chain");
    chain.body.head = cursor.bad() ? statement.span : join(statement.items.front().span, chain.name.span);
    chain.body.policy = read_policy_word(cursor);
    with_block(cursor, statement, "rules");
    if (statement.block != nullptr) read_rules(*statement.block, chain.body);
    if (!cursor.bad()) {
        input_.chains.push_back(std::move(chain));
    } else {
        lose(statement);
    }
}

void Reader::read_top(const Statement& statement) {
    const std::string_view word = head(statement, Place::file);
    if (word.empty()) return;
    if (word == "forward" && last_was_network_ && !input_.networks.empty() &&
        (statement.block == nullptr ? last_has_no_block_ : behind_stray_close(statement) && speaks_of_directions(statement))) {
        // A brace that is missing or one too many put it outside of its network.
        read_in_network(statement, input_.networks.back());
        last_policy_ = &*input_.networks.back().forward;
        return;
    }
    Cursor cursor(statement, sources_, diagnostics_, input_.lists);
    const Word begin = cursor.take();
    const auto policy = [&](std::optional<Policy>& into) {
        if (into)
            cursor.fail(Code::written_twice, begin.span, fmt::format("`{}` is written once", word))
                .see(into->head, "it stands here already")
                .advise("put all of its rules into one block");
        read_policy_block(cursor, statement, into);
        last_policy_ = &*into;
        last_was_network_ = false;
        last_has_no_block_ = statement.block == nullptr;
    };
    if (word == "input") {
        policy(input_.input);
    } else if (word == "output") {
        policy(input_.output);
    } else if (word == "forward") {
        policy(input_.forward);
    } else if (word == "chain") {
        read_chain(cursor, statement);
        last_policy_ = cursor.bad() ? nullptr : &input_.chains.back().body;
        last_was_network_ = false;
        last_has_no_block_ = statement.block == nullptr;
    } else if (word == "network") {
        read_network(cursor, statement);
        last_was_network_ = true;
        last_has_no_block_ = statement.block == nullptr;
        last_policy_ = nullptr;
        if (!input_.networks.empty() && input_.networks.back().forward)
            last_policy_ = &*input_.networks.back().forward;
    } else if (!no_block(cursor, statement)) {
        lose(statement);
    } else if (word == "include") {
        const Word path = cursor.expect("a path in quotes");
        cursor.finish();
        if (!cursor.bad()) includes_.push_back({path});
    } else if (word == "define") {
        read_define(cursor, statement);
    } else if (word == "service") {
        read_service(cursor);
    } else if (word == "uplink") {
        const auto list = cursor.expect_list("the name of an interface");
        cursor.finish();
        if (!cursor.bad()) input_.uplinks.insert(input_.uplinks.end(), list.begin(), list.end());
    } else if (word == "port-forward") {
        PortForward forward = read_port_forward(cursor);
        if (!cursor.bad()) input_.port_forwards.push_back(std::move(forward));
    }
    if (cursor.bad()) lose(statement);
}

std::vector<Include> Reader::read(const Shape& shape) {
    shape_ = &shape;
    includes_.clear();
    last_policy_ = nullptr;
    last_was_network_ = false;
    last_has_no_block_ = false;
    // A long file mostly is one of port-forwards: of what may stand in a file and in a network, there is little else.
    auto& forwards = input_.port_forwards;
    constexpr auto both = static_cast<std::uint8_t>(words::of_file | words::of_network);
    const auto likely = std::count_if(shape.statements.begin(), shape.statements.end(), [](const Statement& s) { return (s.kinds & both) == both; });
    if (const std::size_t most = forwards.size() + static_cast<std::size_t>(likely); most > forwards.capacity()) forwards.reserve(std::max(most, forwards.capacity() * 2));
    for (const Statement& statement : shape.statements) {
        // Of a file of garbage, nobody wants to know all.
        if (diagnostics_.errors() >= Diagnostics::most_kept) break;
        read_top(statement);
    }
    // What a missing `}` put into a block above it. Reading it may bring up more of that kind.
    for (std::size_t i = 0; i < strays_.size(); ++i) read_top(*strays_[i]);
    strays_.clear();
    return std::move(includes_);
}

}  // namespace natc::syntax

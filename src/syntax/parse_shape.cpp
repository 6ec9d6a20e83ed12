#include <algorithm>
#include <cassert>
#include <cstring>
#include <fmt/format.h>
#include <utility>

#include "base/text.hpp"
#include "grammar/natc.hpp"
#include "syntax/lookalike.hpp"
#include "syntax/shape.hpp"
#include "syntax/words.hpp"

namespace natc::syntax {

namespace {

/// Builds the shape while the grammar matches: a stack of what is open.
class Builder {
public:
    Builder(Span file, const char* text, Diagnostics& diagnostics)
        : begin_(file.begin), text_(text), diagnostics_(diagnostics) {
        levels_.push_back({&shape_.statements, {}});
    }

    [[nodiscard]] Span span(const char* begin, const char* end) const {
        return {begin_ + static_cast<std::uint32_t>(begin - text_),
                begin_ + static_cast<std::uint32_t>(end - text_)};
    }

    void item(ItemKind kind, Span at) {
        // Looked at only behind a comma: nothing else lets the end of a line pass.
        if (comma_ != nullptr && std::memchr(comma_, '\n', static_cast<std::size_t>(text_ + (at.begin - begin_) - comma_)) != nullptr) shape_.goes_on = true;
        comma_ = kind == ItemKind::comma ? text_ + (at.end - begin_) : nullptr;
        shape_.items.add({at, kind});
    }

    void unclosed_text(Span at) {
        diagnostics_.add(Code::bad_string, {at.begin, at.begin + 1}, "this text has no closing `\"` on its line");
        item(ItemKind::text, at);
        levels_.back().current.damaged = true;
    }

    void text(Span at) {
        const std::string_view inside = text_of(at);
        for (std::size_t i = 0; i < inside.size(); ++i) {
            if (inside[i] != '\\') continue;
            const char escaped = inside[++i];
            if (escaped == '"' || escaped == '\\') continue;
            const auto here = at.begin + static_cast<std::uint32_t>(i) - 1;
            diagnostics_.add(Code::bad_string, {here, here + 1}, "a `\\` in a text stands ahead of `\"` or another `\\` only")
                .advise("write `\\\\` for one `\\`");
            levels_.back().current.damaged = true;
            break;
        }
        item(ItemKind::text, at);
    }

    void open(Span at) {
        Statement& head = end_items();
        // The reader says of it that it takes no block; that no `}` is there for it is the same fault.
        if (known_without_block(head)) ++needless_opens_;
        head.block = std::make_unique<Block>();
        head.block->open = at;
        levels_.push_back({&head.block->statements, {}});
    }

    void close(Span at) {
        levels_.pop_back();
        if (levels_.size() == 1) last_close_ = at;
        // On one line it is a block that was meant as one, and complete.
        const Statement& head = levels_.back().current;
        const std::string_view whole = text_of(join(head.block->open, at));
        if (needless_opens_ > 0 && known_without_block(head) && whole.find('\n') == std::string_view::npos) --needless_opens_;
    }

    void unclosed() {
        levels_.pop_back();
        Block& block = *levels_.back().current.block;
        block.closed = false;
        shape_.unclosed = true;
        if (needless_opens_ > 0) {
            --needless_opens_;
            return;
        }
        // Blocks within it are open only because it is: the innermost one was reported already.
        if (std::exchange(unclosed_said_, true)) return;
        diagnostics_.add(Code::unclosed_brace, block.open, "this `{` has no `}`");
    }

    void deep(Span at) {
        levels_.back().current.damaged = true;
        diagnostics_.add(Code::too_deep, {at.begin, at.begin + 1},
                         fmt::format("blocks lie no deeper than {} within each other", grammar::most_blocks_within));
    }

    void stray_close(Span at) {
        shape_.stray_closes.push_back(at);
        // It belongs to a head whose `{` is missing, of which the reader speaks.
        if (heads_without_block_ > 0) {
            --heads_without_block_;
            return;
        }
        if (std::exchange(stray_said_, true)) return;
        diagnostics_.add(Code::stray_brace, at, "this `}` closes nothing").see(early_close_, "a block ends here; perhaps too early");
    }

    void end_statement() {
        Level& level = levels_.back();
        Statement& statement = end_items();
        if (statement.items.empty() && statement.block != nullptr) {
            const Span brace = statement.block->open;
            auto& all = *level.statements;
            auto& diagnostic = diagnostics_.add(Code::stray_brace, brace, "this `{` has nothing before it on its line");
            if (!all.empty() && all.back().block == nullptr) {
                diagnostic.advise("put it at the end of the line that it belongs to");
                if (needs_block(all.back())) --heads_without_block_;
                all.back().block = std::move(statement.block);
                statement = {};
                return;
            }
            // It took the `}` of the block around it.
            if (statement.block->closed) ++needless_opens_;
            statement.damaged = true;
            statement.span = brace;
        }
        if (statement.block == nullptr && needs_block(statement)) ++heads_without_block_;
        if (levels_.size() == 1 && !early_close_.known() && statement.kinds != 0 && (statement.kinds & words::of_file) == 0) early_close_ = last_close_;
        level.statements->push_back(std::move(statement));
        statement = {};
    }

    [[nodiscard]] Shape take() { return std::move(shape_); }

private:
    struct Level {
        std::vector<Statement>* statements;
        Statement current;
    };

    [[nodiscard]] std::string_view text_of(Span at) const { return {text_ + (at.begin - begin_), at.end - at.begin}; }
    /// The statement that is being read, with the items that were: ahead of its block, or all of them.
    Statement& end_items() {
        Statement& statement = levels_.back().current;
        comma_ = nullptr;
        if (shape_.items.empty()) return statement;
        statement.items = shape_.items.finish();
        statement.span = {statement.items.front().span.begin, statement.items.back().span.end};
        statement.kinds = words::kinds_of(text_of(statement.items.front().span));
        return statement;
    }
    [[nodiscard]] static bool needs_block(const Statement& statement) { return (statement.kinds & words::with_block) != 0; }
    [[nodiscard]] static bool known_without_block(const Statement& statement) { return statement.kinds != 0 && !needs_block(statement); }

    std::uint32_t begin_;
    const char* text_;
    Diagnostics& diagnostics_;
    Shape shape_;
    std::vector<Level> levels_;
    const char* comma_ = nullptr;          // what follows the comma, if that was the last item
    std::size_t needless_opens_ = 0;       // `{` behind statements that take no block, and not closed yet as far as is known
    std::size_t heads_without_block_ = 0;  // statements that need a block and have none, without a `}` to go with it so far
    bool unclosed_said_ = false;
    bool stray_said_ = false;
    Span early_close_;  // the `}` ahead of the first statement that should stand in a block and does not
    Span last_close_;  // the `}` of the last block that stood in no other
};

template <typename Rule>
struct Action : tao::pegtl::nothing<Rule> {};

template <ItemKind kind>
struct AddItem {
    template <typename Input>
    static void apply(const Input& in, Builder& builder) {
        builder.item(kind, builder.span(in.begin(), in.end()));
    }
};
template <> struct Action<grammar::word> : AddItem<ItemKind::word> {};
template <> struct Action<grammar::comma> : AddItem<ItemKind::comma> {};
template <> struct Action<grammar::equals> : AddItem<ItemKind::equals> {};
template <> struct Action<grammar::bang> : AddItem<ItemKind::bang> {};

template <void (Builder::*member)(Span)>
struct CallWithSpan {
    template <typename Input>
    static void apply(const Input& in, Builder& builder) {
        (builder.*member)(builder.span(in.begin(), in.end()));
    }
};
template <> struct Action<grammar::text> : CallWithSpan<&Builder::text> {};
template <> struct Action<grammar::unclosed_text> : CallWithSpan<&Builder::unclosed_text> {};
template <> struct Action<grammar::open> : CallWithSpan<&Builder::open> {};
template <> struct Action<grammar::block<0>> : CallWithSpan<&Builder::deep> {};
template <> struct Action<grammar::close> : CallWithSpan<&Builder::close> {};
template <> struct Action<grammar::stray_close> : CallWithSpan<&Builder::stray_close> {};

template <void (Builder::*member)()>
struct Call {
    static void apply0(Builder& builder) { (builder.*member)(); }
};
template <> struct Action<grammar::unclosed_block> : Call<&Builder::unclosed> {};
template <> struct Action<grammar::end_statement> : Call<&Builder::end_statement> {};

/// Says of each character that only looks like one of the language's where it stands first.
bool has_lookalikes(std::string_view text, Span file, Diagnostics& diagnostics) {
    const auto found = lookalikes(text);
    for (const Lookalike& one : found) {
        const auto span = [&](std::size_t place) {
            const auto begin = file.begin + static_cast<std::uint32_t>(place);
            return Span{begin, begin + static_cast<std::uint32_t>(one.length)};
        };
        auto& diagnostic = diagnostics.add(Code::lookalike, span(one.places.front()), fmt::format("{} stands here", one.name)).advise(one.help);
        for (std::size_t i = 1; i < one.places.size(); ++i) {
            const std::size_t more = one.count - one.places.size();
            diagnostic.see(span(one.places[i]), i + 1 < one.places.size() || more == 0 ? "and here" : fmt::format("and here, and {} times more", more));
        }
    }
    return !found.empty();
}

}  // namespace

Shape parse_shape(const Sources& sources, Span file, Diagnostics& diagnostics) {
    const std::string_view text = sources.text(file);
    if (!is_text(text, file, diagnostics) || has_lookalikes(text, file, diagnostics)) {
        Shape nothing;
        nothing.unread = true;
        return nothing;
    }
    tao::pegtl::memory_input<tao::pegtl::tracking_mode::lazy> input(text.data(), text.data() + text.size(), "");
    Builder builder(file, text.data(), diagnostics);
    [[maybe_unused]] const bool matched = tao::pegtl::parse<grammar::file, Action>(input, builder);
    assert(matched && "the grammar takes every text");
    return builder.take();
}

std::string unquoted(std::string_view text) {
    std::string result;
    text.remove_prefix(1);
    text.remove_suffix(1);
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        result += text[i];
    }
    return result;
}

}  // namespace natc::syntax

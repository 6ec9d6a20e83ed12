#include "layout/rows.hpp"

#include <algorithm>
#include <utility>

#include "base/diagnostic.hpp"

namespace natc::layout {

namespace {

using Kind = Token::Kind;

/// A list that begins further to the right than this goes on at the left.
constexpr std::size_t far_right = 60;

class RowMaker {
public:
    explicit RowMaker(const std::vector<Token>& tokens) : tokens_(tokens) { rows_.reserve(tokens.size() / 4); }

    Rows make() {
        for (std::size_t at = 0; at < tokens_.size(); ++at) {
            const Token& token = tokens_[at];
            if (token.line_ends > 0 || at == 0) begin_line(at);
            if (token.kind == Kind::comment) {
                comment(at);
            } else if (token.kind == Kind::close) {
                close(at);
            } else if (token.kind == Kind::open) {
                rows_.back().last = at + 1;
                ++depth_;
            } else {
                item(at);
            }
        }
        return {std::move(rows_), std::move(added_)};
    }

private:
    /// What `# natc: ignore` lines silence on the line that begins with this token.
    void begin_line(std::size_t at) {
        const Token& token = tokens_[at];
        if (token.kind == Kind::comment) {
            if (token.line_ends != 1 || comments_above_.empty()) comments_above_.clear();
            comments_above_.push_back(at);
            return;
        }
        if (token.line_ends != 1) comments_above_.clear();
        // Of the line above if a list goes on, else of the comment above.
        const bool goes_on = token.line_ends == 1 && comments_above_.empty() && at > 0 && tokens_[at - 1].kind == Kind::comma;
        if (!goes_on) {
            silencing_ = nothing;
            silenced_.clear();
            for (const std::size_t comment : comments_above_)
                for (const Code code : silenced_by(tokens_[comment].text))
                    if (std::find(silenced_.begin(), silenced_.end(), code) == silenced_.end()) silenced_.push_back(code);
        }
        comments_above_.clear();
    }

    void comment(std::size_t at) {
        if (tokens_[at].line_ends == 0 && at > 0) {
            rows_.back().comment = at;
            return;
        }
        Row row;
        row.comment = at;
        // Within a list it stands where the list does.
        if (at > 0 && in_list_ != nothing) row.list = in_list_;
        push(row, at);
    }

    void close(std::size_t at) {
        --depth_;
        in_list_ = nothing;
        // A block with nothing in it stays on its line.
        if (Row& row = rows_.back(); row.last == at && row.comment == nothing && tokens_[at - 1].kind == Kind::open) {
            row.last = at + 1;
        } else {
            push({at, at + 1}, at);
            rows_.back().blank_above = false;
        }
        closed_block_ = depth_ == 0;
    }

    void item(std::size_t at) {
        const Token& token = tokens_[at];
        if (token.begins_statement) {
            begin_statement(at);
            return;
        }
        const Kind ahead = last_item_kind_;
        if (token.kind == Kind::equals) {
            list_ = at + 1;
            holds_list_ = true;
        } else if (ahead != Kind::comma && token.kind != Kind::comma && !holds_list_) {
            list_ = at;
            list_column_ = width_ + token.blanks;
        }
        if (holds_list_ && at == list_) list_column_ = width_ + token.blanks;
        if (ahead == Kind::comma && (token.line_ends > 0 || is_too_long(at))) {
            Row row{at, at + 1};
            row.list = list_;
            push(row, at);
            width_ = continued_at(list_column_, depth_) + token.width;
        } else {
            rows_.back().last = at + 1;
            width_ += token.blanks + token.width;
        }
        in_list_ = token.kind == Kind::comma ? list_ : nothing;
        last_item_kind_ = token.kind;
    }

    void begin_statement(std::size_t at) {
        const Token& token = tokens_[at];
        // What is silenced on the whole line stays so.
        if (token.line_ends == 0 && !silenced_.empty()) {
            if (silencing_ == nothing) silencing_ = add_silencing();
            Row row;
            row.added = silencing_;
            push(row, nothing);
        }
        push({at, at + 1}, at);
        in_list_ = nothing;
        list_ = at;
        list_column_ = depth_ * indent;
        holds_list_ = false;
        width_ = depth_ * indent + token.width;
        last_item_kind_ = token.kind;
        if (depth_ > 0) return;
        if (closed_block_ || has_block(at)) part_from_above();
        closed_block_ = false;
    }

    std::size_t add_silencing() {
        std::string text = "# natc: ignore";
        for (const Code code : silenced_) text += (code == silenced_.front() ? " " : ", ") + spelled(code);
        added_.push_back(std::move(text));
        return added_.size() - 1;
    }

    /// Whether a block belongs to the statement that begins here.
    [[nodiscard]] bool has_block(std::size_t at) const {
        for (++at; at < tokens_.size() && !tokens_[at].begins_statement; ++at) {
            if (tokens_[at].kind == Kind::open) return true;
            if (tokens_[at].kind == Kind::close) return false;
        }
        return false;
    }

    /// A blank line ahead of the last row and of the comments that belong to it.
    void part_from_above() {
        std::size_t row = rows_.size() - 1;
        while (row > 0 && !rows_[row].blank_above && !rows_[row - 1].has_code()) --row;
        if (row > 0) rows_[row].blank_above = true;
    }

    /// Whether the row is broken ahead of this token, which stands behind a comma: where that makes it fit, or where even the next word goes beyond.
    [[nodiscard]] bool is_too_long(std::size_t at) const {
        std::size_t next = 0;   // as far as the next comma
        std::size_t whole = 0;  // as far as the next place for a break
        for (std::size_t i = at; i < tokens_.size(); ++i) {
            const Token& token = tokens_[i];
            if (i > at && (token.begins_statement || token.line_ends > 0 || token.kind == Kind::comment || token.kind == Kind::close)) break;
            if (i > at && tokens_[i - 1].kind == Kind::comma) {
                if (next == 0) next = whole;
                if (token.blanks > 0 || tokens_[at].blanks == 0) break;
            }
            whole += token.blanks + token.width;
            if (width_ + whole > 4 * widest) break;
        }
        const std::size_t element = next == 0 ? tokens_[at].blanks + tokens_[at].width : next;
        if (tokens_[at].blanks == 0) return width_ + element > widest;
        return width_ + whole > widest && (width_ + element > widest || continued_at(list_column_, depth_) + whole <= widest + 1);
    }

    /// Adds a row that begins with the token `at` of the input; `nothing` for one that is new.
    void push(Row row, std::size_t at) {
        row.depth = depth_;
        const bool begins_block = rows_.empty() || (rows_.back().has_code() && tokens_[rows_.back().last - 1].kind == Kind::open);
        row.blank_above = at != nothing && tokens_[at].line_ends > 1 && !begins_block;
        rows_.push_back(row);
    }

    const std::vector<Token>& tokens_;
    std::vector<Row> rows_;
    std::vector<std::string> added_;
    std::uint32_t depth_ = 0;
    std::vector<std::size_t> comments_above_;  // those right above the line that comes next
    std::vector<Code> silenced_;               // on this line
    std::size_t silencing_ = nothing;          // the added comment that says so, if it is there already
    bool closed_block_ = false;                // what was last ended a block that lay in no other
    // Of the statement that is being read:
    std::size_t list_ = 0;          // where its last list begins
    std::size_t list_column_ = 0;   // where that stands, as long as there are no columns
    bool holds_list_ = false;       // all that follows is one list: behind `=`
    std::size_t in_list_ = nothing; // right behind a comma: the list
    std::size_t width_ = 0;         // of its last row
    Kind last_item_kind_ = Kind::word;
};

}  // namespace

std::size_t continued_at(std::size_t list, std::uint32_t depth) { return list > far_right ? (depth + 2) * indent : list; }

Rows make_rows(const std::vector<Token>& tokens) { return RowMaker(tokens).make(); }

}  // namespace natc::layout

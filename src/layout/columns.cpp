#include "layout/columns.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace natc::layout {

namespace {

using Kind = Token::Kind;

/// What is wider than this stands out of its column, and does not widen it.
constexpr std::size_t widest_cell = 40;
/// The longest word that a statement of a block begins with and that has the next one stand in a column: `bridge`, `accept`.
constexpr std::size_t widest_head = 6;

/// The first line of a statement, by where its cells begin.
struct Cells {
    std::array<std::size_t, 5> begin{};
    std::size_t count = 0;

    void add(std::size_t token) { begin.at(count++) = token; }
    [[nodiscard]] std::size_t end(std::size_t cell) const { return begin.at(cell + 1); }
    /// Whether another one follows, which is what a column is for.
    [[nodiscard]] bool has_next(std::size_t cell) const { return cell + 1 < count; }
};

enum class Run : std::uint8_t { none, assignments, guests, port_forwards };

class Aligner {
public:
    explicit Aligner(std::vector<Token>& tokens) : tokens_(tokens) { blocks_.emplace_back(); }

    void align(const std::vector<Row>& rows) {
        for (const Row& row : rows) {
            if (row.blank_above && row.list == nothing) {
                end_run();
                end_column();
            }
            if (!row.has_code() || row.list != nothing) continue;
            if (tokens_[row.first].kind == Kind::close) {
                end_run();
                end_block();
                continue;
            }
            statement(row);
        }
        end_run();
        end_block();
    }

private:
    void statement(const Row& row) {
        const Token& head = tokens_[row.first];
        const bool opens = tokens_[row.last - 1].kind == Kind::open;
        const bool in_block = blocks_.size() > 1;
        if (in_block && !opens) {
            Cells cells;
            cells.add(row.first);
            if (row.first + 1 < row.last) cells.add(row.first + 1);
            const bool stands_out = head.width > widest_head || head.text == "log" || (cells.count > 1 && is_word(row.first + 1, "to"));
            if (!stands_out) blocks_.back().push_back(cells);
        }
        const Run kind = opens ? Run::none : run_of(head.text, in_block);
        if (kind != run_) end_run();
        run_ = kind;
        if (kind == Run::assignments) lines_.push_back(assignment(row));
        if (kind == Run::guests) lines_.push_back(guest(row));
        if (kind == Run::port_forwards) lines_.push_back(port_forward(row));
        if (opens) blocks_.emplace_back();
    }

    [[nodiscard]] static Run run_of(std::string_view head, bool in_block) {
        if (head == "port-forward") return Run::port_forwards;
        if (in_block) return head == "guest" ? Run::guests : Run::none;
        const bool one = head == "include" || head == "define" || head == "service" || head == "uplink";
        return one ? Run::assignments : Run::none;
    }

    /// `define | admins | = 10.9.0.0/16`, `uplink | enp5s0`.
    [[nodiscard]] Cells assignment(const Row& row) const {
        Cells cells;
        for (std::size_t i = row.first; i < std::min(row.first + 2, row.last); ++i) cells.add(i);
        if (row.first + 2 < row.last && tokens_[row.first + 2].kind == Kind::equals) cells.add(row.first + 2);
        return cells;
    }

    /// `web01 | 10.1.1.10, fd00:1::10 | mac 52:54:00:00:00:0a | tap labtap0`.
    [[nodiscard]] Cells guest(const Row& row) const {
        Cells cells;
        std::size_t at = row.first + 1;
        if (at < row.last) cells.add(at++);
        if (at < row.last) cells.add(at++);
        while (at < row.last && (tokens_[at].kind == Kind::comma || tokens_[at - 1].kind == Kind::comma)) ++at;
        for (; at < row.last && cells.count < 4; at += 2) cells.add(at);
        return cells;
    }

    /// `tcp 2222 | to lxdev01:22`.
    [[nodiscard]] Cells port_forward(const Row& row) const {
        Cells cells;
        if (row.first + 1 < row.last) cells.add(row.first + 1);
        for (std::size_t at = row.first + 2; at < row.last && cells.count < 2; ++at)
            if (is_word(at, "to")) cells.add(at);
        return cells;
    }

    [[nodiscard]] bool is_word(std::size_t token, std::string_view text) const { return tokens_[token].kind == Kind::word && tokens_[token].text == text; }

    [[nodiscard]] std::size_t width(const Cells& cells, std::size_t cell) const {
        std::size_t width = 0;
        for (std::size_t i = cells.begin.at(cell); i < cells.end(cell); ++i) width += tokens_[i].width + (i == cells.begin.at(cell) ? 0U : tokens_[i].blanks);
        return width;
    }

    void end_run() {
        align(lines_);
        lines_.clear();
        run_ = Run::none;
    }

    void end_column() {
        align(blocks_.back());
        blocks_.back().clear();
    }

    void end_block() {
        end_column();
        blocks_.pop_back();
    }

    void align(const std::vector<Cells>& lines) {
        for (std::size_t cell = 0; cell + 1 < Cells{}.begin.size(); ++cell) {
            std::size_t widest = 0;
            for (const Cells& line : lines)
                if (line.has_next(cell))
                    if (const std::size_t is = width(line, cell); is <= widest_cell) widest = std::max(widest, is);
            for (const Cells& line : lines) {
                if (!line.has_next(cell)) continue;
                const std::size_t is = width(line, cell);
                if (is < widest) tokens_[line.end(cell)].blanks = static_cast<std::uint16_t>(1 + widest - is);
            }
        }
    }

    std::vector<Token>& tokens_;
    std::vector<std::vector<Cells>> blocks_;  // of each block that is open, and ahead of them of the file: its statements since the last blank line
    std::vector<Cells> lines_;                // of the run
    Run run_ = Run::none;
};

}  // namespace

void align(std::vector<Token>& tokens, const std::vector<Row>& rows) { Aligner(tokens).align(rows); }

}  // namespace natc::layout

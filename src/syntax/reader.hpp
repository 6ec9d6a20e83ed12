// Reads statements of the language from the shape of a file. Inner header of src/syntax.
#pragma once

#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/source.hpp"
#include "syntax/ast.hpp"
#include "syntax/cursor.hpp"
#include "syntax/shape.hpp"

namespace natc::syntax {

/// An `include`, for whoever reads files.
struct Include {
    Word path;
};

/// Reads the statements of one file and adds them to an Input.
class Reader {
public:
    Reader(const Sources& sources, Diagnostics& diagnostics, Input& input)
        : sources_(sources), diagnostics_(diagnostics), input_(input) {}

    /// Reads a file's statements; gives what it includes, in order.
    std::vector<Include> read(const Shape& shape);

private:
    /// What kind of block a statement stands in.
    enum class Place : std::uint8_t { file, network, policy };

    // file.cpp
    void read_top(const Statement& statement);
    void read_define(Cursor& cursor, const Statement& statement);
    void read_service(Cursor& cursor);
    void read_policy_block(Cursor& cursor, const Statement& statement, std::optional<Policy>& into);
    void read_chain(Cursor& cursor, const Statement& statement);
    [[nodiscard]] std::string_view head(const Statement& statement, Place place);
    void misplaced(const Statement& statement, Place place, Place belongs);
    void lose(const Statement& statement);
    bool no_block(Cursor& cursor, const Statement& statement);
    bool with_block(Cursor& cursor, const Statement& statement, std::string_view what);
    [[nodiscard]] bool behind_stray_close(const Statement& statement) const;
    [[nodiscard]] bool speaks_of_directions(const Statement& statement) const;
    [[nodiscard]] Word read_policy_word(Cursor& cursor);

    // network.cpp
    void read_network(Cursor& cursor, const Statement& statement);
    void read_in_network(const Statement& statement, Network& network);
    [[nodiscard]] Bridge read_bridge(Cursor& cursor);
    [[nodiscard]] Guest read_guest(Cursor& cursor);
    [[nodiscard]] Egress read_egress(Cursor& cursor, EgressKind kind);
    [[nodiscard]] PortForward read_port_forward(Cursor& cursor);

    // rule.cpp
    void read_rules(const Block& block, Policy& policy);
    void read_in_policy(const Statement& statement, Policy& policy);
    [[nodiscard]] Rule read_rule(Cursor& cursor, VerdictKind kind);
    [[nodiscard]] Traffic read_traffic(Cursor& cursor);
    bool read_part(Cursor& cursor, Rule& rule);
    static void read_rate(Cursor& cursor, const Word& limit);

    const Sources& sources_;
    Diagnostics& diagnostics_;
    Input& input_;
    std::vector<Include> includes_;
    const Shape* shape_ = nullptr;
    Policy* last_policy_ = nullptr;          // the block read last, for rules behind a `}` too many
    bool last_was_network_ = false;
    bool last_has_no_block_ = false;         // its `{` is missing, so that what follows it belongs in it
    Policy* forward_without_block_ = nullptr;  // of the network that is being read
    std::vector<const Statement*> strays_;   // what stood in a block without `}` and is not its own
};

}  // namespace natc::syntax

// What stands below what.
#pragma once

#include <vector>

#include "layout/rows.hpp"
#include "layout/tokens.hpp"

namespace natc::layout {

/// Adds to the `blanks` of tokens so that there are columns, each of which goes as far as the next blank line:
/// - in a block, what follows the word that a statement begins with; words of more than six letters, those that go on with `to`, and `log` stand out;
/// - in lines that follow each other outside of all blocks, what follows `include`, `define`, `service` and `uplink`, and `=`;
/// - in guests that follow each other, the names, the addresses and what belongs to them;
/// - in port-forwards that follow each other, `to`.
/// Comments may stand between those that follow each other, other statements may not. Lines that go on with a list have no columns.
void align(std::vector<Token>& tokens, const std::vector<Row>& rows);

}  // namespace natc::layout

// What the rules do with new connections from each place, in one family. Inner header of src/graph.
#pragma once

#include <string>
#include <vector>

#include "graph/graph.hpp"
#include "ir/program.hpp"
#include "model/model.hpp"
#include "packet/box.hpp"

namespace natc::graph {

/// One line of an arrow.
struct Finding {
    Arrow::Kind kind = Arrow::Kind::passes;
    End from, to;
    std::string words, example;
    bool tells_family = false;  ///< the words do
};

struct Findings {
    std::vector<Finding> all;
    std::vector<Place> undecided;  ///< places that nothing is told of, since the budget was spent
};

/// All of one family. `outside`: the ways outside by name; none where the file names none.
[[nodiscard]] Findings ask(const ir::Program& program, const Model& model, const std::vector<InterfaceName>& outside, Family family, packet::Budget& budget);

}  // namespace natc::graph

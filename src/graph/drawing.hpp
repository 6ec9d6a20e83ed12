// What all pictures have in common: what stands in a network, and what is written at an arrow. Inner header of src/graph.
#pragma once

#include <string>
#include <vector>

#include "graph/graph.hpp"

namespace natc::graph {

struct Row {
    std::size_t guest = 0;
    std::string name, addresses;
};

/// A network's box: what is said of it, and its guests, those that arrows are drawn to among them.
struct Box {
    std::string title;
    std::vector<std::string> lines;  ///< bridge, subnets
    std::vector<Row> rows;
    std::size_t further = 0;         ///< guests that have no row
};

/// By number of the network. A network of very many guests shows some, and those that arrows begin or end at.
[[nodiscard]] std::vector<Box> boxes(const Graph& graph, const Model& model);

/// What is to be known of a picture, beside it.
[[nodiscard]] std::vector<std::string> legend(const Graph& graph, const Model& model);

/// All arrows from one row or place to another, as one.
struct Stroke {
    End from, to;  ///< with one guest, or all
    Arrow::Kind kind = Arrow::Kind::refused;  ///< the surest of them
    std::vector<std::string> lines;     ///< of very many, the first ones; those of other kinds say so
    std::vector<std::string> examples;
};
[[nodiscard]] std::vector<Stroke> strokes(const Graph& graph);

}  // namespace natc::graph

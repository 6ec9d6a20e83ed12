// Who may open connections to whom, worked out from what the rules do with packets, and pictures of it.
#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ir/program.hpp"
#include "model/model.hpp"

namespace natc::graph {

/// Where connections begin and end.
struct Place {
    enum class Kind : std::uint8_t { outside, host, network };
    Kind kind = Kind::host;
    std::size_t number = 0;  ///< of the way outside, or of the network in the model
    auto operator<=>(const Place&) const = default;
};

/// A network's guests, or all of the place.
struct End {
    Place place;
    bool all = true;
    std::vector<std::size_t> guests;  ///< unless it is all: their numbers in the network
    auto operator<=>(const End&) const = default;
};

struct Arrow {
    enum class Kind : std::uint8_t {
        passes,
        may,      ///< a match that natc does not look into, or what else the packets are, decides
        refused,  ///< translated on its way in, and refused behind that
    };
    Kind kind = Kind::passes;
    End from, to;
    std::vector<std::string> lines;     ///< which packets: `tcp 2222 → 22, from 10.9.0.0/16`, `all but tcp 25`
    std::vector<std::string> examples;  ///< of each line one of them, as `natc explain` takes it
};

struct Graph {
    /// The ways outside: the uplinks, each by its name. Where the file names none, one: every interface that is no network's bridge.
    std::vector<std::string> outside;
    std::vector<Arrow> arrows;  ///< new connections alone: that answers come back is not looked at
    /// Places whose packets could not all be followed, because the rules are too many or too entangled: they have arrows of one family, or none.
    std::vector<Place> undecided;
};

/// Of a program that was lowered from the model. What the host itself sends, and what guests of one network send each other, is left out.
[[nodiscard]] Graph graph_of(const ir::Program& program, const Model& model);

/// `network lab`, `enp5s0`.
[[nodiscard]] std::string name_of(Place place, const Graph& graph, const Model& model);

/// Pictures, as text of Graphviz and of Mermaid. `title`: of any bytes.
[[nodiscard]] std::string as_dot(const Graph& graph, const Model& model, std::string_view title);
[[nodiscard]] std::string as_mermaid(const Graph& graph, const Model& model, std::string_view title);

}  // namespace natc::graph

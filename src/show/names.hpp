// Names and values as lists have them. Inner header of src/show.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/model.hpp"
#include "show/table.hpp"

namespace natc::show {

/// With the network's domain, unless the name has it already.
[[nodiscard]] std::string full_name(const Guest& guest, const Network& network);

[[nodiscard]] inline std::string text(const InterfaceName& name) { return std::string(name.text()); }
template <typename Value>
[[nodiscard]] std::string text(const Value& value) {
    return to_string(value);
}

/// A cell with a value for each element.
template <typename Value>
[[nodiscard]] Cell cell(const std::vector<Value>& values) {
    Cell texts;
    for (const Value& value : values) texts.push_back(text(value));
    return texts;
}

/// A document as text. Nothing of the input is in it but names, which are ASCII.
[[nodiscard]] inline std::string printed(const nlohmann::ordered_json& document) { return document.dump(2) + '\n'; }

}  // namespace natc::show

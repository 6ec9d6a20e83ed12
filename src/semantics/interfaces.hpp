// Interfaces as codes.
#pragma once

#include <string>
#include <vector>

#include "net/interface_name.hpp"
#include "packet/box.hpp"

namespace natc::semantics {

/// The names that rules ask for, numbered so that each wildcard is one interval: what it means stands side by side, and behind that a code
/// for all further names that begin so. Code 0 is no interface at all; the last is every interface that nobody names.
class Interfaces {
public:
    /// To be told of every name that will be asked, before `close`.
    void add(const InterfaceName& name) { names_.push_back(name); }
    void close();

    [[nodiscard]] packet::Interval all() const { return {none, static_cast<std::uint32_t>(atoms_.size() - 1)}; }
    [[nodiscard]] packet::Interval any() const { return {none + 1, static_cast<std::uint32_t>(atoms_.size() - 1)}; }
    [[nodiscard]] packet::Interval codes(const InterfaceName& name) const;

    /// A name that the code means: the one, or an example of several.
    [[nodiscard]] std::string example(std::uint32_t code) const;
    /// What an interval means, if one name or wildcard says it: `vnet+`; else empty.
    [[nodiscard]] std::string name(packet::Interval interval) const;

    static constexpr std::uint32_t none = 0;

private:
    struct Known {
        InterfaceName name;
        packet::Interval codes;
    };
    struct Atom {
        InterfaceName name;     ///< the one, or the narrowest wildcard
        bool others = false;    ///< all that the wildcard means and nobody names
        bool anything = false;  ///< nobody names it, wildcard or not
    };

    [[nodiscard]] const Known* find(const InterfaceName& name) const;

    std::vector<InterfaceName> names_;
    std::vector<Known> known_;  ///< sorted by name
    std::vector<Atom> atoms_;   ///< by code
};

}  // namespace natc::semantics

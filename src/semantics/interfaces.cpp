#include "semantics/interfaces.hpp"

#include <algorithm>
#include <cassert>
#include <tuple>

namespace natc::semantics {

namespace {

bool before(const InterfaceName& a, const InterfaceName& b) { return std::tuple(a.stem(), !a.wildcard()) < std::tuple(b.stem(), !b.wildcard()); }

}  // namespace

void Interfaces::close() {
    // What a wildcard means begins with its stem, so that it follows it in this order without a gap.
    std::sort(names_.begin(), names_.end(), before);
    names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
    atoms_.emplace_back();  // none
    std::vector<std::size_t> open;
    const auto next = [&] { return static_cast<std::uint32_t>(atoms_.size()); };
    const auto shut = [&] {
        Known& wildcard = known_[open.back()];
        open.pop_back();
        wildcard.codes.last = next();
        atoms_.push_back({wildcard.name, true, false});
    };
    for (const InterfaceName& name : names_) {
        while (!open.empty() && !known_[open.back()].name.covers(name)) shut();
        known_.push_back({name, {next(), next()}});
        if (name.wildcard())
            open.push_back(known_.size() - 1);
        else
            atoms_.push_back({name, false, false});
    }
    while (!open.empty()) shut();
    atoms_.push_back({{}, true, true});
}

const Interfaces::Known* Interfaces::find(const InterfaceName& name) const {
    const auto at = std::lower_bound(known_.begin(), known_.end(), name, [](const Known& k, const InterfaceName& n) { return before(k.name, n); });
    return at != known_.end() && at->name == name ? &*at : nullptr;
}

packet::Interval Interfaces::codes(const InterfaceName& name) const {
    const Known* known = find(name);
    assert(known != nullptr);
    return known->codes;
}

std::string Interfaces::example(std::uint32_t code) const {
    const Atom& atom = atoms_[code];
    if (!atom.others) return std::string(atom.name.text());
    const auto free = [&](const std::string& name) {
        const auto parsed = parse_interface(name);
        if (!parsed || find(*parsed) != nullptr) return false;
        // Its narrowest wildcard must be the atom's.
        for (std::size_t length = 0; length <= name.size(); ++length) {
            const auto wildcard = parse_interface(name.substr(0, length) + '+');
            if (wildcard && find(*wildcard) != nullptr && (atom.anything || !wildcard->covers(atom.name))) return false;
        }
        return true;
    };
    for (const std::string_view stem : {atom.anything ? std::string_view("eth") : atom.name.stem(), std::string_view("wan"), std::string_view("if")}) {
        for (int number = 0; number < 1000; ++number)
            if (const std::string name = std::string(stem) + std::to_string(number); free(name)) return name;
        if (!atom.anything) break;
    }
    return std::string(atom.name.text());
}

std::string Interfaces::name(packet::Interval interval) const {
    // They stand in the order of where their codes begin; only wildcards within wildcards begin together.
    const auto begin = std::lower_bound(known_.begin(), known_.end(), interval.first, [](const Known& k, std::uint32_t code) { return k.codes.first < code; });
    const auto at = std::find_if(begin, known_.end(), [&](const Known& k) { return k.codes == interval || k.codes.first != interval.first; });
    return at != known_.end() && at->codes == interval ? std::string(at->name.text()) : std::string();
}

}  // namespace natc::semantics

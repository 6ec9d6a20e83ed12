// Which family a dump is of: iptables-save does not say. Inner header of src/read.
#pragma once

#include <optional>

#include "base/source.hpp"
#include "net/address.hpp"

namespace natc::read {

/// The first places of a dump that tell its family.
class Evidence {
public:
    /// What only one family has: an address, a type of its ICMP.
    void tells(Family family, Span where) { keep(certain_, family, where); }
    /// What each family's tool takes, but belongs to one: `-p icmp`.
    void hints(Family family, Span where) { keep(likely_, family, where); }

    [[nodiscard]] Span told(Family family) const { return certain_[static_cast<std::size_t>(family)]; }
    [[nodiscard]] Span hinted(Family family) const { return likely_[static_cast<std::size_t>(family)]; }
    [[nodiscard]] bool both() const { return told(Family::ipv4).known() && told(Family::ipv6).known(); }

    /// The family, if something tells it.
    [[nodiscard]] std::optional<Family> certain() const {
        for (const Family one : all_families)
            if (told(one).known()) return one;
        return std::nullopt;
    }
    /// The one family that something hints at.
    [[nodiscard]] std::optional<Family> likely() const {
        for (const Family one : all_families)
            if (hinted(one).known() && !hinted(other(one)).known()) return one;
        return std::nullopt;
    }

private:
    static void keep(Span (&places)[2], Family family, Span where) {
        Span& place = places[static_cast<std::size_t>(family)];
        if (!place.known()) place = where;
    }

    Span certain_[2];  // by family
    Span likely_[2];
};

}  // namespace natc::read

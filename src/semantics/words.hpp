// Sets of packets, and what becomes of them, in the words of a natc rule.
#pragma once

#include <functional>
#include <string>

#include "packet/product.hpp"
#include "semantics/space.hpp"
#include "semantics/walk.hpp"

namespace natc::semantics {

/// `tcp 22 from 10.1.1.0/24 in nbr0 out enp5s0 new`; where rules have no word for it, plain ones. `any packet` if nothing is asked.
/// `place`: where a match that natc does not look into stands, if that is to be said.
[[nodiscard]] std::string words(const packet::Product& packets, const Space& space, const std::function<std::string(const Unknown&)>& place = {});

/// One of the packets, as `natc explain` takes it: `tcp from 203.0.113.9:40000 to 10.1.1.28:22 in enp5s0 out nbr0`. Out of many, one that
/// people would think of. `way`: what becomes of such packets.
[[nodiscard]] std::string example(const packet::Product& packets, Course way, const Space& space);

/// `accept`, `drop`, `reject with icmp-port-unreachable`, or a target that natc does not look into.
[[nodiscard]] std::string verdict(const Fate& fate);
/// `to 10.1.1.28:22, from the address of the interface`: what translation makes of it; empty if nothing.
[[nodiscard]] std::string translation(const Fate& fate, const Space& space);
/// All of a fate: `accept to 10.1.1.28:22`.
[[nodiscard]] std::string words(const Fate& fate, const Space& space);

}  // namespace natc::semantics

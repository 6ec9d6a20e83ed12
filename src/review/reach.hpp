// What does not come to where it is sent, asked family by family. Inner header of src/review.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "review/by_span.hpp"
#include "review/gate.hpp"
#include "review/review.hpp"
#include "semantics/space.hpp"

namespace natc {

/// One family.
struct Look {
    const semantics::Space& space;
    LazyGate& forward;
    LazyGate& input;
    packet::Budget& budget;
};

/// One kind of thing that should arrive.
class Reach {
public:
    virtual ~Reach() = default;
    virtual void look_at(const Look& look) = 0;
    /// Once all families were looked at.
    virtual void report() = 0;
};

/// What is translated on its way in: whether FORWARD lets it pass, and whether the host opens the same ports for itself.
[[nodiscard]] std::unique_ptr<Reach> reach_of_forwards(const Subject& subject, Diagnostics& diagnostics);
/// What the host answers: services of networks, and its own connections.
[[nodiscard]] std::unique_ptr<Reach> reach_of_host(const Subject& subject, Diagnostics& diagnostics);
/// Whether ssh comes in from outside, where the host is a server.
[[nodiscard]] std::unique_ptr<Reach> reach_of_ssh(const Subject& subject, Diagnostics& diagnostics);
/// Guests that ask the host for an address.
[[nodiscard]] std::unique_ptr<Reach> reach_of_guests(const Subject& subject, Diagnostics& diagnostics);
/// Networks whose uplink is another one's bridge.
[[nodiscard]] std::unique_ptr<Reach> reach_of_uplinks(const Subject& subject, Diagnostics& diagnostics);

/// DHCP, as a client asks for it that has no address yet.
struct Dhcp {
    std::string_view service;  ///< by natc's own name for it
    AddressRange from, to;
    std::uint16_t client_port, server_port;  ///< of udp
};
[[nodiscard]] Dhcp dhcp_of(Family family);

/// The places of the rules and port-forwards that somebody wrote; of a dump, all.
class Written {
public:
    explicit Written(const Model* model);
    [[nodiscard]] bool contains(Span span) const { return all_ || std::binary_search(spans_.begin(), spans_.end(), span, BySpan()); }

private:
    bool all_;
    std::vector<Span> spans_;  ///< sorted
};

/// What the families have found about one statement.
struct Refused {
    bool passes = false;  ///< some of its packets may, in some family
    Gate::Refusal by;
    std::string what;  ///< the packets, for people
};

/// Shows in a diagnostic who refuses something: some of the rules, or the policy of the chain.
void show(Diagnostic& diagnostic, const Gate::Refusal& refusal, std::string_view chain, const Written& written);

/// Where INPUT begins, in a .net file; in a dump, the last of the rules that refuse something. Unknown if nobody wrote it.
[[nodiscard]] Span input_place(const Subject& subject, const Gate::Refusal& refusal);

}  // namespace natc

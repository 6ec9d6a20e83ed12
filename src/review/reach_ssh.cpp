#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <utility>

#include "model/builtin_services.hpp"
#include "review/reach.hpp"

namespace natc {

namespace {

using packet::Region;
using semantics::Field;
using semantics::Space;
using semantics::operator+;

constexpr std::uint32_t ssh_port = 22;

/// A server that nobody reaches by ssh but its own guests. A host that lets no tcp in from outside at all is somebody's own machine, with a keyboard; and at a port that
/// natc knows no service of, its ssh may be.
class Ssh final : public Reach {
public:
    Ssh(const Subject& subject, Diagnostics& diagnostics) : subject_(subject), diagnostics_(diagnostics), written_(subject.model) {
        if (subject.model == nullptr) return;
        const auto& networks = subject.model->networks;
        outside_ = !subject.model->uplinks.empty() || std::any_of(networks.begin(), networks.end(), [](const Network& network) { return !network.uplinks.empty(); });
    }

    void look_at(const Look& look) override {
        if (!outside_ || reached_) return;
        const Space& space = look.space;
        const Gate* input = look.input.get();
        if (input == nullptr) {
            reached_ = true;
            return;
        }
        packet::Boxes except;
        except.add(packet::Box{{+Field::in, space.codes(*parse_interface("lo"))}});
        for (const Network& network : subject_.model->networks) except.add(packet::Box{{+Field::in, space.codes(network.bridge)}});
        Region region = space.whole();
        region[+Field::in] = space.real_interface();
        region[+Field::out] = {semantics::Interfaces::none, semantics::Interfaces::none};
        region[+Field::protocol] = {tcp.number, tcp.number};
        region[+Field::state] = {semantics::state_new, semantics::state_new};
        region[+Field::destination_local] = {semantics::destination_own, semantics::destination_own};
        server_ = server_ || !input->refuses(region, except);

        other_services(except);
        if (!input->refuses(region, except)) {
            reached_ = true;
            return;
        }
        region[+Field::destination_port] = {ssh_port, ssh_port};
        auto refusal = input->refuses(region, except);
        if (!refusal)
            reached_ = true;
        else if (by_.rules.empty() && !by_.policy)
            by_ = std::move(*refusal);
    }

    void report() override {
        if (!outside_ || reached_ || !server_ || (by_.rules.empty() && !by_.policy)) return;
        const Span place = input_place(subject_, by_);
        if (!place.known()) return;
        Diagnostic& diagnostic = diagnostics_.add(Code::ssh_refused, place, "`input` lets in other connections from outside, but none by ssh");
        show(diagnostic, by_, "INPUT", written_);
        diagnostic.advise("write `accept tcp 22 new` ahead of what refuses it, or, if that is meant, `# natc: ignore N4025` above `input`");
    }

private:
    /// Ports that are known to be something else's: of the services that natc knows by itself.
    void other_services(packet::Boxes& boxes) const {
        const auto& own = subject_.model->services;
        for (const Service& service : builtin_services()) {
            if (std::any_of(own.begin(), own.end(), [&](const Service& o) { return o.name == service.name; })) continue;
            for (const Traffic& traffic : service.traffic) {
                if (!traffic.protocol || traffic.protocol->number != tcp.number || traffic.ports_negated) continue;
                for (const PortRange range : traffic.ports)
                    if (ssh_port < range.first || range.last < ssh_port)
                        boxes.add(packet::Box{{+Field::protocol, {tcp.number, tcp.number}}, {+Field::destination_port, {range.first, range.last}}});
            }
        }
    }

    const Subject& subject_;
    Diagnostics& diagnostics_;
    Written written_;
    bool outside_ = false;  ///< the file says how the host is reached
    bool reached_ = false;  ///< in some family, ssh may come in from outside
    bool server_ = false;   ///< some tcp does
    Gate::Refusal by_;
};

}  // namespace

std::unique_ptr<Reach> reach_of_ssh(const Subject& subject, Diagnostics& diagnostics) { return std::make_unique<Ssh>(subject, diagnostics); }

}  // namespace natc

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "review/reach.hpp"

namespace natc {

namespace {

using packet::Region;
using semantics::Field;
using semantics::Space;
using semantics::operator+;

class Host final : public Reach {
public:
    Host(const Subject& subject, Diagnostics& diagnostics) : subject_(subject), diagnostics_(diagnostics), written_(subject.model) {}

    void look_at(const Look& look) override {
        const Gate* input = look.input.get();
        if (input == nullptr) return;
        replies(look.space, *input);
        served(look.space, *input);
    }

    void report() override {
        report_replies();
        for (const auto& [span, refused] : served_) {
            if (refused.passes) continue;
            Diagnostic& diagnostic = diagnostics_.add(Code::serve_refused, span, fmt::format("guests do not reach {}: `input` refuses it first", refused.what));
            show(diagnostic, refused.by, "INPUT", written_);
            diagnostic.advise("let what refuses it leave the bridge out, or stand at the end: what networks serve stands ahead of the last rules that refuse everything");
        }
    }

private:
    /// What arrives by lo, or by a bridge, says nothing of the outside.
    void replies(const Space& space, const Gate& input) {
        packet::Boxes inside;
        inside.add(packet::Box{{+Field::in, space.codes(*parse_interface("lo"))}});
        if (subject_.model != nullptr)
            for (const Network& network : subject_.model->networks) inside.add(packet::Box{{+Field::in, space.codes(network.bridge)}});
        Region region = space.whole();
        region[+Field::in] = space.real_interface();
        region[+Field::out] = {semantics::Interfaces::none, semantics::Interfaces::none};
        region[+Field::protocol] = {tcp.number, tcp.number};
        region[+Field::state] = {semantics::state_established, semantics::state_established};
        region[+Field::forged] = {0, 0};
        // What answers the host itself, as any server does: a rule that opens a port of the host's does not let that in.
        Region answers = region;
        constexpr std::uint32_t https = 443;
        answers[+Field::source_port] = {https, https};
        answers[+Field::destination_port] = {ephemeral_ports.first, ephemeral_ports.last};
        auto refusal = input.refuses(answers, inside);
        if (!refusal) return;
        const bool all = input.refuses(region, inside).has_value();
        // A dump that lets nobody in may do so on purpose: so IPv6 is shut where nobody uses it.
        region[+Field::state] = {semantics::state_new, semantics::state_new};
        if (subject_.model == nullptr && input.refuses(region, inside)) return;
        if (replies_refused_.empty()) replies_by_ = std::move(*refusal);
        all_replies_refused_ = all_replies_refused_ || all;
        replies_refused_ |= space.family();
    }

    void report_replies() {
        if (replies_refused_.empty() || !(replies_refused_ == subject_.families)) return;
        const Span place = input_place(subject_, replies_by_);
        if (!place.known()) return;
        Diagnostic& diagnostic =
            diagnostics_.add(Code::replies_refused, place,
                             all_replies_refused_ ? "INPUT refuses what belongs to established connections: sessions with the host end, and what it asks for itself is never answered"
                                                  : "INPUT refuses what belongs to connections that the host itself opens: what it asks for is never answered");
        std::vector<Span> spans = places(replies_by_.rules);
        std::erase(spans, place);
        constexpr std::size_t most_places = 3;
        for (std::size_t i = 0; i < std::min(spans.size(), most_places); ++i) diagnostic.see(spans[i], "refused here");
        diagnostic.advise(subject_.model != nullptr ? "begin with `accept established`" : "begin with `-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`");
    }

    /// `dhcp` has tcp 67 as the documents have it; nobody asks there.
    static bool is_bootp_over_tcp(const Traffic& traffic) { return traffic.protocol == tcp && traffic.ports == std::vector{PortRange{67, 67}}; }

    void served(const Space& space, const Gate& input) {
        if (subject_.model == nullptr) return;
        for (const Network& network : subject_.model->networks) {
            if (!network.families().contains(space.family())) continue;
            for (const Served& service : network.serves)
                for (const Traffic& traffic : service.traffic) {
                    if (!traffic.families.contains(space.family()) || !traffic.protocol || traffic.ports_negated || is_bootp_over_tcp(traffic)) continue;
                    std::vector<PortRange> ports = traffic.ports;
                    if (ports.empty()) ports.push_back({0, 65535});
                    for (const PortRange range : ports) {
                        Region region = space.whole();
                        region[+Field::in] = space.codes(network.bridge);
                        region[+Field::out] = {semantics::Interfaces::none, semantics::Interfaces::none};
                        region[+Field::protocol] = {traffic.protocol->number, traffic.protocol->number};
                        region[+Field::destination_port] = {range.first, range.last};
                        region[+Field::state] = {semantics::state_new, semantics::state_new};
                        region[+Field::destination_local] = {1, 1};
                        Refused& refused = served_[service.span];
                        auto refusal = refused.passes ? std::nullopt : input.refuses(region);
                        refused.passes = !refusal;
                        if (!refusal) continue;
                        refused.by = std::move(*refusal);
                        refused.what = fmt::format("the service `{}` that network `{}` serves", service.name, network.name);
                    }
                }
        }
    }

    const Subject& subject_;
    Diagnostics& diagnostics_;
    Written written_;
    std::map<Span, Refused, BySpan> served_;
    FamilySet replies_refused_;  ///< where all of what belongs to connections is
    bool all_replies_refused_ = false;  ///< not only those to what the host opened
    Gate::Refusal replies_by_;
};

}  // namespace

std::unique_ptr<Reach> reach_of_host(const Subject& subject, Diagnostics& diagnostics) { return std::make_unique<Host>(subject, diagnostics); }

}  // namespace natc

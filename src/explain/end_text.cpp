#include "explain/end_text.hpp"

#include <fmt/format.h>
#include <utility>

#include "base/nearest.hpp"

namespace natc::explain {

namespace {

class EndReader {
public:
    EndReader(const Model& model, bool dump, Diagnostics& diagnostics) : model_(model), dump_(dump), diagnostics_(diagnostics) {}

    std::optional<End> run(std::string_view text, Span span) {
        End end;
        end.span = span;
        std::string_view address = text;
        std::string_view ports;
        if (address.starts_with('[')) {
            const std::size_t close = address.find(']');
            if (close == std::string_view::npos) {
                diagnostics_.add(Code::bad_end_point, span, fmt::format("`{}` has no `]`", text));
                return std::nullopt;
            }
            ports = address.substr(close + 1);
            if (!ports.empty() && !ports.starts_with(':')) {
                diagnostics_.add(Code::bad_end_point, span, fmt::format("behind `]` a `:` and a port may stand, not `{}`", ports));
                return std::nullopt;
            }
            address = address.substr(1, close - 1);
        } else if (const std::size_t colon = address.find(':'); colon != std::string_view::npos && address.find(':', colon + 1) == std::string_view::npos) {
            ports = address.substr(colon);
            address = address.substr(0, colon);
        }
        end.name = address;
        if (!ports.empty()) {
            end.ports = read_port(ports.substr(1), span);
            if (!end.ports) return std::nullopt;
        }
        if (address.starts_with('!') || address.find(',') != std::string_view::npos) {
            diagnostics_.add(Code::bad_address, span, address.starts_with('!') ? "a packet is one: say its address, not which it is not" : "a packet has one address here: ask for one after the other");
            return std::nullopt;
        }
        if (looks_like_address(address)) {
            const auto range = value(parse_addresses(address), span);
            if (!range) return std::nullopt;
            end.addresses = {*range};
            return end;
        }
        end.addresses = named(address);
        if (end.addresses.empty()) unknown_end(address, span);
        return end.addresses.empty() ? std::nullopt : std::optional(end);
    }

private:
    std::optional<PortRange> read_port(std::string_view text, Span span) {
        if (text.find(',') != std::string_view::npos)
            diagnostics_.add(Code::bad_port, span, "a packet has one port here: ask for one after the other");
        else if (model_.service(text) != nullptr)
            diagnostics_.add(Code::bad_port, span, fmt::format("`{}` is a service, and no port", text)).advise(fmt::format("write `{}` in place of the protocol, or the port as a number", text));
        else
            return value(parse_ports(text), span);
        return std::nullopt;
    }

    void unknown_end(std::string_view name, Span span) {
        Diagnostic& diagnostic = diagnostics_.add(Code::unknown_name, span, name.empty() ? "an address is missing" : fmt::format("there is no guest or network `{}`", name));
        if (dump_) {
            diagnostic.advise("a dump has no names: write the address");
            return;
        }
        if (name.starts_with('$')) {
            diagnostic.advise("a define may hold many: write the address of one");
            return;
        }
        std::vector<std::string_view> names;
        for (const Network& network : model_.networks) {
            names.push_back(network.name);
            for (const Guest& guest : network.guests) names.push_back(guest.name);
        }
        const std::string_view near = nearest(name, names);
        diagnostic.advise(near.empty() ? "write an address, such as 203.0.113.9" : fmt::format("did you mean `{}`?", near));
    }

    [[nodiscard]] std::vector<AddressRange> named(std::string_view name) const {
        std::vector<AddressRange> result;
        for (const Network& network : model_.networks) {
            if (network.name == name)
                for (const Subnet& subnet : network.subnets) result.push_back(subnet.range);
            for (const Guest& guest : network.guests)
                if (guest.name == name) result.insert(result.end(), guest.addresses.begin(), guest.addresses.end());
        }
        return result;
    }

    template <typename Value>
    std::optional<Value> value(const Result<Value>& result, Span span) {
        if (result) return *result;
        diagnostics_.add(span, result.error());
        return std::nullopt;
    }

    const Model& model_;
    bool dump_;
    Diagnostics& diagnostics_;
};

}  // namespace

std::optional<End> read_end(std::string_view text, Span span, const Model& model, bool dump, Diagnostics& diagnostics) { return EndReader(model, dump, diagnostics).run(text, span); }

}  // namespace natc::explain

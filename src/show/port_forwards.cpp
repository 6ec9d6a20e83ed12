#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "show/names.hpp"
#include "show/show.hpp"
#include "show/table.hpp"

namespace natc::show {

using nlohmann::ordered_json;

namespace {

/// One way that the packets of a port-forward come in: all of the sources, by any of the interfaces.
struct WayIn {
    std::vector<InterfaceName> in;  ///< empty: any that is no network's bridge
    std::vector<AddressRange> from;  ///< empty: from anywhere
};

/// Guests of other networks come in by their bridges, where the statement does not say `in`; all others by the uplinks.
std::vector<WayIn> ways_in(const PortForward& forward, const Network& network, Family family) {
    const std::vector<InterfaceName>& usual = forward.in.empty() ? network.uplinks : forward.in;
    std::vector<WayIn> ways;
    for (const Side& side : forward.from) {
        if (side.addresses.family() != family) continue;
        const bool by_bridge = forward.in.empty() && !forward.from_negated && side.bridge;
        std::vector<InterfaceName> in = by_bridge ? std::vector{*side.bridge} : usual;
        if (ways.empty() || ways.back().in != in) ways.push_back({std::move(in), {}});
        ways.back().from.push_back(side.addresses);
    }
    if (ways.empty()) ways.push_back({usual, {}});
    return ways;
}

/// Ports of one protocol that keep their number, or one run of those that are moved.
struct Ports {
    Protocol protocol;
    std::vector<PortRange> ports, target;
};

std::vector<Ports> ports_of(const PortForward& forward) {
    std::vector<Ports> all;
    for (const PortMove& move : forward.moves) {
        const bool kept = move.ports == move.target;
        const auto same = std::find_if(all.begin(), all.end(), [&](const Ports& p) { return kept && p.protocol == move.protocol && p.ports == p.target; });
        if (same == all.end()) {
            all.push_back({move.protocol, {move.ports}, {move.target}});
        } else {
            same->ports.push_back(move.ports);
            same->target.push_back(move.target);
        }
    }
    return all;
}

/// Each with a `!` ahead where none of them is meant.
Cell cell(Cell values, bool negated) {
    if (negated)
        for (std::string& value : values) value.insert(0, 1, '!');
    return values;
}

class List {
public:
    List(const Model& model, Format format) : format_(format) {
        for (const Network& network : model.networks)
            for (const Guest& guest : network.guests)
                for (const Address address : guest.addresses) names_.try_emplace(address, full_name(guest, network));
        table_.columns = {{"protocol"}, {"ports"}, {"in"}, {"on", "any"}, {"from", "any"}, {"guest"}, {"address"}, {"to_ports"}, {"network"}, {"hairpin", "-", false}};
        for (const PortForward& forward : model.port_forwards) {
            // The same one has its row already.
            if (forward.repeated) continue;
            const Network& network = model.networks[forward.network];
            for (const Address target : forward.targets)
                for (const WayIn& way : ways_in(forward, network, target.family()))
                    for (const Ports& ports : ports_of(forward)) add(forward, network, target, way, ports);
        }
    }

    std::string text() const {
        switch (format_) {
            case Format::json: return printed(objects_);
            case Format::csv: return with_commas(table_);
            case Format::table: break;
        }
        return in_columns(table_, "no port-forwards");
    }

private:
    void add(const PortForward& forward, const Network& network, Address target, const WayIn& way, const Ports& ports) {
        const auto known = names_.find(target);
        const std::string guest = known == names_.end() ? std::string() : known->second;
        const bool from_negated = forward.from_negated && !way.from.empty();
        if (format_ != Format::json) {
            const Cell in = way.in.empty() ? Cell{"outside"} : cell(show::cell(way.in), forward.in_negated);
            table_.rows.push_back({{to_string(ports.protocol)}, show::cell(ports.ports), in, forward.on ? Cell{to_string(*forward.on)} : Cell{},
                                   cell(show::cell(way.from), from_negated), guest.empty() ? Cell{} : Cell{guest}, {to_string(target)}, show::cell(ports.target), {network.name},
                                   forward.hairpin ? Cell{"yes"} : Cell{}});
            return;
        }
        ordered_json object;
        object["protocol"] = to_string(ports.protocol);
        object["ports"] = show::cell(ports.ports);
        object["in"] = show::cell(way.in);
        object["in_negated"] = forward.in_negated;
        object["on"] = forward.on ? ordered_json(to_string(*forward.on)) : ordered_json();
        object["from"] = show::cell(way.from);
        object["from_negated"] = from_negated;
        object["guest"] = guest.empty() ? ordered_json() : ordered_json(guest);
        object["address"] = to_string(target);
        object["to_ports"] = show::cell(ports.target);
        object["network"] = network.name;
        object["hairpin"] = forward.hairpin;
        objects_.push_back(std::move(object));
    }

    const Format format_;
    std::map<Address, std::string> names_;  ///< of guests, with domains
    Table table_;
    ordered_json objects_ = ordered_json::array();
};

}  // namespace

std::string port_forwards(const Model& model, Format format) { return List(model, format).text(); }

}  // namespace natc::show

#include "scenario.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

namespace bed {

namespace {

using Words = std::vector<std::string>;

struct Line {
    int number;
    std::string text;
    Words words;
};

std::vector<Line> read_lines(const std::filesystem::path& path) {
    std::ifstream file(path);
    if (!file) throw Trouble{"cannot read " + path.string()};
    std::vector<Line> result;
    int number = 0;
    for (std::string text; std::getline(file, text);) {
        number++;
        // '#' starts a comment where a word would start.
        for (std::size_t at = 0; (at = text.find('#', at)) != std::string::npos; at++)
            if (at == 0 || text[at - 1] == ' ') {
                text.resize(at);
                break;
            }
        while (!text.empty() && text.back() == ' ') text.pop_back();
        std::istringstream in(text);
        Line line{number, text, {}};
        for (std::string word; in >> word;) line.words.push_back(word);
        if (!line.words.empty()) result.push_back(std::move(line));
    }
    return result;
}

/// Takes the words of a line one by one.
class Reader {
public:
    Reader(const Line& line, std::size_t at = 0) : line_(line), at_(at) {}

    [[nodiscard]] bool at_end() const { return at_ == line_.words.size(); }
    bool take_if(const std::string& word) {
        if (at_end() || line_.words[at_] != word) return false;
        at_++;
        return true;
    }
    std::string take(const std::string& what) {
        if (at_end()) fail(what + " is missing");
        return line_.words[at_++];
    }
    Words rest() {
        Words result(line_.words.begin() + static_cast<std::ptrdiff_t>(at_), line_.words.end());
        at_ = line_.words.size();
        return result;
    }
    std::string rest_of_text(const std::string& after) {
        at_ = line_.words.size();
        return line_.text.substr(line_.text.find(after) + after.size());
    }
    [[noreturn]] void fail(const std::string& why) const { throw Trouble{"line " + std::to_string(line_.number) + ": " + line_.text + ": " + why}; }

    std::uint16_t port(const std::string& text) const {
        if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos || text.size() > 5) fail("'" + text + "' is no port");
        return static_cast<std::uint16_t>(std::stoul(text));
    }
    /// `10.1.1.1:22`, `[fd00::1]:22`, `web:22`, or these without a port.
    EndPoint end_point(const std::string& text) const {
        if (text.starts_with('[')) {
            const auto close = text.find("]:");
            if (close == std::string::npos) fail("'" + text + "' has no ']:'");
            return {text.substr(1, close - 1), port(text.substr(close + 2))};
        }
        const auto colon = text.find(':');
        if (colon == std::string::npos || colon != text.rfind(':')) return {text, 0};
        return {text.substr(0, colon), port(text.substr(colon + 1))};
    }

private:
    const Line& line_;
    std::size_t at_;
};

Fate read_fate(Reader& reader) {
    Fate fate;
    const std::string word = reader.take("the fate");
    if (word == "nothing") {
        fate.kind = Fate::Kind::nothing;
    } else if (word == "refused") {
        fate.kind = Fate::Kind::refused;
        fate.how = reader.take("how it is refused");
    } else if (word == "reaches") {
        fate.kind = Fate::Kind::reaches;
        const EndPoint whom = reader.end_point(reader.take("whom it reaches"));
        fate.host = whom.address;
        fate.port = whom.port;
        if (reader.take_if("as")) {
            std::string as = reader.take("as whom");
            const auto dash = as.find('-');
            if (dash != std::string::npos) {
                fate.as_to = reader.port(as.substr(dash + 1));
                as.resize(dash);
            }
            const EndPoint source = reader.end_point(as);
            fate.as = source.address;
            fate.as_from = source.port;
            if (!fate.as_to) fate.as_to = source.port;
        }
        for (;;) {
            if (reader.take_if("mss"))
                fate.mss = reader.port(reader.take("the size"));
            else if (reader.take_if("answer-mss"))
                fate.answer_mss = reader.port(reader.take("the size"));
            else if (reader.take_if("checksum"))
                fate.checksum = reader.take("right or wrong");
            else
                break;
        }
        if (!fate.checksum.empty() && fate.checksum != "right" && fate.checksum != "wrong") reader.fail("a checksum is right or wrong");
    } else {
        reader.fail("'" + word + "' is no fate");
    }
    return fate;
}

void read_probe(Reader& reader, Step& step) {
    step.host = reader.take("the host");
    step.what = reader.take("what it sends");
    if (step.what.ends_with('6')) {
        step.ipv6 = true;
        step.what.pop_back();
    }
    static const std::set<std::string> known = {"tcp",        "udp",     "ping",       "rst",    "syn-ack",       "ack",
                                                "echo-reply", "too-big", "too-big-back", "unreachable", "unreachable-back", "forge", "mld-query", "protocol",
                                                "bad-udp",    "sctp",    "sctp-answer", "mld-report"};
    if (!known.contains(step.what)) reader.fail("'" + step.what + "' is nothing that this bed sends");
    if (reader.take_if("about")) {
        step.connection = reader.take("the connection");
    } else {
        step.to = reader.end_point(reader.take("where it goes"));
        if (is_ipv6(step.to.address)) step.ipv6 = true;
    }
    for (;;) {
        if (reader.take_if("from"))
            step.from = reader.end_point(reader.take("the source"));
        else if (reader.take_if("sport"))
            step.port = reader.port(reader.take("the port"));
        else if (reader.take_if("size"))
            step.size = reader.port(reader.take("the size"));
        else
            break;
    }
    step.fate = read_fate(reader);
}

void read_topology(const std::filesystem::path& path, Topology& topology) {
    for (const Line& line : read_lines(path)) {
        Reader reader(line);
        const std::string word = reader.take("a word");
        if (word == "outside" || word == "bridge" || word == "beyond") {
            Topology::Link link;
            link.is_bridge = word == "bridge";
            if (word == "beyond") link.gate = reader.take("the host that leads there");
            link.name = reader.take("the interface");
            if (reader.take_if("mtu")) link.mtu = reader.port(reader.take("the size"));
            link.prefixes = reader.rest();
            topology.links.push_back(link);
        } else if (word == "host") {
            Topology::Host host;
            host.name = reader.take("the name");
            host.link = reader.take("the link");
            if (reader.take_if("mac")) host.mac = reader.take("the address");
            host.prefixes = reader.rest();
            topology.hosts.push_back(host);
        } else {
            reader.fail("none of 'outside', 'bridge', 'beyond' and 'host'");
        }
    }
}

}  // namespace

Fate refused(const std::string& how) {
    Fate fate;
    fate.kind = Fate::Kind::refused;
    fate.how = how;
    return fate;
}

Fate strange(const std::string& how) {
    Fate fate;
    fate.kind = Fate::Kind::strange;
    fate.how = how;
    return fate;
}

std::string to_string(const Fate& fate) {
    switch (fate.kind) {
        case Fate::Kind::nothing: return "nothing";
        case Fate::Kind::refused: return "refused " + fate.how;
        case Fate::Kind::strange: return fate.how;
        case Fate::Kind::reaches: break;
    }
    std::string result = "reaches " + fate.host;
    if (fate.port) result += ":" + std::to_string(fate.port);
    if (!fate.as.empty()) result += " as " + to_string(EndPoint{fate.as, fate.as_from});
    if (fate.as_to != fate.as_from) result += "-" + std::to_string(fate.as_to);
    if (fate.mss) result += " mss " + std::to_string(fate.mss);
    if (fate.answer_mss) result += " answer-mss " + std::to_string(fate.answer_mss);
    if (!fate.checksum.empty()) result += " checksum " + fate.checksum;
    return result;
}

bool agrees(const Fate& expected, const Fate& seen) {
    if (expected.kind != seen.kind || expected.how != seen.how || expected.host != seen.host) return false;
    if (expected.port && expected.port != seen.port) return false;
    if (!expected.as.empty() && expected.as != seen.as) return false;
    if (expected.mss && expected.mss != seen.mss) return false;
    if (expected.answer_mss && expected.answer_mss != seen.answer_mss) return false;
    if (!expected.checksum.empty() && expected.checksum != seen.checksum) return false;
    return !expected.as_from || (expected.as_from <= seen.as_from && seen.as_from <= expected.as_to);
}

std::vector<std::uint16_t> Scenario::ports() const {
    std::set<std::uint16_t> ports;
    for (const Step& step : steps)
        for (const std::uint16_t port : {step.to.port, step.fate.port})
            if (port) ports.insert(port);
    return {ports.begin(), ports.end()};
}

Scenario read_scenario(const std::filesystem::path& folder) {
    Scenario scenario;
    scenario.folder = folder;
    scenario.name = folder.filename().string();
    std::filesystem::path topology = folder / "../../bed/standard.topology";
    std::string unexplained;
    for (const Line& line : read_lines(folder / "probes")) {
        Reader reader(line);
        Step step;
        step.line = line.number;
        step.text = line.text;
        step.unexplained = unexplained;
        if (reader.take_if("under")) {
            std::istringstream names(reader.take("the back ends"));
            for (std::string name; std::getline(names, name, ',');) step.backends.push_back(name);
        }
        if (reader.take_if("net")) {
            scenario.nets.push_back(folder / reader.take("the file"));
        } else if (reader.take_if("topology")) {
            topology = folder / reader.take("the file");
        } else if (reader.take_if("only")) {
            scenario.backends = reader.rest();
        } else if (reader.take_if("unexplained")) {
            unexplained = reader.rest_of_text("unexplained ");
        } else if (reader.take_if("explained")) {
            unexplained.clear();
        } else if (reader.take_if("never")) {
            const std::string host = reader.take("the host");
            if (!reader.take_if("from")) reader.fail("'from' is missing");
            scenario.never.emplace_back(host, reader.rest());
        } else if (reader.take_if("load")) {
            step.kind = Step::Kind::load;
            scenario.steps.push_back(step);
        } else if (reader.take_if("run")) {
            step.kind = Step::Kind::run;
            step.host = reader.take("the host");
            step.what = reader.rest_of_text(" " + step.host + " ");
            scenario.steps.push_back(step);
        } else if (reader.take_if("talk")) {
            step.kind = Step::Kind::talk;
            step.connection = reader.take("the connection");
            if (reader.take_if("size")) step.size = reader.port(reader.take("the size"));
            step.fate = read_fate(reader);
            scenario.steps.push_back(step);
        } else {
            std::string name;
            if (reader.take_if("open")) {
                step.kind = Step::Kind::open;
                name = reader.take("the name");
            }
            read_probe(reader, step);
            if (!name.empty()) step.connection = name;
            scenario.steps.push_back(step);
        }
        if (!reader.at_end()) reader.fail("too many words");
    }
    if (scenario.nets.empty()) {
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            const std::string name = entry.path().filename().string();
            if (name.starts_with("lab") && name.ends_with(".net")) scenario.nets.push_back(entry.path());
        }
        std::sort(scenario.nets.begin(), scenario.nets.end());
    }
    if (scenario.nets.empty()) throw Trouble{"no lab.net in " + folder.string()};
    read_topology(topology, scenario.topology);
    return scenario;
}

}  // namespace bed

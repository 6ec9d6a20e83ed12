#include "cli/front.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "check/checks.hpp"
#include "cli/files.hpp"
#include "emit/iptables.hpp"
#include "emit/nft.hpp"
#include "model/resolve.hpp"
#include "optimise/passes.hpp"
#include "read/dump.hpp"

namespace natc::cli {

namespace {

void read_dump(syntax::LoadedFile file, const FrontOptions& options, Front& front) {
    front.kind = InputKind::dump;
    const bool too_large = file.text.size() > syntax::largest_file;
    // Its first line is kept, to have a place to point at.
    if (too_large) file.text.resize(std::min(file.text.find('\n'), std::size_t{80}));
    const Span text = front.sources.add(std::move(file.name), std::move(file.text));
    if (too_large) {
        front.diagnostics.add(Code::too_large, {text.begin, text.begin + 1}, fmt::format("this file is larger than {} MiB, which is more than natc reads", syntax::largest_file >> 20U));
        return;
    }
    Dump dump = read_iptables_save(text, front.sources, options.family, front.diagnostics, options.otherwise);
    front.program = std::move(dump.program);
    front.families = dump.families;
    front.told_by = dump.told_by;
    if (front.diagnostics.errors() > 0) return;
    if (options.family && !dump.families.contains(*options.family)) {
        const Family is = other(*options.family);
        front.diagnostics.add(Code::two_families, dump.told_by, fmt::format("this is of {}, and {} was asked for", name(is), name(*options.family)))
            .advise(is == Family::ipv4 ? "say `--target iptables` or `--family ipv4`" : "say `--target ip6tables` or `--family ipv6`");
    }
}

}  // namespace

Front run_front(syntax::LoadedFile file, const FrontOptions& options, const syntax::Loader& loader) {
    Front front;
    const auto begin = [&](const char* what) {
        if (options.progress != nullptr) options.progress->begin(what);
    };
    begin("reading the file");
    if (looks_like_dump(file.text)) {
        read_dump(std::move(file), options, front);
        front.diagnostics.settle(front.sources);
        return front;
    }
    const auto noting = [&](std::string_view path, std::string_view from) {
        front.included.push_back(path_of_included(path, from));
        return loader(path, from);
    };
    // Names and values are looked at even where the syntax has faults: as many errors in one run as are not each other's. What was
    // written is not kept beyond that.
    Model model = [&] {
        const syntax::Input input = syntax::load(std::move(file), noting, front.sources, front.diagnostics);
        begin("looking up names and values");
        return resolve(input, front.sources, front.diagnostics);
    }();
    check(model, front.diagnostics);
    // Rules are made only of a model that is true.
    begin("working out the rules");
    if (front.diagnostics.errors() == 0) front.program = lower(model, front.diagnostics, options.port_forwards);
    front.model = std::move(model);
    front.diagnostics.settle(front.sources);
    return front;
}

bool overwrites_input(const std::string& output, const std::string& path, const Front& front) {
    if (output.empty() || output == "-") return false;
    const bool itself = same_file(path == "-" ? "/dev/stdin" : path, output);
    const bool included = std::any_of(front.included.begin(), front.included.end(), [&](const std::string& one) { return same_file(one, output); });
    if (itself) complain(fmt::format("-o {} would overwrite the input", output));
    else if (included) complain(fmt::format("-o {} would overwrite a file that the input includes", output));
    return itself || included;
}

void check_target(Front& front, Target target) {
    if (target == Target::nft || front.diagnostics.errors() > 0) return;
    const Family wanted = target == Target::iptables ? Family::ipv4 : Family::ipv6;
    if (front.families.contains(wanted)) return;
    const bool ipv4 = wanted == Family::ipv4;
    front.diagnostics.add(Code::two_families, front.told_by, fmt::format("this dump is of {}, and `--target {}` takes {}", name(other(wanted)), ipv4 ? "iptables" : "ip6tables", name(wanted)))
        .advise(fmt::format("say `--target {}`, or nft", ipv4 ? "ip6tables" : "iptables"));
}

std::string emit(Front& front, Target target) {
    std::string text;
    switch (target) {
        case Target::iptables: text = emit_iptables(for_iptables(std::move(front.program)), Family::ipv4); break;
        case Target::ip6tables: text = emit_iptables(for_iptables(std::move(front.program)), Family::ipv6); break;
        case Target::nft: text = emit_nft(for_nft(std::move(front.program)), front.diagnostics); break;
    }
    front.diagnostics.settle(front.sources);
    return text;
}

}  // namespace natc::cli

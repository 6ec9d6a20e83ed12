#include <algorithm>
#include <fmt/format.h>

#include "base/nearest.hpp"
#include "model/builtin_services.hpp"
#include "model/scope.hpp"
#include "syntax/foreign.hpp"

namespace natc {

void Scope::declare_defines() {
    defines_.reserve(input_.defines.size());
    for (const syntax::Define& define : input_.defines) {
        if (!name(define.name, "a define")) continue;
        const auto [at, fresh] = defines_.try_emplace(text(define.name), DefineEntry{&define});
        if (fresh) continue;
        const syntax::Define& first = *at->second.define;
        auto& diagnostic = diagnostics_.add(Code::name_twice, define.name.span, fmt::format("the define `{}` is there already", at->first)).see(first.name.span, "the first one");
        if (sources_.text(define.values.span) == sources_.text(first.values.span)) diagnostic.replace(define.span, {});
    }
}

namespace {

void say_twice(Diagnostics& diagnostics, Span span, Span first, std::string_view kind, std::string_view name) {
    diagnostics.add(Code::name_twice, span, fmt::format("the name `{}` is taken{}", name, kind))
        .see(first, "by this one");
}

}  // namespace

void Scope::declare_network(std::size_t index, const Network& network) {
    bridges_.try_emplace(std::string(network.bridge.text()), index);
    const auto [at, fresh] = ends_.try_emplace(network.name, End{index, std::nullopt, network.span});
    if (fresh) return;
    at->second.twice = true;
    say_twice(diagnostics_, network.span, at->second.span, ": guests and networks share one set of names", network.name);
}

void Scope::declare_guest(std::size_t network, std::size_t index, const Guest& guest) {
    const auto [at, fresh] = ends_.try_emplace(guest.name, End{network, index, guest.span});
    if (fresh) return;
    at->second.twice = true;
    say_twice(diagnostics_, guest.span, at->second.span, ": guests and networks share one set of names", guest.name);
}

void Scope::declare_service(Service service) {
    const Span span = service.span;
    std::string key = service.name;
    const auto [at, fresh] = services_.try_emplace(std::move(key), std::move(service));
    if (!fresh) say_twice(diagnostics_, span, at->second.span, " by another service", at->first);
}

std::vector<Service> Scope::own_services() const {
    std::vector<Service> result;
    for (const auto& [name, service] : services_) result.push_back(service);
    std::sort(result.begin(), result.end(), [](const Service& a, const Service& b) { return a.span.begin < b.span.begin; });
    return result;
}

std::vector<std::string_view> Scope::names_of_services() {
    std::vector<std::string_view> names = names_in(services_);
    for (const Service& service : builtin_services())
        if (!services_.contains(service.name)) names.push_back(service.name);
    std::sort(names.begin(), names.end());
    return names;
}

void Scope::declare_chain(ir::TableName table, std::string_view chain, Span span) {
    const auto [at, fresh] = chains_[static_cast<std::size_t>(table)].try_emplace(std::string(chain), span);
    if (!fresh)
        diagnostics_
            .add(Code::written_twice, span, fmt::format("the chain {} of table {} is written once", chain, ir::name(table)))
            .see(at->second, "it stands here already");
}

std::optional<std::size_t> Scope::find_network(std::string_view name) const {
    const auto at = ends_.find(name);
    if (at == ends_.end() || at->second.guest) return std::nullopt;
    return at->second.network;
}

std::optional<Scope::GuestAt> Scope::find_guest(std::string_view name) const {
    const auto at = ends_.find(name);
    if (at == ends_.end() || !at->second.guest) return std::nullopt;
    return GuestAt{at->second.network, *at->second.guest};
}

bool Scope::ambiguous(std::string_view name) const {
    const auto at = ends_.find(name);
    return at != ends_.end() && at->second.twice;
}

bool Scope::is_end(std::string_view name) const { return ends_.contains(name); }

const Service* Scope::service(const syntax::Word& word, std::span<const std::string_view> also) {
    const std::string name = plain(word);
    if (const auto at = services_.find(name); at != services_.end()) {
        at->second.used = true;
        return &at->second;
    }
    if (const Service* builtin = builtin_service(name)) return builtin;
    if (std::find(also.begin(), also.end(), name) != also.end()) {
        diagnostics_.add(Code::unknown_name, word.span, fmt::format("`{}` is no service, and cannot stand in a list of them", name))
            .advise("make two rules of it");
        return nullptr;
    }
    std::vector<std::string_view> known(also.begin(), also.end());
    const std::vector<std::string_view> services = names_of_services();
    known.insert(known.end(), services.begin(), services.end());
    std::string help;
    if (const std::string port = syntax::port_with_protocol(name); !port.empty()) {
        help = also.empty() ? fmt::format("a name makes a service of it: `service NAME = {}`", port) : fmt::format("write `{}`", port);
    } else if (!also.empty() && parse_protocol(name)) {
        help = fmt::format("the protocol is written `proto {}`", name);
    }
    unknown_as(word.span,
               also.empty() ? fmt::format("there is no service `{}`", name)
                            : fmt::format("`{}` is neither a word that can stand here nor a service", name),
               name, known, std::move(help), also.empty() ? std::nullopt : std::optional(syntax::Foreign::Place::part));
    return nullptr;
}

bool Scope::has_chain(ir::TableName table, std::string_view name) const {
    return chains_[static_cast<std::size_t>(table)].contains(name);
}

void Scope::unknown(Span span, std::string_view kind, std::string_view name, std::span<const std::string_view> known,
                    std::optional<syntax::Foreign::Place> place) {
    unknown_as(span, fmt::format("there is no {} `{}`", kind, name), name, known, {}, place);
}

void Scope::unknown_as(Span span, std::string message, std::string_view name, std::span<const std::string_view> known,
                       std::string help, std::optional<syntax::Foreign::Place> place) {
    // Something was said of what could not be read.
    if (was_lost(name)) return;
    auto& diagnostic = diagnostics_.add(Code::unknown_name, span, std::move(message));
    const auto written = sources_.text(span);
    const bool reference = written.starts_with('$');
    const auto mean = [&](std::string_view sign, std::string_view word, bool certain) {
        diagnostic.advise(fmt::format("did you mean `{}{}`?", sign, word));
        // Behind the name of an end point its port may stand.
        const std::string_view rest = written.starts_with(name) ? written.substr(name.size()) : std::string_view{};
        if (certain && (written == name || reference || rest.starts_with(':'))) diagnostic.replace(span, fmt::format("{}{}{}", sign, word, rest));
    };
    const syntax::Foreign* other = place ? syntax::foreign(*place, name) : nullptr;
    if (!reference && place && defines_.contains(name)) {
        mean("$", name, true);
    } else if (other != nullptr && !other->meant.empty()) {
        mean({}, other->meant, false);
    } else if (other != nullptr) {
        diagnostic.advise(std::string(other->help));
    } else if (const std::string_view near = meant(name, known); !near.empty()) {
        mean(reference ? "$" : "", near, surely(name, near, known, WordOf::user));
    } else if (!help.empty()) {
        diagnostic.advise(std::move(help));
    }
}

}  // namespace natc

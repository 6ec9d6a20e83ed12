#include "model/builtin_services.hpp"

#include <algorithm>
#include <cassert>

#include "model/resolve_rule.hpp"
#include "model/resolve_service.hpp"
#include "syntax/load.hpp"

namespace natc {

namespace {

std::vector<Service> read_all() {
    Sources sources;
    Diagnostics diagnostics;
    const syntax::Input input = syntax::load_builtin("<natc's own services>", builtin_services_text, sources, diagnostics);
    Scope scope(sources, diagnostics, input);
    const std::vector<Network> none;
    RuleResolver rules(scope, none);
    declare_services(input.services, rules, scope);
    assert(diagnostics.errors() == 0);
    std::vector<Service> all = scope.own_services();
    for (Service& service : all) service.span = {};
    std::ranges::sort(all, {}, &Service::name);
    return all;
}

}  // namespace

const std::vector<Service>& builtin_services() {
    static const std::vector<Service> all = read_all();
    return all;
}

const Service* builtin_service(std::string_view name) {
    const std::vector<Service>& all = builtin_services();
    const auto at = std::ranges::lower_bound(all, name, {}, [](const Service& service) { return std::string_view(service.name); });
    return at == all.end() || at->name != name ? nullptr : &*at;
}

}  // namespace natc

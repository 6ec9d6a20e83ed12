#include "model/resolve_service.hpp"

#include <iterator>
#include <utility>

namespace natc {

void declare_services(const std::vector<syntax::Service>& written, RuleResolver& rules, Scope& scope) {
    for (const syntax::Service& one : written) {
        if (!scope.name(one.name, "a service")) continue;
        Service service;
        service.name = scope.text(one.name);
        service.span = one.name.span;
        for (const syntax::Traffic& traffic : one.traffic)
            if (auto read = rules.traffic(traffic)) service.traffic.insert(service.traffic.end(), std::make_move_iterator(read->begin()), std::make_move_iterator(read->end()));
        scope.declare_service(std::move(service));
    }
}

}  // namespace natc

#include "formats/report.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/fix.hpp"
#include "base/places.hpp"

namespace natc {

namespace {

class Locator {
public:
    explicit Locator(const Sources& sources) : sources_(sources), places_(sources), label_places_(sources), fix_places_(sources) {}

    Finding finding(const Diagnostic& diagnostic) {
        Finding finding{diagnostic.code, diagnostic.severity, place(diagnostic.span, places_), diagnostic.message, {}, help_of(diagnostic), {}};
        for (const Label& label : diagnostic.labels) finding.labels.push_back({place(label.span, label_places_), label.message});
        for (const Fix& fix : diagnostic.fixes) {
            const Fix edit = edit_of(fix, sources_);
            finding.fixes.push_back({place(edit.span, fix_places_), edit.text});
        }
        return finding;
    }

private:
    Place place(Span span, Places& places) {
        if (!span.known()) return {std::string(sources_.name(sources_.first())), std::nullopt};
        const PlaceInLine begin = places.at(span.begin);
        const PlaceInLine end = places.at(std::max(span.begin, span.end));
        return {std::string(begin.file), Region{begin.number, begin.column, end.number, end.column}};
    }

    const Sources& sources_;
    Places places_, label_places_, fix_places_;  // each goes through the text in its own order
};

}  // namespace

void Report::add(const Diagnostics& diagnostics, const Sources& sources) {
    errors_ += diagnostics.errors();
    warnings_ += diagnostics.warnings();
    unlisted_ += diagnostics.dropped();
    Locator locator(sources);
    for (const Diagnostic& diagnostic : diagnostics.all()) {
        Finding finding = locator.finding(diagnostic);
        if (seen_.emplace(finding.code, finding.place, finding.message).second) {
            findings_.push_back(std::move(finding));
        } else {
            if (finding.severity == Severity::error) --errors_;
            if (finding.severity == Severity::warning) --warnings_;
        }
    }
}

void Report::add_fixed(const std::vector<const Diagnostic*>& diagnostics, const Sources& sources) {
    Locator locator(sources);
    for (const Diagnostic* diagnostic : diagnostics) fixed_.push_back(locator.finding(*diagnostic));
}

void Report::take_fixed(Report other) { std::ranges::move(other.fixed_, std::back_inserter(fixed_)); }

}  // namespace natc

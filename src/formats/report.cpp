#include "formats/report.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/fix.hpp"

namespace natc {

namespace {

Finding finding_of(const Diagnostic& diagnostic, const Sources& sources) {
    Finding finding{diagnostic.code, diagnostic.severity, place_of(diagnostic.span, sources), diagnostic.message, {}, help_of(diagnostic), {}};
    for (const Label& label : diagnostic.labels) finding.labels.push_back({place_of(label.span, sources), label.message});
    for (const Fix& fix : diagnostic.fixes) {
        const Fix edit = edit_of(fix, sources);
        finding.fixes.push_back({place_of(edit.span, sources), edit.text});
    }
    return finding;
}

}  // namespace

Place place_of(Span span, const Sources& sources) {
    if (!span.known()) return {std::string(sources.name(sources.first())), std::nullopt};
    const Location begin = sources.locate(span.begin);
    const Location end = sources.locate(std::max(span.begin, span.end));
    return {std::string(begin.file), Region{begin.line, begin.column, end.line, end.column}};
}

void Report::add(const Diagnostics& diagnostics, const Sources& sources) {
    errors_ += diagnostics.errors();
    warnings_ += diagnostics.warnings();
    unlisted_ += diagnostics.dropped();
    for (const Diagnostic& diagnostic : diagnostics.all()) {
        Finding finding = finding_of(diagnostic, sources);
        if (seen_.emplace(finding.code, finding.place, finding.message).second) {
            findings_.push_back(std::move(finding));
        } else {
            if (finding.severity == Severity::error) --errors_;
            if (finding.severity == Severity::warning) --warnings_;
        }
    }
}

void Report::add_fixed(const Diagnostic& diagnostic, const Sources& sources) { fixed_.push_back(finding_of(diagnostic, sources)); }

void Report::take_fixed(Report other) { std::ranges::move(other.fixed_, std::back_inserter(fixed_)); }

}  // namespace natc

#include "base/print.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/places.hpp"
#include "base/showable.hpp"

namespace natc {
namespace {

// ANSI styles, and what ends each of them.
constexpr std::string_view error_style = "\x1b[1;31m";
constexpr std::string_view warning_style = "\x1b[1;33m";
constexpr std::string_view note_style = "\x1b[36m";
constexpr std::string_view help_style = "\x1b[32m";
constexpr std::string_view gutter_style = "\x1b[34m";
constexpr std::string_view bold = "\x1b[1m";
constexpr std::string_view plain = "\x1b[0m";

constexpr std::string_view ellipsis = "…";
constexpr std::size_t longest_line = 160;  // bytes of a source line that are shown

std::string_view style_of(Severity severity) {
    switch (severity) {
    case Severity::error: return error_style;
    case Severity::warning: return warning_style;
    case Severity::note: return note_style;
    }
    return {};
}

/// The part of a long line that is shown: whole characters around [begin, end).
struct Window {
    std::size_t begin = 0;
    std::size_t end = 0;
};

Window window_around(std::string_view line, std::size_t begin, std::size_t end) {
    if (line.size() <= longest_line) return {0, line.size()};
    // As much on either side; a place that fills the window still stands with what leads to it.
    const std::size_t place = std::min(end - begin, longest_line - 40);
    const std::size_t before = std::min(begin, (longest_line - place) / 2);
    Window window{begin - before, begin - before + longest_line};
    if (window.end > line.size()) window = {line.size() - longest_line, line.size()};
    // A character has at most three bytes more; in what is not UTF-8 any byte will do.
    const auto whole = [line](std::size_t at) {
        for (std::size_t back = 0; back < 4 && back <= at; ++back)
            if (at - back == line.size() || !continues(line[at - back])) return at - back;
        return at;
    };
    return {whole(window.begin), whole(window.end)};
}

class Printer {
public:
    Printer(const Sources& sources, bool colour)
        : sources_(sources), places_(sources), label_places_(sources), colour_(colour) {}

    void diagnostic(const Diagnostic& diagnostic) {
        if (!out_.empty()) out_ += '\n';
        severity(diagnostic);
        const std::size_t width = gutter_width(diagnostic);
        if (diagnostic.span.known())
            excerpt(places_, diagnostic.span, {}, width, style_of(diagnostic.severity));
        for (const Label& label : diagnostic.labels)
            if (label.span.known())
                excerpt(label_places_, label.span, label.message, width, gutter_style);
        help(diagnostic, width);
    }

    void summary(const Diagnostics& diagnostics) {
        const std::size_t errors = diagnostics.errors();
        const std::size_t warnings = diagnostics.warnings();
        if (errors + warnings <= 1 && diagnostics.dropped() == 0) return;
        if (!out_.empty()) out_ += '\n';
        out_ += "natc: ";
        if (errors != 0) count(errors, "error");
        if (errors != 0 && warnings != 0) out_ += ", ";
        if (warnings != 0) count(warnings, "warning");
        if (errors + warnings == 0) count(diagnostics.all().size() + diagnostics.dropped(), "note");
        if (diagnostics.dropped() != 0)
            out_ += " (" + std::to_string(diagnostics.all().size()) + " shown)";
        out_ += '\n';
    }

    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    void style(std::string_view sequence) {
        if (colour_) out_ += sequence;
    }

    void severity(const Diagnostic& diagnostic) {
        style(style_of(diagnostic.severity));
        out_ += word_of(diagnostic.severity);
        out_ += "[" + spelled(diagnostic.code) + "]";
        style(plain);
        style(bold);
        out_ += ": ";
        append_prose(out_, diagnostic.message);
        style(plain);
        out_ += '\n';
    }

    void help(const Diagnostic& diagnostic, std::size_t width) {
        const std::string text = help_of(diagnostic);
        if (text.empty()) return;
        out_.append(width + 1, ' ');
        style(gutter_style);
        out_ += '=';
        style(plain);
        out_ += ' ';
        style(help_style);
        out_ += "help";
        style(plain);
        out_ += ": ";
        append_prose(out_, text);
        out_ += '\n';
    }

    std::size_t gutter_width(const Diagnostic& diagnostic) {
        std::size_t last = 1;
        if (diagnostic.span.known()) last = places_.at(diagnostic.span.begin).number;
        for (const Label& label : diagnostic.labels)
            if (label.span.known())
                last = std::max(last, label_places_.at(label.span.begin).number);
        return std::to_string(last).size();
    }

    /// ` --> file:line:column`, and the line with carets under the place.
    void excerpt(Places& places, Span span, std::string_view message, std::size_t width,
                 std::string_view caret_style) {
        const PlaceInLine& place = places.at(span.begin);
        out_.append(width, ' ');
        style(gutter_style);
        out_ += "-->";
        style(plain);
        out_ += ' ';
        append_shown(out_, place.file);
        out_ += ':' + std::to_string(place.number) + ':' + std::to_string(place.column);
        if (!message.empty()) {
            out_ += ": ";
            append_prose(out_, message);
        }
        out_ += '\n';
        gutter({}, width);
        out_ += '\n';

        const std::string_view line = sources_.text(place.line);
        const std::size_t begin = std::min<std::size_t>(span.begin - place.line.begin, line.size());
        std::size_t end = std::max(span.begin, span.end) - place.line.begin;
        if (end > line.size()) {  // it goes on, on other lines
            const auto last = line.find_last_not_of(" \t");
            end = last == std::string_view::npos ? 0 : last + 1;
        }
        end = std::max(begin, end);

        gutter(std::to_string(place.number), width);
        marked(line, begin, end, width, caret_style);
    }

    void gutter(std::string_view number, std::size_t width) {
        style(gutter_style);
        out_ += number;
        out_.append(width - number.size() + 1, ' ');
        out_ += '|';
        style(plain);
    }

    void marked(std::string_view line, std::size_t begin, std::size_t end, std::size_t width,
                std::string_view caret_style) {
        Window window = window_around(line, begin, end);
        std::string padding;
        std::string carets;
        if (window.end != window.begin) out_ += ' ';
        if (window.begin != 0) {
            out_ += ellipsis;
            padding += ' ';
        }
        for (std::size_t at = window.begin; at < window.end;) {
            const std::size_t size = append_first(out_, line.substr(at, window.end - at));
            const bool tab = line[at] == '\t';
            if (at + size <= begin) {
                padding += tab ? '\t' : ' ';
            } else if (at < end || carets.empty()) {
                // Past a tab what follows still stands under its character.
                carets += tab && !carets.empty() ? '\t' : '^';
            }
            at += size;
        }
        if (window.end != line.size()) out_ += ellipsis;
        out_ += '\n';
        if (carets.empty()) carets = "^";
        gutter({}, width);
        out_ += ' ';
        out_ += padding;
        style(caret_style);
        out_ += carets;
        style(plain);
        out_ += '\n';
    }

    void count(std::size_t number, std::string_view of) {
        out_ += std::to_string(number) + ' ';
        out_ += of;
        if (number != 1) out_ += 's';
    }

    const Sources& sources_;
    Places places_;
    Places label_places_;  // of their own: labels often point back to one line far above
    bool colour_;
    std::string out_;
};

}  // namespace

std::string print(const Diagnostics& diagnostics, const Sources& sources, bool colour) {
    Printer printer(sources, colour);
    for (const Diagnostic& diagnostic : diagnostics.all()) printer.diagnostic(diagnostic);
    printer.summary(diagnostics);
    return printer.take();
}

}  // namespace natc

#include "base/print.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

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
constexpr std::size_t longest_word = 200;  // bytes of a word in a message, before it is cut

std::string_view style_of(Severity severity) {
    switch (severity) {
    case Severity::error: return error_style;
    case Severity::warning: return warning_style;
    case Severity::note: return note_style;
    }
    return {};
}

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// What stands at the front of a text: one character of UTF-8, or one byte that belongs to none.
struct Character {
    std::size_t size;
    bool showable;
};

Character first_character(std::string_view text) {
    const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned lead = byte(0);
    if (lead < 0x80) return {1, (lead >= 0x20 && lead != 0x7F) || lead == '\t'};
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {1, false};
    std::uint32_t code = lead & (0x7FU >> size);
    for (std::size_t at = 1; at < size; ++at) {
        if (!continues(text[at])) return {1, false};
        code = code << 6U | (byte(at) & 0x3FU);
    }
    const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {1, false};
    // Control characters beyond ASCII, and those that make a terminal show a line in another order
    // than the one that natc reads.
    const bool control = code < 0xA0 || code == 0x2028 || code == 0x2029;
    const bool reorders = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    return {size, !control && !reorders};
}

/// The line that a place lies on, and where on it.
struct Place {
    Span line;
    std::size_t number = 0;
    std::size_t column = 0;
    std::string_view file;
};

/// As Sources::line_of and locate, but places on one line after another cost no second look at what
/// is before them: a file may be one line of a million errors.
class Places {
public:
    explicit Places(const Sources& sources) : sources_(sources) {}

    const Place& at(std::uint32_t offset) {
        if (place_.number == 0 || offset < place_.line.begin || offset > place_.line.end) {
            place_.line = sources_.line_of(offset);
            const Location start = sources_.locate(place_.line.begin);
            place_.number = start.line;
            place_.file = start.file;
            counted_to_ = offset + 1;
        }
        if (offset < counted_to_) {
            counted_to_ = place_.line.begin;
            place_.column = 1;
        }
        const auto between = sources_.text({counted_to_, offset});
        place_.column += static_cast<std::size_t>(
            std::count_if(between.begin(), between.end(), [](char c) { return !continues(c); }));
        counted_to_ = offset;
        return place_;
    }

private:
    const Sources& sources_;
    Place place_;
    std::uint32_t counted_to_ = 0;
};

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
        prose(diagnostic.message);
        style(plain);
        out_ += '\n';
    }

    void help(const Diagnostic& diagnostic, std::size_t width) {
        std::string text = diagnostic.help;
        if (text.empty() && diagnostic.fixes.size() == 1) {
            const std::string& fix = diagnostic.fixes.front().text;
            if (fix.find('\n') == std::string::npos)
                text = fix.empty() ? "leave it out" : "write " + fix;
        }
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
        prose(text);
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
        const Place& place = places.at(span.begin);
        out_.append(width, ' ');
        style(gutter_style);
        out_ += "-->";
        style(plain);
        out_ += ' ';
        shown(place.file);
        out_ += ':' + std::to_string(place.number) + ':' + std::to_string(place.column);
        if (!message.empty()) {
            out_ += ": ";
            prose(message);
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
            const std::size_t size = show(line.substr(at, window.end - at));
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

    /// Writes the first character of a text, and gives the number of its bytes.
    std::size_t show(std::string_view text) {
        const Character character = first_character(text);
        if (character.showable)
            out_ += text.substr(0, character.size);
        else
            out_ += '?';
        return character.size;
    }

    void shown(std::string_view text) {
        while (!text.empty()) text.remove_prefix(show(text));
    }

    /// A message or help: words of the input that stand in it may be of any length.
    void prose(std::string_view text) {
        while (!text.empty()) {
            const auto end = std::min(text.find(' ', 1), text.size());
            std::string_view word = text.substr(0, end);
            text.remove_prefix(end);
            const bool cut = word.size() > longest_word;
            if (cut) {
                std::size_t size = longest_word;
                while (size > longest_word - 4 && continues(word[size])) --size;
                word = word.substr(0, size);
            }
            shown(word);
            if (cut) out_ += ellipsis;
        }
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

// What natc has to say about its input: collected in a list while the phases run, printed at the end.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/codes.hpp"
#include "base/result.hpp"
#include "base/source.hpp"

namespace natc {

/// A further place that a diagnostic speaks of.
struct Label {
    Span span;
    std::string message;
};

/// A text that is certain to be what was meant in place of `span`: `natc check --fix` puts it there unasked. An empty one takes a statement out.
struct Fix {
    Span span;
    std::string text;
};

struct Diagnostic {
    Code code;
    Severity severity;
    Span span;  ///< where the caret stands; unknown only where the whole input is meant
    std::string message;
    std::vector<Label> labels;
    std::string help;
    std::vector<Fix> fixes;  ///< all of them together are what to do

    Diagnostic& see(Span other, std::string what) {
        if (other.known()) labels.push_back({other, std::move(what)});
        return *this;
    }
    Diagnostic& advise(std::string text) {
        help = std::move(text);
        return *this;
    }
    Diagnostic& replace(Span where, std::string text) {
        fixes.push_back({where, std::move(text)});
        return *this;
    }
};

/// What it says to do: its help, or what its one fix is; empty if there is neither.
[[nodiscard]] std::string help_of(const Diagnostic& diagnostic);

/// The codes that a comment line silences, each once: those of `# natc: ignore N3012, N3014`. Numbers that are no code are left out.
[[nodiscard]] std::vector<Code> silenced_by(std::string_view comment);

/// The list that every phase adds to. Keeps the first `most_kept` of them and counts the rest, so that
/// a file of garbage costs no more than a bad one.
class Diagnostics {
public:
    static constexpr std::size_t most_kept = 10'000;
    /// How many are left once they are settled: nobody reads more.
    static constexpr std::size_t limit = 100;

    /// Adds one with the severity that its code has. The reference is good until the next call.
    Diagnostic& add(Code code, Span span, std::string message);
    Diagnostic& add(Span span, BadValue bad);
    /// A remark that is no fault of the input.
    Diagnostic& note(Code code, Span span, std::string message);

    /// One that nobody reads, for whoever has said enough and goes on. The reference is good until the next call.
    Diagnostic& unread() { return overflow_ = {}; }

    [[nodiscard]] const std::vector<Diagnostic>& all() const { return list_; }
    [[nodiscard]] std::size_t errors() const { return errors_; }
    [[nodiscard]] std::size_t warnings() const { return warnings_; }
    /// How many were counted but are not there.
    [[nodiscard]] std::size_t dropped() const { return dropped_; }
    /// Those of the dropped ones that carry a fix, as far as they were kept at all: nobody reads them, but they can be mended.
    [[nodiscard]] const std::vector<Diagnostic>& unlisted() const { return unlisted_; }

    /// Puts them into the order of the text, takes out what is there twice, and silences warnings
    /// that a `# natc: ignore CODE` line above them names; those without a place, and notes, where it stands above all statements. Of more than `limit`, errors stay first.
    void settle(const Sources& sources);

private:
    Diagnostic& keep(Diagnostic diagnostic);

    std::vector<Diagnostic> list_;
    std::vector<Diagnostic> unlisted_;
    Diagnostic overflow_{};  // what add() gives once the list is full
    std::size_t errors_ = 0;
    std::size_t warnings_ = 0;
    std::size_t dropped_ = 0;
};

}  // namespace natc

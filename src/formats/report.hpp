// What natc found in one or several files, with every place worked out: what the formats for programs are written from.
#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/source.hpp"

namespace natc {

/// Lines and columns from 1; columns count characters (code points of Unicode). The end is the place behind the last character.
struct Region {
    std::size_t line = 0, column = 0;
    std::size_t end_line = 0, end_column = 0;
    auto operator<=>(const Region&) const = default;
};

struct Place {
    std::string file;  ///< as natc was told it, or `standard_input`
    std::optional<Region> region;  ///< none: the file as a whole
    auto operator<=>(const Place&) const = default;
};

/// A further place that a finding speaks of, or a text that belongs into a place.
struct PlacedText {
    Place place;
    std::string text;
};

struct Finding {
    Code code;
    Severity severity;
    Place place;
    std::string message;
    std::vector<PlacedText> labels;
    std::string help;  ///< empty where there is no way out to offer
    std::vector<PlacedText> fixes;  ///< what surely was meant; all of them together
};

/// A file that could not be read.
struct Unread {
    std::string file, reason;
};

class Report {
public:
    /// Adds what was found in one file, and in those that it includes. What an earlier file had, because both include it, is not there again.
    void add(const Diagnostics& diagnostics, const Sources& sources);
    void add_unread(std::string file, std::string reason) { unread_.push_back({std::move(file), std::move(reason)}); }
    /// What `--fix` wrote: findings, with their fixes, that are no longer there.
    void add_fixed(const std::vector<const Diagnostic*>& diagnostics, const Sources& sources);
    /// Adds what another report has of these.
    void take_fixed(Report other);

    [[nodiscard]] const std::vector<Finding>& findings() const { return findings_; }
    [[nodiscard]] const std::vector<Finding>& fixed() const { return fixed_; }
    [[nodiscard]] const std::vector<Unread>& unread() const { return unread_; }
    [[nodiscard]] std::size_t errors() const { return errors_; }
    [[nodiscard]] std::size_t warnings() const { return warnings_; }
    /// How many were counted, but are not among the findings: a file lists only so many.
    [[nodiscard]] std::size_t unlisted() const { return unlisted_; }

private:
    std::vector<Finding> findings_, fixed_;
    std::vector<Unread> unread_;
    std::set<std::tuple<Code, Place, std::string>> seen_;
    std::size_t errors_ = 0, warnings_ = 0, unlisted_ = 0;
};

}  // namespace natc

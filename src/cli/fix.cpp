#include "cli/fix.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "base/fix.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"

namespace natc::cli {

namespace {

/// A misspelled word may hide a wrong value in what it begins, and this one another. A fix that brings back what a second one mends ends here too.
constexpr int most_rounds = 20;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// The files that an input is made of: as they were read, then as the fixes made them.
class Texts {
public:
    explicit Texts(syntax::LoadedFile first) : first_(first.name) { keep(first_, std::move(first)); }

    [[nodiscard]] syntax::LoadedFile first() const { return by_path_.at(first_); }

    [[nodiscard]] syntax::Loader loader() {
        return [this](std::string_view path, std::string_view from) {
            const std::string whole = path_of_included(path, from);
            const auto at = by_path_.find(whole);
            return at != by_path_.end() ? at->second : keep(whole, read_included(path, from));
        };
    }

    void replace(const FixedText& fixed) {
        const std::string& path = paths_.at(fixed.name);
        syntax::LoadedFile& file = by_path_.at(path);
        // Whoever reads a file drops the mark.
        file.text = (file.text.starts_with(byte_order_mark) ? std::string(byte_order_mark) : std::string()) + fixed.text;
        changed_.insert(path);
    }

    /// Says what fails, and is false then.
    [[nodiscard]] bool write() const {
        bool all = true;
        for (const std::string& path : changed_) {
            std::error_code ignored;
            std::string error;
            if (ambiguous_.contains(by_path_.at(path).name))
                error = "two files go by this name";
            else if (!std::filesystem::is_regular_file(path, ignored))
                error = "it is no regular file";
            else
                error = replace_file(path, by_path_.at(path).text);
            if (!error.empty()) complain(fmt::format("cannot rewrite {}: {}", path, error));
            all = all && error.empty();
        }
        return all;
    }

private:
    const syntax::LoadedFile& keep(const std::string& path, syntax::LoadedFile file) {
        const auto [known, fresh] = paths_.try_emplace(file.name, path);
        // Beyond a link, `a/../b` is another file than `b`.
        if (!fresh && by_path_.at(known->second).identity != file.identity) ambiguous_.insert(file.name);
        return by_path_.emplace(path, std::move(file)).first->second;
    }

    std::string first_;
    std::map<std::string, syntax::LoadedFile> by_path_;
    std::map<std::string, std::string> paths_;  // by the names that diagnostics have for them
    std::set<std::string> ambiguous_;
    std::set<std::string> changed_;
};

std::vector<const Diagnostic*> fixable(const Diagnostics& diagnostics) {
    std::vector<const Diagnostic*> list;
    for (const auto* all : {&diagnostics.all(), &diagnostics.unlisted()})
        for (const Diagnostic& diagnostic : *all)
            if (!diagnostic.fixes.empty()) list.push_back(&diagnostic);
    return list;
}

}  // namespace

FixResult fix_file(syntax::LoadedFile file, const Examine& examine) {
    const syntax::LoadedFile as_it_was = file;
    Texts texts(std::move(file));
    FixResult result;
    for (int round = 0;; ++round) {
        result.front = examine(texts.first(), texts.loader());
        if (result.front.kind == InputKind::dump || round == most_rounds) break;
        const Fixing fixing = make_fixes(fixable(result.front.diagnostics), result.front.sources);
        if (fixing.done.empty()) break;
        result.made.add_fixed(fixing.done, result.front.sources);
        for (const FixedText& text : fixing.texts) texts.replace(text);
    }
    if (!texts.write()) {
        result.failed = true;
        result.made = {};
        result.front = examine(as_it_was, read_included);
    }
    return result;
}

}  // namespace natc::cli

#include "syntax/load.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_set>
#include <utility>

#include "syntax/foreign.hpp"
#include "syntax/reader.hpp"
#include "syntax/shape.hpp"

namespace natc::syntax {

namespace {

/// Takes in a file's text and gives all of it; nothing, and an error, where natc does not look into it. `included_at` is unknown of a file that
/// none includes.
std::optional<Span> take_text(LoadedFile& file, Span included_at, Sources& sources, Diagnostics& diagnostics) {
    if (file.text.size() > largest_file || !sources.room_for(file.text.size())) {
        // Its first line is kept, to have a place to point at.
        file.text.resize(std::min({file.text.size(), file.text.find('\n'), std::size_t{80}}));
        const Span text = sources.add(std::move(file.name), std::move(file.text));
        diagnostics.add(Code::too_large, {text.begin, text.begin + 1},
                        fmt::format("this file is larger than {} MiB, and no description of networks", largest_file >> 20U))
            .see(included_at, "it is included here");
        return std::nullopt;
    }
    // Some editors put a byte order mark ahead of UTF-8; it is no part of the text.
    if (file.text.starts_with("\xEF\xBB\xBF")) file.text.erase(0, 3);
    const Span text = sources.add(std::move(file.name), std::move(file.text));
    const OtherLanguage other = other_language(sources.text(text));
    if (other.name.empty()) return text;
    const Span place{text.begin + static_cast<std::uint32_t>(other.at), text.begin + static_cast<std::uint32_t>(other.at + other.length)};
    diagnostics.add(Code::other_language, place, fmt::format("this looks like {}, and is no description of networks", other.name))
        .see(included_at, "it is included here")
        .advise(std::string(other.help));
    return std::nullopt;
}

/// Reads the statements of a text, and gives what it includes.
std::vector<Include> read_statements(Span text, const Sources& sources, Diagnostics& diagnostics, Input& input) {
    Shape shape = parse_shape(sources, text, diagnostics);
    input.incomplete = input.incomplete || shape.unread;
    split_at_stray_commas(shape, sources, diagnostics);
    return Reader(sources, diagnostics, input).read(shape);
}

/// Reads files and what they include, each once, depth first.
class Loading {
public:
    Loading(const Loader& loader, Sources& sources, Diagnostics& diagnostics)
        : loader_(loader), sources_(sources), diagnostics_(diagnostics) {}

    void read(LoadedFile file, Span included_at) {
        seen_.insert(file.identity);
        const std::string name = file.name;
        const std::string identity = file.identity;
        const std::optional<Span> text = take_text(file, included_at, sources_, diagnostics_);
        if (!text) {
            input_.incomplete = true;
            return;
        }
        stack_.push_back({identity, name});
        for (const Include& include : read_statements(*text, sources_, diagnostics_, input_)) follow(include, name);
        stack_.pop_back();
    }

    Input take() { return std::move(input_); }

private:
    struct Open {
        std::string identity;
        std::string name;
    };

    void follow(const Include& include, const std::string& from) {
        const std::string_view written = sources_.text(include.path.span);
        const std::string path = include.path.quoted ? unquoted(written) : std::string(written);
        LoadedFile file = path.empty() ? LoadedFile{{}, {}, {}, "no path is given"} : loader_(path, from);
        if (!file.error.empty()) {
            diagnostics_.add(Code::cannot_include, include.path.span,
                             path.empty() ? file.error : fmt::format("cannot read {}: {}", file.name.empty() ? path : file.name, file.error));
            input_.damaged = true;
            input_.incomplete = true;
            return;
        }
        for (std::size_t i = 0; i < stack_.size(); ++i) {
            if (stack_[i].identity != file.identity) continue;
            std::string chain;
            for (std::size_t k = i; k < stack_.size(); ++k) chain += stack_[k].name + " includes ";
            diagnostics_.add(Code::include_loop, include.path.span,
                             fmt::format("this include leads back to itself: {}{}", chain, stack_[i].name));
            return;
        }
        if (!seen_.contains(file.identity)) read(std::move(file), include.path.span);
    }

    const Loader& loader_;
    Sources& sources_;
    Diagnostics& diagnostics_;
    Input input_;
    std::unordered_set<std::string> seen_;
    std::vector<Open> stack_;
};

}  // namespace

Input load(LoadedFile root, const Loader& loader, Sources& sources, Diagnostics& diagnostics) {
    Loading loading(loader, sources, diagnostics);
    loading.read(std::move(root), {});
    return loading.take();
}

std::optional<Span> read_alone(LoadedFile file, Sources& sources, Diagnostics& diagnostics) {
    const std::optional<Span> text = take_text(file, {}, sources, diagnostics);
    if (!text) return std::nullopt;
    Input input;
    (void)read_statements(*text, sources, diagnostics, input);
    if (diagnostics.errors() > 0) return std::nullopt;
    return text;
}

Input load_builtin(std::string name, std::string_view text, Sources& sources, Diagnostics& diagnostics) {
    const Loader nothing = [](std::string_view, std::string_view) {
        return LoadedFile{{}, {}, {}, "natc's own statements include nothing"};
    };
    return load({name, name, std::string(text), {}}, nothing, sources, diagnostics);
}

}  // namespace natc::syntax

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

/// Reads files and what they include, each once, depth first.
class Loading {
public:
    Loading(const Loader& loader, Sources& sources, Diagnostics& diagnostics)
        : loader_(loader), sources_(sources), diagnostics_(diagnostics) {}

    void read(LoadedFile file, Span included_at) {
        if (file.text.size() > largest_file || !sources_.room_for(file.text.size())) {
            // Its first line is kept, to have a place to point at.
            file.text.resize(std::min({file.text.size(), file.text.find('\n'), std::size_t{80}}));
            const Span text = sources_.add(std::move(file.name), std::move(file.text));
            diagnostics_.add(Code::too_large, {text.begin, text.begin + 1},
                             fmt::format("this file is larger than {} MiB, and no description of networks", largest_file >> 20U))
                .see(included_at, "it is included here");
            input_.incomplete = true;
            return;
        }
        // Some editors put a byte order mark ahead of UTF-8; it is no part of the text.
        if (file.text.starts_with("\xEF\xBB\xBF")) file.text.erase(0, 3);
        seen_.insert(file.identity);
        stack_.push_back({file.identity, file.name});
        const std::string name = file.name;
        const Span text = sources_.add(std::move(file.name), std::move(file.text));
        if (const OtherLanguage other = other_language(sources_.text(text)); !other.name.empty()) {
            const Span place{text.begin + static_cast<std::uint32_t>(other.at), text.begin + static_cast<std::uint32_t>(other.at + other.length)};
            diagnostics_.add(Code::other_language, place, fmt::format("this looks like {}, and is no description of networks", other.name))
                .see(included_at, "it is included here")
                .advise(std::string(other.help));
            input_.incomplete = true;
            stack_.pop_back();
            return;
        }
        std::vector<Include> includes;
        {
            Shape shape = parse_shape(sources_, text, diagnostics_);
            input_.incomplete = input_.incomplete || shape.unread;
            split_at_stray_commas(shape, sources_, diagnostics_);
            includes = Reader(sources_, diagnostics_, input_).read(shape);
        }
        for (const Include& include : includes) follow(include, name);
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

Input load_builtin(std::string name, std::string_view text, Sources& sources, Diagnostics& diagnostics) {
    const Loader nothing = [](std::string_view, std::string_view) {
        return LoadedFile{{}, {}, {}, "natc's own statements include nothing"};
    };
    return load({name, name, std::string(text), {}}, nothing, sources, diagnostics);
}

}  // namespace natc::syntax

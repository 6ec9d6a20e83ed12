#include "base/source.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace natc {

Span join(Span a, Span b) {
    if (!a.known()) return b;
    if (!b.known()) return a;
    return {std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

bool Sources::room_for(std::size_t bytes) const {
    const std::size_t used = files_.empty() ? 0 : files_.back().begin + files_.back().text.size();
    return bytes < capacity && used + 2 + bytes < capacity;
}

Span Sources::add(std::string name, std::string text) {
    assert(room_for(text.size()));
    // Offset 0 is never used, so that {0, 0} can mean "no place".
    const std::size_t begin = files_.empty() ? 1 : files_.back().begin + files_.back().text.size() + 1;
    files_.push_back({std::move(name), std::move(text), static_cast<std::uint32_t>(begin), {}});
    return {files_.back().begin,
            static_cast<std::uint32_t>(files_.back().begin + files_.back().text.size())};
}

const Sources::File& Sources::find_file(std::uint32_t offset) const {
    auto after = std::upper_bound(files_.begin(), files_.end(), offset,
                                  [](std::uint32_t o, const File& f) { return o < f.begin; });
    assert(after != files_.begin());
    last_ = static_cast<std::size_t>(std::prev(after) - files_.begin());
    return files_[last_];
}

Span Sources::first() const {
    if (files_.empty()) return {};
    return whole({files_.front().begin, files_.front().begin});
}

Span Sources::whole(Span span) const {
    const File& file = file_at(span.begin);
    return {file.begin, static_cast<std::uint32_t>(file.begin + file.text.size())};
}

std::string_view Sources::name(Span span) const { return file_at(span.begin).name; }

Location Sources::locate(std::uint32_t offset) const {
    const File& file = file_at(offset);
    if (file.line_starts.empty()) {
        file.line_starts.push_back(0);
        for (std::size_t at = file.text.find('\n'); at != std::string::npos;
             at = file.text.find('\n', at + 1))
            file.line_starts.push_back(static_cast<std::uint32_t>(at + 1));
    }
    const std::uint32_t inside = offset - file.begin;
    const auto after = std::upper_bound(file.line_starts.begin(), file.line_starts.end(), inside);
    const std::uint32_t start = *std::prev(after);
    const auto before = std::string_view(file.text).substr(start, inside - start);
    // Continuation bytes of UTF-8 are no characters of their own.
    const auto characters = std::count_if(before.begin(), before.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    });
    return {file.name, static_cast<std::size_t>(after - file.line_starts.begin()),
            static_cast<std::size_t>(characters) + 1};
}

Span Sources::line_of(std::uint32_t offset) const {
    const File& file = file_at(offset);
    const std::size_t inside = std::min<std::size_t>(offset - file.begin, file.text.size());
    std::size_t begin = inside == 0 ? std::string::npos : file.text.rfind('\n', inside - 1);
    begin = begin == std::string::npos ? 0 : begin + 1;
    std::size_t end = file.text.find('\n', inside);
    if (end == std::string::npos) end = file.text.size();
    if (end > begin && file.text[end - 1] == '\r') --end;
    return {static_cast<std::uint32_t>(file.begin + begin),
            static_cast<std::uint32_t>(file.begin + end)};
}

Span Sources::comment_above(std::uint32_t offset) const {
    const File& file = file_at(offset);
    const char* const text = file.text.data();
    // A `;` that ends nothing says nothing.
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == ';'; };
    const auto span = [&](std::size_t begin, std::size_t end) {
        return Span{static_cast<std::uint32_t>(file.begin + begin), static_cast<std::uint32_t>(file.begin + end)};
    };
    // The end of the line above; all of a file may be one line, so nothing else of this one is looked at.
    std::size_t end = offset - file.begin;
    if (text[end] == ' ' || text[end] == '\t') return {};
    while (end > 0 && blank(text[end - 1])) --end;
    Span comment;
    while (end > 0 && text[end - 1] == '\n') {
        --end;
        const void* const before = ::memrchr(text, '\n', end);
        const std::size_t begin = before == nullptr ? 0 : static_cast<std::size_t>(static_cast<const char*>(before) - text) + 1;
        std::size_t word = begin;
        while (word < end && blank(text[word])) ++word;
        if (word == end || text[word] != '#') break;
        const bool carriage_return = text[end - 1] == '\r';
        comment = {span(word, 0).begin, comment.known() ? comment.end : span(0, end - (carriage_return ? 1 : 0)).end};
        end = begin;
    }
    return comment;
}

}  // namespace natc

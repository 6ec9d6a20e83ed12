// The names of a run, and the values that words stand for. Inner header of src/model.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/source.hpp"
#include "model/model.hpp"
#include "syntax/ast.hpp"
#include "syntax/foreign.hpp"

namespace natc {

/// A table by name, in which a part of a text is looked up as it is.
struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
template <typename Value>
using ByName = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;
using Names = std::unordered_set<std::string, TextHash, std::equal_to<>>;

/// Looks words up and reads them. Whatever is wrong with a word is said once, at its place; the result then lacks it, and `ok`
/// of the caller's list is false.
class Scope {
public:
    Scope(const Sources& sources, Diagnostics& diagnostics, const syntax::Input& input)
        : sources_(sources), diagnostics_(diagnostics), input_(input) {}

    // --- names -------------------------------------------------------------------------------------------------------
    /// Takes in the defines; says which are there twice.
    void declare_defines();
    void declare_network(std::size_t index, const Network& network);
    void declare_guest(std::size_t network, std::size_t index, const Guest& guest);
    void declare_service(Service service);
    void declare_chain(ir::TableName table, std::string_view name, Span span);

    [[nodiscard]] std::optional<std::size_t> find_network(std::string_view name) const;
    struct GuestAt {
        std::size_t network;
        std::size_t guest;
    };
    [[nodiscard]] std::optional<GuestAt> find_guest(std::string_view name) const;
    /// Says that there is none, if so.
    [[nodiscard]] const Service* service(const syntax::Word& word, std::span<const std::string_view> also = {});
    [[nodiscard]] bool has_chain(ir::TableName table, std::string_view name) const;
    /// Says that a name is unknown, with the nearest known one, unless it may have been defined in a statement that
    /// could not be read.
    /// `place`: where a word of other tools, or a define's name without its `$`, may have been written.
    void unknown(Span span, std::string_view kind, std::string_view name, std::span<const std::string_view> known,
                 std::optional<syntax::Foreign::Place> place = {});
    /// The same in words of its own.
    void unknown_as(Span span, std::string message, std::string_view name, std::span<const std::string_view> known, std::string help = {},
                    std::optional<syntax::Foreign::Place> place = {});
    /// Whether a name may have been defined in a statement, or a file, that could not be read.
    [[nodiscard]] bool was_lost(std::string_view name) const { return input_.incomplete || input_.lost_words.contains(std::string(name)) || bad_names_.contains(name); }
    /// Whether two guests or networks bear this name, so that nobody knows which is meant: that was said.
    [[nodiscard]] bool ambiguous(std::string_view name) const;
    /// Names that a misspelt one may be meant to be, sorted. None once so many were looked through that a file with thousands of
    /// unknown names would wait for its help.
    [[nodiscard]] std::vector<std::string_view> names_of_ends() { return names_in(ends_); }  ///< guests and networks
    [[nodiscard]] std::vector<std::string_view> names_of_chains(ir::TableName table) { return names_in(chains_[static_cast<std::size_t>(table)]); }

    // --- values ------------------------------------------------------------------------------------------------------
    [[nodiscard]] std::string_view text(const syntax::Word& word) const { return sources_.text(word.span); }
    /// What a word or a quoted text says.
    [[nodiscard]] std::string plain(const syntax::Word& word) const;
    [[nodiscard]] std::string remark_above(Span statement) const;

    [[nodiscard]] std::optional<Address> address(const syntax::Word& word);
    [[nodiscard]] std::optional<AddressRange> addresses(const syntax::Word& word);
    [[nodiscard]] std::optional<PortRange> ports(const syntax::Word& word);
    [[nodiscard]] std::optional<Mac> mac(const syntax::Word& word);
    /// A single interface; `exact`: without `+`.
    [[nodiscard]] std::optional<InterfaceName> interface(const syntax::Word& word, bool exact);
    /// Whether a word may be a name; says why not.
    bool name(const syntax::Word& word, std::string_view kind);
    [[nodiscard]] std::optional<std::uint32_t> number(const syntax::Word& word, std::uint32_t least, std::uint32_t most);

    // Lists, in which `$name` stands for what its define holds. False if something was wrong.
    bool address_list(syntax::Words words, std::vector<AddressRange>& into);
    bool port_list(syntax::Words words, std::vector<PortRange>& into);
    bool port_list(syntax::Words words, SmallVector<PortRange, 2>& into);
    /// `networks`: of the names among them that are networks, and stand for their bridges.
    bool interface_list(syntax::Words words, std::vector<InterfaceName>& into,
                        std::vector<std::size_t>* networks, const std::vector<Network>& model);
    bool side_list(syntax::Words words, std::vector<Side>& into, const std::vector<Network>& model);

    [[nodiscard]] Diagnostics& diagnostics() { return diagnostics_; }
    [[nodiscard]] const Sources& sources() const { return sources_; }
    [[nodiscard]] const syntax::Input& input() const { return input_; }

    /// Reads all defines, used or not, for what is wrong in them.
    void check_defines();

    /// The defines and the input's own services, in its order, once all else was looked up: until then nobody knows which are used.
    [[nodiscard]] std::vector<Define> defines() const;
    [[nodiscard]] std::vector<Service> own_services() const;

private:
    enum class Kind : std::uint8_t { addresses, ports, interfaces, any };
    struct DefineEntry {
        const syntax::Define* define;
        bool open = false;    ///< being expanded right now
        bool broken = false;  ///< refers to itself, or to one that does: said once
        bool checked = false;
        bool used = false;  ///< a list that is not a define's own has it in it
    };

    /// What `parse` makes of a word; says what is wrong with it.
    template <typename Value>
    [[nodiscard]] std::optional<Value> value(const syntax::Word& word, Result<Value> (*parse)(std::string_view)) {
        const auto result = word.quoted ? parse(plain(word)) : parse(text(word));
        if (result) return *result;
        diagnostics_.add(word.span, result.error());
        return std::nullopt;
    }
    /// Calls `each` for every word of the list, those of defines included.
    template <typename Each>
    bool expand(syntax::Words words, Kind kind, const Each& each);
    template <typename List>
    bool list_ports(syntax::Words words, List& into);
    /// Says so if a word that came out of a define, which is used at `via`, is of another kind.
    bool wrong_kind(const syntax::Word& word, Kind kind, Span via);
    [[nodiscard]] bool is_end(std::string_view name) const;
    template <typename Table>
    [[nodiscard]] std::vector<std::string_view> names_in(const Table& table);
    [[nodiscard]] std::vector<std::string_view> names_of_services();

    const Sources& sources_;
    Diagnostics& diagnostics_;
    const syntax::Input& input_;
    std::unordered_map<std::string_view, DefineEntry> defines_;
    struct End {
        std::size_t network;
        std::optional<std::size_t> guest;
        Span span;
        bool twice = false;
    };
    ByName<End> ends_;
    ByName<std::size_t> bridges_;
    ByName<Service> services_;  // of the input's own, which hide natc's
    ByName<Span> chains_[4];
    Names bad_names_;  // that cannot be names, and were to be
    std::size_t looked_through_ = 0;  // by names_in
    std::size_t values_ = 0;          // that all lists so far stand for
};

template <typename Table>
std::vector<std::string_view> Scope::names_in(const Table& table) {
    constexpr std::size_t most = 1'000'000;
    std::vector<std::string_view> names;
    if (looked_through_ > most) return names;
    looked_through_ += table.size();
    names.reserve(table.size());
    for (const auto& [name, entry] : table) names.push_back(name);
    // The table has no order of its own, and help must not depend on the machine.
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace natc

#include "ir/placement.hpp"

#include <algorithm>
#include <iterator>
#include <type_traits>
#include <variant>

namespace natc::ir {

Placement placement(const Statement& statement) {
    return std::visit(
        [](const auto& s) -> Placement {
            using T = std::decay_t<decltype(s)>;
            if constexpr (std::is_same_v<T, Masquerade>) {
                return {bit(TableName::nat), bit(Hook::postrouting)};
            } else if constexpr (std::is_same_v<T, SourceNat>) {
                return {bit(TableName::nat), bit(Hook::postrouting) | bit(Hook::input)};
            } else if constexpr (std::is_same_v<T, DestinationNat> || std::is_same_v<T, Redirect> || std::is_same_v<T, ByPort>) {
                return {bit(TableName::nat), bit(Hook::prerouting) | bit(Hook::output)};
            } else if constexpr (std::is_same_v<T, FillChecksum>) {
                return {bit(TableName::mangle), any_hook};
            } else if constexpr (std::is_same_v<T, NoTrack>) {
                return {bit(TableName::raw), any_hook};
            } else if constexpr (std::is_same_v<T, Reject>) {
                return {bit(TableName::filter), any_hook};
            } else if constexpr (std::is_same_v<T, Drop>) {
                return {any_table & static_cast<std::uint8_t>(~bit(TableName::nat)), any_hook};
            } else if constexpr (std::is_same_v<T, ClampMss>) {
                return {any_table, sees_out};
            } else {
                static_assert(std::is_same_v<T, Accept> || std::is_same_v<T, Log> || std::is_same_v<T, Return> || std::is_same_v<T, Jump> ||
                              std::is_same_v<T, Goto> || std::is_same_v<T, SetMark> || std::is_same_v<T, Continue> || std::is_same_v<T, Foreign>);
                return {any_table, any_hook};
            }
        },
        statement);
}

bool is_target_name(std::string_view name) {
    static constexpr std::string_view names[] = {
        "ACCEPT", "AUDIT", "CHECKSUM", "CLASSIFY", "CLUSTERIP", "CONNMARK", "CONNSECMARK", "CT", "DNAT", "DNPT", "DROP",
        "DSCP", "ECN", "HL", "HMARK", "IDLETIMER", "LED", "LOG", "MARK", "MASQUERADE", "NETMAP", "NFLOG", "NFQUEUE",
        "NOTRACK", "QUEUE", "RATEEST", "REDIRECT", "REJECT", "RETURN", "SECMARK", "SET", "SNAT", "SNPT", "SYNPROXY",
        "TCPMSS", "TCPOPTSTRIP", "TEE", "TOS", "TPROXY", "TRACE", "TTL", "ULOG"};
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace natc::ir

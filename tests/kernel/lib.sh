# shellcheck shell=bash
# Sourced by the tests against the kernel. Rules are loaded in network namespaces of their own only.
set -uo pipefail
backends=(legacy nft)

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
# The lock file of iptables-legacy is the machine's: one each, or tests wait for one another.
export XTABLES_LOCKFILE=$work/xtables.lock

# load_and_save BACKEND FAMILY RULES SAVE: with FAMILY iptables or ip6tables, in this namespace.
load_and_save() {
    "$2-$1-restore" <"$3" && "$2-$1-save" >"$4"
}
export -f load_and_save

# in_namespace COMMAND…: in a new namespace; COMMAND may be a function that is exported. The names of
# /etc/protocols are out of sight there: what natc prints must load on hosts without that file, and
# is saved alike on all.
in_namespace() {
    unshare --net --mount bash -c '
        [[ ! -e /etc/protocols ]] || mount --bind /dev/null /etc/protocols || exit
        "$@"' bash "$@"
}

# need_netfilter: ends the test as skipped where nothing can be loaded, as failed if CI is set.
need_netfilter() {
    local backend why
    printf '*%s\nCOMMIT\n' filter nat mangle >"$work/empty"
    for backend in "${backends[@]}"; do
        why=$(in_namespace load_and_save "$backend" iptables "$work/empty" /dev/null 2>&1) && continue
        echo "cannot load rules in a namespace with iptables-$backend-restore (root is needed): $why"
        [[ ${CI-} ]] && exit 1
        exit 77
    done
}

# canonical FILE [TABLE…]: the rules of FILE, of these tables only if any are named, a line each with
# its table ahead, so that equal output is an equal ruleset: no comments or counters; tables and
# declarations of chains, whose order tells nothing and differs between backends, are sorted; rules
# stand by chain, in their order.
canonical() {
    awk -v tables=" ${*:2} " '
        function put(kind, chain) {
            if (tables == "  " || index(tables, " " table " "))
                print table "\t" kind "\t" chain "\t" NR "\t" table ": " $0
        }
        /^#/ || /^$/ || /^COMMIT$/ { next }
        /^\*/ { table = substr($0, 2); next }
        /^:/ { sub(/ \[[0-9]+:[0-9]+\]$/, ""); put(0, $1); next }
        /^-A / { put(1, $2); next }
        { put(2, "") }' "$1" |
        LC_ALL=C sort -t $'\t' -k1,1 -k2,2n -k3,3 -k4,4n | cut -f5-
}

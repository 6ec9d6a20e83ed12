#!/usr/bin/env bash
# docs/diagnostics: every code has an entry, no entry is without a code, and what the entries say is true: the `net` and `iptables` blocks under `## Example`
# are told that code and no other, those under `## Instead` nothing at all.
. "$(dirname "$0")/lib.sh"
entries=$(realpath "$(dirname "$0")/../../docs/diagnostics")

# Codes of which an example cannot stand in an entry, and why.
declare -A without=(
    [N1001]='a file of UTF-8 cannot hold it'
    [N1002]='a file of text cannot hold it'
    [N1008]='the words around such blocks are errors too'
    [N1015]='it takes 32 MiB'
    [N4012]='it takes a million values'
    [N4017]='it takes rules by the thousand'
    [N4101]='compile says it, of each file'
    [N5007]='check takes such a dump for IPv4'
    [N6001]='it is about a packet, not a file'
    [N6002]='it is about a packet, not a file'
)
# What only one target has no words for.
declare -A options=([N4013]='--target nft' [N4102]='--target nft')

expect_status 0 "$natc" rule --list
while read -r code severity title; do
    entry=$entries/$code.md
    [[ -e $entry ]] || fail "$code has no entry"
    [[ $(head -1 "$entry") == "# $code: $title" ]] || fail "$entry has another title than src/base/codes.hpp"
    [[ $(grep '^#' "$entry" | awk '/^#!/ { next } /^# [A-Za-z]*$|^##/ || NR == 1' | sed 1d) == $'## Why it matters\n## Example\n## Instead' ]] || fail "$entry has other sections"
    awk '/^```/ { fenced = !fenced } !fenced && length($0) > 80 && !/^# / { print; long = 1 } END { exit long }' "$entry" || fail "$entry has lines that are wider than a terminal"
    [[ -n $severity ]]
done < <(sed 's/  */ /g' "$output/stdout")
for entry in "$entries"/*; do
    [[ $entry != */index.md ]] || continue  # tests/docs/site's
    code=$(basename "$entry" .md)
    grep -q "^$code " "$output/stdout" || fail "$entry is of no code"
    # bad-1.net, bad-2.dump, good-3.net …
    rm -f bad-* good-* example.net
    awk '
        /^## / && !fenced { kind = $0 == "## Example" ? "bad" : $0 == "## Instead" ? "good" : "" }
        /^```/ { fenced = !fenced; file = ""
            if (fenced && kind && $0 ~ /^```(net|iptables)$/) { file = kind "-" ++n ($0 ~ /net/ ? ".net" : ".dump"); printf "" >file }
            next }
        file { print >file }' "$entry"
    if [[ ${without[$code]-} ]]; then
        ! compgen -G 'bad-*' >/dev/null || fail "$entry: an example, though ${without[$code]}"
    else
        compgen -G 'bad-*' >/dev/null || fail "$entry has no example"
    fi
    read -ra option <<<"${options[$code]-}"
    for file in bad-*; do
        [[ -e $file ]] || continue
        cp "$file" example.net
        "$natc" check "${option[@]}" --format short example.net >"$output/stdout" 2>"$output/stderr" || true
        [[ $(grep -o '\[N[0-9]*\]$' "$output/stderr" | sort -u) == "[$code]" ]] || fail "$entry: this is not told $code alone: $(<"$file")"
    done
    for file in good-*; do
        [[ -e $file ]] || continue
        expect_status 0 "$natc" check --strict "${option[@]}" "$file"
        expect_no_stderr
    done
    "$natc" rule --list >"$output/stdout"
done

#!/usr/bin/env bash
# The manual pages that the build made: natc.1 describes each command and option that natc's help has, natc.5 each word of the
# language; each example in natc.5 compiles, and mandoc has nothing against either.
. "$(dirname "$0")/lib.sh"
root=$(realpath "$(dirname "$0")/../..")
pages=$(dirname "$natc")/man
[[ -e $pages/natc.1 && -e $pages/natc.5 ]] || exit 77

# Words in bold that begin a line or follow a blank or bracket: *--strict*, [*ipv4*|*ipv6*].
bold() { grep -oE '(^|[^\\])\*[^* ]+( [^*]+)?\*' "$1" | grep -oE '\*.*' | tr -d '*' | tr ' ,' '\n\n' | sort -u; }

expect_status 0 "$natc" --help
mapfile -t commands < <(sed -nE 's/^(usage:|      ) natc \[?([a-z]+).*/\2/p' "$output/stdout")
((${#commands[@]} >= 5)) || fail "--help names ${#commands[@]} commands"
bold "$pages/natc.1.scd" >words
for command in "${commands[@]}"; do
    grep -qx "## $command" "$pages/natc.1.scd" || fail "natc.1 has no section on $command"
    mapfile -t options < <("$natc" "$command" --help | grep -oE '^ +(-., )?--[a-z]+' | grep -oE -- '--?[a-z]+')
    ((${#options[@]} > 1)) || fail "$command --help has no options"
    for option in "${options[@]}"; do grep -qxF -e "$option" words || fail "natc.1 does not describe $option of $command"; done
done
for status in 0 1 2 3 70; do grep -qx "\*$status\*" "$pages/natc.1.scd" || fail "natc.1 does not tell what status $status means"; done

# All that grammar/natc.ebnf quotes. Literals in single quotes and comments are left out, as in ebnf.sh.
tr '\n' '\1' <"$root/grammar/natc.ebnf" | sed -E 's,/\*([^*]|\*[^/])*\*/,,g' | tr '\1' '\n' | sed -E "s/'[^']*'/ /g; s/\[[^]]*\]/ /g; s/#x[0-9A-F]+/ /g" |
    grep -oE '"[a-z][a-z0-9-]*"' | tr -d '"' | sort -u >language
(($(wc -l <language) > 50)) || fail "the grammar quotes few words"
awk '/^```/ { on = !on; next } !on' "$pages/natc.5.scd" >prose
bold prose >words
comm -23 language words >left
[[ ! -s left ]] || fail "natc.5 does not describe: $(paste -sd ' ' left)"

# Every example is a file of its own.
awk '/^```/ { on = !on; n += on; next } on { print >n ".net" }' "$pages/natc.5.scd"
[[ -s 5.net ]] || fail "natc.5 has few examples"
for net in *.net; do
    expect_status 0 "$natc" check --strict "$net"
    expect_no_stderr
    expect_status 0 "$natc" "$net"
    # What no nft can do is warned of.
    expect_status 0 "$natc" --target nft "$net"
done

if command -v mandoc >/dev/null; then
    # scdoc begins every section with a paragraph, which mandoc finds superfluous.
    mandoc -T lint -W warning "$pages/natc.1" "$pages/natc.5" | grep -v 'skipping paragraph macro' >faults || true
    [[ ! -s faults ]] || fail "mandoc: $(<faults)"
    mandoc -T ascii "$pages/natc.1" | sed 's/.\x08//g' | grep '^ *-t, --target TARGET$' >/dev/null || fail "natc.1 does not come out as it was meant"
fi

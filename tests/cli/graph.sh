#!/usr/bin/env bash
# natc graph: what the output's name tells, Graphviz there and missing, pictures that Graphviz takes, and rules that are too many.
. "$(dirname "$0")/lib.sh"
answers=$(realpath "$(dirname "$0")/../answers")

cat >lab.net <<'NET'
uplink eth0
network lab { bridge labbr0; subnet 10.1.1.0/24; guest web01 10.1.1.10; masquerade }
port-forward tcp 8080 to web01:80
NET

# The name of the output tells the format, unless --format does.
expect_status 0 "$natc" graph lab.net
expect_stdout_has 'digraph natc {'
for name in lab.dot lab; do
    expect_status 0 "$natc" graph -o "$name" lab.net
    expect_stdout
    grep -q '^digraph natc {' "$name" || fail "no dot in $name"
done
expect_status 0 "$natc" graph -o lab.mmd lab.net
grep -q '^flowchart LR' lab.mmd || fail "no mermaid"
expect_status 0 "$natc" graph -o lab.svg --format mermaid lab.net
cmp -s lab.svg lab.mmd || fail "--format does not come first"
expect_status 0 "$natc" --color never -o - graph --format mermaid lab.net
cmp -s lab.mmd "$output/stdout" || fail "-o - is not standard output"

# One clear line where svg cannot be drawn, or nothing can be written; what was there stays.
echo old >lab.svg
expect_status 2 env PATH=/nowhere "$natc" graph -o lab.svg lab.net
expect_stdout
expect_stderr_has 'natc: svg is drawn by Graphviz, and there is no `dot` here: install graphviz'
[[ $(wc -l <"$output/stderr") == 1 ]] || fail "not one line on stderr"
[[ $(<lab.svg) == old ]] || fail "lab.svg was touched"
mkdir bin
printf '#!/bin/sh\necho "Error: something is wrong" >&2\nexit 1\n' >bin/dot
chmod +x bin/dot
expect_status 2 env PATH="$PWD/bin:$PATH" "$natc" graph --format svg lab.net
expect_stdout
expect_stderr_has "natc: Graphviz' \`dot\` failed: Error: something is wrong"
expect_status 2 sh -c '"$1" graph lab.net >/dev/full' - "$natc"
expect_stderr_has 'natc: cannot write to standard output: No space left on device'

# Graphviz takes every picture, without a warning, whatever the names; each arrow of the text is one of the picture.
if command -v dot >/dev/null; then
    cp "$answers"/graph/odd/odd.net $'a "<&>\\\t.net'
    for file in "$answers"/graph/five/five.net "$answers"/graph/odd/odd.net $'a "<&>\\\t.net'; do
        expect_status 0 "$natc" graph -o picture.dot "$file"
        expect_status 0 dot -Tsvg picture.dot
        expect_no_stderr
        [[ $(grep -c 'class="edge"' "$output/stdout") == $(grep -c ' -> ' picture.dot) ]] || fail "arrows are missing from the picture"
    done
    expect_status 0 "$natc" graph -o lab.svg lab.net
    expect_no_stderr
    tail -n 1 lab.svg | grep -qx '</svg>' || fail "no svg"
fi

# Too many rules: what could be followed is drawn, and the rest is said to be missing.
{
    cat lab.net
    for ((port = 10000; port < 22000; ++port)); do echo "port-forward tcp $port to web01:22"; done
} >many.net
expect_status 3 "$natc" graph --format mermaid many.net
expect_stderr_has 'natc: undecided: the rules are too many, and arrows from eth0 are missing'
expect_stdout_has 'network0 -->|"all"| outside0'
expect_stdout_has 'Undecided'
! grep -q 'IPv4\|guest0_0' "$output/stdout" || fail "arrows that may be wrong"

#!/usr/bin/env bash
# --help and --version; wrong usage: one clear line on standard error, status 2, nothing done.
. "$(dirname "$0")/lib.sh"

echo 'network lab { bridge labbr0; subnet 10.1.1.0/24; masquerade }' >lab.net

for words in --help -h 'compile --help' 'check --help' '--help lab.net'; do
    read -ra words <<<"$words"
    expect_status 0 "$natc" "${words[@]}"
    expect_no_stderr
    expect_stdout_has 'usage: natc [compile] [--target TARGET] [-o FILE] FILE'
    expect_stdout_has '       natc check [--target TARGET] [--strict] [--fix] [--format FORMAT] FILE...'
    expect_stdout_has "       natc rule CODE"
    expect_stdout_has 'exit status: 0 '
    ! grep -q '.\{81\}' "$output/stdout" || fail "a line of the help is wider than a terminal"
done
expect_status 0 "$natc" --version
expect_no_stderr
grep -qxE 'natc [0-9]+\.[0-9]+\.[0-9]+' "$output/stdout" || fail "no version"

# wrong SAYS ARGUMENT…
wrong() {
    expect_status 2 "$natc" "${@:2}"
    expect_stdout
    expect_stderr_has "$1"
    [[ $(wc -l <"$output/stderr") == 1 ]] || fail "not one line on stderr"
    grep -q '^natc: .*natc --help' "$output/stderr" || fail "stderr does not name natc, or --help"
}
wrong 'no FILE is given'
wrong 'no FILE is given' ''
wrong 'no FILE is given' compile
wrong 'no FILE is given' check
wrong 'no FILE is given' -o out
wrong '`--bogus`' --bogus lab.net
wrong '`--bogus`' lab.net --bogus
wrong '`--bogus`' compile --bogus lab.net
wrong '`--bogus`' check --bogus lab.net
wrong '`-x`' -x
wrong '`--strict`' compile --strict lab.net
wrong '`-o`' check lab.net -o out
wrong '--output is no option of natc check' -o out check lab.net
wrong '--target takes iptables' check --target pf lab.net
wrong '`other.net` is one argument too many' lab.net other.net
wrong '`other.net` is one argument too many' compile lab.net other.net
for words in 'chek lab.net' 'chek --strict lab.net' chek 'Check lab.net' '--color never chek lab.net' 'checks -'; do
    read -ra words <<<"$words"
    wrong 'did you mean `check`?' "${words[@]}"
done
wrong 'there is no command `complie`; did you mean `compile`?' complie --target nft lab.net
wrong 'there is no command `frobnicate` (' frobnicate lab.net
# A file may be called like that.
cp lab.net chek
wrong '`lab.net` is one argument too many' chek lab.net
expect_status 0 "$natc" chek
wrong '`lab.net` before it' lab.net compile lab.net
wrong '`lab.net` before it' lab.net check lab.net
wrong '--target takes iptables' --target pf lab.net
wrong '--target takes iptables' compile -t '' lab.net
wrong '--target needs a value' lab.net --target
wrong '--output needs a value' lab.net -o
wrong '--output needs the name of a file' -o '' lab.net
wrong '--color takes always or never or auto' --color sometimes lab.net
wrong '--color takes always or never or auto' check --color sometimes lab.net
[[ ! -e out ]] || fail "wrong usage wrote a file"

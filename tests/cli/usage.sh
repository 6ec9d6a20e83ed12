#!/usr/bin/env bash
# --help and --version; wrong usage: one clear line on standard error, status 2, nothing done.
. "$(dirname "$0")/lib.sh"

echo 'network lab { bridge labbr0; subnet 10.1.1.0/24; masquerade }' >lab.net

for words in --help -h '--help lab.net' '--target nft --help'; do
    read -ra words <<<"$words"
    expect_status 0 "$natc" "${words[@]}"
    expect_no_stderr
    expect_stdout_has 'usage: natc [compile] [-t TARGET] [-o FILE] FILE'
    expect_stdout_has '       natc check [-t TARGET] [--strict] [--fix] [--format FORMAT] FILE...'
    expect_stdout_has '       natc rule [--list] [CODE]'
    expect_stdout_has 'exit status: 0 '
    ! grep -q '.\{81\}' "$output/stdout" || fail "a line of the help is wider than a terminal"
done
# Each command's own help, with all of its options.
mapfile -t commands < <("$natc" --help | sed -nE 's/^(usage:|      ) natc \[?([a-z]+).*/\2/p')
((${#commands[@]} >= 5)) || fail "--help names ${#commands[@]} commands"
for command in "${commands[@]}"; do
    for words in "$command --help" "$command -h lab.net" "$command lab.net --help" "--help $command" "-t nft $command --help"; do
        read -ra words <<<"$words"
        expect_status 0 "$natc" "${words[@]}"
        expect_no_stderr
        expect_stdout_has "usage: natc $command "
        expect_stdout_has '  -h, --help  '
        ! grep -q '.\{81\}' "$output/stdout" || fail "a line of the help is wider than a terminal"
        ! grep -q ' $' "$output/stdout" || fail "a space at the end of a line"
    done
done
expect_status 0 "$natc" check --help
expect_stdout_has '      --format FORMAT  text (unless told otherwise), short, json, sarif or'
expect_stdout_has '      --family FAMILY  ipv4 or ipv6: '
expect_stdout_has '      --strict         exit with status 1 on warnings too'
! grep -q -e --output "$output/stdout" || fail "an option of another command"
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
wrong '--color takes auto or always or never' --color sometimes lab.net
wrong '`b.net` is one argument too many: natc compile takes one FILE' a.net b.net
wrong '`c.net` is one argument too many: natc diff takes OLD and NEW' diff a.net b.net c.net
wrong 'diff needs two files' diff a.net
wrong 'explain needs a FILE and a PACKET' explain a.net
wrong 'no FILE is given' check ''
wrong '--strict takes no value' check --strict=no lab.net
wrong '--format takes text or json, not `sarif`' diff --format sarif a.net b.net
wrong '--color takes auto or always or never' check --color sometimes lab.net
[[ ! -e out ]] || fail "wrong usage wrote a file"

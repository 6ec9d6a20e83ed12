#!/usr/bin/env bash
# Of dumps such as programs write, and of those that nobody does, memory goes with the text, and so does what is printed.
. "$(dirname "$0")/lib.sh"

# dump FILE: the rules of standard input in a filter table.
dump() { { printf '%s\n' '*filter' ':INPUT ACCEPT [0:0]' ':FORWARD ACCEPT [0:0]' ':OUTPUT ACCEPT [0:0]' && cat && echo COMMIT; } >"$1"; }
# limits FILE: rules with a match each that remembers what it saw.
limits() {
    local i
    for ((i = 0; i < 30000; ++i)); do echo "-A FORWARD -s 10.0.$((i / 250)).$((i % 250)) -m limit --limit 5/min -j ACCEPT"; done | dump "$1"
}
limits limits
sed '30004s/ACCEPT/DROP/' limits >others
[[ $(diff limits others | grep -c '^[<>]') == 2 ]] || fail 'the two dumps should differ in a line'

# differences FILE VERDICT: as many classes as rules.
differences() {
    local i
    for ((i = 0; i < 150; ++i)); do echo "-A FORWARD -p tcp -m tcp --dport $((i * 2 + 1)) -j ${2/@/$i}"; done | dump "$1"
}
differences foreign 'NFQUEUE --queue-num @'
differences accepting ACCEPT
expect_status 1 "$natc" diff --family ipv4 foreign accepting
expect_stdout_has 'and 50 further classes: `--format json` has them'
(($(grep -c '^IPv4, forwarded' "$output/stdout") == 100)) || fail 'as many classes are printed as should be'
expect_status 1 "$natc" diff --family ipv4 --format json foreign accepting
(($(grep -c '"way": "forwarded"' "$output/stdout") == 150)) || fail 'JSON has all of them'

# Sanitizers reserve address space for all of it.
! grep -qa __asan_init "$natc" || exit 0
limited() { bash -c 'ulimit -v 400000 && exec timeout 20 "$@"' - "$@"; }
expect_status 0 limited "$natc" check --family ipv4 limits
expect_status 1 limited "$natc" diff --family ipv4 limits others
expect_status 0 limited "$natc" explain --family ipv4 limits tcp from 10.0.0.7:4000 to 192.0.2.1:80 in eth0 out eth1

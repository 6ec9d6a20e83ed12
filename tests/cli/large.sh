#!/usr/bin/env bash
# Long lists of every kind are done in seconds and in little memory, or refused; never by trying each with each.
. "$(dirname "$0")/lib.sh"

# Sanitizers are slow, and reserve address space for all of it.
! grep -qa __asan_init "$natc" || exit 0

# each N TEXT: TEXT for 0, 1, … N-1, with @ for the number, A for an address of its own, S for a subnet of its own.
each() {
    local i line
    for ((i = 0; i < $1; ++i)); do
        line=${2//@/$i}
        line=${line//A/11.$((i >> 16)).$((i >> 8 & 255)).$((i & 255))}
        echo "${line//S/10.$((i >> 8)).$((i & 255)).0/24}"
    done
}
# list N TEXT: the same as one list.
list() { each "$1" "$2" | paste -sd, -; }

lab='network lab { bridge lab0; subnet 12.0.0.0/8; masquerade; guest g 12.0.0.9 }'
subnets='network lab { bridge lab0; masquerade'

# done_with STATUS: natc ends so for every target, on what stands in `input`; in at most 5 s and 1.5 GB.
done_with() {
    local target
    for target in iptables nft; do
        expect_status "$1" bash -c 'ulimit -t 5 -v 1500000; exec "$@" >/dev/null' - "$natc" --target "$target" input
    done
}
input() { cat >input; }

n=10000
{ echo "$lab"; echo 'input {'; each $n 'drop from A'; each $n 'drop from S'; echo '}'; } | input && done_with 0
{ echo "$lab"; echo 'input {'; each $n 'accept tcp 22 in ! a@, b@'; echo '}'; } | input && done_with 0
{ echo "$lab"; echo "port-forward tcp 80 to g from ! $(list $n A)"; each $n 'port-forward tcp 80 to 12.0.0.8 from A'; } | input && done_with 0
{ echo "$subnets"; each $n 'subnet S'; each $n 'guest g@ 10.255.255.@' | head -n 5; echo '}'; } | input && done_with 1
{ echo "$subnets"; each $n 'subnet S'; echo '}'; } | input && done_with 0
{ echo 'network lab { bridge lab0; subnet 12.0.0.0/8; masquerade; forward {'; each $n 'accept rest tcp 1 in e@'; echo 'accept rest established } }'; } | input && done_with 0
{ each $n 'define d@ = 10.0.0.1'; echo 'input {'; each $n 'accept from $e@'; echo '}'; } | input && done_with 1
{ each $n 'chain filter c@ { accept }'; echo 'input {'; each $n 'jump d@'; echo '}'; } | input && done_with 1
{ each $n 'define d@ = $d@x'; each $n 'define d@x = $d@'; echo 'input {'; each $n 'accept from $d@'; echo '}'; } | input && done_with 1
{ echo 'chain filter A { jump B }'; echo 'chain filter B { jump c0; jump A }'; each $n 'chain filter c@ { jump c@x }'; each $n 'chain filter c@x { accept }'; } | input && done_with 1

# Long, and still no more than somebody may mean.
{ echo 'uplink e1, e2, e3'; echo "network lab { bridge lab0; subnet 12.0.0.0/8; subnet 13.0.0.0/8; masquerade except $(list 2000 S); }"; } | input && done_with 0
{ echo "$lab"; echo "port-forward tcp $(seq -s, 1 2 65000) to g from $(list 100 A)"; echo "input { accept tcp $(seq -s, 1 2 65000) from $(list 100 A); }"; } | input && done_with 0
{ echo "$lab"; each 65000 'port-forward tcp @ to g' | sed '/tcp 0 /d'; } | input && done_with 0

# Each with each is refused.
n=4000
{ echo "$lab"; echo "port-forward tcp 80 to g in $(list $n e@) from $(list $n A)"; } | input && done_with 1
expect_stderr_has N4012
{ echo "uplink $(list $n e@)"; echo "$subnets"; each $n 'subnet S'; echo '}'; } | input && done_with 1
{ echo "$subnets except $(list $n A)"; each $n 'subnet S'; echo '}'; } | input && done_with 1
{ echo "$subnets"; each $n 'subnet S'; echo "forward { accept outbound to ! $(list $n A) } }"; } | input && done_with 1
{ echo "input { accept from $(list $n A) to $(list $n A) in $(list $n e@) out $(list $n e@); }"; } | input && done_with 1
{ echo "input { accept tcp $(seq -s, 1 2 65000) sport $(seq -s, 1 2 65000); }"; } | input && done_with 1
{ echo "$lab"; echo "port-forward tcp $(seq -s, 1 2 65000) to g from $(list $n A)"; } | input && done_with 1
# A list that many statements share is one for each of them.
{ echo "define big = $(list $n A)"; echo 'input {'; each $n 'drop tcp 1@ from $big'; echo '}'; } | input && done_with 1
{ echo "define big = $(list $n A)"; echo "$lab"; each $n 'port-forward tcp 1@ to g from $big'; } | input && done_with 1

# The review of rules that somebody wrote by the thousand: in as little time.
reviewed() { expect_status "$1" bash -c 'ulimit -t 5 -v 1500000; exec "$@"' - "$natc" check input; }
{ echo "$lab"; echo 'input {'; each 4000 'accept tcp 22,25,80 from A'; each 4000 'drop tcp 25,110 from A'; echo 'drop'; echo '}'; } | input && reviewed 0
{ echo "$lab"; echo 'input {'; echo 'drop tcp 25'; echo "accept tcp 22,25,80 from $(list $n A)"; echo 'drop'; echo '}'; } | input && reviewed 0
{ echo "$lab"; each $n 'port-forward tcp 1@ to g'; echo 'input {'; each $n 'accept tcp 1@'; echo '}'; echo 'forward {'; each $n 'drop tcp 1@'; echo '}'; } | input && reviewed 0
{ echo "define d = $(list $n A)"; echo "$lab"; echo 'input { accept established; accept from $d; drop }'; } | input && reviewed 0
{ each 250 'network n@ { bridge b@; subnet S; serve dns, dhcp; masquerade }'; echo 'input { accept established; drop }'; } | input && reviewed 0

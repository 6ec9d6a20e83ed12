#!/usr/bin/env bash
# How far long work is, on a terminal alone: nothing of it is left when natc ends, however it ends. What takes long here is an `include`.
. "$(dirname "$0")/lib.sh"
command -v script >/dev/null || exit 77
unset NO_COLOR CLICOLOR_FORCE
export TERM=xterm natc

echo 'include "slow.net"' >lab.net
echo 'input { acept }' >bad.net
cat >good.net <<'END'
network lab { bridge labbr0; subnet 10.1.1.0/24 }
input { accept }
END

# All cases wait most of the time: they do so at once, each in a folder of its own.
running=()
at_once() {
    local folder=case-${#running[@]}
    mkdir -p "$folder/output"
    cp lab.net good.net bad.net "$folder"
    mkfifo "$folder/slow.net"
    (cd "$folder" && output=$PWD/output && "$@") &
    running+=($!)
}

# Whoever reads slow.net waits for so many seconds, and then gets the file.
slowly() { (exec >slow.net && sleep "$1" && cat "$2" 2>/dev/null) & }

# terminal COMMAND: what it writes to a terminal, in `seen`; its status in `status`.
terminal() {
    echo "$1" >"$output/command"
    : >"$output/stdout"
    status=0
    script -qec "$1" /dev/null </dev/null >seen || status=$?
    cp seen "$output/stderr"
}
shows() { grep -qF 'natc: reading the file (' seen || fail "no progress"; }
shows_nothing() { ! grep -q 'reading the file' seen || fail "progress"; }
# What a terminal has left of it in the end: of each line what stands behind the last return to its begin.
left() { sed -E $'s/\r+$//; s/.*\r//; s/\e\\[K//g; s/\e\\[[0-9;]*m//g' seen; }

# What stands there in the end is what stands there without a terminal.
leaves_no_trace() {
    local alone=0
    slowly 0.8 "$2"
    terminal "\"\$natc\" $1"
    shows
    slowly 0 "$2"
    read -ra words <<<"$1"
    "$natc" "${words[@]}" >plain 2>&1 || alone=$?
    [[ $status == "$alone" ]] || fail "status $status, and $alone without a terminal"
    [[ $(left) == "$(<plain)" ]] || fail "with progress something else is left: $(left)"
}
for command in 'check lab.net' 'check --format short lab.net' 'lab.net' '-t nft -o out lab.net' 'explain lab.net tcp from 192.0.2.9 to 10.1.1.9:22' 'diff lab.net good.net' 'graph lab.net'; do
    at_once leaves_no_trace "$command" good.net
done
at_once leaves_no_trace 'check lab.net' bad.net
at_once leaves_no_trace 'lab.net' bad.net

# A signal: the line goes, and natc ends as ever.
ends_as_ever() {
    slowly 1.5 good.net
    terminal "timeout --foreground --preserve-status -s $1 0.9 \"\$natc\" check lab.net"
    shows
    [[ $status == "$((128 + $(kill -l "$1")))" ]] || fail "status $status after SIG$1"
    [[ -z $(left) ]] || fail "SIG$1 leaves: $(left)"
}
for signal in INT TERM HUP; do at_once ends_as_ever "$signal"; done

# Too soon; no terminal; one that cannot; in the background.
stays_silent() {
    slowly "$1" good.net
    terminal "$2"
    shows_nothing
    [[ $(left) == *'N3012'* ]] || fail "it did not check the file"
}
at_once stays_silent 0.2 '"$natc" check lab.net'
for command in '"$natc" check lab.net 2>said; cat said' 'TERM=dumb "$natc" check lab.net' 'TERM= "$natc" check lab.net' 'env -u TERM "$natc" check lab.net' 'set -m; "$natc" check lab.net & wait'; do
    at_once stays_silent 0.8 "$command"
done

bad=0
for case in "${running[@]}"; do wait "$case" || bad=1; done
exit $bad

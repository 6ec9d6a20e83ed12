#!/usr/bin/env bash
# What hosts have in store: no permission, no room, no memory, odd names, closed descriptors, two natc at once. Each gives one clear
# line and status 2, and leaves files whole.
. "$(dirname "$0")/lib.sh"
root=$(realpath "$(dirname "$0")/../..")

echo 'network lab { bridge labbr0; subnet 10.1.1.0/24; masquerade }' >lab.net
echo '# natc: ignore N4101' | cat - lab.net >quiet.net
"$natc" quiet.net >wanted

# cannot SAYS COMMAND…: status 2, and one line that says it.
cannot() {
    expect_status 2 "${@:2}"
    expect_stdout
    expect_stderr_has "$1"
    [[ $(wc -l <"$output/stderr") == 1 && $(<"$output/stderr") == 'natc: '* ]] || fail "not one line of natc's"
}
no_remains() {
    local left
    left=$(find "${1-.}" -name '.natc.*')
    [[ -z $left ]] || fail "it left $left behind"
}

# Reading.
mkdir folder
cannot 'cannot read folder: it is a directory' "$natc" check folder
cannot 'cannot read nowhere.net: No such file or directory' "$natc" nowhere.net
cannot 'cannot read lab.net/x: Not a directory' "$natc" check lab.net/x
ln -s circle circle
cannot 'cannot read circle: ' "$natc" circle
mkfifo fifo
for command in '' check; do
    # shellcheck disable=SC2086
    cat quiet.net >fifo & expect_status 0 "$natc" $command fifo
    expect_status 0 "$natc" $command /dev/stdin <quiet.net
    expect_status 0 "$natc" $command /dev/fd/3 3<quiet.net
    expect_no_stderr
done
cannot 'cannot read ' "$natc" "$(printf 'x%.0s' {1..300}).net"
# Names of any bytes: none of them reaches a terminal as a command, or ends the line.
odd=$(printf 'a\377b\033[31m\nc')
cannot 'cannot read a?b?[31m?c: No such file or directory' "$natc" "$odd"
cannot 'cannot write no/a?b?[31m?c: ' "$natc" -o "no/$odd" quiet.net
cp quiet.net "$odd"
expect_status 0 "$natc" "$odd"
expect_no_stderr
cannot 'there is no command `a?`' "$natc" $'a\001' b

# Where natc was called from may be gone.
mkdir gone
(cd gone && rmdir ../gone && expect_status 0 "$natc" check --format sarif - <"$scratch/quiet.net")
(mkdir gone && cd gone && rmdir ../gone && cannot 'cannot write out: no file can be made in .: ' "$natc" -o out "$scratch/quiet.net")

# Links: what they lead to is written, whether it is there or not.
mkdir there
ln -s there/file link
ln -s "$scratch/link" link2
for name in link2 link; do
    rm -f there/file
    expect_status 0 "$natc" -o "$name" quiet.net
    cmp -s wanted there/file || fail "it did not write where $name leads"
    [[ -L link && -L link2 ]] || fail "a link was replaced"
done
cannot 'cannot write circle: ' "$natc" -o circle quiet.net
[[ -L circle ]] || fail "a link was replaced"
ln -s nowhere/file astray
cannot 'cannot write astray: no file can be made in nowhere: No such file or directory' "$natc" -o astray quiet.net

# What the shell has opened is written to, and appended to, not replaced.
for name in /dev/stdout /dev/fd/1 /proc/self/fd/1 /dev/fd/7; do
    echo before >log
    "$natc" -o "$name" quiet.net >>log 7>&1
    { echo before; cat wanted; } | cmp -s - log || fail "-o $name does not append to standard output"
done
cannot 'cannot write /dev/fd/9: Bad file descriptor' "$natc" -o /dev/fd/9 quiet.net

# Closed descriptors: what natc opens is not taken for standard output.
cp quiet.net input.net
for closed in '>&-' '2>&-' '<&-' '>&- 2>&-' '<&- >&- 2>&-'; do
    expect_status 0 bash -c "\"\$0\" -o out quiet.net $closed" "$natc"
    cmp -s wanted out || fail "with $closed it writes something else"
    status=0
    bash -c "\"\$0\" input.net $closed" "$natc" >/dev/null 2>&1 || status=$?
    [[ $status == 2 || $closed == '2>&-' || $closed == '<&-' ]] || fail "with $closed: status $status"
    cmp -s quiet.net input.net || fail "with $closed it wrote to its input"
done
expect_status 2 bash -c '"$0" -o /dev/full quiet.net 2>&-' "$natc"

# No room: a file that may not grow any more, whatever the shell does of the signal.
for ((i = 1; i <= 3000; ++i)); do echo "port-forward tcp $i to 10.1.1.9"; done | cat quiet.net - >big.net
echo before >kept
cannot 'cannot write kept: File too large' bash -c 'ulimit -f 16; exec "$0" -o kept big.net' "$natc"
[[ $(<kept) == before ]] || fail "kept was changed"
no_remains

# Two at once, again and again: always one of the two wholes, and nothing else in the folder.
echo 'input { drop }' | cat quiet.net - >other.net
"$natc" other.net >wanted2 2>/dev/null
mkdir both
for ((i = 0; i < 25; ++i)); do
    "$natc" -o both/rules quiet.net & "$natc" -o both/rules other.net 2>/dev/null &
    while [[ $(jobs -r) ]]; do
        [[ ! -e both/rules ]] || cp both/rules seen
        [[ ! -e seen ]] || cmp -s seen wanted || cmp -s seen wanted2 || fail "a file that is neither of both"
    done
    wait
done
[[ $(ls -A both) == rules ]] || fail "files are left: $(ls -A both)"
# One that is ended in the middle of it leaves nothing either. (What has begun to replace the file goes on.)
for ((i = 2; i < 40; ++i)); do
    signals=(INT TERM HUP)
    timeout -s "${signals[i % 3]}" "0.0$((i / 10))$((i % 10))" "$natc" -o both/rules big.net 2>/dev/null || true
done
[[ $(ls -A both) == rules ]] || fail "files are left: $(ls -A both)"

# No memory. Sanitizers need more than there is.
if ! grep -qa __asan_init "$natc"; then
    spent=0
    for ((size = 6000; size <= 60000; size += 1500)); do
        status=0
        (ulimit -v "$size" && exec timeout 20 "$natc" check big.net) >few 2>&1 || status=$?
        case $status in
            0 | 1) ;;
            2) grep -qx 'natc: there is not enough memory' few && [[ $(wc -l <few) == 1 ]] || fail "without memory: $(<few)"; spent=1 ;;
            127) ;; # not even the libraries
            *) fail "with $size kB: status $status: $(head -3 few)" ;;
        esac
    done
    ((spent)) || fail "memory was always enough"
fi

# As somebody who may not: root may.
as=()
if ((EUID == 0)); then
    chmod 755 "$scratch"
    cp "$natc" natc
    natc=$scratch/natc
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    "${as[@]}" "$natc" --version >/dev/null 2>&1 || as=()
fi
if ((EUID != 0)) || ((${#as[@]})); then
    mkdir -m 755 closed
    echo before >closed/rules
    cp quiet.net secret.net
    chmod 000 secret.net
    ((EUID == 0)) || chmod 555 closed
    cannot 'cannot read secret.net: Permission denied' "${as[@]}" "$natc" secret.net
    cannot "cannot write closed/rules: no file can be made in $(pwd -P)/closed: Permission denied" "${as[@]}" "$natc" -o closed/rules quiet.net
    cannot 'cannot write closed/new: no file can be made in closed: Permission denied' "${as[@]}" "$natc" -o closed/new quiet.net
    chmod 755 closed
    [[ $(<closed/rules) == before && $(ls -A closed) == rules ]] || fail "closed/ was changed"
fi

# A disk that is full, and one that is read-only, where they can be had.
if unshare --mount true 2>/dev/null; then
    export -f cannot expect_status expect_stdout expect_stderr_has fail
    export natc output
    mkdir disk
    unshare --mount bash -euo pipefail -c '
        mount -t tmpfs -o size=64k none disk && echo before >disk/rules
        cannot "cannot write disk/rules: No space left on device" "$natc" -o disk/rules big.net
        [[ $(<disk/rules) == before && $(ls -A disk) == rules ]] || fail "disk/ was changed"
        mount -o remount,ro disk
        cannot "cannot write disk/rules: no file can be made in $(pwd -P)/disk: Read-only file system" "$natc" -o disk/rules quiet.net
        touch lab2.net && mount --bind -o ro lab2.net lab2.net
        cp other.net busy && mount --bind busy busy
        cannot "cannot write busy: Device or resource busy" "$natc" -o busy quiet.net' || fail "on a disk of its own"
fi

# The tools say what is missing.
mkdir bin
for tool in bash env dirname cat; do ln -s "$(command -v "$tool")" bin; done
# missing TOOL SAYS COMMAND…
missing() {
    expect_status 2 "${as[@]}" env PATH="$scratch/bin" "${@:2}"
    expect_stderr_has "$1"
    [[ $(wc -l <"$output/stderr") == 1 ]] || fail "not one line"
}
if [[ -x $root/tools/setup ]]; then
    missing 'tools/setup: there is no dpkg-query here' bash "$root/tools/setup"
    missing 'tools/fuzz: there is no clang++-14' bash "$root/tools/fuzz"
    printf '#!/bin/sh\n' >bin/dpkg-query
    cp bin/dpkg-query bin/apt-get
    ln -s "$(command -v grep)" bin
    chmod +x bin/dpkg-query bin/apt-get
    if ((EUID != 0)) || ((${#as[@]})); then
        sed '/^Installing/d' "$root/tools/setup" >setup
        missing 'tools/setup: root is needed, and there is no sudo: as root, run apt-get install --no-install-recommends g++ ' bash setup
    fi
fi

#!/usr/bin/env bash
# -o FILE: the file is replaced as a whole, or is as it was.
. "$(dirname "$0")/lib.sh"

echo 'network lab { bridge labbr0; subnet 10.1.1.0/24; masquerade }' >lab.net
echo 'input { acept }' >bad.net
"$natc" lab.net >wanted 2>/dev/null

# wrote FILE: it is what the compile prints.
wrote() {
    expect_stdout
    cmp -s wanted "$1" || fail "$1 is not what natc prints"
}
# untouched FILE: it is as `before` left it.
before() { echo before >"$1"; }
untouched() {
    expect_stdout
    [[ $(<"$1") == before ]] || fail "$1 was changed"
}
# no_remains [DIRECTORY]: no temporary file was left.
no_remains() {
    local left
    left=$(find "${1-.}" -maxdepth 1 -name '.*.??????')
    [[ -z $left ]] || fail "it left $left behind"
}

# A new file has the mode that any new file has.
(umask 027 && expect_status 0 "$natc" -o new lab.net)
wrote new
[[ $(stat -c %a new) == 640 ]] || fail "mode $(stat -c %a new), not 640"
expect_status 0 "$natc" compile --output=new lab.net
wrote new

# One that is there keeps its mode, and whoever has it open keeps what was in it.
before old
chmod 604 old
exec 3<old
expect_status 0 "$natc" lab.net -o old
wrote old
[[ $(stat -c %a old) == 604 ]] || fail "mode $(stat -c %a old), not 604"
[[ $(cat <&3) == before ]] || fail "the file was written to, not replaced"
exec 3<&-
no_remains

# A link stays one, and what it leads to is replaced, where that lies.
mkdir elsewhere
before elsewhere/file
ln -s elsewhere/file link
ln -s link link2
expect_status 0 "$natc" -o link2 lab.net
wrote elsewhere/file
[[ -L link && -L link2 ]] || fail "a link was replaced"
no_remains
no_remains elsewhere
# One that leads nowhere yet: either is sound, but the rules must stand where the link leads.
ln -s elsewhere/fresh dangling
expect_status 0 "$natc" -o dangling lab.net
wrote dangling

# Devices are written to; they stay what they are.
expect_status 0 "$natc" -o /dev/null lab.net
[[ -c /dev/null ]] || fail "/dev/null is a file now"
expect_status 2 "$natc" -o /dev/full lab.net
expect_stderr_has 'natc: cannot write /dev/full: '
mkfifo pipe
cat pipe >through &
expect_status 0 "$natc" -o pipe lab.net
wait $!
wrote through

# Errors leave it as it was.
before kept
expect_status 1 "$natc" -o kept bad.net
untouched kept
expect_status 2 "$natc" -o kept nowhere.net
untouched kept
expect_status 2 "$natc" -o kept --target pf lab.net
untouched kept
no_remains
expect_status 1 "$natc" -o fresh bad.net
[[ ! -e fresh ]] || fail "an input with errors made a file"

expect_status 2 "$natc" -o nowhere/file lab.net
expect_stderr_has 'natc: cannot write nowhere/file: '
expect_status 2 "$natc" -o elsewhere lab.net
expect_stderr_has 'natc: cannot write elsewhere: it is a directory'
expect_status 2 "$natc" -o kept/file lab.net
untouched kept
# What root may do everywhere says nothing.
if ((EUID != 0)); then
    mkdir closed
    before closed/file
    chmod 500 closed
    expect_status 2 "$natc" -o closed/file lab.net
    chmod 700 closed
    untouched closed/file
fi

# A full disk, in a file: as much as the shell lets natc write is not enough.
before kept
for ((i = 1; i <= 3000; ++i)); do echo "port-forward tcp $i to 10.1.1.9"; done | cat lab.net - >big.net
expect_status 2 bash -c 'trap "" XFSZ; ulimit -f 16; exec "$0" -o kept big.net' "$natc"
untouched kept
no_remains

# Not over the input, whichever way it is called.
cp lab.net source.net
ln -s source.net other.net
ln source.net hard.net
for name in source.net ./source.net other.net hard.net; do
    expect_status 2 "$natc" -o "$name" source.net
    expect_stdout
    expect_stderr_has "natc: -o $name would overwrite the input"
done
expect_status 2 "$natc" - -o source.net <source.net
cmp -s lab.net source.net || fail "the input was overwritten"
# Nor over what it includes.
mkdir parts
cp lab.net parts/lab.net
ln -s parts/lab.net included.net
echo 'include "parts/lab.net"' >including.net
for name in parts/lab.net included.net; do
    expect_status 2 "$natc" -o "$name" including.net
    expect_stderr_has "natc: -o $name would overwrite a file that the input includes"
    cmp -s lab.net parts/lab.net || fail "what the input includes was overwritten"
done

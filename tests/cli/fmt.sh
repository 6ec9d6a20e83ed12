#!/usr/bin/env bash
# natc fmt: which files it writes and what it says; tests/layouts holds what it makes of them.
. "$(dirname "$0")/lib.sh"
root=$(realpath "$(dirname "$0")/../..")

written='input{accept tcp 22;drop}'
laid_out='input {
    accept tcp 22
    drop
}'
# is FILE TEXT
is() { printf '%s\n' "$2" | cmp -s - "$1" || fail "$1 is: $(<"$1")"; }

# A link stays a link, and the mode the mode. What needs nothing is not written.
echo "$written" >a.net
chmod 640 a.net
ln -s a.net link.net
expect_status 0 "$natc" fmt link.net
expect_stdout
expect_no_stderr
is a.net "$laid_out"
[[ -L link.net && $(stat -c %a a.net) == 640 ]] || fail "the link, or the mode, is another"
before=$(stat -c '%i %y' a.net)
expect_status 0 "$natc" fmt a.net
[[ $(stat -c '%i %y' a.net) == "$before" ]] || fail "a file that needs nothing was written"

# --check names those that would change, and --diff shows how; nothing is written. Only with --check does a difference make the status 1.
echo "$written" | tee b.net >'c d.net'
expect_status 1 "$natc" fmt --check a.net b.net 'c d.net'
expect_stdout $'b.net\nc d.net'
expect_no_stderr
diff='--- b.net
+++ b.net
@@ -1 +1,4 @@
-input{accept tcp 22;drop}
+input {
+    accept tcp 22
+    drop
+}'
expect_status 0 "$natc" fmt --diff a.net b.net
expect_stdout "$diff"
expect_status 1 "$natc" fmt --diff --check a.net b.net
expect_stdout "$diff"
is b.net "$written"
expect_status 0 "$natc" fmt --check --diff a.net
expect_stdout

# Standard input goes to standard output.
expect_status 0 "$natc" fmt - <b.net
expect_stdout "$laid_out"
expect_status 0 "$natc" fmt - </dev/null
expect_stdout
expect_status 1 "$natc" fmt --check - <b.net
expect_stdout '<stdin>'
expect_status 2 bash -c '"$0" fmt - <b.net >/dev/full' "$natc"
expect_stderr_has 'natc: cannot write to standard output: '

# A file with a fault stays, and the others are done.
echo 'input { acept }' >bad.net
expect_status 1 "$natc" fmt bad.net b.net
expect_stdout
expect_stderr_has 'error[N1003]: `acept`'
expect_stderr_has ' --> bad.net:1:9'
is bad.net 'input { acept }'
is b.net "$laid_out"
expect_status 1 "$natc" fmt - <bad.net
expect_stdout
printf 'input {\n    accept\n' >open.net
expect_status 1 "$natc" fmt open.net
expect_stderr_has 'error[N1005]'
printf '\377\376i\0' >utf16.net
expect_status 1 "$natc" fmt --check utf16.net
expect_stdout
expect_stderr_has 'error[N1001]'
printf 'table inet x {\n}\n' >other.net
expect_status 1 "$natc" fmt other.net
expect_stderr_has 'a script for nft'

# Only what is read of the file itself counts: what it includes is neither needed nor laid out, and names may be another file's.
mkdir sub
echo "$written" >sub/included.net
printf 'include  "sub/included.net"\ninclude "nowhere.net"\nport-forward tcp  22 to somebody\n' >including.net
expect_status 0 "$natc" fmt including.net
is including.net 'include "sub/included.net"
include "nowhere.net"
port-forward tcp 22 to somebody'
is sub/included.net "$written"

# What fmt cannot do, in one line each.
one_line() {
    expect_status 2 "$natc" fmt "${@:2}"
    expect_stdout
    [[ $(<"$output/stderr") == "natc: $1" ]] || fail "it does not say: $1"
}
printf '%s\n' '*filter' ':INPUT ACCEPT [0:0]' COMMIT >saved
cp saved before
one_line 'saved was saved from the kernel or is written for iptables-restore: fmt lays out .net files alone' saved
cmp -s saved before || fail "a dump was changed"
one_line 'cannot read sub: it is a directory' sub
one_line 'cannot read nowhere.net: No such file or directory' nowhere.net
mkfifo pipe
echo "$written" >pipe &
one_line 'cannot rewrite pipe: it is no regular file' pipe
wait
expect_status 2 "$natc" fmt
expect_stderr_has 'no FILE is given'
expect_status 2 "$natc" fmt --strict b.net
expect_stderr_has '--strict'

# A file that cannot be replaced stays as it is, and nothing is left behind.
mkdir full
{
    echo "$written"
    printf '# %1000d\n' {1..20}
} >full/a.net
cp full/a.net before
expect_status 2 bash -c 'trap "" XFSZ; ulimit -f 16; exec "$0" fmt full/a.net' "$natc"
expect_stderr_has 'natc: cannot rewrite full/a.net: '
cmp -s full/a.net before || fail "it was changed"
[[ $(ls -A full) == a.net ]] || fail "it left something behind"
if ((EUID)); then
    mkdir locked
    echo "$written" >locked/a.net
    chmod 555 locked
    one_line 'cannot rewrite locked/a.net: Permission denied' locked/a.net
    is locked/a.net "$written"
    chmod 755 locked
fi

# natc's own files, and the examples of README.md.
readarray -t files < <(find "$root/rules" -name '*.net')
((${#files[@]} > 5)) || fail "rules/ is not there"
expect_status 0 "$natc" fmt --check "${files[@]}"
awk '/^```net$/ { file = "readme-" ++block ".net"; next } /^```/ { file = ""; next } file { print >file }' "$root/README.md"
expect_status 0 "$natc" fmt --check readme-*.net

# As long as it takes to read it: 65,000 port-forwards.
{
    echo 'network lab { bridge lab0; subnet 12.0.0.0/8; masquerade; guest g 12.0.0.9 }'
    printf 'port-forward tcp %d to  g # of many\n' {1..65000}
} >large.net
limits='ulimit -t 5 -v 1500000'
! grep -qa __asan_init "$natc" || limits='ulimit -t 100' # sanitizers take more address space than there is
expect_status 0 bash -c "$limits; exec \"\$@\"" - "$natc" fmt large.net
[[ $(wc -l <large.net) == 65007 ]] || fail "lines were lost: $(wc -l <large.net)"

#!/usr/bin/env bash
# natc check --fix: which files it writes, and how; tests/fixes holds what it makes of them.
. "$(dirname "$0")/lib.sh"

fixable='input { acept tcp 22 from 10.1.1.9/24 }'
fixed='input { accept tcp 22 from 10.1.1.0/24 }'
# is FILE TEXT
is() { [[ $(<"$1") == "$2" ]] || fail "$1 is: $(<"$1")"; }

echo "$fixable" >a.net
chmod 640 a.net
ln -s a.net link.net
expect_status 0 "$natc" check --fix link.net
expect_stdout
[[ $(<"$output/stderr") == 'fixed[N1003]: link.net:1:9: `acept` is not a verdict, which a rule begins with: now accept
fixed[N2003]: link.net:1:27: 10.1.1.9/24 has host bits set: now 10.1.1.0/24' ]] || fail "it does not say what it did"
is a.net "$fixed"
[[ -L link.net && $(stat -c %a a.net) == 640 ]] || fail "the link, or the mode, is another"

# What needs nothing is not written: it is the same file as before.
before=$(stat -c '%i %y' a.net)
expect_status 0 "$natc" check --fix a.net
expect_no_stderr
[[ $(stat -c '%i %y' a.net) == "$before" ]] || fail "a file without a fix was written"

# The status, and what is said, are of what is left.
printf '%s\n' "$fixable" 'network lab { bridge labbr0; subnet 10.1.1.0/24 }' >b.net
cp b.net strict.net
expect_status 0 "$natc" check --fix b.net
expect_stderr_has 'warning[N3012]'
expect_status 1 "$natc" check --fix --strict strict.net
echo "${fixable% *} ; frobnicate }" >c.net
expect_status 1 "$natc" check --fix c.net
expect_stderr_has "error[N1003]: \`frobnicate\`"
is c.net "${fixed% *} ; frobnicate }"

# For programs: what was fixed is in json; in the others, what is left.
for format in json sarif github short; do
    echo "$fixable" >"$format.net"
    expect_status 0 "$natc" check --fix --format "$format" "$format.net"
    expect_stderr_has "fixed[N2003]: $format.net:1:27:"
    is "$format.net" "$fixed"
    case $format in
    json) expect_stdout_has '"text": "10.1.1.0/24"' ;;
    sarif) expect_stdout_has '"results": []' ;;
    *) expect_stdout ;;
    esac
done

# Two files that include a third: it is fixed with the first.
echo 'define admins = 10.9.1.7/16' >common.net
printf 'include "common.net"\ninput { acept ssh from $admins }\n' | tee one.net >two.net
expect_status 0 "$natc" check --fix one.net two.net
is common.net 'define admins = 10.9.0.0/16'
cmp -s one.net two.net || fail "two.net was not fixed"
[[ $(grep -c N2003 "$output/stderr") == 1 ]] || fail "fixed twice"

# Standard input cannot be fixed, and then nothing is.
echo "$fixable" >a.net
expect_status 2 "$natc" check --fix a.net - <a.net
[[ $(<"$output/stderr") == 'natc: --fix cannot rewrite standard input: name the file' ]] || fail "another complaint"
is a.net "$fixable"

# A dump is checked, and stays as it is.
printf '%s\n' '*filter' ':INPUT ACCEPT [0:0]' '-A INPUT -m mac --mac-source 52-54-00-00-00-05 -j DROP' COMMIT >saved
cp saved before
expect_status 2 "$natc" check --fix saved
expect_stderr_has 'error[N'
expect_stderr_has 'natc: saved was saved from the kernel or is written for iptables-restore: --fix changes .net files alone'
cmp -s saved before || fail "a dump was changed"

# What cannot be written stays, and so does what is said of it.
mkdir locked
{
    echo "$fixable"
    printf '# %1000d\n' {1..20}
} >locked/a.net
cp locked/a.net before
expect_status 2 bash -c 'trap "" XFSZ; ulimit -f 16; exec "$0" check --fix locked/a.net' "$natc"
expect_stderr_has 'natc: cannot rewrite locked/a.net: '
expect_stderr_has 'error[N1003]'
! grep -q '^fixed' "$output/stderr" || fail "it says that it fixed something"
cmp -s locked/a.net before || fail "it was changed"
[[ $(ls -A locked) == a.net ]] || fail "it left something behind"
mkfifo pipe
echo "$fixable" >pipe &
expect_status 2 "$natc" check --fix pipe
expect_stderr_has 'natc: cannot rewrite pipe: it is no regular file'
wait

# Thousands at once: all are fixed, not just those that are listed; some are told.
{
    echo 'network lab { bridge labbr0; subnet 10.1.0.0/16; masquerade }'
    for ((i = 1; i <= 3000; ++i)); do echo "port-froward tcp $((2 * i + 1))-$((2 * i)) to 10.1.1.9"; done
} >many.net
expect_status 0 timeout 20 "$natc" check --fix many.net
expect_stderr_has 'natc: 5900 more were fixed'
[[ $(grep -c '^port-forward tcp [0-9]*-[0-9]* to' many.net) == 3000 ]] || fail "not all were fixed"

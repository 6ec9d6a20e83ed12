#!/usr/bin/env bash
# natc check --format: what goes where, and with which status; tests/unit/formats holds the formats themselves.
. "$(dirname "$0")/lib.sh"

echo 'network lab { bridge labbr0; subnet 10.1.1.0/24; masquerade }' >good.net
echo 'network lab { bridge labbr0; subnet 10.1.1.0/24 }' >warns.net
echo 'input { acept }' >bad.net
mkdir 'a folder'
cp bad.net 'a folder/ü.net'
programs=(json sarif github)

# Text to standard error, and one that is for programs to standard output; the status is the same in each.
for format in text short "${programs[@]}"; do
    check=("$natc" check --format "$format")
    expect_status 0 "${check[@]}" good.net
    expect_no_stderr
    expect_status 0 "${check[@]}" good.net warns.net
    expect_status 1 "${check[@]}" --strict good.net warns.net
    expect_status 1 "${check[@]}" bad.net good.net
    case $format in text | short) expect_stdout ;; *) expect_no_stderr ;; esac
    expect_status 1 "${check[@]}" - <bad.net
    expect_status 2 "${check[@]}" bad.net nowhere.net
    expect_stderr_has 'natc: cannot read nowhere.net: No such file or directory'
    [[ $(wc -l <"$output/stderr") == 1 || $format == text || $format == short ]] || fail "more on stderr than what could not be done"
done
expect_status 2 bash -c 'exec "$0" check --format json good.net >/dev/full' "$natc"
expect_stderr_has 'natc: cannot write to standard output'

expect_status 1 "$natc" check --format short bad.net warns.net 'a folder/ü.net'
[[ $(<"$output/stderr") == 'bad.net:1:9: error: `acept` is not a verdict, which a rule begins with [N1003]
warns.net:1:1: warning: network `lab` does not say how it reaches out: it is isolated [N3012]
a folder/ü.net:1:9: error: `acept` is not a verdict, which a rule begins with [N1003]' ]] || fail "short is not"

# Several files, one run; files are named from where natc was run.
expect_status 2 "$natc" check --format sarif nowhere.net bad.net "$scratch/a folder/ü.net"
[[ $(grep -c '"results"' "$output/stdout") == 1 ]] || fail "more than one run"
expect_stdout_has '"uri": "bad.net"'
expect_stdout_has '"uri": "a%20folder/%C3%BC.net"'
expect_stdout_has '"executionSuccessful": false'
expect_stdout_has '"text": "cannot read nowhere.net: No such file or directory"'
expect_stdout_has '"columnKind": "unicodeCodePoints"'
expect_stdout_has "\"version\": \"$("$natc" --version | cut -d' ' -f2)\""
(cd 'a folder' && expect_status 1 "$natc" check --format sarif ../bad.net && expect_stdout_has "\"uri\": \"file://$(realpath "$scratch")/bad.net\"")
expect_status 0 "$natc" check --format sarif good.net
expect_stdout_has '"results": []'
expect_stdout_has '"executionSuccessful": true'

expect_status 1 "$natc" check --format github "./a folder/ü.net" warns.net
expect_stdout '::error file=a folder/ü.net,line=1,col=9,endLine=1,endColumn=13,title=N1003::`acept` is not a verdict, which a rule begins with%0Ahelp: did you mean `accept`?
::warning file=warns.net,line=1,col=1,endLine=1,endColumn=11,title=N3012::network `lab` does not say how it reaches out: it is isolated%0Ahelp: write `masquerade`, `route` or `isolated`'
expect_status 2 "$natc" check --format github nowhere.net
expect_stdout '::error file=nowhere.net,title=natc::cannot read nowhere.net: No such file or directory'

expect_status 2 "$natc" check --format json nowhere.net bad.net
expect_stdout_has '"reason": "No such file or directory"'
expect_stdout_has '"text": "accept"'
expect_stdout_has '"errors": 1'

# What two files include is told once to programs.
echo 'network lab { bridge labbr0; subnet 10.1.1.0/24 }' >common.net
echo 'include "common.net"' | tee one.net >two.net
expect_status 0 "$natc" check --format short one.net two.net
[[ $(wc -l <"$output/stderr") == 1 ]] || fail "a file that two include is told twice"

# A target's own findings are told too.
echo 'input { accept tcp 22 match "-m recent --name x --rcheck" }' >recent.net
expect_status 1 "$natc" check --format github --target nft recent.net
expect_stdout_has 'title=N4013::'

# wrong SAYS ARGUMENT…
wrong() {
    expect_status 2 "$natc" "${@:2}"
    expect_stdout
    expect_stderr_has "$1"
    [[ $(wc -l <"$output/stderr") == 1 ]] || fail "not one line on stderr"
}
wrong '--format takes text or short or json or sarif or github, not `xml`' check --format xml good.net
wrong '--format needs a value' check good.net --format
wrong '--format takes text or json, not `sarif`' diff --format sarif good.net good.net
wrong '`--format` here' compile --format json good.net

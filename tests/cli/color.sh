#!/usr/bin/env bash
# Colours of diagnostics: --color over NO_COLOR over CLICOLOR_FORCE over whether a terminal is there.
. "$(dirname "$0")/lib.sh"
unset NO_COLOR CLICOLOR_FORCE
export TERM=xterm

echo 'input { acept }' >bad.net
escape=$'\e['
coloured() { grep -qF "$escape" "$output/stderr" || fail "no colour"; }
plain() { ! grep -qF "$escape" "$output/stderr" || fail "colour"; }

expect_status 1 "$natc" bad.net
plain
expect_status 1 "$natc" --color always bad.net
coloured
for words in 'check --color=always' '--color always check' 'compile --color always'; do
    read -ra words <<<"$words"
    expect_status 1 "$natc" "${words[@]}" bad.net
    coloured
done
expect_status 1 env CLICOLOR_FORCE=1 "$natc" check bad.net
coloured
expect_status 1 env CLICOLOR_FORCE=0 "$natc" bad.net
plain
expect_status 1 env CLICOLOR_FORCE= "$natc" bad.net
plain
expect_status 1 env NO_COLOR=1 CLICOLOR_FORCE=1 "$natc" bad.net
plain
expect_status 1 env NO_COLOR= CLICOLOR_FORCE=1 "$natc" bad.net
coloured
expect_status 1 env NO_COLOR=1 "$natc" --color always bad.net
coloured
expect_status 1 env CLICOLOR_FORCE=1 "$natc" --color never bad.net
plain
expect_status 1 env CLICOLOR_FORCE=1 "$natc" --color auto bad.net
coloured

# The colours are all that differs.
expect_status 1 "$natc" bad.net
cp "$output/stderr" without
expect_status 1 "$natc" --color always bad.net
sed 's/\x1b\[[0-9;]*m//g' "$output/stderr" | cmp -s - without || fail "coloured text is another text"

# Rules never have any.
: >empty.net
expect_status 0 "$natc" --color always empty.net
! grep -qF "$escape" "$output/stdout" || fail "colour in the rules"

# A terminal, where `script` has one.
if command -v script >/dev/null; then
    export natc
    terminal() { script -qec "$1" /dev/null </dev/null >terminal.out || true; }
    terminal '"$natc" bad.net'
    grep -qF "$escape" terminal.out || fail "no colour on a terminal"
    terminal 'NO_COLOR=1 "$natc" bad.net'
    ! grep -qF "$escape" terminal.out || fail "colour in spite of NO_COLOR"
    terminal 'TERM=dumb "$natc" bad.net'
    ! grep -qF "$escape" terminal.out || fail "colour on a dumb terminal"
fi

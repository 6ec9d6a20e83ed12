#!/usr/bin/env bash
# natc check: files one by one, nothing on standard output, the worst of their statuses.
. "$(dirname "$0")/lib.sh"

echo 'network lab { bridge labbr0; subnet 10.1.1.0/24; masquerade }' >good.net
echo 'network lab { bridge labbr0; subnet 10.1.1.0/24 }' >warns.net
echo 'input { acept }' >bad.net
echo 'output { dorp }' >worse.net

checks() {
    expect_status "$@"
    expect_stdout
}
checks 0 "$natc" check good.net
expect_no_stderr
checks 0 "$natc" check good.net good.net
expect_no_stderr
checks 0 "$natc" check good.net warns.net
expect_stderr_has 'warning[N3012]'
expect_stderr_has ' --> warns.net:1:1'
checks 1 "$natc" check --strict good.net warns.net
checks 1 "$natc" check warns.net --strict
checks 0 "$natc" check --strict good.net
checks 1 "$natc" check bad.net

# All are looked at, whatever the first ones have.
checks 1 "$natc" check bad.net good.net worse.net
expect_stderr_has ' --> bad.net:1:9'
expect_stderr_has ' --> worse.net:1:10'
checks 1 "$natc" check good.net bad.net
# What natc could not do outweighs what is wrong with a file.
checks 2 "$natc" check nowhere.net good.net
checks 2 "$natc" check bad.net nowhere.net good.net
expect_stderr_has ' --> bad.net:1:9'
expect_stderr_has 'natc: cannot read nowhere.net: '
checks 2 "$natc" check nowhere.net worse.net
expect_stderr_has ' --> worse.net:1:10'
checks 2 "$natc" check good.net .

expect_status 0 "$natc" check - <good.net
expect_status 1 "$natc" check good.net - <bad.net
expect_stderr_has ' --> <stdin>:1:9'

# `compile` is as strict with errors, and lets warnings pass.
expect_status 0 "$natc" warns.net
expect_stderr_has 'warning[N3012]'

# With a target, what that one cannot say too; without, what holds for all.
echo 'input { accept tcp 22 match "-m recent --name x --rcheck" }' >recent.net
expect_status 0 "$natc" check recent.net
for target in iptables ip6tables; do
    checks 0 "$natc" check --target "$target" recent.net
    expect_no_stderr
done
checks 1 "$natc" check --target nft good.net recent.net
expect_stderr_has 'error[N4013]'
expect_stderr_has ' --> recent.net:1:'
checks 1 "$natc" -t nft check recent.net
checks 1 "$natc" check -t nft bad.net
expect_stderr_has 'error[N1003]'
echo 'network lab { bridge labbr0; subnet 10.1.1.0/24; serve dhcp; masquerade }' >dhcp.net
checks 0 "$natc" check --strict dhcp.net
checks 1 "$natc" check --strict --target nft dhcp.net
expect_stderr_has 'warning[N4102]'

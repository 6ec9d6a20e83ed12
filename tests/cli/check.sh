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

# Rules that are too many to be looked through: nobody knows, which is no error, and no `all is well` either.
{
    echo 'input { jump c0 }'
    for i in {0..12}; do echo "chain filter c$i { jump c$((i + 1)) from 10.0.0.0/8; jump c$((i + 1)); jump c$((i + 1)) tcp; jump c$((i + 1)) }"; done
    echo 'chain filter c13 { drop tcp 25 }'
} >entangled.net
checks 3 "$natc" check entangled.net good.net
expect_stderr_has 'note[N4017]'
checks 3 "$natc" check --strict entangled.net
checks 1 "$natc" check entangled.net bad.net
checks 1 "$natc" check --strict warns.net entangled.net
checks 2 "$natc" check entangled.net nowhere.net
{ echo '# natc: ignore N4017'; cat entangled.net; } >ignored.net
checks 0 "$natc" check ignored.net

# What the review finds is a warning like others: it can be silenced where it stands, in dumps too, and counts with --strict. Errors cannot.
echo 'network lab { bridge labbr0; subnet 172.10.16.0/20; masquerade }' >public.net
checks 0 "$natc" check public.net
expect_stderr_has 'warning[N2016]'
checks 1 "$natc" check --strict public.net
{ echo '# natc: ignore N2016'; cat public.net; } >silenced.net
checks 0 "$natc" check --strict silenced.net
expect_no_stderr
printf '%s\n' '*filter' ':INPUT DROP [0:0]' '# natc: ignore N4022' '-A INPUT -p icmp -j ACCEPT' COMMIT >silenced.dump
checks 0 "$natc" check --strict --family ipv4 silenced.dump
expect_no_stderr
printf '%s\n' 'input {' '    accept established' '    drop tcp' '    # natc: ignore N4014' '    accept tcp 22' '}' >dead.net
checks 1 "$natc" check dead.net
expect_stderr_has 'error[N4014]'

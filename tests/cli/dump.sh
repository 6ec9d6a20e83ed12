#!/usr/bin/env bash
# Dumps of iptables-save in place of .net files: told by content, of one family.
. "$(dirname "$0")/lib.sh"

printf '*filter\n:INPUT DROP [1:2]\n-A INPUT -s 10.0.0.1 -j ACCEPT\nCOMMIT\n' >four
printf '*filter\n-A INPUT -s fd00::1 -j ACCEPT\nCOMMIT\n' >six
printf '*filter\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n' >neutral
printf '*filter\n-A INPUT -i lo -j ACEPT\nCOMMIT\n' >bad
four='# Made by natc for iptables-restore: IPv4.
*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 10.0.0.1 -j ACCEPT
COMMIT'

expect_status 0 "$natc" four
expect_stdout "$four"
expect_no_stderr
expect_status 0 "$natc" compile --target iptables --family ipv4 - <four
expect_stdout "$four"

# Without a word on the target, a dump goes back to where it came from.
expect_status 0 "$natc" six
expect_stdout_has '# Made by natc for ip6tables-restore: IPv6.'
expect_no_stderr

# The other family's tool takes it for nothing.
expect_status 1 "$natc" --target ip6tables four
expect_stdout
expect_stderr_has 'error[N5008]'
expect_stderr_has ' --> four:3:13'
expect_status 1 "$natc" --target iptables six
expect_stderr_has ' --> six:2:13'
expect_status 1 "$natc" --family ipv6 --target nft four
expect_stderr_has ' --> four:3:13'
expect_status 1 "$natc" check --family ipv4 six
expect_stderr_has 'error[N5008]'

expect_status 2 "$natc" --family ipv6 --target iptables four
expect_stderr_has '--family ipv6 does not go with --target iptables'

# What only hints is outweighed.
printf '*filter\n-A INPUT -p ipv6-icmp -j ACCEPT\nCOMMIT\n' >hint
expect_status 0 "$natc" hint
expect_stdout_has 'ip6tables-restore'
expect_status 0 "$natc" --target iptables hint
expect_stdout_has ' iptables-restore'
expect_status 0 "$natc" --target nft --family ipv4 hint
expect_stdout_has 'table ip natc {'

# Where nothing tells, the target does, or --family.
expect_status 0 "$natc" --target ip6tables neutral
expect_stdout_has 'ip6tables-restore'
expect_status 0 "$natc" neutral
expect_stdout_has 'iptables-restore'
expect_status 1 "$natc" --target nft neutral
expect_stdout
expect_stderr_has 'error[N5007]'
expect_stderr_has '`--family ipv4`'
expect_status 0 "$natc" --target nft --family ipv6 neutral
expect_stdout_has 'table ip6 natc {'
expect_status 0 "$natc" --target nft four
expect_stdout_has 'table ip natc {'
expect_status 0 "$natc" check neutral
expect_no_stderr
expect_status 2 "$natc" --family ipv5 neutral
expect_stderr_has 'ipv4 or ipv6'

expect_status 1 "$natc" check four bad
expect_stdout
expect_stderr_has ' --> bad:2:16'

# Of a dump that is too large, no more is said.
{ cat four; yes '# a comment' | head -c 34000000 || true; } >large
expect_status 1 "$natc" check large
expect_stderr_has 'error[N1015]'

#!/usr/bin/env bash
# natc FILE, natc compile FILE, natc -, --target: the same text whichever way, and nothing on standard output where there is none.
. "$(dirname "$0")/lib.sh"

cat >lab.net <<'EOF'
network lab {
    bridge labbr0
    subnet 10.1.1.0/24
    masquerade
}
EOF
echo 'input { acept }' >bad.net

# same NAME: the last output is what NAME has.
same() { cmp -s "$output/stdout" "$1" || fail "stdout is not $1"; }

expect_status 0 "$natc" lab.net
expect_stdout_has '-A POSTROUTING -s 10.1.1.0/24 ! -d 10.1.1.0/24 -j MASQUERADE'
# The one note that the other family must be loaded too.
expect_stderr_has 'note[N4101]'
expect_stderr_has '--target ip6tables'
cp "$output/stdout" ipv4
# A line above all statements silences it, and what has its place in the file stays.
for line in '# natc: ignore N4101' '# natc: ignore N3012, N4101'; do
    { printf '# A lab.\n%s\n\n# The network.\n' "$line"; cat lab.net; } >quiet.net
    for target in iptables ip6tables nft; do
        expect_status 0 "$natc" -t "$target" quiet.net
        expect_no_stderr
    done
done
{ cat lab.net; echo '# natc: ignore N4101'; echo 'input { accept }'; } >late.net
expect_status 0 "$natc" late.net
expect_stderr_has 'note[N4101]'
{ echo '# natc: ignore N3012, N4101'; echo; grep -v masquerade lab.net; } >warns.net
expect_status 0 "$natc" warns.net
expect_stderr_has 'warning[N3012]'
for words in 'compile lab.net' 'lab.net --target iptables' '--target=iptables compile lab.net' '-t iptables lab.net' \
    'compile -o - lab.net' './lab.net' '-- lab.net'; do
    read -ra words <<<"$words"
    expect_status 0 "$natc" "${words[@]}"
    same ipv4
done
expect_status 0 "$natc" - <lab.net
same ipv4
expect_status 0 "$natc" compile - <lab.net
same ipv4
# Through a pipe, too.
expect_status 0 "$natc" - < <(cat lab.net)
same ipv4

expect_status 0 "$natc" --target ip6tables lab.net
expect_stderr_has '--target iptables'
expect_stdout_has '-A FORWARD -i labbr0 -j REJECT --reject-with icmp6-port-unreachable'
cp "$output/stdout" ipv6
expect_status 0 "$natc" compile lab.net -t ip6tables
same ipv6
# The last one counts.
expect_status 0 "$natc" -t iptables compile -t ip6tables lab.net
same ipv6

# A file named like a command.
cp lab.net check
expect_status 0 "$natc" ./check
same ipv4

# An empty file is one of the language.
expect_status 0 "$natc" /dev/null
expect_stdout_has ':FORWARD ACCEPT [0:0]'

# Errors: nothing goes to standard output.
expect_status 1 "$natc" bad.net
expect_stdout
expect_stderr_has ' --> bad.net:1:9'
expect_status 1 "$natc" - <bad.net
expect_stdout
expect_stderr_has ' --> <stdin>:1:9'
expect_status 2 "$natc" nowhere.net
expect_stdout
expect_stderr_has 'natc: cannot read nowhere.net: '
expect_status 2 "$natc" .
expect_stdout
expect_stderr_has 'natc: cannot read .: it is a directory'
expect_status 2 "$natc" - <&-
expect_stdout
# Where nobody hears the diagnostics the rest is as ever.
expect_status 0 bash -c '"$0" lab.net 2>&-' "$natc"
same ipv4
expect_status 1 bash -c '"$0" bad.net 2>/dev/full' "$natc"
expect_stdout

# Standard output that takes nothing.
expect_status 2 bash -c '"$0" lab.net >/dev/full' "$natc"
expect_stderr_has 'natc: cannot write to standard output: '
expect_status 2 bash -c '"$0" lab.net >&-' "$natc"
# A reader that goes away: more than a pipe holds, and nobody who reads it.
for ((i = 1; i <= 3000; ++i)); do echo "port-forward tcp $i to 10.1.1.9"; done | cat lab.net - >big.net
expect_status 2 bash -c '"$0" big.net | true; exit "${PIPESTATUS[0]}"' "$natc"
expect_stderr_has 'natc: cannot write to standard output: '
expect_status 2 bash -c '"$0" -o /dev/stdout big.net | true; exit "${PIPESTATUS[0]}"' "$natc"
expect_status 2 bash -c '"$0" --help >/dev/full' "$natc"

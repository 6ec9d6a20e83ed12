#!/usr/bin/env bash
# include: relative to the file that it stands in, each file once, and loops are found however they are linked.
. "$(dirname "$0")/lib.sh"

net() { echo "network $1 { bridge $1; subnet 10.$2.0.0/24; masquerade }"; }

# Relative to the including file, not to where natc runs.
mkdir -p site/parts elsewhere
printf '%s\n' 'include "parts/lab.net"' >site/main.net
printf '%s\n' 'include "../common.net"' "$(net lab 1)" >site/parts/lab.net
echo 'uplink enp5s0' >site/common.net
for from in . site elsewhere /; do
    expect_status 0 env -C "$from" "$natc" "$PWD/site/main.net"
    expect_stdout_has '-A FORWARD -s 10.1.0.0/24 -i lab -o enp5s0 -j ACCEPT'
done
expect_status 0 "$natc" site/main.net
expect_status 0 "$natc" site/../site/parts/../main.net
# From standard input: relative to where natc runs.
echo 'include "site/main.net"' | expect_status 0 "$natc" -
echo "include \"$PWD/site/main.net\"" | expect_status 0 "$natc" -

# Once, however often and by whichever path.
mkdir links
ln -s ../site links/site
ln -s ../site/parts/lab.net links/lab.net
ln site/common.net links/common.net
printf 'include "%s"\n' site/parts/lab.net links/site/parts/lab.net links/lab.net ./site/main.net links/common.net >many.net
expect_status 0 "$natc" check --strict many.net
expect_no_stderr

# A file behind a link: what it includes is looked for beside the link's own name.
ln -s ../site/main.net links/main.net
expect_status 1 "$natc" links/main.net
expect_stderr_has 'error[N1013]'

# Loops.
echo 'include "self.net"' >self.net
expect_status 1 "$natc" self.net
expect_stderr_has 'error[N1014]'
expect_stderr_has ' --> self.net:1:9'
echo 'include "second.net"' >first.net
echo 'include "third.net"' >second.net
ln -s first.net third.net
expect_status 1 "$natc" first.net
expect_stderr_has 'error[N1014]'
expect_stderr_has 'second.net:1:9'
expect_stdout
mkdir loop
ln -s . loop/again
echo 'include "again/loop.net"' >loop/loop.net
expect_status 1 "$natc" loop/loop.net
expect_stderr_has 'error[N1014]'
ln -s round round
echo 'include "round"' >links.net
expect_status 1 "$natc" links.net
expect_stderr_has 'error[N1013]'

# What is no file with statements, and what is no file.
echo 'include "/dev/null"' >null.net
expect_status 0 "$natc" check null.net
expect_no_stderr
for path in nowhere.net . "" site/main.net/x; do
    echo "include \"$path\"" >bad.net
    expect_status 1 "$natc" bad.net
    expect_stdout
    expect_stderr_has 'error[N1013]'
    expect_stderr_has ' --> bad.net:1:9'
done

# What is wrong in an included file is said of that file; -o over the including one is refused as ever.
echo 'input { acept }' >site/parts/bad.net
echo 'include "parts/bad.net"' >site/with-bad.net
expect_status 1 "$natc" site/with-bad.net
expect_stderr_has ' --> site/parts/bad.net:1:9'
expect_status 2 "$natc" -o site/main.net site/main.net

# A long chain of includes.
for ((i = 0; i < 1000; ++i)); do echo "include \"chain$((i + 1)).net\"" >"chain$i.net"; done
net last 7 >chain1000.net
expect_status 0 "$natc" chain0.net
expect_stdout_has '-i last'

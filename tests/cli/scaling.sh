#!/usr/bin/env bash
# Ten times the port-forwards take ten times the time and memory, or little more; not a hundred times.
. "$(dirname "$0")/lib.sh"

# forwards N FILE: port-forwards to guests by name, each with a comment.
forwards() {
    {
        printf '%s\n' 'uplink enp5s0' 'network lab {' '    bridge labbr0' '    subnet 10.0.0.0/8' '    masquerade'
        local i
        for ((i = 0; i < $1; ++i)); do echo "    guest g$i 10.1.$((i / 250)).$((i % 250 + 1))"; done
        echo '}'
        for ((i = 0; i < $1; ++i)); do printf '# Number %d.\nport-forward tcp %d to g%d:22\n' $i $((i + 1)) $i; done
    } >"$2"
}
forwards 0 none
forwards 1000 thousand
forwards 10000 ten-thousand

for file in thousand ten-thousand; do
    expect_status 0 "$natc" check --strict "$file"
    expect_no_stderr
done

# cpu RUNS FILE: natc's own CPU time for as many runs, in ms, the least of five tries: what else the machine does only ever
# adds to it. User and system time together, as kernels that count in ticks know the sum better than its parts.
cpu() {
    local TIMEFORMAT='%U %S' least=999999999 try i user system
    for try in 1 2 3 4 5; do
        read -r user system < <({ time for ((i = 0; i < $1; ++i)); do "$natc" "$2" >/dev/null 2>&3; done; } 3>/dev/null 2>&1)
        ((user = 10#${user/./} + 10#${system/./}, user < least)) && least=$user
    done
    echo "$least"
}
thousand=$(cpu 50 thousand)
ten_thousand=$(cpu 5 ten-thousand)
echo "CPU time: $thousand ms for 50 times 1,000, $ten_thousand ms for 5 times 10,000"
((10 * ten_thousand <= 12 * thousand)) || fail "it grows faster than the file"

# Sanitizers reserve address space for all of it.
! grep -qa __asan_init "$natc" || exit 0

# memory FILE: the least address space, in KB, that natc compiles it in.
memory() {
    local low=0 high=4000000 middle
    while ((high - low > 64)); do
        middle=$(((low + high) / 2))
        if (ulimit -v "$middle" && exec "$natc" "$1") >/dev/null 2>&1; then high=$middle; else low=$middle; fi
    done
    echo "$high"
}
none=$(memory none)
thousand=$(($(memory thousand) - none))
ten_thousand=$(($(memory ten-thousand) - none))
echo "Memory: $none KB for nothing, $thousand KB more for 1,000, $ten_thousand KB more for 10,000"
# Vectors that double may have just done so.
((ten_thousand <= 16 * thousand)) || fail "it grows faster than the file"

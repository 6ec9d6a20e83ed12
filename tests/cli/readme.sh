#!/usr/bin/env bash
# README.md tells the truth: each of its ```net blocks compiles without a warning, and the lines of an ```iptables block stand, in
# this order, in what the block ahead of it becomes (`…` stands for lines that are left out). Its calls of natc work, those of docs/use/ci.md too.
root=$(dirname "$0")/../..
. "$root/tests/cli/lib.sh"
readme=$root/README.md

awk '
    /^```net$/ { file = ++block ".net"; next }
    /^```iptables$/ { file = block ".excerpt"; next }
    /^```/ { file = ""; next }
    file && $0 != "…" { print >file }' "$readme"
[[ -s 1.net && -s 1.excerpt ]] || fail "README.md has no example"

for net in *.net; do
    expect_status 0 "$natc" check --strict "$net"
    expect_no_stderr
    expect_status 0 "$natc" compile --target ip6tables "$net"
    expect_status 0 "$natc" compile --target nft "$net"
    expect_status 0 "$natc" compile "$net"
    excerpt=${net%.net}.excerpt
    [[ -e $excerpt ]] || continue
    awk 'NR == FNR { few[++n] = $0; next } found < n && $0 == few[found + 1] { ++found }
        END { if (found < n) print few[found + 1]; exit found < n }' \
        "$excerpt" "$output/stdout" >left || fail "no longer comes of it, or not at its place: $(<left)"
done

mv 1.net lab.net
cp lab.net old.net  # what it says of the difference is held elsewhere
calls=0
while read -r call; do
    # What stands behind `|` needs root, and so does /etc.
    call=${call%%[|#]*}
    read -ra words <<<"${call//\/etc\/iptables\//}"
    expect_status 0 "$natc" "${words[@]:1}"
    calls=$((calls + 1))
done < <(sed -n 's/^    \(natc .*\)/\1/p' "$readme")
((calls)) || fail "README.md calls natc nowhere"

grep -oE '`(rules|tools|grammar|docs)/[a-z./]*`' "$readme" | tr -d '`' | while read -r path; do
    [[ -e $root/$path ]] || fail "README.md speaks of $path, which is not there"
done

# Links between pages that no site is built of.
for page in "$readme" "$root"/rules/examples/README.md "$root"/rules/examples/*/README.md; do
    { grep -oE '\]\([^):]+\)' "$page" || true; } | sed 's/^](//; s/[#)].*//' | while read -r link; do
        [[ -e $(dirname "$page")/$link ]] || fail "$page links to $link, which is not there"
    done
done

# What blocks of YAML say of natc: hooks that there are, calls that work.
ci=$root/docs/use/ci.md
sed -n 's/^ *- id: \([^ ]*\).*/\1/p' "$readme" "$ci" | while read -r hook; do
    grep -qxF -e "- id: $hook" "$root/.pre-commit-hooks.yaml" || fail "there is no hook $hook"
done
sed -n 's/^ *- run: natc \([^>]*\).*/\1/p' "$readme" "$ci" >runs
[[ -s runs ]] || fail "no workflow runs natc"
while read -r run; do
    read -ra words <<<"${run/\*.net/lab.net}"
    expect_status 0 "$natc" "${words[@]}"
done <runs

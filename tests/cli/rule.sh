#!/usr/bin/env bash
# natc rule: the manual's entry of a code, however the code is written; --list has every code once, in order.
. "$(dirname "$0")/lib.sh"
root=$(realpath "$(dirname "$0")/../..")

for code in N3006 n3006 3006; do
    expect_status 0 "$natc" rule "$code"
    expect_no_stderr
    [[ $(head -1 "$output/stdout") == 'error[N3006]: subnets that overlap' ]] || fail "another title"
    expect_stdout_has 'Why it matters:'
    expect_stdout_has '    network lab {'
    ! grep -q '^```\|^#' "$output/stdout" || fail "Markdown for a terminal"
done

# tests/cli/manual.sh holds the entries to this list.
expect_status 0 "$natc" rule --list
expect_no_stderr
cp "$output/stdout" list
sort -u list | cmp -s - list || fail "not in order, or a code twice"
grep -vE '^N[1-9][0-9]{3}  (error  |warning|note   )  [^ ]' list && fail "a line without code, severity or title"
[[ $(wc -l <list) == "$(grep -c '^ *X([0-9]' "$root/src/base/codes.hpp")" ]] || fail "not as many as src/base/codes.hpp has"

# unknown CODE
unknown() {
    expect_status 2 "$natc" rule "$1"
    expect_stdout
    expect_stderr_has "natc: there is no diagnostic \`$1\`; \`natc rule --list\` has them all"
}
for code in N3999 N 3006x x3006 NN3006 '' 99999999999 ' 3006'; do unknown "$code"; done

# wrong SAYS ARGUMENT…
wrong() {
    expect_status 2 "$natc" "${@:2}"
    expect_stdout
    expect_stderr_has "$1"
}
wrong 'rule needs a CODE' rule
wrong 'rule needs a CODE' rule N3006 --list
wrong '`N3007` is one argument too many' rule N3006 N3007
wrong 'no option `--strict` here' rule --strict N3006
wrong '--target is no option of natc rule' --target nft rule N3006
wrong 'did you mean `rule`?' rul N3006

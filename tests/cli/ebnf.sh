#!/usr/bin/env bash
# grammar/natc.ebnf, which people read, against what natc reads by: every word of src/syntax stands quoted in it and every
# word that it quotes is one of src/syntax or src/model; and all that it names is defined and used.
root=$(dirname "$0")/../..
. "$root/tests/cli/lib.sh"
. "$root/tests/ebnf.sh"
ebnf=$root/grammar/natc.ebnf
export LC_ALL=C
word='"[a-z][a-z0-9-]*"'

ebnf_rules "$ebnf" >rules
grep -o "$word" rules | sort -u >quoted
{
    grep -o "$word" "$root/src/syntax/words.hpp"
    # Words of one statement alone stand where they are read, most of them in lists for its help.
    grep -hE 'accept\(|expect_word\(|std::string_view [a-z_]+\[\] = ' "$root"/src/syntax/read_*.cpp |
        grep -o "$word"
} | sort -u >known
cat "$root"/src/syntax/*.?pp "$root/src/model/resolve_rule.cpp" | grep -o "$word" | sort -u >literals
[[ -s quoted && -s known ]] || fail "no words found"

sed 's/"[^"]*"/ /g' rules | grep -oE '[a-z][a-z0-9-]*[[:space:]]*::=|^[a-z][a-z0-9-]*$' | grep -oE '^[a-z0-9-]+' | sort >defined
sed -E 's/"[^"]*"/ /g; s/^[a-z][a-z0-9-]*[[:space:]]*(::=|$)//' rules | grep -oE '[A-Za-z][A-Za-z0-9-]*' | sort -u >used
# What a file begins with, and what may stand anywhere.
printf '%s\n' file blank comment >>used

bad=0
differ() {
    [[ -s $1 ]] || return 0
    echo "$2:"
    sed 's/^/    /' "$1"
    bad=1
}
comm -23 known quoted >left && differ left "words that natc reads, and natc.ebnf lacks"
comm -23 quoted literals >left && differ left "words of natc.ebnf that natc does not know"
uniq -d defined >left && differ left "defined twice"
comm -23 <(sort -u used) defined >left && differ left "used and not defined"
comm -13 <(sort -u used) defined >left && differ left "defined and not used"
exit $bad

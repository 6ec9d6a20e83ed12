#!/usr/bin/env bash
# Whatever is fed to natc ends soon, in bounded memory, with an error that points at a line.
. "$(dirname "$0")/lib.sh"

# Sanitizers take more address space than there is, and ten times the time: they get less to read.
full=31 # just below what a file may have
limit=3000000
if grep -qa __asan_init "$natc"; then
    full=1
    limit=unlimited
fi

# limited SECONDS COMMAND…: in 3 GB of memory. Seconds are those of a machine that has more to do.
limited() { bash -c 'ulimit -v "$0" && exec timeout "$@"' "$limit" "$@"; }

# rejected SECONDS FILE
rejected() {
    expect_status 1 limited "$1" "$natc" "$2"
    expect_stdout
    expect_stderr_has " --> $2:1:"
    expect_stderr_has '1 | '
    grep -qE '^ +\| +\^' "$output/stderr" || fail "no caret"
    # A screenful or two, whatever it was.
    [[ $(wc -c <"$output/stderr") -lt 100000 ]] || fail "too many words"
    head -2000c "$2" >head && mv head "$2"
}

# fill MEGABYTES FILE TEXT: of TEXT alone, whose `~` are newlines.
fill() { (set +o pipefail && yes "$3" | tr -d '\n' | tr '~' '\n' | head -c "${1}000000" >"$2"); }

head -c 100000000 /dev/urandom >random
rejected 2 random
fill 100 words 'abc def ghi~'
rejected 2 words
head -c 100000000 /dev/zero >zeros
rejected 2 zeros
expect_status 1 "$natc" - < <(head -c 1000000 /dev/urandom)
expect_status 1 "$natc" - < <(head -c 100000000 /dev/urandom)
expect_stderr_has ' --> <stdin>:1:1'

# rejected as text, not as too large.
for text in 'a b c~' '{~' '}' '"~' 'a{' ',' '!' 'input {' 'network x { bridge y ~'; do
    fill "$full" full "$text"
    rejected 60 full
done
fill "$full" one-word x
rejected 20 one-word

# Nothing but blanks, newlines and comments is an empty file, of any length.
for text in ' ' '~' '# nothing~' ';'; do
    fill "$full" nothing "$text"
    expect_status 0 limited 60 "$natc" nothing
done

# A device that never ends.
expect_status 1 limited 10 "$natc" /dev/zero

# Nesting 10,000 deep, closed and not.
{ yes 'a {' || true; } | head -10000 >nested
expect_status 1 "$natc" nested
expect_stderr_has 'error[N1008]'
{ yes '}' || true; } | head -10000 >>nested
expect_status 1 "$natc" nested
expect_stderr_has 'error[N1008]'

# 10,000 words in one line.
{ printf 'input { accept' && { yes ' word' || true; } | head -10000 | tr -d '\n' && echo ' }'; } >line
expect_status 1 "$natc" line
expect_stderr_has ' --> line:1:'
[[ $(wc -c <"$output/stderr") -lt 2000 ]] || fail "the whole line was printed"

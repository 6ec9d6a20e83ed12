#!/usr/bin/env bash
# natc completion: each shell that is installed is asked what it offers, for each command, option and argument.
. "$(dirname "$0")/lib.sh"

touch lab.net saved.rules 'two words.net'
mkdir parts
cat >questions <<'END'
natc 
natc ch
natc chec
natc -t 
natc --target=
natc --target=n
natc --target n
natc -o sav
natc check --format s
natc check --format=s
natc diff --format 
natc --color always check --form
natc -o check check --form
natc compile --form
natc lab.net --targ
natc rule N300
natc rule N3006 N
natc check la
natc check lab.net sav
natc check 
natc compile lab.net la
natc diff lab.net la
natc diff lab.net lab.net la
natc explain la
natc explain lab.net la
natc completion 
natc completion bash f
END
expect_status 0 "$natc" --help
mapfile -t commands < <(sed -nE 's/^(usage:|      ) natc \[?([a-z]+).*/\2/p' "$output/stdout")
for command in "${commands[@]}"; do echo "natc $command --" >>questions; done
PATH=$(dirname "$natc"):$PATH
export HOME=$scratch

# answers SHELL: for each line of `questions` that line behind `? `, and then what SHELL offers, a word a line.
answers() { "answers_$1" | sed -E '/^\?/!s/[=/]$//; /^\?/!s/^--[a-z]*=//' >"$1.answers"; }

answers_bash() {
    # As bash itself splits a line: `=` is a word.
    bash -c '
        source natc.bash
        while IFS= read -r line; do
            echo "? $line"
            split=${line//=/ = }
            read -ra COMP_WORDS <<<"$split"
            [[ $split == *" " && $line != *= ]] && COMP_WORDS+=("")
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _natc
            ((${#COMPREPLY[@]} == 0)) || printf "%s\n" "${COMPREPLY[@]}"
        done <questions'
}

# A zsh with a terminal of its own: its line editor completes one question after the other, and all that is added is noted.
answers_zsh() {
    mkdir -p functions
    cp natc.zsh functions/_natc
    cat >inner.zsh <<'END'
unsetopt beep
fpath=($PWD/functions $fpath)
autoload -U compinit && compinit -u -D
compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
    local -a hits
    builtin compadd -A hits "$@"
    (($#hits)) && print -rl -- $hits >>zsh.raw
    builtin compadd "$@"
}
ask() {
    local line
    for line in "${(@f)$(<questions)}"; do
        print -r -- "? $line" >>zsh.raw
        BUFFER=$line CURSOR=$#line
        zle list-choices
    done
    BUFFER=
    print end >zsh.end
}
zle -N ask
bindkey '^T' ask
print ready >zsh.ready
END
    zsh -f -c '
        zmodload zsh/zpty
        zpty inner zsh -f -i
        zpty -w inner "source ./inner.zsh"
        wait_for() { local i; for ((i = 0; i < 600; ++i)) { [[ -e $1 ]] && return; zpty -r -t inner >/dev/null; sleep 0.05; }; exit 1; }
        wait_for zsh.ready
        zpty -n -w inner $'"'\\x14'"'
        wait_for zsh.end
        zpty -d inner'
    cat zsh.raw
}

answers_fish() {
    fish -N -c '
        source natc.fish
        while read -l line
            echo "? $line"
            complete -C "$line" | string replace -r "\t.*" ""
        end <questions'
}

# offers LINE WORD…: these and no others are offered. offers_too LINE WORD…: these among others.
offered() { awk -v line="? $1" '/^\?/ { on = $0 == line; next } on' "$shell.answers" | sort -u; }
offers() {
    local got wanted
    got=$(offered "$1" | paste -sd ' ')
    wanted=$(printf '%s\n' "${@:2}" | sort -u | paste -sd ' ')
    [[ $got == "$wanted" ]] || fail "$shell: \`$1\` offers \`$got\`, not \`$wanted\`"
}
offers_too() {
    local word
    for word in "${@:2}"; do offered "$1" | grep -xF -e "$word" >/dev/null || fail "$shell: \`$1\` does not offer $word, but: $(offered "$1" | paste -sd ' ')"; done
}

asked=0
for shell in bash zsh fish; do
    expect_status 0 "$natc" completion "$shell"
    expect_no_stderr
    cp "$output/stdout" "natc.$shell"
    command -v "$shell" >/dev/null || continue
    "$shell" -n "natc.$shell" || fail "$shell does not take its script"
    answers "$shell"
    ((++asked))

    offers_too 'natc ' "${commands[@]}" lab.net
    offers 'natc chec' check
    for line in 'natc -t ' 'natc --target='; do offers "$line" iptables ip6tables nft; done
    for line in 'natc --target n' 'natc --target=n'; do offers "$line" nft; done
    offers_too 'natc -o sav' saved.rules
    for line in 'natc check --format s' 'natc check --format=s'; do offers "$line" short sarif; done
    offers 'natc diff --format ' text json
    for line in 'natc --color always check --form' 'natc -o check check --form'; do offers "$line" --format; done
    offers 'natc compile --form'
    offers 'natc lab.net --targ' --target
    mapfile -t codes < <("$natc" rule --list | grep -o '^N300.')
    offers 'natc rule N300' "${codes[@]}"
    offers 'natc rule N3006 N'
    for line in 'natc check la' 'natc diff lab.net la' 'natc explain la'; do offers_too "$line" lab.net; done
    offers_too 'natc check lab.net sav' saved.rules
    offered 'natc check ' | grep 'two.*words.net' >/dev/null || fail "$shell does not offer a file with a space"
    offers_too 'natc check ' parts
    for line in 'natc diff lab.net lab.net la' 'natc compile lab.net la' 'natc explain lab.net la' 'natc completion bash f'; do offers "$line"; done
    offers 'natc completion ' bash zsh fish
    # Every option that the help of a command has, and no other.
    for command in "${commands[@]}"; do
        mapfile -t options < <("$natc" "$command" --help | grep -oE '^ +(-., )?--[a-z]+' | grep -oE -- '--[a-z]+')
        offers "natc $command --" "${options[@]}"
    done
done
((asked > 0)) || exit 77

expect_status 2 "$natc" completion
expect_stderr_has 'completion needs a SHELL: bash, zsh or fish'
expect_status 2 "$natc" completion csh
expect_stderr_has 'SHELL takes bash or zsh or fish, not `csh`'

#!/usr/bin/env bash
# .pre-commit-hooks.yaml: in a git repository with the hook, a commit with an error or a warning is not made, and a good one is. Without a network.
. "$(dirname "$0")/lib.sh"
root=$(realpath "$(dirname "$0")/../..")
if ! command -v git >/dev/null || ! command -v pre-commit >/dev/null; then
    [[ ${CI-} ]] && exit 1
    exit 77
fi

export HOME=$scratch/home PRE_COMMIT_HOME=$scratch/cache GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=$scratch/home/gitconfig
export GIT_AUTHOR_NAME=natc GIT_AUTHOR_EMAIL=natc@example.org GIT_COMMITTER_NAME=natc GIT_COMMITTER_EMAIL=natc@example.org
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX
mkdir home bin hooks project
git config --global init.defaultBranch main
ln -s "$natc" bin/natc
export PATH=$scratch/bin:$PATH

cp "$root/.pre-commit-hooks.yaml" hooks
git -C hooks init -q
git -C hooks add -A
git -C hooks commit -qm hooks

# config [ARGS]: what the project says of the hook.
config() {
    printf '%s\n' 'repos:' "- repo: $scratch/hooks" "  rev: $(git -C "$scratch/hooks" rev-parse HEAD)" '  hooks:' '  - id: natc-check' >.pre-commit-config.yaml
    (($# == 0)) || echo "    args: $1" >>.pre-commit-config.yaml
    git add .pre-commit-config.yaml
}
commits() { git rev-list --count HEAD 2>/dev/null || true; }

cd project
git init -q
config
expect_status 0 pre-commit install
expect_status 0 git commit -m 'the hook alone'

# Not the error alone, but with where it is.
printf 'network lab {\n    bridge labbr0\n    subnet 10.1.1.0/33\n    masquerade\n}\n' >'lab of mine.net'
git add -A
expect_status 1 git commit -m bad
cat "$output/stdout" >>"$output/stderr"
expect_stderr_has 'error[N2002]'
expect_stderr_has ' --> lab of mine.net:3:'
expect_stderr_has 'hook id: natc-check'
[[ $(commits) == 1 ]] || fail "a bad file was committed"

sed -i 's|/33|/24|' 'lab of mine.net'
git add -A
expect_status 0 git commit -m good
[[ $(commits) == 2 ]] || fail "a good file was not committed"

# A warning too, unless the project says otherwise.
printf 'network lab {\n    bridge labbr0\n    subnet 10.1.1.0/24\n}\n' >'lab of mine.net'
git add -A
expect_status 1 git commit -m warns
cat "$output/stdout" >>"$output/stderr"
expect_stderr_has 'warning[N3012]'
config '[]'
expect_status 0 git commit -m warns

# What is no .net file is nothing to it; what is called so and is no text is.
echo 'input { acept }' >notes.txt
git add -A
expect_status 0 git commit -m notes
printf '\377\376i\0n\0' >utf16.net
git add -A
expect_status 1 git commit -m utf16
cat "$output/stdout" >>"$output/stderr"
expect_stderr_has 'error[N1001]'

# natc-fmt rewrites what is laid out otherwise, and lets it pass once it is added again.
git checkout -q -- . && git rm -qf --cached utf16.net && rm utf16.net
sed -i 's/natc-check/natc-fmt/' .pre-commit-config.yaml
git add -A
expect_status 0 git commit -m 'another hook'
printf 'input{accept}\n' >'input of mine.net'
git add -A
expect_status 1 git commit -m crooked
cat "$output/stdout" >>"$output/stderr"
expect_stderr_has 'hook id: natc-fmt'
printf 'input {\n    accept\n}\n' | cmp -s - 'input of mine.net' || fail "it is not laid out: $(<'input of mine.net')"
git add -A
expect_status 0 git commit -m straight

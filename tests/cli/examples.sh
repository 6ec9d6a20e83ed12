#!/usr/bin/env bash
# rules/examples as a git repository of its own: each host's file is without a warning, the hook looks at all of them, the workflow's calls work.
# What the rules do is held by tests/kernel/scenarios/example-…, the READMEs by tests/docs.
. "$(dirname "$0")/lib.sh"
root=$(realpath "$(dirname "$0")/../..")
mkdir bin
ln -s "$natc" bin/natc
export PATH=$scratch/bin:$PATH
cp -r "$root/rules/examples" project
cd project

# A host's file is what no other includes. Hook, workflow and README name all of them.
hosts=()
for file in */*.net; do
    grep -qhE "^include \"(\.\./)?([a-z-]*/)?$(basename "$file")\"" */*.net || hosts+=("$file")
done
((${#hosts[@]} >= 3)) || fail "hosts: ${hosts[*]}"
for host in "${hosts[@]}"; do
    for text in .pre-commit-config.yaml .github/workflows/natc.yml README.md; do
        grep -qF "$host" "$text" || fail "$text does not speak of $host"
    done
    expect_status 0 natc check --strict "$host"
    expect_no_stderr
    for target in iptables ip6tables nft; do expect_status 0 natc compile --target "$target" "$host"; done
done

calls=0
while read -r call; do
    expect_status 0 bash -c "$call"
    calls=$((calls + 1))
done < <(sed -n 's/^ *- run: \(natc .*\)/\1/p' .github/workflows/natc.yml)
((calls)) || fail "the workflow calls natc nowhere"

# What the workflow does with a pull request.
cp -r . ../before
sed -i '/from k8s *to nfs01/d' lab/lab.net
export GITHUB_BASE_REF=main
sed -n '/^ *for file in/,/^ *done/p' .github/workflows/natc.yml >loop
[[ -s loop ]] || fail "the workflow compares nothing"
expect_status 0 bash -e loop
expect_stdout_has 2049
cp ../before/lab/lab.net lab/lab.net

if ! command -v git >/dev/null || ! command -v pre-commit >/dev/null; then
    [[ ${CI-} ]] && exit 1
    exit 77
fi
export HOME=$scratch/home PRE_COMMIT_HOME=$scratch/cache GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=$scratch/gitconfig
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX
git config --global init.defaultBranch main
git init -q
git add -A
expect_status 0 pre-commit run --all-files
expect_stdout_has Passed
sed -i 's/10.31.0.11,/10.32.0.11,/' lab/k8s.net
git add -A
expect_status 1 pre-commit run --all-files
expect_stdout_has ' --> lab/k8s.net:'

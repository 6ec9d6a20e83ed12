# shellcheck shell=bash
# Sourced by the scripts of this folder: . "$(dirname "$0")/lib.sh". Any failure ends the script.
set -euo pipefail
natc=$1
scratch=$2
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT

# fail TEXT: with what the last command was and what it printed.
fail() {
    {
        echo "line ${BASH_LINENO[1]}: $1"
        echo "command: $(<"$output/command")"
        sed 's/^/stdout: /; 50q' "$output/stdout"
        sed 's/^/stderr: /; 50q' "$output/stderr"
    } >&2
    exit 1
}

# expect_status N COMMAND…: runs COMMAND, which the other expectations are then about.
expect_status() {
    local wanted=$1 status=0
    shift
    echo "$*" >"$output/command"
    "$@" >"$output/stdout" 2>"$output/stderr" || status=$?
    ((status == wanted)) || fail "status $status, not $wanted"
}

# expect_stdout [TEXT]: standard output was just TEXT and a newline; without TEXT, nothing.
expect_stdout() {
    if (($#)); then
        printf '%s\n' "$1" | cmp -s - "$output/stdout" || fail "stdout is not: $1"
    else
        [[ ! -s $output/stdout ]] || fail "stdout is not empty"
    fi
}

# expect_stdout_has TEXT, expect_stderr_has TEXT: TEXT stood in a line of it.
expect_stdout_has() { grep -qF -e "$1" "$output/stdout" || fail "stdout has no: $1"; }
expect_stderr_has() { grep -qF -e "$1" "$output/stderr" || fail "stderr has no: $1"; }

# expect_no_stderr: nothing stood there.
expect_no_stderr() { [[ ! -s $output/stderr ]] || fail "stderr is not empty"; }

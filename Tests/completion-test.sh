#!/usr/bin/env bash
# completion-test.sh BINARY: the scripts load, and bash completes commands, options, directories and sources.
set -euo pipefail

binary=$(realpath "$1")
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
ln -s "$binary" "$here/kasparro"
PATH=$here:$PATH
cd "$here"
mkdir data

fail() {
    echo "completion-test: $1" >&2
    exit 1
}

for shell in bash zsh fish; do
    kasparro completion $shell >$shell.script
    [ -s $shell.script ] || fail "the script for $shell is empty"
    if ! command -v $shell >/dev/null; then
        echo "completion-test: there is no $shell here, so its script was only looked at"
    elif ! $shell -n $shell.script; then
        fail "$shell cannot read its script"
    fi
done
grep -q '^#compdef kasparro' zsh.script || fail "the script for zsh is none"
grep -q "complete -c 'kasparro'\|complete -c kasparro" fish.script || fail "the script for fish is none"

cat >complete <<'END'
source bash.script
COMP_WORDS=("$@")
COMP_CWORD=$(( $# - 1 ))
COMP_LINE="$*"
COMP_POINT=${#COMP_LINE}
COMP_TYPE=9
entry=$(complete -p kasparro)
[[ $entry =~ -F\ ([^ ]+) ]]
"${BASH_REMATCH[1]}" kasparro "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2>/dev/null || true
printf '%s\n' "${COMPREPLY[@]}"
END

expect() {
    local wanted=$1
    shift
    local found
    found=$(bash complete "$@" | sed 's/ *$//')
    grep -qx -- "$wanted" <<<"$found" || fail "'$*' completes to '$(tr '\n' ' ' <<<"$found")' and not to $wanted"
}
expect config kasparro conf
expect healthcheck kasparro heal
expect --effective kasparro config --eff
expect data kasparro status --data-dir da
expect warning kasparro serve --log-level warn
expect coingecko kasparro run --source coing
echo "completion-test: good"

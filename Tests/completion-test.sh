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
# Without a command the server is meant, and its options are offered.
touch some.conf
expect --data-dir kasparro --d
expect --no-schedule kasparro --no
expect data kasparro --data-dir ''
expect data kasparro --data-dir da
expect some.conf kasparro --config s
expect warning kasparro --log-level ''
expect --every kasparro --data-dir data --ev
expect post kasparro --data-dir data --auth p
expect serve kasparro ''
# Behind an option of its own a command is none any more.
refuse() {
    local unwanted=$1
    shift
    if bash complete "$@" | sed 's/ *$//' | grep -qx -- "$unwanted"; then fail "'$*' completes to $unwanted"; fi
}
refuse status kasparro --data-dir ''
refuse status kasparro --data-dir data ''
refuse status kasparro --log-level ''
refuse --data-dir kasparro ''
refuse --listen kasparro status --l
expect quarantine kasparro help ''
expect replay kasparro help quarantine ''
refuse replay kasparro help ''
expect percent_change_24h kasparro query --sort-by ''
expect asc kasparro query --sort-dir ''
expect lineage kasparro query --include ''
expect approve kasparro mappings appr
# The others, where they cannot be run: what their scripts know of the root and of help.
grep -q '"kasparro" data-dir' fish.script || fail "fish does not know --data-dir at the root"
grep -q '"kasparro help" -eq 1' fish.script || fail "fish knows no command behind help"
sed -n '/^_kasparro() {/,/^}/p' zsh.script | grep -q -- "--data-dir\[" || fail "zsh does not know --data-dir at the root"
sed -n '/^_kasparro_help() {/,/^}/p' zsh.script | grep -q quarantine || fail "zsh knows no command behind help"
echo "completion-test: good"

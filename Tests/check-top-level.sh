#!/usr/bin/env bash
# The top level is the program's front door: what stands there is decided, not accumulated. Names that git ignores do not count.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

allowed=" Package.swift Sources Tests Makefile var testdata man README.md LICENSE "
status=0
while IFS= read -r name; do
    [[ $name == .* || $allowed == *" $name "* ]] && continue
    echo "$name: not one of the names allowed at the top level ($allowed); move it below one of the directories" >&2
    status=1
done < <(
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git ls-files --cached --others --exclude-standard | cut -d/ -f1 | sort -u
    else
        ls -A
    fi
)
exit "$status"

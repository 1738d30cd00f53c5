#!/usr/bin/env bash
# The manual without a warning, by both programs that show manuals; mandoc also knows what a page should be like.
#
# Usage: check-manual.sh DEPS_DIR
# mandoc would take the place of this machine's man, so it is only unpacked: into DEPS_DIR/mandoc.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
deps=${1:?usage: check-manual.sh DEPS_DIR}
status=0

mandoc=$(command -v mandoc || true)
if [[ -z $mandoc ]]; then
    mandoc=$deps/mandoc/usr/bin/mandoc
    if [[ ! -x $mandoc ]] && command -v apt-get >/dev/null; then
        mkdir -p "$deps"
        work=$(mktemp -d "$deps/mandoc.XXXXXX")
        trap 'rm -rf "$work"' EXIT
        chmod 755 "$work"
        (
            cd "$work"
            # Without lists of packages, as on a fresh machine, they are fetched first.
            { apt-get -q download mandoc || { apt-get -q update && apt-get -q download mandoc; }; } >log 2>&1 && dpkg-deb -x mandoc_*.deb mandoc
        ) || tail -n 3 "$work/log" >&2
        [[ ! -d $work/mandoc ]] || { rm -rf "$deps/mandoc" && mv "$work/mandoc" "$deps/mandoc"; }
    fi
fi
if [[ ! -x $mandoc ]]; then
    echo "There is no mandoc, and it cannot be fetched: the manual is not checked." >&2
    exit 1
fi

for page in man/*; do
    # Not -Wstyle: it wants short lines in the page's source, and ours are as long as those of all sources.
    warnings=$("$mandoc" -Tlint -Wwarning "$page" || true)
    warnings+=$(groff -man -ww -Tutf8 -z "$page" 2>&1)
    [[ -z $warnings ]] || { echo "$warnings" >&2; status=1; }
done
exit "$status"

#!/usr/bin/env bash
# swift-test.sh OPTIONS...: `swift test OPTIONS`, a few tests at a time, so that those which wait for time to pass are not kept waiting by a
# thousand others; what failed is said again at the end.
set -euo pipefail

log=$(mktemp)
trap 'rm -f "$log"' EXIT
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH="${TESTS_AT_A_TIME:-8}"
if ! swift test "$@" 2>&1 | tee "$log"; then
    echo
    echo "What failed:"
    grep -E -A 3 'recorded an issue|error: |Fatal error|Time limit' "$log" | grep -vE '^--$|✔|◇' || tail -n 20 "$log"
    exit 1
fi

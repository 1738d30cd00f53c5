#!/usr/bin/env bash
# Gives the given binary's monitoring files to the programs they are for: promtool checks the rules and their cases, then a Prometheus scrapes a
# server and evaluates every expression of the dashboard and every rule.
#
# Usage: monitoring-test.sh BINARY
set -euo pipefail
binary=$(realpath "${1:?usage: monitoring-test.sh BINARY}")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

fetched=0
"$here/fetch-prometheus.sh" "$root/.build/deps" || fetched=$?
if ((fetched == 3)); then
    echo "monitoring test: SKIPPED: there is no Prometheus to ask."
    exit 0
fi
((fetched == 0)) || exit "$fetched"
PATH=$root/.build/deps/prometheus/bin:$PATH

work=$(mktemp -d "${TMPDIR:-/tmp}/kasparro-monitoring.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
# What the binary carries is what is tested; the cases name the file that it was made of.
for file in kasparro-dashboard.json kasparro.rules.yml prometheus.yml; do
    "$binary" asset "$file" >"$work/$file"
    cmp "$work/$file" "$root/Sources/CAssets/files/monitoring/$file"
done
(cd "$work" && promtool check config --lint-fatal prometheus.yml >"$work/log" 2>&1) || {
    cat "$work/log" >&2
    echo "monitoring test: FAIL: promtool refuses prometheus.yml or the rules"
    exit 1
}
# In the background: it takes as long as the scrapes below.
promtool test rules "$here"/kasparro.rules*.test.yml >"$work/rules.log" 2>&1 &
rules=$!

status=0
PYTHONDONTWRITEBYTECODE=1 python3 "$here/ask-prometheus.py" "$binary" "$work" "$root/testdata/Historical_Data.csv" || status=$?
if ! wait "$rules"; then
    cat "$work/rules.log" >&2
    echo "A rule does not give what its case says." >&2
    status=1
fi
if ((status != 0)); then
    echo "monitoring test: FAIL"
    exit 1
fi
echo "monitoring test: PASS"

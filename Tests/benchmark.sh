#!/usr/bin/env bash
# Times loading a made-up history and reading it back, on a temporary store. The figures depend on the machine: compare only figures of
# one machine, and run it twice.
#
# Usage: benchmark.sh BINARY (ROWS=200000, REQUESTS=500, at most 1000)
set -euo pipefail
binary=$(realpath "${1:?usage: benchmark.sh BINARY}")
rows=${ROWS:-200000}
requests=${REQUESTS:-500}
source "$(dirname "${BASH_SOURCE[0]}")/server.sh"

# Hourly samples of 100 symbols; the prices wander by a fixed seed, so that every run loads the same bytes.
mkdir -p "$store/inbox"
awk -v rows="$rows" 'BEGIN {
    srand(7)
    print "symbol,name,price_usd,volume_24h,market_cap,percent_change_24h,timestamp"
    for (i = 0; i < 100; i++) price[i] = exp(rand() * 20 - 8)
    for (row = 0; row < rows; row++) {
        i = row % 100
        change = (rand() - 0.5) * 4
        price[i] *= 1 + change / 100
        time = strftime("%Y-%m-%dT%H:%M:%SZ", 1420070400 + int(row / 100) * 3600, 1)
        printf "C%03d,Coin %03d,%.10g,%.2f,%.2f,%.2f,%s\n", i, i, price[i], price[i] * 3e6, price[i] * 1e8, change, time
    }
}' >"$store/inbox/benchmark.csv"

seconds() { date +%s.%N; }
per_second() { awk -v count="$1" -v from="$2" -v to="$3" 'BEGIN { printf "%.2f s, %.0f/s\n", to - from, count / (to - from) }'; }

start_server
token=${KASPARRO_TOKEN:-$(<"$store/token")}
from=$(seconds)
answer=$(request "/refresh?source=csv&wait=300" -X POST -H "Authorization: Bearer $token")
to=$(seconds)
grep -qE '"status" ?: ?"success"' <<<"$answer" || { echo "the load did not succeed: $answer" >&2; exit 1; }
echo "load $rows rows: $(per_second "$rows" "$from" "$to")"

# One connection, one request after the other: what a single client sees.
from=$(seconds)
request "/data?symbol=C001&limit=[1-$requests]" -o /dev/null
to=$(seconds)
echo "GET /data, one connection, $requests requests of 1 to $requests rows: $(per_second "$requests" "$from" "$to")"
echo "memory of the server: $(sed -n 's/^RssAnon:[[:space:]]*//p' "/proc/$server/status")"

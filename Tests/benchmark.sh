#!/usr/bin/env bash
# Three parts: the store engine beside its limits, on a store of ROWS rows in STORE_DIR, which is kept for the next time; the start of the
# server on that store; and loading a made-up history through the whole pipeline, beside the sqlite3 shell doing the same upsert in the same
# run, and reading it back over HTTP. Figures depend on the machine: what counts is the ratio. Nothing else should run meanwhile.
#
# Usage: benchmark.sh BINARY [STORE_BENCHMARK] (ROWS=10000000, STORE_DIR=.build/benchmark, ONLY= some groups of the engine's figures,
# LOAD_ROWS=1000000, ROUNDS=3, REQUESTS=500, at most 1000)
set -euo pipefail
binary=$(realpath "${1:?usage: benchmark.sh BINARY [STORE_BENCHMARK]}")
store_benchmark=${2:+$(realpath "$2")}
rows=${LOAD_ROWS:-1000000}
rounds=${ROUNDS:-3}
requests=${REQUESTS:-500}
source "$(dirname "${BASH_SOURCE[0]}")/server.sh"

median() { sort -g | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }

# measure_start DIRECTORY: sets $took to the milliseconds from the start of the server's process until /data has answered. A try of curl takes a few.
measure_start() {
    local port=$((20000 + RANDOM % 20000)) from to
    from=${EPOCHREALTIME/[.,]/}
    "$binary" serve --data-dir "$1" --listen "127.0.0.1:$port" --no-schedule >"$output" 2>&1 </dev/null &
    server=$!
    until curl -fs --noproxy '*' -o /dev/null "http://127.0.0.1:$port/data?limit=1"; do
        kill -0 "$server" 2>/dev/null || { cat "$output" >&2; exit 1; }
    done
    to=${EPOCHREALTIME/[.,]/}
    memory=$(sed -n 's/^RssAnon:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$server/status")
    stop_server
    took=$(((to - from) / 1000))
}

if [[ -n $store_benchmark ]]; then
    directory=${STORE_DIR:-.build/benchmark}
    "$store_benchmark" "$directory" --rows "${ROWS:-10000000}" ${ONLY:+--only "$ONLY"}
    if [[ -e $directory/large.made ]]; then
        starts=()
        for ((round = 1; round <= 5; round++)); do
            measure_start "$directory/large"
            starts+=("$took")
        done
        ours=$(printf '%s\n' "${starts[@]}" | median)
        echo "start of the server until /data has answered: ${starts[*]} ms, median $ours ms, at most 100 ms:" \
            "$( ((ours > 100)) && echo MISSED || echo ok); RssAnon then $memory kB"
    fi
fi

# Hourly samples of 200 symbols; the prices wander by a fixed seed, so that every run loads the same bytes.
history=$store.csv
trap 'cleanup; rm -rf "$history" "$store.sqlite"*' EXIT
awk -v rows="$rows" 'BEGIN {
    srand(7)
    print "symbol,name,price_usd,volume_24h,market_cap,percent_change_24h,timestamp"
    for (i = 0; i < 200; i++) price[i] = exp(rand() * 20 - 8)
    for (row = 0; row < rows; row++) {
        i = row % 200
        change = (rand() - 0.5) * 4
        price[i] *= 1 + change / 100
        time = strftime("%Y-%m-%dT%H:%M:%SZ", 1704067200 + int(row / 200) * 3600, 1)
        printf "C%03d,Coin %03d,%.10g,%.2f,%.2f,%.2f,%s\n", i, i, price[i], price[i] * 3e6, price[i] * 1e8, change, time
    }
}' >"$history"
echo "$rows rows, $(stat -c %s "$history") bytes, $(nproc) cores"

seconds() { date +%s.%N; }
elapsed() { awk -v from="$1" -v to="$2" 'BEGIN { printf "%.2f", to - from }'; }

# load_here: seconds that a run over the history takes on a new store; the largest RssAnon seen goes to $peak.
peak=0
load_here() {
    rm -rf "$store"
    mkdir -p "$store/inbox"
    cp "$history" "$store/inbox/history.csv"
    sync
    local from to memory
    from=$(seconds)
    "$binary" run --data-dir "$store" --source csv >"$output" 2>&1 &
    local loader=$!
    while kill -0 "$loader" 2>/dev/null; do
        memory=$(sed -n 's/^RssAnon:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$loader/status" 2>/dev/null || true)
        if ((${memory:-0} > peak)); then peak=$memory; fi
        sleep 0.02
    done
    wait "$loader" || { cat "$output" >&2; exit 1; }
    to=$(seconds)
    took=$(elapsed "$from" "$to")
}

# The same key, durable before it is done: write-ahead log, synchronous=FULL.
load_sqlite() {
    rm -f "$store.sqlite"*
    sync
    local from to
    from=$(seconds)
    sqlite3 "$store.sqlite" >/dev/null <<SQL
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE ticker (
    symbol TEXT, name TEXT, price_usd TEXT, volume_24h TEXT, market_cap TEXT, percent_change_24h TEXT, timestamp TEXT, source TEXT, source_id TEXT,
    PRIMARY KEY (symbol, timestamp, source, source_id)
) WITHOUT ROWID;
CREATE TEMP TABLE line (symbol TEXT, name TEXT, price_usd TEXT, volume_24h TEXT, market_cap TEXT, percent_change_24h TEXT, timestamp TEXT);
.import --csv --skip 1 $history line
INSERT INTO ticker SELECT symbol, name, price_usd, volume_24h, market_cap, percent_change_24h, timestamp, 'csv', symbol FROM line WHERE true
ON CONFLICT DO UPDATE SET name = excluded.name, price_usd = excluded.price_usd, volume_24h = excluded.volume_24h,
    market_cap = excluded.market_cap, percent_change_24h = excluded.percent_change_24h;
SQL
    to=$(seconds)
    took=$(elapsed "$from" "$to")
}

here=()
sqlite=()
for ((round = 1; round <= rounds; round++)); do
    load_here
    here+=("$took")
    if command -v sqlite3 >/dev/null; then load_sqlite; sqlite+=("$took"); fi
done
ours=$(printf '%s\n' "${here[@]}" | median)
echo "load: kasparro ${here[*]} s, median $ours s, $(awk -v r="$rows" -v s="$ours" 'BEGIN { printf "%.0f", r / s }') rows/s, RssAnon at most $peak kB"
if ((${#sqlite[@]} > 0)); then
    theirs=$(printf '%s\n' "${sqlite[@]}" | median)
    echo "load: sqlite3  ${sqlite[*]} s, median $theirs s; kasparro takes $(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.2f", a / b }') of its time"
else
    echo "load: sqlite3 is not installed, so there is no peer in this run"
fi

# One connection, one request after the other: what a single client sees.
start_server
from=$(seconds)
request "/data?symbol=C001&limit=[1-$requests]" -o /dev/null
to=$(seconds)
took=$(elapsed "$from" "$to")
echo "GET /data, one connection, $requests requests of 1 to $requests rows: $took s, $(awk -v n="$requests" -v s="$took" 'BEGIN { printf "%.0f", n / s }')/s"
echo "memory of the server with $rows rows: $(sed -n 's/^RssAnon:[[:space:]]*//p' "/proc/$server/status")"

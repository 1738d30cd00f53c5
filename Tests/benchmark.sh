#!/usr/bin/env bash
# Three parts: the store engine beside its limits, on a store of ROWS rows in STORE_DIR, which is kept for the next time; the start of the
# server on that store; and loading a made-up history through the whole pipeline, beside DuckDB doing the same upsert in the same run (the
# sqlite3 shell where python3 has no duckdb), and reading it back over HTTP. Figures depend on the machine: what counts is the ratio. Nothing
# else should run meanwhile.
#
# Usage: benchmark.sh BINARY [STORE_BENCHMARK] (ROWS=10000000, STORE_DIR=.build/benchmark, ONLY= some groups of the engine's figures,
# LOAD_ROWS=1000000, ROUNDS=3, REQUESTS=500, at most 1000; HUGE=1 loads a file of HUGE_BYTES=1073741824 as well, for its memory)
set -euo pipefail
binary=$(realpath "${1:?usage: benchmark.sh BINARY [STORE_BENCHMARK]}")
store_benchmark=${2:+$(realpath "$2")}
rows=${LOAD_ROWS:-1000000}
rounds=${ROUNDS:-3}
requests=${REQUESTS:-500}
tests=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
source "$tests/server.sh"
source "$tests/figures.sh"

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

history=$store.csv
trap 'cleanup; rm -rf "$history" "$store.sqlite"* "$store.duckdb"* "$store.peak"' EXIT

# watch_memory PID: keeps the largest RssAnon of a process, in kB, in $store.peak until it ends. Without processes of its own but one short
# sleep, because they would take part in what is measured.
watch_memory() {
    local peak=0 memory=1 name value
    while ((memory > 0)); do
        memory=0
        while read -r name value _; do
            if [[ $name == RssAnon: ]]; then memory=$value; fi
        done 2>/dev/null <"/proc/$1/status" || true
        if ((memory > peak)); then
            peak=$memory
            echo "$peak" >"$store.peak"
        fi
        sleep 0.1
    done
}

# store_figure NAME: one of the store's figures, from the server that is running.
store_figure() { "$binary" status --data-dir "$store" --json | grep -oE "\"$1\" ?: ?[0-9]+" | grep -oE '[0-9]+$'; }

# Of the server so far, in hundredths of a second.
processor_time() { awk '{ print $14 + $15 }' "/proc/$server/stat"; }

# load_again WHAT SHARE: asks for the history once more, of which nothing may be read, for at most one SHARE-th of the processor time of the load.
load_again() {
    local from answer took
    from=$(processor_time)
    answer=$(request "/refresh?source=csv&wait=300" -X POST -H "Authorization: Bearer $(cat "$store/token")")
    took=$(($(processor_time) - from))
    echo "refresh of the file, $1: $((took * 10)) ms of processor time, the load took $((used * 10)) ms; less than 1/$2 of it:" \
        "$( ((took * $2 < used)) && echo ok || echo MISSED)"
    grep -qE '"status" ?: ?"success"' <<<"$answer" || { echo "the refresh failed: $answer" >&2; exit 1; }
}

# load_here ROWS: a server on a new store is asked to load the history. Sets $took to the seconds until it has answered that the run is
# over, every batch durable, and /data has answered the newest row; $sealed to those until segments hold all rows; $peak to the largest
# RssAnon meanwhile; $used to the processor time until the answer.
load_here() {
    local from answer newest
    rm -rf "$store" "$store.peak"
    mkdir -p "$store/inbox"
    cp "$history" "$store/inbox/history.csv"
    newest=$(tail -n 1 "$history" | awk -F, '{ print $1 " " $7 }')
    sync
    start_server
    watch_memory "$server" &
    from=$(seconds)
    answer=$(request "/refresh?source=csv&wait=300" -X POST -H "Authorization: Bearer $(cat "$store/token")")
    used=$(processor_time)
    until request "/data?symbol=${newest% *}&limit=1" | grep -qF "${newest#* }"; do :; done
    took=$(elapsed "$from" "$(seconds)")
    grep -qE '"status" ?: ?"success"' <<<"$answer" || { echo "the load failed: $answer" >&2; exit 1; }
    until (($(store_figure sealed_rows) >= $1)); do sleep 0.25; done
    sealed=$(elapsed "$from" "$(seconds)")
    stop_server
    wait
    peak=$(cat "$store.peak")
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

# The same key, in a database file, checkpointed: timed inside the process, without its start.
load_duckdb() {
    rm -f "$store.duckdb"*
    sync
    took=$(python3 "$tests/load-duckdb.py" "$history" "$store.duckdb")
}

make_history "$rows" "$history"
peer=
if python3 -c 'import duckdb' 2>/dev/null; then
    peer=duckdb
elif command -v sqlite3 >/dev/null; then
    peer=sqlite
    echo "python3 has no duckdb (pip install duckdb), so the sqlite3 shell is the peer"
fi
here=()
there=()
sealed_after=()
largest=0
for ((round = 1; round <= rounds; round++)); do
    load_here "$rows"
    here+=("$took")
    sealed_after+=("$sealed")
    if ((peak > largest)); then largest=$peak; fi
    if [[ -n $peer ]]; then "load_$peer"; there+=("$took"); fi
done
ours=$(printf '%s\n' "${here[@]}" | median)
echo "load: kasparro ${here[*]} s, median $ours s, $(awk -v r="$rows" -v s="$ours" 'BEGIN { printf "%.0f", r / s }') rows/s," \
    "until durable and answered; all sealed after ${sealed_after[*]} s; RssAnon at most $largest kB"
if [[ -n $peer ]]; then
    theirs=$(printf '%s\n' "${there[@]}" | median)
    ratio=$(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.2f", a / b }')
    echo "load: $peer ${there[*]} s, median $theirs s; kasparro takes $ratio of its time, at most 1.00:" \
        "$(awk -v r="$ratio" 'BEGIN { print (r > 1 ? "MISSED" : "ok") }')"
else
    echo "load: neither duckdb nor sqlite3 is installed, so there is no peer in this run"
fi

# The last load's store, and its file as it was.
start_server
load_again "unchanged" 10
touch "$store/inbox/history.csv"
load_again "after a touch" 3
stop_server

# One connection, one request after the other: what a single client sees.
start_server
from=$(seconds)
request "/data?symbol=C001&limit=[1-$requests]" -o /dev/null
to=$(seconds)
took=$(elapsed "$from" "$to")
echo "GET /data, one connection, $requests requests of 1 to $requests rows: $took s, $(awk -v n="$requests" -v s="$took" 'BEGIN { printf "%.0f", n / s }')/s"
echo "memory of the server with $rows rows: $(sed -n 's/^RssAnon:[[:space:]]*//p' "/proc/$server/status")"

if [[ -n ${HUGE:-} ]]; then
    stop_server
    bytes=${HUGE_BYTES:-1073741824}
    # A row of the history has about 79 bytes.
    huge_rows=$((bytes / 79))
    # From 2015, so that the last of them is not in the future.
    make_history "$huge_rows" "$history" 1420070400
    load_here "$huge_rows"
    echo "load of $(stat -c %s "$history") bytes: durable and answered after $took s, all sealed after $sealed s, RssAnon at most $peak kB," \
        "at most 150 MB: $( ((peak > 150000)) && echo MISSED || echo ok)"
fi

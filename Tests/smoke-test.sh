#!/usr/bin/env bash
# Starts the given binary on a new store, loads a CSV of three rows and checks what the API then serves.
# Only the csv source is refreshed, so that the test needs no network and spends nobody's quota.
#
# Usage: smoke-test.sh BINARY
set -euo pipefail
binary=$(realpath "${1:?usage: smoke-test.sh BINARY}")
source "$(dirname "${BASH_SOURCE[0]}")/server.sh"

passed=0
failed=0
# check WHAT TEXT PATTERN: TEXT must match the extended regular expression PATTERN.
check() {
    if grep -qE -- "$3" <<<"$2"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'smoke test: %s: expected /%s/ in: %.500s\n' "$1" "$3" "$2" >&2
    fi
}

mkdir -p "$store/inbox"
cat >"$store/inbox/smoke.csv" <<'CSV'
symbol,name,price_usd,volume_24h,market_cap,percent_change_24h,timestamp
BTC,Bitcoin,45000.50,1000000000,850000000000,2.5,2024-12-15T14:30:00Z
ETH,Ethereum,3900.125,,,,2024-12-15T14:30:00Z
SOL,Solana,0.10,5,6,-7.25,2024-12-15T14:31:00Z
CSV

start_server
token=${KASPARRO_TOKEN:-$(cat "$store/token" 2>/dev/null || true)}
check "a token is at hand" "$token" '.'

# Without -f, so that the problem document of a refusal is shown.
refresh=$(curl -sS --noproxy '*' --max-time 90 -X POST -H "Authorization: Bearer $token" "$url/refresh?source=csv&wait=60" || true)
check "POST /refresh starts a run" "$refresh" '"run_id" ?: ?"etl_'
check "POST /refresh?wait waits for its success" "$refresh" '"status" ?: ?"success"'
check "GET /runs lists the run" "$(request /runs || true)" '^\[\{.*"run_id" ?: ?"etl_'
metrics=$(request /metrics || true)
check "GET /metrics counts the rows" "$metrics" '^etl_rows_processed_total\{source="csv"\} 3(\.0)?$'
rows=$(request '/data?limit=10' || true)
check "GET /data has three rows" "$(grep -oE '"symbol" ?: ?"' <<<"$rows" | wc -l)" '^ *3$'
check "GET /data keeps every digit" "$rows" '"price_usd" ?: ?45000\.50,'
check "GET /data invents no number" "$rows" '"volume_24h" ?: ?null'
check "GET /health says ok" "$(request /health || true)" '"status" ?: ?"ok"'
stop_server

if ((failed > 0)); then
    echo "The server's output:" >&2
    tail -n 30 "$output" >&2
    echo "smoke test: FAIL: $passed passed, $failed failed"
    exit 1
fi
echo "smoke test: PASS: $passed passed, 0 failed"

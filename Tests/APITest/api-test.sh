#!/usr/bin/env bash
# Asks the given binary what its own description says it answers: schemathesis makes requests of /openapi.json, right ones and wrong ones, and
# checks the answers against it. The document itself is checked first.
#
# Usage: api-test.sh BINARY
# /stream is left out: its answers have no end.
# KASPARRO_SEED repeats a round; SECONDS_BUDGET is the time for requests.
set -euo pipefail
binary=$(realpath "${1:?usage: api-test.sh BINARY}")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
source "$here/../server.sh"
source "$here/venv.sh"

version=4.32.5
if ! python_environment schemathesis "$version"; then
    echo "API test: SKIPPED: schemathesis $version could not be installed from the package index."
    exit 0
fi

# Only the files of the sample: a run takes milliseconds, and nothing leaves this machine.
echo '{sources: {coinpaprika: {enabled: false}, coingecko: {enabled: false}}}' >"$store.conf"
export KASPARRO_CONFIG=$store.conf
trap 'cleanup; rm -rf "$store.conf" "$store.work"' EXIT
mkdir -p "$store/inbox" "$store.work"
cp "$root/testdata/Historical_Data.csv" "$store/inbox/"
# One record that waits in quarantine, and one that stands out.
printf 'ticker,usd_price,tx_volume,time\nBTC,not a price,1,2024-12-16T14:30:00Z\nBTC,99999999,1000000000,2024-12-17T14:30:00Z\n' >"$store/inbox/odd.csv"

start_server
token=${KASPARRO_TOKEN:-$(cat "$store/token")}
request "/refresh?source=csv&wait=60" -X POST -H "Authorization: Bearer $token" >/dev/null
request /openapi.json >"$store.work/openapi.json"
"$environment/bin/python" "$here/check-openapi.py" "$store.work/openapi.json" "$store.work/strict.json"

seed=${KASPARRO_SEED:-20241215}
echo "schemathesis $version, KASPARRO_SEED=$seed"
cd "$store.work"
status=0
SCHEMATHESIS_HOOKS="$here/hooks.py" NO_PROXY=127.0.0.1 timeout 230 "$environment/bin/st" run strict.json --url "$url" --exclude-path /stream \
    --header "Authorization: Bearer $token" --checks all --mode all --seed "$seed" --max-examples 25 --max-time "${SECONDS_BUDGET:-60}" \
    --generation-database none --request-timeout 20 --continue-on-failure --no-color --output-sanitize false >schemathesis.log 2>&1 || status=$?
if ((status != 0)) || ! kill -0 "$server" 2>/dev/null; then
    cat schemathesis.log
    echo "The server's output:" >&2
    tail -n 30 "$output" >&2
    kill -0 "$server" 2>/dev/null || echo "The server has died." >&2
    echo "API test: FAIL (KASPARRO_SEED=$seed repeats it)"
    exit 1
fi
grep -E '^ +[0-9]+ generated|^ +Tested:' schemathesis.log | sed 's/^ */  /'
echo "API test: PASS"

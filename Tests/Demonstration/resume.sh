#!/usr/bin/env bash
# Loads what `make fail` left undone, shows where that went on, and puts the schedule back: `make resume`.
# Uses the server that runs, or starts one.
set -euo pipefail
source Tests/background.sh
unset KASPARRO_FAULT

find_server
if [[ -z $pid ]]; then start_server --no-schedule; fi

token=${KASPARRO_TOKEN:-$(cat var/token 2>/dev/null || true)}
answer=$(ask '/refresh?source=csv&wait=300' --max-time 320 -X POST -H "Authorization: Bearer $token")
run_id=$(jq -r '.run_id // empty' <<<"$answer" 2>/dev/null || true)
status=$(jq -r '.status // empty' <<<"$answer" 2>/dev/null || true)
if [[ $run_id != etl_* ]]; then
    echo "No run was started; the server answered: $answer" >&2
    exit 1
fi
echo "run_id: $run_id"
run=$(ask "/runs/$run_id" -f)
jq '{run_id, status, resume_from}' <<<"$run"
if [[ $status != success && $status != partial_success ]]; then
    jq '.errors' <<<"$run" >&2
    echo "The run is $status; its errors are above." >&2
    exit 1
fi

# rows_between SECONDS SECONDS: what the csv source has of that time, a line for each row.
rows_between() {
    local from to cursor=
    from=$(date -u -d "@$1" +%FT%TZ)
    to=$(date -u -d "@$2" +%FT%TZ)
    local query="source=csv&format=ndjson&limit=1000&sort_dir=asc&from=$from&to=$to"
    while true; do
        ask "/data?$query${cursor:+&cursor=$cursor}" -f -D "$headers" | jq -r '"\(.symbol) \(.timestamp)"'
        cursor=$(sed -n 's/^x-next-cursor: *\([^[:space:]]*\).*/\1/Ip' "$headers")
        [[ -n $cursor ]] || return 0
    done
}
file=$(find var/inbox -maxdepth 1 -name 'crash-*.csv' | sort | tail -n 1)
if [[ -n $file ]]; then
    now=${file##*crash-}
    now=${now%.csv}
    headers=$(mktemp)
    trap 'rm -f "$headers"' EXIT
    stored=$(rows_between $((now - 900)) "$now" | sort)
    wanted=$(awk -F, 'NR > 1 { sub(/\.000Z$/, "Z", $4); print $1 " " $4 }' "$file" | sort)
    missing=$(comm -13 <(uniq <<<"$stored") <(echo "$wanted") | grep -c . || true)
    twice=$(uniq -d <<<"$stored" | grep -c . || true)
    if ((missing > 0 || twice > 0)); then
        echo "Of the $(wc -l <<<"$wanted") rows of $file $missing are missing, and $twice rows are there twice." >&2
        exit 1
    fi
    echo "All $(wc -l <<<"$wanted") rows of $file are there, none of them twice."
fi

if tr '\0' '\n' <"/proc/$pid/cmdline" | grep -qx -- --no-schedule; then
    stop_server
    start_server
    echo "The schedule is back."
fi
cat <<TEXT
The server runs at $url (pid $pid). The newest run that went on after another one; the one at the server's start may be newer:
  curl -s $url/runs | jq 'map(select(.resume_from))[0] | {run_id, status, resume_from}'
  curl -s $url/stats | jq '.incremental, .counts'
TEXT

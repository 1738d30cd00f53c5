#!/usr/bin/env bash
# A server is killed in the middle of a load, and the next one says so: `make fail`. `make resume` loads the rest.
# Restarts the server of `make up`, or starts one, and leaves one running that loads nothing by itself.
set -euo pipefail
source Tests/background.sh

fault=crash@batch:2
unset KASPARRO_FAULT

now=$(date +%s)
file=var/inbox/crash-$now.csv
mkdir -p var/inbox
Tests/Demonstration/data.sh crash "$now" >"$file.part"
mv "$file.part" "$file"
echo "Wrote $file: 5,000 new rows, which are five batches."

find_server
if [[ -n $pid ]]; then stop_server; fi
KASPARRO_FAULT=$fault start_server --no-schedule
echo "The server runs at $url (pid $pid) with KASPARRO_FAULT=$fault: it kills itself in the middle of the second batch."

token=${KASPARRO_TOKEN:-$(cat var/token 2>/dev/null || true)}
# It may be dead before it answers.
answer=$(ask '/refresh?source=csv' --max-time 60 -X POST -H "Authorization: Bearer $token" 2>/dev/null || true)
echo "POST /refresh?source=csv: ${answer:-no answer came}"
for ((tenths = 0; tenths < 600; tenths++)); do
    kill -0 "$pid" || break
    sleep 0.1
done 2>/dev/null # The shell says there, too, that it was killed.
if kill -0 "$pid" 2>/dev/null; then
    echo "The server is still alive after 60 s: it has not come to a second batch. See $log_file." >&2
    exit 1
fi
status=0
wait "$pid" 2>/dev/null || status=$?
if ((status != 128 + 9)); then
    cat "$log_file" >&2
    echo "The server ended with status $status and not by SIGKILL; its output is above." >&2
    exit 1
fi
echo "It is dead (SIGKILL). Its last words: $(tail -n 1 "$log_file")"

start_server --no-schedule
run=$(ask /runs -f | jq '.[0]')
if ! jq -e '.status == "failed" and (.failed_batches | map(.batchNum) == [2])' <<<"$run" >/dev/null; then
    jq . <<<"$run" >&2
    echo "The newest run, above, should be failed with batch 2." >&2
    exit 1
fi
jq '{run_id, status, failed_batches}' <<<"$run"
cat <<TEXT
A new server runs at $url (pid $pid), without a schedule. The run again, and how much of the file is there:
  curl -s $url/runs | jq '.[0] | {run_id, status, failed_batches}'
  curl -s $url/stats | jq '.counts'
Then: make resume
TEXT

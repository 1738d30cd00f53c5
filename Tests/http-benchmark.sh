#!/usr/bin/env bash
# The speed of the API beside nginx sending the same bytes from a file, in the same run: wrk with 32 connections asks for 100 rows of one symbol.
# Then an export of a million rows, and the same on a store of ten million rows where `make bench` has made one. What counts is the ratio.
# Nothing else should run meanwhile.
#
# Usage: http-benchmark.sh BINARY (ROWS=100000, EXPORT_ROWS=1000000, LARGE=.build/benchmark/large, ROUNDS=3, SECONDS_EACH=5)
set -euo pipefail
binary=$(realpath "${1:?usage: http-benchmark.sh BINARY}")
rows=${ROWS:-100000}
export_rows=${EXPORT_ROWS:-1000000}
large=${LARGE:-.build/benchmark/large}
rounds=${ROUNDS:-3}
each=${SECONDS_EACH:-5}
tests=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
source "$tests/server.sh"
source "$tests/figures.sh"
for tool in nginx wrk; do
    command -v "$tool" >/dev/null || PATH=$PATH:/usr/sbin
    command -v "$tool" >/dev/null || { echo "$tool is not installed; on Debian: apt-get install nginx-light wrk" >&2; exit 1; }
done

files=$store.files
nginx_port=$((20000 + RANDOM % 20000))
stop_nginx() {
    if [[ -s $files/nginx.pid ]]; then kill "$(cat "$files/nginx.pid")" 2>/dev/null || true; fi
    rm -rf "$files"
}
trap 'cleanup; stop_nginx' EXIT
mkdir -p "$files/www"
cat >"$files/nginx.conf" <<CONF
worker_processes auto;
pid $files/nginx.pid;
error_log $files/error.log;
events { worker_connections 1024; }
http {
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 100000000;
    default_type application/json;
    client_body_temp_path $files; proxy_temp_path $files; fastcgi_temp_path $files; uwsgi_temp_path $files; scgi_temp_path $files;
    server { listen 127.0.0.1:$nginx_port; root $files/www; }
}
CONF
chmod 755 "$files" "$files/www"
nginx -c "$files/nginx.conf" -e "$files/error.log"

# ask URL [wrk options]: sets $rate to requests a second and $late to the 99th percentile in ms.
ask() {
    local address=$1 answer
    shift
    answer=$(wrk -t2 -c32 -d"${each}s" --latency "$@" "$address")
    rate=$(awk '/^Requests\/sec:/ { print $2 }' <<<"$answer")
    late=$(awk '$1 == "99%" { value = $2 + 0; if ($2 ~ /us$/) value /= 1000; else if ($2 !~ /ms$/) value *= 1000; print value }' <<<"$answer")
    if grep -E 'Non-2xx|Socket errors' <<<"$answer"; then echo "$address did not answer well" >&2; exit 1; fi
}

# compare PATH: sets $ratio to our requests a second through nginx's for the same bytes, $ours to ours and $slowest to our 99th percentile.
compare() {
    local round mine=() theirs=() late_ones=()
    request "$1" >"$files/www/page.json"
    for ((round = 0; round < rounds; round++)); do
        ask "http://127.0.0.1:$nginx_port/page.json"
        theirs+=("$rate")
        ask "$url$1"
        mine+=("$rate")
        late_ones+=("$late")
    done
    ours=$(printf '%s\n' "${mine[@]}" | median)
    peers=$(printf '%s\n' "${theirs[@]}" | median)
    slowest=$(printf '%s\n' "${late_ones[@]}" | median)
    ratio=$(calculate "$ours / $peers")
}

# load ROWS: a server on a new store with the history.
load() {
    stop_server
    rm -rf "$store"
    mkdir -p "$store/inbox"
    make_history "$1" "$store/inbox/history.csv"
    start_server
    request "/refresh?source=csv&wait=300" -X POST -H "Authorization: Bearer $(cat "$store/token")" | grep -qE '"status" ?: ?"success"'
    until (($("$binary" status --data-dir "$store" --json | grep -oE '"sealed_rows" ?: ?[0-9]+' | grep -oE '[0-9]+$') >= $1)); do sleep 0.25; done
}

# Whoever walks asks for each page once.
cat >"$files/walk.lua" <<'LUA'
local begin = 1704067200
math.randomseed(7)
request = function()
    return wrk.format("GET", string.format("/data?symbol=C%03d&limit=100&from=%d", math.random(1, 199), begin + math.random(0, 100000)))
end
LUA

load "$rows"
compare "/data?symbol=BTC&limit=100"
small=$ratio
echo "GET /data?symbol=BTC&limit=100, $(stat -c %s "$files/www/page.json") bytes, $rows rows in the store: $ours/s, nginx $peers/s: $ratio," \
    "at least 0.40: $(verdict "$ratio >= 0.4"); 99 % within $slowest ms, at most 5 ms: $(verdict "$slowest <= 5")"
ask "$url" -s "$files/walk.lua"
echo "the same, each page another one: $rate/s, $(calculate "$rate / $peers") of nginx; 99 % within $late ms"
ask "$url/livez"
echo "GET /livez: $rate/s, $(calculate "$rate / $peers") of nginx's pages"

# exported URL_PATH: sets $speed to rows a second.
exported() {
    local from took count
    from=$(seconds)
    count=$(request "$1" | tail -n 1 | grep -oE '"rows":[0-9]+' | grep -oE '[0-9]+')
    took=$(calculate "$(seconds) - $from" 4)
    speed=$(calculate "$count / $took" 0)
    echo "GET $1: $count rows in $took s, $speed rows/s; RssAnon then $(sed -n 's/^RssAnon:[[:space:]]*//p' "/proc/$server/status")"
}
load "$export_rows"
exported "/data/export"
exported "/data/export"
echo "at least 500000 rows/s: $(verdict "$speed >= 500000")"
export_speed=$speed
exported "/data/export?symbol=BTC"

if [[ -e $large.made ]]; then
    stop_server
    small_store=$store
    store=$large
    start_server
    symbol=$(request "/data?limit=1" | grep -oE '"symbol":"[^"]*"' | head -n 1 | cut -d'"' -f4)
    compare "/data?symbol=$symbol&limit=100"
    echo "the same page on the store of ten million rows: $ours/s, nginx $peers/s: $ratio, at most 20 % less than $small:" \
        "$(verdict "$ratio >= 0.8 * $small"); 99 % within $slowest ms"
    exported "/data/export"
    echo "at most 20 % less than $export_speed rows/s: $(verdict "$speed >= 0.8 * $export_speed")"
    stop_server
    store=$small_store
else
    echo "there is no store of ten million rows at $large; make bench makes one"
fi

# Starts and stops one server on a temporary store; sourced by the scripts beside it. Expects $binary.

store=$(mktemp -d "${TMPDIR:-/tmp}/kasparro-test.XXXXXX")
output=$store.log
server=
url=

# Stops the server by its pid, first politely, and removes what the script made. Runs however the script ends.
stop_server() {
    if [[ -n $server ]] && kill -TERM "$server" 2>/dev/null; then
        for ((tenths = 0; tenths < 200; tenths++)); do
            kill -0 "$server" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$server" 2>/dev/null || true
    fi
    [[ -z $server ]] || wait "$server" 2>/dev/null || true
    server=
}
cleanup() {
    stop_server
    rm -rf "$store" "$output"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# Starts the server on a free port and sets $url to its address, taken from the banner.
start_server() {
    : >"$output"
    "$binary" serve --data-dir "$store" --listen 127.0.0.1:0 --no-schedule >"$output" 2>&1 </dev/null &
    server=$!
    for ((tenths = 0; tenths < 300; tenths++)); do
        url=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' "$output" | head -n 1 || true)
        if [[ -n $url ]] && request /livez -o /dev/null 2>/dev/null; then return 0; fi
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    cat "$output" >&2
    echo "the server did not come up; its output is above" >&2
    return 1
}

# request PATH [curl options]: the body on stdout; fails on a status of 400 and above. Never through a proxy: it is our own server.
request() {
    local path=$1
    shift
    curl -fsS --noproxy '*' --max-time 320 "$@" "$url$path"
}

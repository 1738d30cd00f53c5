# The one server that `make up` starts and `make down` stops; sourced by those recipes and by the scripts of the demonstrations.
# Expects $binary, $pid_file and $log_file. The data directory is var.

pid=
url=

# Sets $pid to the server's, and $url to its address; empty when none runs. The pid in the file counts only while it is still our program:
# the number may have gone to another process since.
find_server() {
    url=
    pid=$(cat "$pid_file" 2>/dev/null || true)
    if [[ -n $pid && $(cat "/proc/$pid/comm" 2>/dev/null || true) != kasparro ]]; then pid=; fi
    [[ -z $pid ]] || read_url
}

# The address is the one our own server printed: another program may hold the usual port.
read_url() { url=$(grep -oE 'http://[^/[:space:]]+:[0-9]+' "$log_file" | head -n 1 || true); }

# ask PATH [curl options]: never through a proxy, it is our own server.
ask() {
    local path=$1
    shift
    curl -sS --noproxy '*' "$@" "$url$path"
}

# start_server [options of serve]: returns when it answers.
start_server() {
    local tenths
    setsid "$binary" serve --data-dir var "$@" >"$log_file" 2>&1 </dev/null &
    pid=$!
    echo "$pid" >"$pid_file"
    for ((tenths = 0; tenths < 300; tenths++)); do
        if ! kill -0 "$pid" 2>/dev/null; then
            rm -f "$pid_file"
            cat "$log_file" >&2
            echo "The server ended before it answered; its output is above and in $log_file." >&2
            return 1
        fi
        read_url
        if [[ -n $url ]] && ask /health -f --max-time 2 -o /dev/null 2>/dev/null; then return 0; fi
        sleep 0.1
    done
    echo "The server (pid $pid) did not answer /health within 30 s. See $log_file; 'make down' stops it." >&2
    return 1
}

# Stops the server of $pid.
stop_server() {
    local tenths
    kill -TERM "$pid"
    for ((tenths = 0; tenths < 200; tenths++)); do
        if ! kill -0 "$pid" 2>/dev/null; then
            rm -f "$pid_file"
            return 0
        fi
        sleep 0.1
    done
    echo "The server (pid $pid) did not stop within 20 s. See $log_file; 'kill -9 $pid' ends it without losing acknowledged data." >&2
    return 1
}

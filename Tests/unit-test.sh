#!/usr/bin/env bash
# unit-test.sh BINARY: the unit of systemd is right, hardened, and lets the program make the system calls that it makes.
set -euo pipefail

binary=$(realpath "$1")
here=$(mktemp -d)
server=
cleanup() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$here"
}
trap cleanup EXIT
cd "$here"

fail() {
    echo "unit-test: $1" >&2
    exit 1
}

"$binary" asset unit >kasparro.service
if ! command -v systemd-analyze >/dev/null; then
    echo "unit-test: skipped, there is no systemd-analyze here"
    exit 0
fi

# Neither the program nor its pages are installed.
sed "s|^ExecStart=kasparro |ExecStart=$binary |" kasparro.service >placed.service
complaints=$(systemd-analyze verify --man=no "$here/placed.service" 2>&1 | grep -F placed.service || true)
[ -z "$complaints" ] || fail "$complaints"
systemd-analyze security --offline=true --threshold=20 kasparro.service >report || fail "$(tail -n 1 report)"

if ! command -v strace >/dev/null; then
    echo "unit-test: good; whether the filter fits the program was not looked at, for there is no strace here"
    exit 0
fi
# What the filter allows: the sets of the first line without those of the second.
expand() {
    local name inner
    for name in "$@"; do
        case $name in
        @*)
            mapfile -t inner < <(systemd-analyze syscall-filter "$name" | sed '1d; s/^ *//; /^#/d; /^$/d')
            expand "${inner[@]}"
            ;;
        *) echo "$name" ;;
        esac
    done
}
mapfile -t filters < <(sed -n 's/^SystemCallFilter=//p' kasparro.service)
read -r -a allowed <<<"${filters[0]}"
read -r -a denied <<<"${filters[1]#\~}"
comm -23 <(expand "${allowed[@]}" | sort -u) <(expand "${denied[@]}" | sort -u) >filter

mkdir -p data/inbox
printf 'symbol,price_usd,timestamp\nA,1,2024-12-15\n' >data/inbox/a.csv
# The child is the one to be ended: strace ends with it.
strace -f -qq -e signal=none -o trace "$binary" serve --data-dir data --listen 127.0.0.1:0 --no-schedule >banner 2>log &
tracer=$!
for _ in $(seq 300); do
    grep -q 'API' banner && break
    kill -0 $tracer 2>/dev/null || fail "the server did not start: $(cat log)"
    sleep 0.1
done
server=$(sed -n 's/^kasparro .*  pid \([0-9]*\).*/\1/p' banner)
"$binary" run --source csv --data-dir data >/dev/null
"$binary" compact --data-dir data >/dev/null
"$binary" backup --data-dir data --copy copy >/dev/null
"$binary" healthcheck --data-dir data >/dev/null
kill -HUP "$server"
kill "$server"
wait $tracer || fail "the server ended with $?: $(cat log)"
server=
sed -nE 's/^[0-9]+ +([a-z0-9_]+)\(.*/\1/p' trace | sort -u >made
refused=$(comm -23 made filter | grep -vx 'execve' || true)
[ -z "$refused" ] || fail "the filter does not allow $(tr '\n' ' ' <<<"$refused")"
families=$(sed -n 's/^RestrictAddressFamilies=//p' kasparro.service)
for family in $(grep -o 'socket(AF_[A-Z0-9]*' trace | sed 's/socket(//' | sort -u); do
    grep -qw "$family" <<<"$families" || fail "RestrictAddressFamilies does not have $family"
done
grep -q 'PROT_WRITE|PROT_EXEC' trace && fail "memory is written and executed, which MemoryDenyWriteExecute forbids"
echo "unit-test: good, $(wc -l <made) system calls are allowed"

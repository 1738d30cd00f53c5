#!/usr/bin/env bash
# Removes a data directory, when somebody says so and nobody uses it.
#
# Usage: clean-data.sh DIR
set -euo pipefail
directory=${1:?usage: clean-data.sh DIR}
if [[ ! -e $directory/FORMAT ]]; then
    echo "$directory holds no store; nothing was removed."
    exit 0
fi
# The server's own lock, so that it cannot start meanwhile either.
exec {lock}<>"$directory/LOCK"
if ! flock --nonblock "$lock"; then
    echo "A server has $directory open: $(head -c 200 "$directory/LOCK" | tr -d '\0' | tr '\n' ' ')" >&2
    echo "Stop it first ('make down', if 'make up' started it). Nothing was removed." >&2
    exit 75
fi
echo "This removes for good what is in $directory ($(du -sh "$directory" | cut -f1)): $(ls -A "$directory" | tr '\n' ' ')"
read -r -p "Type yes to remove it: " answer || true
if [[ ${answer:-} != yes ]]; then
    echo "Nothing was removed."
    exit 1
fi
# The directory itself stays; so does what is hidden in it, such as a .gitkeep.
rm -rf -- "${directory:?}"/*
echo "$directory is empty."

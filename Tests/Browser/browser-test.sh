#!/usr/bin/env bash
# Opens the pages of the given binary, with the sample data in its store, in a browser: light and dark, wide and narrow, with scripts and without.
# The pictures are for people to look at.
#
# Usage: browser-test.sh BINARY PICTURES_DIR
set -euo pipefail
binary=$(realpath "${1:?usage: browser-test.sh BINARY PICTURES_DIR}")
pictures=${2:?usage: browser-test.sh BINARY PICTURES_DIR}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../server.sh"

browser=
for name in chromium chromium-browser google-chrome; do
    if browser=$(command -v "$name"); then break; fi
done
if [[ -z $browser ]]; then
    echo "browser test: SKIPPED: there is no chromium, and it could not be installed."
    exit 0
fi

mkdir -p "$pictures" "$store/inbox"
pictures=$(cd "$pictures" && pwd)
cp "$here/../../testdata/Historical_Data.csv" "$store/inbox/"
# A coin whose name is an attack, as any stranger's may be.
cat >"$store/inbox/stranger.csv" <<'CSV'
symbol,name,price_usd,volume_24h,market_cap,percent_change_24h,timestamp
BTC,"<img src=x onerror=""document.title='broken'"">",45100.25,1100000000,850000000000,2.5,2024-12-16T14:30:00Z
CSV
start_server
token=${KASPARRO_TOKEN:-$(cat "$store/token")}
request "/refresh?source=csv&wait=60" -X POST -H "Authorization: Bearer $token" >/dev/null
python3 "$here/browser-test.py" "$browser" "$url" "$pictures"

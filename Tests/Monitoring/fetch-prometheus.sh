#!/usr/bin/env bash
# Brings prometheus and promtool from Debian's package, unpacked and not installed: no user is made and no service starts.
#
# Usage: fetch-prometheus.sh DEPS_DIR
# Leaves DEPS_DIR/prometheus -> DEPS_DIR/prometheus-VERSION with bin/prometheus and bin/promtool. Exit status 3 and one line on stderr where they
# cannot be had.
set -euo pipefail

deps=${1:?usage: fetch-prometheus.sh DEPS_DIR}
mkdir -p "$deps"
deps=$(cd "$deps" && pwd)

if [[ -x $deps/prometheus/bin/prometheus && -x $deps/prometheus/bin/promtool ]]; then exit 0; fi

go_without() {
    echo "Prometheus cannot be had: $1" >&2
    exit 3
}

for tool in apt-get dpkg-deb; do
    command -v "$tool" >/dev/null || go_without "there is no $tool here."
done
work=$(mktemp -d "$deps/prometheus.XXXXXX")
trap 'rm -rf "$work"' EXIT
# Lists and downloads of its own: those of the machine may be missing or old, and are not changed.
mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$work/package"
apt=(apt-get -q -o "Dir::State=$work/state" -o Dir::State::status=/var/lib/dpkg/status -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root)
cd "$work"
# The machine's own lists first: they are there in most cases, and to fetch new ones takes several seconds.
if ! apt-get -q -o APT::Sandbox::User=root download prometheus >"$work/log" 2>&1; then
    "${apt[@]}" update >>"$work/log" 2>&1 && "${apt[@]}" download prometheus >>"$work/log" 2>&1 || {
        tail -n 2 "$work/log" >&2
        go_without "the package prometheus could not be downloaded (is there a network, and is this Debian or a relative?)."
    }
fi
package=$(ls "$work"/prometheus_*.deb)
version=$(dpkg-deb -f "$package" Version)
dpkg-deb -x "$package" "$work/package" >>"$work/log" 2>&1 || go_without "its package could not be unpacked."
target=$deps/prometheus-$version
rm -rf "$target"
mv "$work/package/usr" "$target"
"$target/bin/promtool" --version >/dev/null 2>&1 || go_without "its promtool does not run on this machine."
ln -sfn "$(basename "$target")" "$deps/prometheus"
echo "Prometheus $version: unpacked below $deps"

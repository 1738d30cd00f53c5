# What the tarball and the Debian package have in common; sourced by dist.sh and deb.sh, which set $binary and $out.

umask 022
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=$("$binary" version --json | jq -r .version)

# The same input makes the same bytes: one time for all files (https://reproducible-builds.org/specs/source-date-epoch/).
if [[ -z ${SOURCE_DATE_EPOCH:-} ]]; then
    SOURCE_DATE_EPOCH=$(git -C "$here" log -1 --format=%ct 2>/dev/null || stat -c %Y "$here/../../Package.swift")
fi
export SOURCE_DATE_EPOCH

mkdir -p "$out"
work=$(mktemp -d "$out/work.XXXXXX")
trap 'rm -rf "$work"' EXIT

# compress_manual PREFIX_DIR: as man pages are kept in packages.
compress_manual() { find "$1/share/man" -type f -exec gzip -n -9 {} +; }

# same_time DIR: for archives that keep the time of each file.
same_time() { find "$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +; }

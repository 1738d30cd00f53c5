#!/usr/bin/env bash
# Makes OUT_DIR/kasparro-VERSION-linux-ARCHITECTURE.tar.gz of a static binary, and a checksum beside it.
#
# Usage: dist.sh BINARY OUT_DIR
set -euo pipefail
binary=$(realpath "${1:?usage: dist.sh BINARY OUT_DIR}")
out=${2:?usage: dist.sh BINARY OUT_DIR}
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

name=kasparro-$version-linux-$(uname -m)
root=$work/$name
"$here/install.sh" "$binary" "$root" >/dev/null
compress_manual "$root"
cp "$here/tarball.md" "$root/README.md"
(cd "$root" && find . -type f ! -name SHA256SUMS -print0 | LC_ALL=C sort -z | xargs -0 sha256sum >"$work/sums")
mv "$work/sums" "$root/SHA256SUMS"
tar --create --directory "$work" --sort=name --format=gnu --owner=0 --group=0 --numeric-owner --mode=u+rw,go+r,go-w \
    --mtime="@$SOURCE_DATE_EPOCH" "$name" | gzip -n >"$work/tarball"
mv "$work/tarball" "$out/$name.tar.gz"
(cd "$out" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
echo "$out/$name.tar.gz"

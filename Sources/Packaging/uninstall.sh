#!/usr/bin/env bash
# Takes away what install.sh has put below a prefix, and nothing else: the installed binary itself says what that was.
#
# Usage: uninstall.sh PREFIX_DIR
set -euo pipefail
prefix=${1:?usage: uninstall.sh PREFIX_DIR}
binary=$prefix/bin/kasparro
if [[ ! -x $binary ]]; then
    echo "There is no $binary; nothing was taken away." >&2
    exit 1
fi
# A unit that is gone while systemd knows it goes on, and starts no more.
unit=$prefix/lib/systemd/system/kasparro.service
if [[ $unit -ef ${WANTS:-/etc/systemd/system/multi-user.target.wants}/kasparro.service ]]; then
    echo "The service is enabled; nothing was taken away. Type this first: systemctl disable --now kasparro" >&2
    exit 1
fi
# The second column is where each of them is.
places=$("$binary" asset | awk '{ print $2 }')
while IFS= read -r place; do rm -fv -- "$prefix/$place"; done <<<"$places"
rm -fv -- "$binary"
# Directories of our own, when nobody has put anything else there.
for directory in share/doc/kasparro/examples share/doc/kasparro share/kasparro; do
    rmdir --ignore-fail-on-non-empty -- "$prefix/$directory" 2>/dev/null || true
done

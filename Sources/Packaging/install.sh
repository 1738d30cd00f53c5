#!/usr/bin/env bash
# Puts the binary and all files that it carries below a prefix. `kasparro asset` is the list of them and of their places.
#
# Usage: install.sh BINARY PREFIX_DIR
set -euo pipefail
binary=${1:?usage: install.sh BINARY PREFIX_DIR}
prefix=${2:?usage: install.sh BINARY PREFIX_DIR}
umask 022
# A running server keeps the old file: the new one gets the name only when it is whole.
install -D -m 755 "$binary" "$prefix/bin/kasparro.new"
mv -f "$prefix/bin/kasparro.new" "$prefix/bin/kasparro"
"$prefix/bin/kasparro" asset --all "$prefix"
echo "$prefix/bin/kasparro"

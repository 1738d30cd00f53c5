#!/usr/bin/env bash
# Makes OUT_DIR/kasparro_VERSION_ARCHITECTURE.deb of a static binary; needs no root.
#
# Usage: deb.sh BINARY OUT_DIR
# DEBFULLNAME and DEBEMAIL say who makes it, as for Debian's own tools; COMPRESSION (xz) is one of those that dpkg-deb has.
set -euo pipefail
binary=$(realpath "${1:?usage: deb.sh BINARY OUT_DIR}")
out=${2:?usage: deb.sh BINARY OUT_DIR}
command -v dpkg-deb >/dev/null || { echo "There is no dpkg-deb here; 'make dist' makes a tarball anywhere." >&2; exit 1; }
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

root=$work/root
architecture=$(dpkg --print-architecture)
maintainer="${DEBFULLNAME:-$(id -un)} <${DEBEMAIL:-$(id -un)@localhost}>"

"$here/install.sh" "$binary" "$root/usr" >/dev/null
compress_manual "$root/usr"
# Debian has a place of its own for the completions of packages.
mkdir -p "$root/usr/share/zsh/vendor-completions"
mv "$root/usr/share/zsh/site-functions/_kasparro" "$root/usr/share/zsh/vendor-completions/"
rmdir "$root/usr/share/zsh/site-functions"

# The examples are what the administrator changes; dpkg keeps such changes.
install -D -m 644 "$root/usr/share/doc/kasparro/examples/kasparro.conf" "$root/etc/kasparro/kasparro.conf"
install -D -m 600 "$root/usr/share/doc/kasparro/examples/kasparro.env" "$root/etc/kasparro/kasparro.env"

doc=$root/usr/share/doc/kasparro
{
    echo "What kasparro is made of, and the licences of that. /usr/bin/kasparro asset licenses prints the same."
    echo
    cat "$doc/licenses.txt"
} >"$doc/copyright"
ln -sf copyright "$doc/licenses.txt"
{
    echo "kasparro ($version) unstable; urgency=medium"
    echo
    echo "  * Version $version. The data need no care: see UPGRADING in man kasparro."
    echo
    echo " -- $maintainer  $(LC_ALL=C date --utc --rfc-email --date="@$SOURCE_DATE_EPOCH")"
} | gzip -n -9 >"$doc/changelog.gz"

mkdir "$root/DEBIAN"
for script in preinst postinst prerm postrm; do install -m 755 "$here/deb/$script" "$root/DEBIAN/$script"; done
printf '%s\n' /etc/kasparro/kasparro.conf /etc/kasparro/kasparro.env >"$root/DEBIAN/conffiles"
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
cat >"$root/DEBIAN/control" <<CONTROL
Package: kasparro
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Section: net
Priority: optional
Installed-Size: $(du -sk --apparent-size "$root/usr" "$root/etc" | awk '{ sum += $1 } END { print sum }')
Depends: passwd
Recommends: ca-certificates
Description: keeps market data from several sources in plain files
 One static binary that fetches prices of coins on a schedule, checks each
 record, keeps every row durably in its own files, and serves them over HTTP.
 It needs no database server and no configuration.
CONTROL
same_time "$root"
# xz is what every dpkg understands; one thread, because more of them cut the input into pieces of other sizes.
dpkg-deb --root-owner-group -Z"${COMPRESSION:-xz}" --threads-max=1 --build "$root" "$work/package.deb" >/dev/null
mv "$work/package.deb" "$out/kasparro_${version}_$architecture.deb"
echo "$out/kasparro_${version}_$architecture.deb"

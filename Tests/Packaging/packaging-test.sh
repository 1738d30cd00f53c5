#!/usr/bin/env bash
# The tarball, `make install` and the Debian package of a static binary: what is in them, that they are the same each time, and that nothing
# stays behind but what is meant to.
#
# Usage: packaging-test.sh BINARY
# The package is really installed, with this machine's own dpkg: on a copy of the machine in memory that is gone with the process.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
binary=$(realpath "${1:?usage: packaging-test.sh BINARY}")
packaging=Sources/Packaging
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

passed=0
failed=0
# check WHAT COMMAND...: the command must succeed.
check() {
    local what=$1
    shift
    if "$@" >"$work/output" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'packaging test: %s: %.2000s\n' "$what" "$(cat "$work/output")" >&2
    fi
}

# Where and when somebody makes a package is not in it.
make_twice() {
    export COMPRESSION=none
    "$packaging/dist.sh" "$binary" "$work/a"
    "$packaging/deb.sh" "$binary" "$work/a"
    cp "$binary" "$work/elsewhere"
    (umask 077 && TZ=Asia/Tokyo LC_ALL=C.UTF-8 "$packaging/dist.sh" "$work/elsewhere" "$work/b")
    (umask 077 && TZ=Asia/Tokyo LC_ALL=C.UTF-8 "$packaging/deb.sh" "$work/elsewhere" "$work/b")
}
check "both packages are made twice" make_twice
tarball=$(echo "$work"/a/*.tar.gz)
package=$(echo "$work"/a/*.deb)
check "the tarball is the same twice" cmp "$tarball" "$work/b/$(basename "$tarball")"
check "the package is the same twice" cmp "$package" "$work/b/$(basename "$package")"

unpack() { mkdir "$work/unpacked" && tar -xzf "$tarball" -C "$work/unpacked" --strip-components=1; }
check "the tarball unpacks" unpack
sums_are_right() { (cd "$work/unpacked" && sha256sum --check --strict --quiet SHA256SUMS); }
sums_are_whole() { (cd "$work/unpacked" && diff <(find . -type f ! -name SHA256SUMS | sort) <(sed 's/^[0-9a-f]*  //' SHA256SUMS | sort)); }
check "the tarball has what its checksums say" sums_are_right
check "every file of the tarball has a checksum" sums_are_whole
for place in $("$binary" asset --json | jq -r '.assets[].place' | sed 's,^\(share/man/.*\)$,\1.gz,'); do
    check "the tarball has $place" test -s "$work/unpacked/$place"
done
manual_is_one() { zcat "$work/unpacked/share/man/man1/kasparro.1.gz" | grep '^.TH KASPARRO 1'; }
check "the tarball's manual is one" manual_is_one
check "the tarball's binary runs" "$work/unpacked/bin/kasparro" version

install_and_remove() {
    "$packaging/install.sh" "$binary" "$work/prefix" || return
    echo mine >"$work/prefix/share/kasparro/mine"
    "$packaging/uninstall.sh" "$work/prefix" || return
    diff <(cd "$work/prefix" && find . -type f) <(echo ./share/kasparro/mine)
}
check "uninstall removes what install has brought, and nothing else" install_and_remove
an_enabled_service_stays() {
    "$packaging/install.sh" "$binary" "$work/enabled" && mkdir "$work/wants" || return
    ln -s "$work/enabled/lib/systemd/system/kasparro.service" "$work/wants/"
    ! WANTS=$work/wants "$packaging/uninstall.sh" "$work/enabled" && test -x "$work/enabled/bin/kasparro"
}
check "uninstall leaves alone a service that is enabled" an_enabled_service_stays
nothing_to_uninstall() { ! "$packaging/uninstall.sh" "$work/nowhere"; }
check "uninstall without an installation says so" nothing_to_uninstall

mkdir "$work/data" && touch "$work/data/FORMAT" "$work/data/LOCK"
answer() { "$packaging/clean-data.sh" "$work/data" <<<"$1"; }
stays() { ! answer "$1" && test -e "$work/data/FORMAT"; }
stays_while_locked() {
    exec {lock}<>"$work/data/LOCK"
    flock "$lock" && stays yes
    local result=$?
    exec {lock}>&-
    return "$result"
}
goes() { answer yes && test ! -e "$work/data/FORMAT"; }
check "data stay unless the answer is yes" stays y
check "data stay while a server has them" stays_while_locked
check "data go when the answer is yes" goes

# --- the package on a copy of the machine --------------------------------------------------------------------------------------------

mkdir "$work/machine"
in_copy() {
    unshare --mount --propagation private bash -euo pipefail -c '
        cd "$1"
        mount -t tmpfs tmpfs . && cd "$1" && mkdir changes work machine
        mount -t overlay overlay -o lowerdir=/,upperdir=changes,workdir=work machine
        mount -t proc proc machine/proc && mount -t tmpfs tmpfs machine/run && mount --bind /dev machine/dev
        mkdir -p machine/run/test && cp "$2" machine/run/test/kasparro.deb && cp "$3" machine/run/test/script
        exec chroot machine bash /run/test/script' bash "$work/machine" "$package" "$1"
}
echo true >"$work/nothing"
if ! in_copy "$work/nothing" 2>/dev/null; then
    echo "packaging test: the package was not installed: that needs root, and the right to mount." >&2
else
    check "the package comes and goes" in_copy "$PWD/Tests/Packaging/install-package.sh"
fi

if ((failed > 0)); then
    echo "packaging test: FAIL: $passed passed, $failed failed"
    exit 1
fi
echo "packaging test: PASS: $passed passed, 0 failed"

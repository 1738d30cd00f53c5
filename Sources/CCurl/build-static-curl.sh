#!/usr/bin/env bash
# Builds the libcurl that the static kasparro binary holds: HTTP(S) and SMTP(S) over OpenSSL, with zlib and c-ares, and nothing else.
#
# Usage: build-static-curl.sh DEPS_DIR
# Leaves DEPS_DIR/curl -> DEPS_DIR/curl-VERSION with include/ and lib/{libcurl.a,pkgconfig/libcurl.pc}.
#
# Why not the distribution's libcurl.a: it wants Kerberos, LDAP, RTMP, SSH and more, and most of those have no static library.
# Why the distribution's source: it carries the security patches of the release that this machine is kept up to date with.
# Nothing on the machine is changed: lists, caches and downloads of apt live in DEPS_DIR, beside the result.
set -euo pipefail

# Called from make: its job server and its variables (LINK, above all) would otherwise reach curl's own makefiles.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL

deps=${1:?usage: build-static-curl.sh DEPS_DIR}
mkdir -p "$deps"
deps=$(cd "$deps" && pwd)
# The recipe is part of the cache key: a changed configure line is a different library.
recipe="$(cksum <"${BASH_SOURCE[0]}" | cut -d' ' -f1)-$(uname -m)"

if [[ -f $deps/curl/lib/libcurl.a && -f $deps/curl/recipe && $(<"$deps/curl/recipe") == "$recipe" ]]; then
    exit 0
fi

# Says what failed and how to go on without a static libcurl. The log keeps the details.
log=$deps/build-static-curl.log
: >"$log"
fail() {
    tail -n 15 "$log" >&2
    echo "error: $1" >&2
    echo "  The full log is $log." >&2
    echo "  Without the source package, 'make build LINK=dynamic' links this system's own libcurl instead." >&2
    exit 1
}

command -v apt-get >/dev/null || fail "there is no apt-get here, so the source package of curl cannot be fetched."
for tool in dpkg-source gcc make pkg-config; do
    command -v "$tool" >/dev/null || fail "$tool is missing. Run 'make deps' first."
done

# --- apt, looking only at source packages and only inside DEPS_DIR -----------------------------------------------------------------

apt=$deps/apt
rm -rf "$apt"
mkdir -p "$apt/sources.list.d" "$apt/state/lists/partial" "$apt/cache/archives/partial"
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
[[ -n $codename ]] || fail "/etc/os-release names no VERSION_CODENAME, so the suite to take the source package from is unknown."

# The machine's own archive entries, with deb turned into deb-src: same mirror, same keys, same suites. Entries of other archives
# (whose suites are not named after the release, or which have no main component) rarely hold sources and never curl's.
derive_sources() {
    local file
    for file in /etc/apt/sources.list.d/*.sources; do
        [[ -f $file ]] || continue
        awk -v RS= -v FS='\n' -v codename="$codename" '
            {
                text = ""; suites = ""; components = ""
                for (i = 1; i <= NF; i++) {
                    if ($i ~ /^#/) continue
                    if ($i ~ /^[Ee]nabled:[ \t]*no/) next
                    if ($i ~ /^[Ss]uites:/) suites = $i
                    if ($i ~ /^[Cc]omponents:/) components = $i
                    text = text (($i ~ /^[Tt]ypes:/) ? "Types: deb-src" : $i) "\n"
                }
                if (suites ~ ("[ \t]" codename "([-/ \t]|$)") && components ~ /[ \t]main([ \t]|$)/) print text
            }' "$file" >"$apt/sources.list.d/$(basename "$file")"
    done
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [[ -f $file ]] || continue
        awk -v codename="$codename" '
            $1 == "deb" && $0 ~ ("[ \t]" codename "([-/][^ \t]*)?[ \t]+([^ \t]+[ \t]+)*main([ \t]|$)") { sub(/^[ \t]*deb/, "deb-src"); print }
        ' "$file" >"$apt/sources.list.d/$(basename "$file" .list).list"
    done
    find "$apt/sources.list.d" -type f -size 0 -delete
}
derive_sources
[[ -n $(ls -A "$apt/sources.list.d") ]] || fail "no archive entry for $codename with a main component was found under /etc/apt."

# Read last, so it wins. The hooks are cleared because they tidy the machine's own caches, which is not ours to do.
cat >"$apt/apt.conf" <<CONF
Dir::State "$apt/state";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "$apt/cache";
Dir::Etc::SourceList "/dev/null";
Dir::Etc::SourceParts "$apt/sources.list.d";
APT::Sandbox::User "$(id -un)";
Acquire::Languages "none";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
CONF

echo "libcurl: fetching the source package of curl for $codename"
apt-get -c "$apt/apt.conf" -q update >>"$log" 2>&1 || fail "the lists of source packages could not be fetched (is there a network?)."
source_dir=$deps/source
rm -rf "$source_dir"
mkdir -p "$source_dir"
(cd "$source_dir" && apt-get -c "$apt/apt.conf" -q --only-source source curl) >>"$log" 2>&1 ||
    fail "the source package of curl could not be fetched or unpacked."
tree=$(find "$source_dir" -mindepth 1 -maxdepth 1 -type d -name 'curl-*')
[[ -d $tree ]] || fail "the source package of curl unpacked to no curl-VERSION directory in $source_dir."
version=$(dpkg-parsechangelog -l "$tree/debian/changelog" -S Version)
# apt and dpkg allow ':' and '~' in versions; a path that goes into linker flags and .pc files is safer without them.
prefix=$deps/curl-${version//[:~]/_}

# --- configure and build: the library only, not the command line tool --------------------------------------------------------------

echo "libcurl: building $version"
rm -rf "$prefix"
cd "$tree"
# No CA path is baked in: the program looks for the running machine's bundle itself.
./configure --prefix="$prefix" --disable-shared --enable-static --disable-dependency-tracking --enable-symbol-hiding \
    --with-openssl --with-zlib --enable-ares --without-ca-bundle --without-ca-path \
    --enable-http --enable-smtp --enable-proxy --enable-ipv6 \
    --disable-ftp --disable-file --disable-ldap --disable-ldaps --disable-rtsp --disable-dict --disable-telnet --disable-tftp \
    --disable-pop3 --disable-imap --disable-smb --disable-gopher --disable-mqtt \
    --disable-ntlm --disable-ntlm-wb --disable-tls-srp --disable-alt-svc --disable-hsts --disable-manual --disable-libcurl-option \
    --without-gssapi --without-libssh2 --without-libssh --without-librtmp --without-libpsl --without-libidn2 --without-brotli \
    --without-zstd --without-nghttp2 --without-nghttp3 --without-ngtcp2 --without-libgsasl \
    CFLAGS="-O2 -ffunction-sections -fdata-sections" >>"$log" 2>&1 || fail "curl's configure failed."
make -j"$(nproc)" -C lib >>"$log" 2>&1 || fail "libcurl did not compile."
{ make -C lib install && make -C include install && make install-pkgconfigDATA; } >>"$log" 2>&1 || fail "libcurl could not be installed to $prefix."

# The define matters on Windows only, and the Swift package manager warns of every flag in a .pc file that it does not know.
sed -i 's/ -DCURL_STATICLIB//' "$prefix/lib/pkgconfig/libcurl.pc"

# The other system libraries' .pc files name the system's directory with -L, and the package manager passes that on before ours: the
# linker would then take the system's libcurl.a. It searches that directory without being told to, so copies here leave it out.
for module in zlib expat; do
    directory=$(pkg-config --variable=pcfiledir "$module" 2>/dev/null) || continue
    sed -E '/^Libs:/s/-L[^ ]+//g' "$directory/$module.pc" >"$prefix/lib/pkgconfig/$module.pc"
done

# A libcurl with less than this would start and then fail at the first fetch or alert, so it is checked here.
features=$(grep -E '^(supported_protocols|supported_features)=' "$prefix/lib/pkgconfig/libcurl.pc")
for needed in HTTPS SMTPS SSL libz AsynchDNS; do
    [[ $features == *"$needed"* ]] || fail "the built libcurl lacks $needed: $features"
done
echo "$recipe" >"$prefix/recipe"
ln -sfn "$(basename "$prefix")" "$deps/curl"
rm -rf "$source_dir" "$apt"
echo "libcurl: $(du -h "$prefix/lib/libcurl.a" | cut -f1) in $prefix/lib/libcurl.a"

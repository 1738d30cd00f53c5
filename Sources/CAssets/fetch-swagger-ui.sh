#!/usr/bin/env bash
# Brings Swagger UI, which the binary serves at /api-docs, from the package index that this machine's pip is set up for.
#
# Usage: fetch-swagger-ui.sh DEPS_DIR
# Leaves DEPS_DIR/swagger-ui -> DEPS_DIR/swagger-ui-VERSION with swagger-ui.js.gz, swagger-ui.css.gz and LICENSE.
#
# Where it cannot be had the build goes on without: /api-docs is then a plain page. A file that is not the pinned one is an error.
set -euo pipefail

version=5.34.0
package=flask_swagger_ui-$version-py3-none-any.whl
sha256=63e4ecfee6345ca746c11c5341c6f2a1cbe271e518aac1659889cd3905b1110f

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
deps=${1:?usage: fetch-swagger-ui.sh DEPS_DIR}
mkdir -p "$deps"
deps=$(cd "$deps" && pwd)
# The recipe is part of the cache key: other contents need another name.
target=$deps/swagger-ui-$version-$(cksum <"${BASH_SOURCE[0]}" | cut -d' ' -f1)
files=(swagger-ui.js.gz swagger-ui.css.gz LICENSE)

are_here() { for file in "${files[@]}"; do [[ -s $1/$file ]] || return 1; done; }

if are_here "$target" && [[ $(readlink "$deps/swagger-ui") == "$(basename "$target")" ]]; then exit 0; fi

go_without() {
    echo "Swagger UI: $1 The build goes on without it: /api-docs will be a plain list of the routes." >&2
    exit 0
}

if ! are_here "$target"; then
    command -v python3 >/dev/null || go_without "there is no python3 to fetch it with."
    work=$(mktemp -d "$deps/swagger-ui.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    pip=(python3 -m pip)
    if ! "${pip[@]}" --version >/dev/null 2>&1; then
        # Debian's python3 comes without pip; that of a fresh environment does as well.
        python3 -m venv "$work/venv" >/dev/null 2>&1 || go_without "python3 has neither pip nor venv (python3-venv) here."
        pip=("$work/venv/bin/python" -m pip)
    fi
    echo "Swagger UI: fetching $version"
    "${pip[@]}" --quiet --disable-pip-version-check download --no-deps --only-binary :all: --timeout 30 --retries 2 \
        --dest "$work" "flask-swagger-ui==$version" 2>"$work/log" || {
        tail -n 2 "$work/log" >&2
        go_without "it could not be fetched."
    }
    if ! echo "$sha256  $work/$package" | sha256sum --check --quiet >/dev/null 2>&1; then
        echo "error: $package is not the file that this script knows (its SHA-256 differs); nothing of it was used." >&2
        exit 1
    fi
    # mtime=0 and no name: the same bytes on every machine with the same zlib.
    mkdir "$work/out"
    python3 - "$work/$package" "$work/out" <<'PYTHON'
import gzip, sys, zipfile

wheel, out = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name, path in (("swagger-ui.js", "swagger-ui-bundle.js"), ("swagger-ui.css", "swagger-ui.css")):
        data = archive.read("flask_swagger_ui/dist/" + path)
        with open(f"{out}/{name}.gz", "wb") as file:
            file.write(gzip.compress(data, 9, mtime=0))
    with open(out + "/LICENSE", "wb") as file:
        file.write(archive.read("flask_swagger_ui/dist/LICENSE"))
PYTHON
    are_here "$work/out" || { echo "error: $package lacks a file that /api-docs is made of." >&2; exit 1; }
    rm -rf "$target"
    mv "$work/out" "$target"
fi
ln -sfn "$(basename "$target")" "$deps/swagger-ui"
# See swagger-ui.c.
touch "$here/swagger-ui.c"
echo "Swagger UI: $(du -bc "$target"/* | tail -n 1 | cut -f1) bytes go into the binary"

#!/usr/bin/env python3
"""Collects the licences of everything that the binary is linked with, which `kasparro asset licenses` prints.

Usage: collect-licenses.py DEPS_DIR, at the top level, when the packages are checked out
Leaves DEPS_DIR/licenses/licenses.txt.gz: a list of names, versions and the numbers of texts, then each text once.

Where a text is missing the build goes on without any, because a list with gaps would be taken for a whole one. A new dependency gets a
line below; a test compares this list with what the linker read.
"""
import gzip, hashlib, json, pathlib, re, subprocess, sys

# Packages whose modules are linked; the others of Package.resolved are wanted by parts of packages that are not.
PACKAGES = """
    hummingbird swift-argument-parser swift-async-algorithms swift-atomics swift-collections swift-crypto swift-distributed-tracing
    swift-http-types swift-log swift-metrics swift-nio swift-nio-extras swift-service-lifecycle swift-system
""".split()

# What packages hold of others: name, package, files with the licence (of a source file the first comment), common licences, remark.
PARTS = [
    ("BoringSSL", "swift-crypto", ["Sources/CCryptoBoringSSL/crypto/crypto.cc"], ["Apache-2.0"], ""),
    ("XKCP", "swift-crypto", ["Sources/CXKCP/FIPS202-opt64/KeccakP-1600-opt64.c"], ["CC0-1.0"], ""),
    ("llhttp", "swift-nio", ["Sources/CNIOLLHTTP/LICENSE"], [], ""),
    # Its file names the licence only: the words are those of llhttp.
    ("uSHET", "swift-nio", ["Sources/CNIOAtomics/src/cpp_magic.h", "Sources/CNIOLLHTTP/LICENSE"], [], ", Copyright (c) 2014 Thomas Nixon"),
]

# Libraries of the system: name, archives, common licences that their texts refer to.
LIBRARIES = [
    ("c-ares", ["libcares.a"], []),
    ("Expat", ["libexpat.a"], []),
    ("GCC runtime", ["libstdc++.a", "libgcc.a", "libgcc_eh.a", "crtbeginT.o", "crtend.o"], ["GPL-3"]),
    ("glibc", ["libc.a", "libm.a", "libmvec.a", "libpthread.a", "libdl.a", "libutil.a", "librt.a", "crt1.o", "crti.o", "crtn.o"], ["LGPL-2.1"]),
    ("OpenSSL", ["libssl.a", "libcrypto.a"], ["Apache-2.0"]),
    ("zlib", ["libz.a"], []),
]

# Built by build-static-curl.sh from the source of this package.
CURL = ("curl", ["libcurl.a"], "libcurl4-openssl-dev")


class Missing(Exception):
    pass


def output(*command):
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError) as error:
        raise Missing(f"{' '.join(command)} failed: {error}")


def read(path):
    try:
        return pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise Missing(f"{path}: {error.strerror}")


def first_comment(path):
    """The text of the comment that a source file begins with."""
    text = read(path)
    if not path.suffix in (".c", ".cc", ".h"):
        return text
    if text.startswith("//"):
        lines = []
        for line in text.splitlines():
            if not line.startswith("//"):
                break
            lines.append(line[2:].removeprefix(" "))
        return "\n".join(lines)
    match = re.match(r"\s*/\*+(.*?)\*/", text, re.DOTALL)
    if not match:
        raise Missing(f"{path}: no comment at its beginning")
    return "\n".join(re.sub(r"^ ?\* ?", "", line).rstrip() for line in match[1].splitlines())


def swift_version():
    return re.search(r"Swift version (\S+)", output("swift", "--version"))[1]


def swift_license():
    information = json.loads(output("swiftc", "-print-target-info"))
    return read(pathlib.Path(information["paths"]["runtimeResourcePath"]).parent.parent / "share/swift/LICENSE.txt")


def debian_package(archive):
    path = pathlib.Path(output("gcc", f"-print-file-name={archive}"))
    if not path.is_absolute():
        raise Missing(f"{archive} is not here")
    for candidate in (str(path), str(path.resolve()), str(path.resolve()).removeprefix("/usr")):
        try:
            return output("dpkg-query", "-S", candidate).split(":")[0]
        except Missing:
            continue
    raise Missing(f"no package has {path}")


def components(deps):
    """Name, version, a remark, texts."""
    own = pathlib.Path("LICENSE")
    yield "kasparro", re.search(r'version = "([^"]+)"', read("Sources/KasparroCLI/BuildInformation.swift"))[1], "", [read(own)] if own.exists() else []
    yield "Swift", swift_version(), "standard library, runtime, Dispatch, FoundationEssentials", [swift_license()]
    pins = {pin["identity"]: pin for pin in json.loads(read("Package.resolved"))["pins"]}
    for name in PACKAGES:
        if name not in pins:
            raise Missing(f"Package.resolved has no {name}")
        directory = pathlib.Path(".build/checkouts") / name
        files = sorted(path for path in directory.glob("*") if re.match(r"(LICEN[CS]E|NOTICE)", path.name))
        if not any(path.name.startswith("LICEN") for path in files):
            raise Missing(f"{directory} has no licence")
        yield name, pins[name]["state"]["version"], "", [read(path) for path in files]
        for part, package, files, common, remark in PARTS:
            if package == name:
                texts = [first_comment(directory / file) for file in files]
                texts += [read(f"/usr/share/common-licenses/{license}") for license in common]
                yield part, pins[name]["state"]["version"], f"in {name}{remark}", texts
    version = (deps / "curl").resolve().name.removeprefix("curl-")
    yield CURL[0], version if version != "curl" else "of the system", " ".join(CURL[1]), [read(f"/usr/share/doc/{CURL[2]}/copyright")]
    for name, archives, common in LIBRARIES:
        package = debian_package(archives[0])
        texts = [read(f"/usr/share/doc/{package}/copyright")] + [read(f"/usr/share/common-licenses/{license}") for license in common]
        yield name, output("dpkg-query", "-W", "-f=${Version}", package), " ".join(archives), texts
    if (deps / "swagger-ui").exists():
        yield "Swagger UI", (deps / "swagger-ui").resolve().name.split("-")[2], "", [read(deps / "swagger-ui/LICENSE")]


def document(deps):
    numbers, texts, lines = {}, [], []
    for name, version, remark, its_texts in components(deps):
        its_numbers = []
        for text in its_texts:
            text = text.strip("\n")
            # The same licence with other blanks is the same licence.
            key = hashlib.sha256(" ".join(text.split()).encode()).digest()
            if key not in numbers:
                texts.append(text)
                numbers[key] = len(texts)
            its_numbers.append(f"[{numbers[key]}]")
        lines.append(f"{name:<27}{version:<27}{' '.join(its_numbers) or 'no licence file':<16} {remark}".rstrip())
    head = "What kasparro is made of: name, version, the numbers of the texts below that apply to it.\n"
    return "\n".join([head] + lines) + "\n" + "".join(f"\n\n[{number}] {'-' * 72}\n\n{text}\n" for number, text in enumerate(texts, 1))


def main():
    deps = pathlib.Path(sys.argv[1])
    target = deps / "licenses/licenses.txt.gz"
    try:
        content = gzip.compress(document(deps).encode(), 9, mtime=0)
    except Missing as missing:
        print(f"Licences: {missing}. The build goes on without them: 'kasparro asset licenses' will have nothing to print.", file=sys.stderr)
        target.unlink(missing_ok=True)
        return
    if target.exists() and target.read_bytes() == content:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    # See licenses.c.
    pathlib.Path(__file__).with_name("licenses.c").touch()
    print(f"Licences: {len(content)} bytes go into the binary")


main()

#!/usr/bin/env python3
"""How long the server takes from the start of its process until /livez answers, and what it takes of memory after ten idle seconds: on an empty
directory, and on a store with the sample. Cold means that binary and data are not in the page cache.

Usage: start-benchmark.py BINARY (STARTS=20)
"""
import http.client, os, shutil, signal, socket, statistics, subprocess, sys, tempfile, time
from pathlib import Path

MOST_MILLISECONDS, MOST_MEGABYTES = 50, 40
binary = os.path.abspath(sys.argv[1])
starts = int(os.environ.get("STARTS") or 20)
sample = Path(__file__).resolve().parent.parent / "testdata" / "Historical_Data.csv"
environment = {name: value for name, value in os.environ.items() if not name.startswith("KASPARRO_")}

def verdict(holds): return "ok" if holds else "MISSED"

def free_port():
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        return candidate.getsockname()[1]

def forget(paths):
    """Takes files out of the page cache; they must be on the disk for that."""
    os.sync()
    for path in paths:
        with open(path, "rb") as file: os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

def start(directory):
    """The process, its port, and the milliseconds until it answered."""
    port = free_port()
    words = [binary, "serve", "--data-dir", directory, "--listen", f"127.0.0.1:{port}", "--no-schedule"]
    begin = time.perf_counter()
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), 10) as connection:
                connection.sendall(b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                if connection.recv(4096).startswith(b"HTTP/1.1 200 "): return process, port, (time.perf_counter() - begin) * 1000
        except OSError: pass
        if process.poll() is not None: sys.exit(f"the server did not start on {directory}")
        time.sleep(0.0005)

def stop(process):
    process.send_signal(signal.SIGTERM)
    if process.wait(30) != 0: sys.exit(f"the server stopped with {process.returncode}")

def memory(process):
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{process.pid}/status").read_text().splitlines())
    return tuple(int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "RssAnon"))

def load(directory):
    """A store with the sample, stopped in order."""
    os.makedirs(f"{directory}/inbox")
    shutil.copy(sample, f"{directory}/inbox")
    process, port, _ = start(directory)
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    client.request("POST", "/refresh?source=csv&wait=60", headers={"Authorization": f"Bearer {Path(directory, 'token').read_text().strip()}"})
    answer = client.getresponse().read()
    if b'"success"' not in answer: sys.exit(f"the sample was not loaded: {answer.decode()}")
    stop(process)

def reading():
    """Milliseconds to read the binary alone from the disk, which a cold start has to do as well."""
    forget([binary])
    begin = time.perf_counter()
    with open(binary, "rb", buffering=0) as file:
        while file.read(1 << 20): pass
    return (time.perf_counter() - begin) * 1000

def figures(what, prepare):
    for is_cold in (True, False):
        times = []
        for _ in range(starts):
            directory = prepare()
            files = [path for path in Path(directory).rglob("*") if path.is_file()] if os.path.exists(directory) else []
            if is_cold: forget([binary, *files])
            process, _, milliseconds = start(directory)
            times.append(milliseconds)
            stop(process)
        median = statistics.median(times)
        print(f"{'cold' if is_cold else 'warm'} start on {what} until /livez answers: median {median:.0f} ms of {starts}, worst {max(times):.0f} ms; "
            f"at most {MOST_MILLISECONDS} ms: {verdict(median <= MOST_MILLISECONDS)}", flush=True)
    process, _, _ = start(prepare())
    time.sleep(10)
    resident, anonymous = memory(process)
    stop(process)
    print(f"memory on {what} after 10 s idle: VmRSS {resident:.1f} MB, RssAnon {anonymous:.1f} MB; at most {MOST_MEGABYTES} MB: "
        f"{verdict(resident <= MOST_MEGABYTES)}", flush=True)

with tempfile.TemporaryDirectory(prefix="kasparro-start.") as parent:
    def empty():
        shutil.rmtree(f"{parent}/empty", ignore_errors=True)
        return f"{parent}/empty"
    load(f"{parent}/sample")
    disk = statistics.median(reading() for _ in range(5))
    print(f"reading the binary's {os.path.getsize(binary) / 1e6:.1f} MB from this disk: median {disk:.0f} ms", flush=True)
    figures("an empty directory", empty)
    figures("the sample", lambda: f"{parent}/sample")

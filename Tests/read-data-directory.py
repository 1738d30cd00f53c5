#!/usr/bin/env python3
"""Prints the live rows of a data directory, one JSON line each, in order of time and series; written from FORMAT.md alone.

Usage: read-data-directory.py DIRECTORY        (nobody may be writing to it)
"""
import gzip, json, struct, sys, zlib
from datetime import datetime
from pathlib import Path

def check(ok, what):
    if not ok: sys.exit(f"damaged: {what}")

def key(line):
    row = json.loads(line)
    time = datetime.fromisoformat(row["timestamp"].replace("Z", "+00:00"))
    return tuple(row[name].encode() for name in ("symbol", "source", "source_id")), round(time.timestamp() * 1000)

def manifest(root):
    text = (root / "MANIFEST.json").read_bytes()
    entries = json.loads(text)
    check(int(entries["crc32"], 16) == zlib.crc32(text[:text.rindex(b',"crc32"')]), "MANIFEST.json")
    return entries

def segment_rows(root, segment):
    path = root / "segments" / segment["family"] / f"{segment['id']:08}.jsonl.gz"
    check(zlib.crc32(path.read_bytes()) == int(segment["crc32"], 16), path)
    dead = bytes((segment["rows"] + 7) // 8)
    if "dead" in segment:
        file = (path.parent / segment["dead"]["file"]).read_bytes()
        check(file[:8] == b"KSPRDEL1" and zlib.crc32(file[:-8]) == struct.unpack("<I", file[-8:-4])[0], segment["dead"]["file"])
        dead = file[24:-8]
    with gzip.open(path) as lines:
        for number, line in enumerate(lines):
            if not dead[number // 8] >> number % 8 & 1: yield line.rstrip(b"\n")

def log_batches(path):
    data = path.read_bytes()
    magic, salt = data[:8], struct.unpack_from("<I", data, 12)[0]
    check(magic == b"KSPRWAL1" and zlib.crc32(data[:60]) == struct.unpack_from("<I", data, 60)[0], path)
    offset, batch = 64, []
    while offset + 40 <= len(data) and data[offset:offset + 4] == b"KREC":
        length, kind, flags, crc = struct.unpack_from("<IBBxxI", data, offset + 4)
        payload = data[offset + 40:offset + 40 + (length + 7 & ~7)]
        if zlib.crc32(data[offset:offset + 36], salt) != struct.unpack_from("<I", data, offset + 36)[0] or zlib.crc32(payload, salt) != crc: break
        batch.append((kind, payload))
        if flags & 1:
            yield batch
            batch = []
        offset += 40 + len(payload)

root, rows = Path(sys.argv[1]), {}
listed = manifest(root)
for segment in listed["segments"]:
    if segment["family"] == "tickers": rows.update((key(line), line) for line in segment_rows(root, segment))
for name in listed["wal"]:
    for batch in log_batches(root / "wal" / name):
        for kind, payload in batch:
            if kind == 1: rows.update((key(line), line) for line in payload[16:16 + struct.unpack_from("<I", payload, 8)[0]].splitlines())
for (series, time), line in sorted(rows.items(), key=lambda row: (row[0][1], row[0][0])): print(line.decode())

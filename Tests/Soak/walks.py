"""Walks from page to page, over kills and restarts, held against what is promised of them; and whole exports."""

import asyncio
import csv
import decimal
import io
import json
import random
from urllib.parse import quote

from client import Client
from model import row_line
from readers import lines_of


class Walker:
    """Walks by cursor: no row twice, none lost that was there when the walk began, all in order."""

    def __init__(self, number, server, model, faults, figures, seed):
        self.random = random.Random(f"{seed} walker {number}")
        self.client = Client(server, faults, figures)
        self.model, self.faults, self.figures = model, faults, figures

    async def run(self):
        while True:
            await asyncio.sleep(self.random.uniform(0.5, 3))
            await self.walk()

    def key(self, order, version):
        symbol, milliseconds, source, source_id = self.model.identities[self.model.identity_of[version]]
        names = (symbol.encode(), source.encode(), source_id.encode())
        if order == "timestamp":
            return (milliseconds, *names)
        if order == "symbol":
            return (*names, milliseconds)
        if order == "source":
            return (names[1], *names, milliseconds)
        return (decimal.Decimal(json.loads(self.model.lines[version], parse_float=str, parse_int=str)[order]), *names, milliseconds)

    async def walk(self):
        order = self.random.choice(["timestamp"] * 4 + ["symbol", "symbol", "source", "price_usd"])
        falling = self.random.random() < 0.5
        format = self.random.choice(["json", "ndjson"])
        seen = self.model.seen
        filters, wanted = "", lambda key: True
        chance = self.random.random()
        if chance < 0.4 and self.model.seen_of_symbol:
            symbol = self.random.choice(list(self.model.seen_of_symbol))
            filters, seen = f"&symbol={quote(symbol)}", self.model.seen_of_symbol[symbol]
        elif chance < 0.8:
            source = self.random.choice(["coins", "pages", "limited", "news"])
            filters, wanted = f"&source={source}", lambda key: key[2] == source
        there = len(seen)
        limit = self.random.choice([1000, 1000, 333]) if chance >= 0.4 else self.random.choice([20, 100])
        path = f"/data?sort_by={order}&sort_dir={'desc' if falling else 'asc'}&limit={limit}&format={format}{filters}"
        what, found, last, tries = path, set(), None, 0
        while path:
            answer = await self.client.ask(path)
            if answer is None:
                # The same page again from the next life.
                tries += 1
                if tries > 100:
                    return
                await asyncio.sleep(0.2)
                continue
            for line in lines_of(answer):
                version = self.model.check(line, what)
                if version is None:
                    continue
                self.model.see(version)
                identity = self.model.identity_of[version]
                key = self.key(order, version)
                if identity in found and not (order == "price_usd" and identity in self.model.revised):
                    self.faults.add(f"{what}: twice in one walk: {self.model.describe(identity)}")
                found.add(identity)
                if last is not None and (key <= last if not falling else key >= last):
                    self.faults.add(f"{what}: {self.model.describe(identity)} is out of order")
                last = key
            cursor = answer.headers.get("x-next-cursor")
            path = f"/data?limit={limit}&format={format}&cursor={cursor}" if cursor else None
            if path:
                await asyncio.sleep(self.random.uniform(0.2, 1))
        lost = [identity for identity in seen[:there] if identity not in found and wanted(self.model.identities[identity])
            and not (order == "price_usd" and identity in self.model.revised)]
        if lost:
            self.faults.add(f"{what}: {len(lost)} of {there} rows that were there are not in the walk, such as {self.model.describe(lost[0])}")
        self.figures.walks += 1
        self.figures.walked_rows += len(found)


class Exporter:
    """Whole exports: complete by their own count, every row one that was sent, all there that had been seen."""

    def __init__(self, number, server, model, faults, figures, seed):
        self.random = random.Random(f"{seed} exporter {number}")
        self.client = Client(server, faults, figures)
        self.model, self.faults, self.figures = model, faults, figures

    async def run(self):
        while True:
            await asyncio.sleep(self.random.uniform(3, 20))
            await self.export()

    async def export(self):
        format = self.random.choice(["ndjson", "ndjson", "csv"])
        gzip = {"Accept-Encoding": "gzip"} if self.random.random() < 0.5 else None
        path = f"/data/export?format={format}" + self.random.choice(["", "", "&sort_dir=asc", "&source=csv"]) + ("&raw=1" if format == "csv" else "")
        only = "csv" if path.find("source=csv") > 0 else None
        there = len(self.model.seen)
        answer = await self.client.ask(path, headers=gzip, allowed=(200, 503))
        if answer is None or answer.status == 503:
            return
        # Away from the loop that all others wait for.
        rows = await asyncio.to_thread(check_export, self.model, self.faults, answer.content, format, path, there, only)
        self.figures.exports += 1
        self.figures.exported_rows += rows


def check_export(model, faults, content, format, what, there, only=None):
    """Checks an export and gives the number of its rows.

    `there`: that many of the rows that clients have seen must be in it; `only` those of this source.
    """
    lines = content.splitlines()
    if format == "ndjson":
        end = json.loads(lines.pop()) if lines and lines[-1].startswith(b'{"_end":') else None
        if end != {"_end": True, "rows": len(lines)}:
            faults.add(f"{what}: {len(lines)} rows, and the end says {end}")
    else:
        texts = csv.reader(io.StringIO(content.decode()))
        next(texts)
        lines = [row_line(*fields) for fields in texts]
    found = bytearray(len(model.identities) + 1_000_000)
    for line in lines:
        version = model.check(line, what)
        if version is None:
            continue
        identity = model.identity_of[version]
        if found[identity]:
            faults.add(f"{what}: twice: {model.describe(identity)}")
        found[identity] = 1
    lost = [identity for identity in model.seen[:there] if not found[identity] and only in (None, model.identities[identity][2])]
    if lost:
        faults.add(f"{what}: {len(lost)} of {there} rows that had been seen are missing, such as {model.describe(lost[0])}")
    return len(lines)

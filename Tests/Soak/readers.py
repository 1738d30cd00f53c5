"""Readers of all routes: each asks for something every second or so, and looks at what comes."""

import asyncio
import json
import random
import re

from client import Client

ROWS = re.compile(rb'"data":\[(.*)\],"pagination"', re.S)


def lines_of(answer):
    """The rows of an answer of /data or /latest as they are in it."""
    content = answer.content
    if answer.headers["content-type"].startswith("application/x-ndjson"):
        return content.splitlines()
    found = ROWS.search(content)
    if not found or not found[1]:
        return []
    return [b"{" + text + b"}" for text in found[1][1:-1].split(b"},{")]


class Reader:
    """Asks for anything, in no order."""

    def __init__(self, number, server, model, faults, figures, seed):
        self.random = random.Random(f"{seed} reader {number}")
        self.client = Client(server, faults, figures)
        self.model, self.faults = model, faults
        self.runs = []
        self.tag = None
        self.counters = (0, {})

    async def run(self):
        steps = [self.page] * 8 + [self.newest] * 4 + [self.odd_order, self.latest, self.conditional, self.series, self.series, self.run_list, self.run_list,
            self.quarantine, self.outliers, self.metrics, self.plain, self.plain, self.head, self.refused]
        while True:
            await asyncio.sleep(self.random.uniform(0.5, 1.5))
            await self.random.choice(steps)()

    def symbol(self):
        """One of those that somebody has seen."""
        symbols = list(self.model.seen_of_symbol)
        return self.random.choice(symbols) if symbols else None

    async def rows(self, path, headers=None):
        """The versions of an answer's rows; None without an answer."""
        answer = await self.client.ask(path, headers=headers)
        if answer is None:
            return None
        versions = [self.model.check(line, path) for line in lines_of(answer)]
        for version in versions:
            if version is not None:
                self.model.see(version)
        if len(set(versions)) < len(versions):
            self.faults.add(f"{path}: a row twice in one answer")
        return versions

    async def page(self):
        format = self.random.choice(["json", "ndjson"])
        gzip = {"Accept-Encoding": "gzip"} if self.random.random() < 0.5 else None
        what = self.random.choice(["", "&source=coins", "&source=csv,news", f"&symbol={self.symbol() or 'S1'}", "&sort_dir=asc", "&sort_by=symbol"])
        await self.rows(f"/data?limit={self.random.choice([5, 50, 100])}&format={format}{what}", gzip)

    async def newest(self):
        """What a client has seen, the next one sees too."""
        if not self.model.newest_seen:
            return
        symbol, source, source_id = key = self.random.choice(list(self.model.newest_seen))
        before = self.model.newest_seen[key]
        path = f"/data?symbol={symbol}&source={source}&source_id={source_id}&limit=1"
        versions = await self.rows(path)
        if versions is None:
            return
        newest = self.model.identities[self.model.identity_of[versions[0]]][1] if versions and versions[0] is not None else 0
        if newest < before:
            self.faults.add(f"{path}: {newest} is the newest, but {before} was there before")

    async def odd_order(self):
        order = self.random.choice(["price_usd", "market_cap", "volume_24h", "percent_change_24h", "source"])
        await self.rows(f"/data?sort_by={order}&sort_dir={self.random.choice(['asc', 'desc'])}&limit=100")

    async def latest(self):
        before = dict(self.model.newest_seen)
        versions = await self.rows("/latest?limit=1000")
        if versions is None:
            return
        there = {}
        for version in versions:
            if version is not None:
                symbol, milliseconds, source, source_id = self.model.identities[self.model.identity_of[version]]
                there[symbol, source, source_id] = milliseconds
        late = [key for key, milliseconds in before.items() if there.get(key, 0) < milliseconds]
        if late:
            self.faults.add(f"/latest: {len(late)} of {len(before)} series lack what was seen before, such as {late[0]}")

    async def conditional(self):
        path = "/data?limit=20&format=ndjson"
        answer = await self.client.ask(path, headers={"If-None-Match": self.tag[0]} if self.tag else None, allowed=(200, 304))
        if answer is None:
            return
        if answer.status == 304 and answer.headers.get("etag") != self.tag[0]:
            self.faults.add(f"{path}: 304 with another tag")
        if answer.status == 200:
            if self.tag and self.tag == (answer.headers["etag"], answer.content):
                self.faults.add(f"{path}: 200 though nothing has changed")
            self.tag = (answer.headers["etag"], answer.content)

    async def object(self, path, **more):
        answer = await self.client.ask(path, **more)
        if answer is None:
            return None
        try:
            return json.loads(answer.content)
        except ValueError as error:
            self.faults.add(f"{path}: {error}: {answer.content[:200].decode(errors='replace')}")
            return None

    async def series(self):
        if not self.model.newest_seen:
            return
        symbol, source, source_id = self.random.choice(list(self.model.newest_seen))
        kind = self.random.randrange(3)
        if kind == 0:
            await self.object(f"/compare?symbol={symbol}")
        elif kind == 1:
            path = f"/ohlc?symbol={symbol}&source={source}&source_id={source_id}&interval=1m"
            answer = await self.object(path)
            if answer and not answer.get("data"):
                self.faults.add(f"{path}: no bucket of a series that has rows")
        else:
            path = f"/raw/{source}/{source_id}"
            answer = await self.object(path)
            if answer and not answer.get("data"):
                self.faults.add(f"{path}: no raw record of a series that has rows")

    async def run_list(self):
        runs = await self.object(f"/runs?limit={self.random.choice([1, 5, 100])}")
        if runs is None:
            return
        self.runs = [run["run_id"] for run in runs] or self.runs
        running = [run["run_id"] for run in runs if run["status"] == "running"]
        if len(running) > 1:
            self.faults.add(f"/runs: {len(running)} runs go on at the same time: {running}")
        if len(self.runs) > 1 and self.random.random() < 0.5:
            a, b = self.random.sample(self.runs, 2)
            await self.object(f"/runs/compare?a={a}&b={b}")
            await self.object(f"/runs/{a}")

    async def quarantine(self):
        answer = await self.object("/quarantine?limit=20")
        if answer and answer["data"]:
            record = self.random.choice(answer["data"])
            if (record["source"], record["content"]) not in self.model.odd:
                self.faults.add(f"/quarantine: a record that nobody sent: {record}")
            await self.object(f"/quarantine/{record['id']}")

    async def outliers(self):
        await self.object("/outliers?limit=20")

    async def metrics(self):
        """Within a life of the server counters never go back."""
        answer = await self.client.ask("/metrics")
        if answer is None:
            return
        life, before = self.counters
        values = {}
        for line in answer.content.decode().splitlines():
            if not line or line.startswith("#"):
                continue
            series, _, value = line.rpartition(" ")
            if series in values:
                self.faults.add(f"/metrics: {series} twice")
            values[series] = float(value)
        if life == self.client.life:
            for series, value in values.items():
                name = series.partition("{")[0]
                if name.endswith(("_total", "_count", "_bucket")) and value < before.get(series, 0):
                    self.faults.add(f"/metrics: {series} went back from {before[series]} to {value}")
        self.counters = (self.client.life, values)

    async def plain(self):
        path = self.random.choice(["/livez", "/readyz", "/health", "/stats", "/symbols", "/openapi.json", "/api-docs", "/"])
        answer = await self.client.ask(path, headers={"Accept-Encoding": "gzip", "X-Request-ID": "soak-reader"})
        if answer is None:
            return
        if answer.headers.get("x-request-id") != "soak-reader":
            self.faults.add(f"{path}: X-Request-ID is {answer.headers.get('x-request-id')}")
        content = answer.content
        if "json" in answer.headers["content-type"]:
            json.loads(content)
        elif not content.rstrip().endswith(b"</html>"):
            self.faults.add(f"{path}: the page breaks off")

    async def head(self):
        await self.client.ask(self.random.choice(["/data?limit=5", "/runs", "/health", "/", "/data/export"]), "HEAD")

    async def refused(self):
        method, path, status = self.random.choice([("GET", "/data?limit=0", 400), ("GET", "/data?cursor=none", 400), ("GET", "/nowhere", 404),
            ("POST", "/refresh", 401), ("DELETE", "/data", 405), ("GET", "/runs/etl_20200101_000000_aaaaaa", 404)])
        answer = await self.client.ask(path, method, allowed=(status, 429))
        if answer and answer.headers.get("content-type") != "application/problem+json":
            self.faults.add(f"{method} {path}: {status} of type {answer.headers.get('content-type')}")

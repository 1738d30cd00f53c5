#!/usr/bin/env python3
"""A server in ordinary use for long, with everything going wrong around it: sources with faults, files that grow, 200 readers, exports, streams,
compaction, backups, and a kill a minute. In the end the rows are exactly those that were sent and acknowledged, and nothing has grown.

Usage: soak.py BINARY DIRECTORY    (MINUTES=30, KASPARRO_SEED= repeats a round as far as clocks allow, KILL_SECONDS=60, READERS=200)
The report goes to standard output and to DIRECTORY/report.txt. A round that finds something wrong leaves the data directory and the log in
DIRECTORY and exits with 1.
"""

import asyncio
import json
import os
import random
import shutil
import sys
import time

from figures import Figures, bucket, memory, report
from inbox import Inbox
from judgement import Judgement
from model import Faults, Model
from readers import Reader
from server import Server
from streams import Commits, Stream
from upkeep import Upkeep
from upstream import Upstream
from walks import Exporter, Walker

FIELDS = """fields: {symbol: "/symbol", name: "/name", price_usd: "/price", volume_24h: "/volume", market_cap: "/cap", percent_change_24h: "/change",
      timestamp: "/updated", source_id: "/id"}, schema: {mode: "freeze"}, connect_timeout: "3s", timeout: "3s","""
CONFIGURATION = """{
  every: "3s",
  alerts: {webhook_url: "URL/webhook", heartbeat_url: "URL/heartbeat"},
  sources: {
    coinpaprika: {enabled: false},
    coingecko: {enabled: false},
    coins: {kind: "http", url: "URL/coins", every: "2s", quota: {per_minute: 1000}, connect_timeout: "3s", timeout: "3s",
      fields: {symbol: "/symbol", name: "/name", source_id: "/id", timestamp: "/last_updated", price_usd: "/quotes/USD/price",
        volume_24h: "/quotes/USD/volume_24h", market_cap: "/quotes/USD/market_cap", percent_change_24h: "/quotes/USD/percent_change_24h"},
      zero_is_null: ["market_cap"], schema: {mode: "freeze"}},
    pages: {kind: "http", url: "URL/pages?page={page}", pagination: "page", max_pages: 4, quota: {per_minute: 1000}, FIELDS},
    limited: {kind: "http", url: "URL/limited", every: "5s", records: "/data", quota: {per_minute: 1000}, FIELDS},
    metered: {kind: "http", url: "URL/metered", every: "2s", quota: {per_minute: QUOTA}, FIELDS},
    news: {kind: "feed", url: "URL/news", quota: {per_minute: 1000}, connect_timeout: "3s", timeout: "3s",
      fields: {symbol: "symbol", name: "title", source_id: "guid", timestamp: "pubDate", price_usd: "price", volume_24h: "volume",
        market_cap: "cap", percent_change_24h: "change"}, schema: {mode: "freeze"}},
    csv: {},
  },
}
"""

# What the server may hold without clients, in MiB by use, and a little more (MEMORY in the manual).
MEMORY = {"blocks": 64, "pages": 8, "stream": 16, "other": 24, "unused": 12}


class Round:
    def __init__(self, binary, directory):
        self.binary, self.directory = binary, directory
        self.minutes = float(os.environ.get("MINUTES") or 30)
        self.seed = os.environ.get("KASPARRO_SEED") or str(random.randrange(1 << 30))
        # A short round has a few kills, too.
        self.kill_seconds = float(os.environ.get("KILL_SECONDS") or min(60, max(5, self.minutes * 10)))
        self.readers = int(os.environ.get("READERS") or 200)
        self.random = random.Random(f"{self.seed} round")
        self.faults, self.figures = Faults(), Figures()
        self.model = Model(self.faults)
        self.data = os.path.join(directory, "data")
        self.upstream = Upstream(self.model, self.faults, self.seed)
        self.server = Server(binary, self.data, os.path.join(directory, "kasparro.conf"), self.faults, self.figures)
        self.upstream.kills = self.server.kills
        os.makedirs(os.path.join(self.data, "inbox"))
        self.inbox = Inbox(os.path.join(self.data, "inbox"), self.model, self.seed)
        self.judgement = Judgement(self.server, self.model, self.upstream, self.faults, self.figures)
        self.ending = self.judgement.ending
        self.tasks = []

    def start(self, work):
        task = asyncio.create_task(work)
        self.tasks.append(task)
        return task

    async def run(self):
        await self.upstream.start()
        with open(self.server.configuration, "w") as file:
            file.write(CONFIGURATION.replace("FIELDS", FIELDS).replace("URL", f"http://127.0.0.1:{self.upstream.port}")
                .replace("QUOTA", str(Upstream.QUOTA)))
        print(f"KASPARRO_SEED={self.seed}, {self.minutes:g} minutes, in {self.directory}", flush=True)
        await self.server.start(is_first=True)
        first = self.server.sample()
        streams = self.clients()
        listening = [asyncio.create_task(stream.run()) for stream in streams]
        await self.storm(self.minutes * 60 * 0.62)
        await self.calm(self.minutes * 60 * 0.38)
        await self.end_of(self.tasks)
        await self.drain(streams, listening, first)

    def clients(self):
        """Starts everybody; gives the streams, which go on for longest."""
        more = (self.server, self.model, self.faults, self.figures)
        commits = Commits(self.faults)
        count = self.readers
        streams = [Stream(n, *more, commits, self.seed) for n in range(max(2, count // 10))]
        for number in range(max(2, count // 7)):
            self.start(Walker(number, *more, self.seed).run())
        for number in range(2):
            self.start(Exporter(number, *more, self.seed).run())
        for number in range(count - max(2, count // 10) - max(2, count // 7) - 2):
            self.start(Reader(number, *more, self.seed).run())
        self.start(self.inbox.run(300))
        self.start(Upkeep(*more, self.seed).run(min(12, self.minutes * 2)))
        self.start(self.watch_disk())
        self.start(self.watch_process())
        return streams

    async def watch_disk(self):
        while True:
            await asyncio.sleep(5)
            self.figures.disks.append(await asyncio.to_thread(self.server.disk))

    async def storm(self, seconds):
        """A kill every `kill_seconds` or so, now and then a stop, and a start at once."""
        end = time.monotonic() + seconds
        number = 0
        while True:
            pause = self.kill_seconds * self.random.uniform(0.5, 1.5)
            if time.monotonic() + pause > end and number > 0:
                await asyncio.sleep(max(0, end - time.monotonic()))
                return
            await asyncio.sleep(min(pause, max(0, end - time.monotonic())))
            number += 1
            await self.busy_moment(number)
            # Long answers that are cut off in the middle, which nobody may take for whole ones.
            for exporter in range(3):
                self.start(Exporter(f"{number}.{exporter}", self.server, self.model, self.faults, self.figures, self.seed).export())
            await asyncio.sleep(self.random.uniform(0, 0.02))
            await self.server.kill()
            if number % 3 == 0:
                await self.server.start_and_kill(self.random.uniform(0, 0.05))
            await self.server.start()
            if number % 4 == 2:
                await asyncio.sleep(self.random.uniform(0, 2))
                await self.server.stop()
                await self.server.start()

    async def busy_moment(self, number):
        """Waits for a moment in which a kill hurts: in the middle of a large load, behind an answer of a source, or any."""
        if number % 3 == 1:
            seen = len(self.model.seen)
            await self.inbox.new(5_000 if self.minutes < 2 else 20_000)
            for _ in range(600):
                await asyncio.sleep(0.005)
                if len(self.model.seen) > seen + 1_000:
                    return
        elif number % 3 == 2:
            pages = len(self.model.pages)
            for _ in range(1_000):
                await asyncio.sleep(0.001)
                if len(self.model.pages) > pages:
                    return await asyncio.sleep(self.random.uniform(0, 0.02))

    async def calm(self, seconds):
        """One life of the server, whose memory and files are looked at."""
        self.figures.calm_from = time.time()
        # What is kept for streams is bounded; it is to be full before anything is compared.
        if self.minutes >= 10:
            await self.inbox.new(80_000)
        await asyncio.sleep(seconds)

    async def watch_process(self):
        with open(os.path.join(self.directory, "samples.csv"), "w") as file:
            file.write("time,life,rss_kb,anonymous_kb,files,threads,rows_seen\n")
            while True:
                await asyncio.sleep(1)
                if sample := self.server.sample():
                    self.figures.take(sample)
                    file.write(f"{sample.at:.1f},{self.server.life},{sample.rss},{sample.anonymous},{sample.files},{sample.threads},{len(self.model.seen)}\n")

    @staticmethod
    async def end_of(tasks):
        for task in tasks:
            task.cancel()
        for task in tasks:
            try:
                await task
            except asyncio.CancelledError:
                pass

    async def drain(self, streams, listening, first):
        judgement, server, ending = self.judgement, self.server, self.ending
        metrics = await server.metrics() or ""
        of_data = "\n".join(line for line in metrics.splitlines() if 'route="/data"' in line)
        ending["served_milliseconds"] = bucket(of_data, "http_request_duration_seconds", 0.99) * 1000
        self.upstream.fault_share = 0
        self.upstream.is_frozen = True
        judgement.settled_from = time.time()
        # Of a file that was changed within the last second the end is not taken.
        await asyncio.sleep(1.5)
        await judgement.settle()
        await asyncio.sleep(1)
        await self.end_of(listening)
        for stream in streams:
            stream.check()
        runs = await judgement.runs()
        judgement.judge_runs(runs, is_running_allowed=True)
        least, odd = judgement.acknowledged(runs)
        export = (await judgement.client.ask("/data/export")).content
        ending["acknowledged"] = len(least)
        lines = judgement.judge_rows(export, least)
        stats = await judgement.judge_counts(len(lines), await judgement.judge_quarantine(odd))
        await server.command("compact", "--data-dir", server.directory)
        await self.judge_memory()
        self.judge_growth(first, stats, len(lines))
        judgement.client.close()
        await server.stop()
        await self.judge_files(lines)
        judgement.judge_log()

    async def judge_memory(self):
        """Without clients there is no more in memory than the manual promises; what is freed is given back each ten seconds."""
        for _ in range(30):
            used = memory(await self.server.metrics() or "")
            too_much = [use for use, bound in MEMORY.items() if used.get(use, float("inf")) > bound << 20]
            if not too_much:
                break
            await asyncio.sleep(1)
        self.ending["memory"] = ", ".join(f"{use} {size / 1e6:.1f}" for use, size in used.items()) + " MB"
        if too_much:
            self.faults.add(f"memory without clients: too much for {' and '.join(too_much)}: {self.ending['memory']}")

    def judge_growth(self, first, stats, rows):
        """Memory and open files are flat where a life was long enough to tell; the disk has what rows need."""
        faults, ending = self.faults, self.ending
        before, after, is_flat = self.figures.flatness(lambda sample: sample.anonymous, 12 << 10)
        ending["flat_memory"] = f"{before / 1024:.1f} and {after / 1024:.1f} MB"
        # A short life is all warm-up.
        is_long = len(self.figures.samples) >= 150
        if is_long and not is_flat:
            faults.add(f"memory grows: RssAnon {ending['flat_memory']} in the first and the last third")
        before, after, is_flat = self.figures.flatness(lambda sample: sample.files, 16)
        ending["flat_files"] = f"{before:.0f} and {after:.0f}"
        if is_long and not is_flat:
            faults.add(f"open files grow: {ending['flat_files']}")
        last = self.server.sample()
        ending["idle_files"] = f"{first.files} at first, {last.files} at last"
        if last.files > first.files + 16 + stats["store"]["segments"]:
            faults.add(f"open files without clients: {ending['idle_files']}")
        rest, log = self.server.disk()
        most_rest, most_log = (max(values) for values in zip(*self.figures.disks, (rest, log)))
        ending["disk"] = (f"{rest / 1e6:.1f} MB beside the log in the end, {most_rest / 1e6:.1f} at most; log {log / 1e6:.0f} MB, "
            f"{most_log / 1e6:.0f} at most; {stats['store']['segments']} segments before the last compaction")
        allowed = 16e6 + 600 * (rows + stats["counts"]["raw"]) + 3000 * self.ending["runs"]
        if rest > allowed:
            faults.add(f"the disk: {rest} bytes beside the log for {rows} rows, more than {allowed:.0f}")
        if most_log > 320 << 20:
            faults.add(f"the disk: {most_log} bytes of log")

    async def judge_files(self, lines):
        """What is on the disk after the stop, by our own tools and by one that knows the format only."""
        server = self.server
        beside = {"is_beside": False}
        output = await server.command("verify", "--deep", "--data-dir", server.directory, **beside)
        self.ending["verify"] = "clean: " + output.decode().strip().splitlines()[-1] if output else "NOT CLEAN"
        output = await server.command("export", "--format", "ndjson", "--data-dir", server.directory, **beside)
        if output is not None and set(output.splitlines()[:-1]) != set(lines):
            self.faults.add("an export of the stopped store has other rows than the last one of the server")
        reader = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "read-data-directory.py")
        process = await asyncio.create_subprocess_exec(sys.executable, reader, server.directory, stdout=asyncio.subprocess.PIPE, limit=1 << 30)
        output, _ = await process.communicate()
        if process.returncode != 0 or set(output.splitlines()) != set(lines):
            self.faults.add("read by the description of the format alone, the directory has other rows")
        aside = os.listdir(os.path.join(server.directory, "set-aside"))
        if aside:
            self.figures.notes.append(f"{len(aside)} files of seals and mergers that were killed are in set-aside")


async def main():
    binary, parent = sys.argv[1:]
    directory = os.path.join(os.path.abspath(parent), time.strftime("%Y%m%d-%H%M%S"))
    os.makedirs(directory)
    round = Round(os.path.abspath(binary), directory)
    try:
        await round.run()
    except Exception as error:
        round.faults.add(f"the round ended early: {type(error).__name__}: {error}")
        if not isinstance(error, RuntimeError):
            import traceback
            traceback.print_exc()
    finally:
        if round.server.process and round.server.process.returncode is None:
            round.server.leave()
            round.server.process.kill()
    text = report(seed=round.seed, minutes=round.minutes, binary=binary, faults=round.faults, figures=round.figures, server=round.server,
        upstream=round.upstream, inbox=round.inbox, model=round.model, ending=round.ending)
    with open(os.path.join(directory, "report.txt"), "w") as file:
        file.write(text)
    shutil.copy(os.path.join(directory, "report.txt"), os.path.join(parent, "report.txt"))
    print(text, end="")
    if round.faults.count:
        print(f"FAIL: the data directory and the log are kept in {directory}; KASPARRO_SEED={round.seed} repeats the round")
        sys.exit(1)
    shutil.rmtree(round.data)
    print(f"PASS: the report is in {directory}/report.txt")


if __name__ == "__main__":
    asyncio.run(main())

"""The end of a round: what is stored is what was sent and acknowledged, as exact text, and everything adds up."""

import asyncio
import collections
import json
import re
from datetime import datetime

from client import Client

# What a server does wrong is said of its source, by one of these types.
OF_SERVERS = {"network", "timeout", "http_status", "rate_limited", "parse", "shape", "interrupted"}
# What else the log may say above `notice` in a round of faults, kills and stops.
EXPECTED = re.compile(
    r"^fields of a (new shape|known shape, looked at anew): "
    r"|^the last stop was not clean; "
    r"|^a run was killed before its end"
    r"|^timestamp: "
    # Of a kill in the middle of a seal or a merger.
    r"|^(segments|state)/\S+ is not in the manifest; moved to \S+/set-aside/"
    r"|^\S+\.wal ended in the middle of a batch at offset \d+; that batch was never acknowledged\. Kept as "
    # Of files that change while they are read.
    r"|/inbox/\S+: incomplete_last_line: "
    r"|/inbox/\S+: overwrites: "
    # Of a replay, which tries only what could not be a row before.
    r"|none of the \d+ records could become a row; they are in quarantine"
)


def is_expected(entry):
    if entry["level"] in ("trace", "debug", "info", "notice"):
        return True
    if entry["level"] != "warning":
        return False
    if entry.get("type") == "interrupted" or entry.get("type") in OF_SERVERS and entry.get("source") != "csv":
        return True
    # Of lines that are left out, one a minute tells how many there were and what the last one said.
    message = entry["message"].split(" of which the last one was: ")[-1]
    return EXPECTED.search(message) is not None


def seconds(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Judgement:
    """`ending` has the figures of the report."""

    def __init__(self, server, model, upstream, faults, figures):
        self.server, self.model, self.upstream, self.faults, self.figures = server, model, upstream, faults, figures
        self.client = Client(server, faults, figures)
        self.ending = {}

    async def object(self, path):
        answer = await self.client.ask(path)
        if answer is None:
            raise RuntimeError(f"{path} gave no answer at the end of the round")
        return json.loads(answer.content), answer.headers

    async def settle(self):
        """Runs until every source but the throttled ones has come in whole."""
        waiting = {"coins", "pages", "news", "csv"}
        for _ in range(40):
            run = await self.server.post("/refresh?wait=120")
            if run is None:
                raise RuntimeError("the server took no refresh at the end of the round")
            record, _ = await self.object(f"/runs/{run['run_id']}")
            if seconds(record["started_at"]) >= self.settled_from:
                waiting -= {name for name, part in record["by_source"].items() if part["status"] in ("success", "nothing")}
            if not waiting:
                return
            await asyncio.sleep(0.5)
        self.faults.add(f"{sorted(waiting)} did not come in whole although nothing was wrong any more")

    async def runs(self):
        """All runs, newest first."""
        runs, path = [], "/runs?limit=100"
        while path:
            page, headers = await self.object(path)
            runs += page
            cursor = headers.get("x-next-cursor")
            path = f"/runs?limit=100&cursor={cursor}" if cursor else None
        return runs

    def judge_runs(self, runs, is_running_allowed):
        ids = collections.Counter(run["run_id"] for run in runs)
        for run_id, count in ids.items():
            if count > 1:
                self.faults.add(f"run {run_id} is listed {count} times")
        names = ("inserted", "updated", "skipped", "duplicates", "quarantined", "too_old")
        for index, run in enumerate(runs):
            what = f"run {run['run_id']} ({run['status']})"
            if run["status"] == "running" and not (index == 0 and is_running_allowed):
                self.faults.add(f"{what}: it goes on for ever")
            if run["status"] != "running" and not run["completed_at"]:
                self.faults.add(f"{what}: it has no end")
            parts = run["by_source"].values()
            for name in names:
                total, stated = sum(part[name] for part in parts), run["stats"][name]
                if total != stated:
                    self.faults.add(f"{what}: {name} is {stated}, its sources have {total}")
            rows = sum(part["rows"] for part in parts)
            # What was not even opened is skipped, too, but was not read.
            counted = sum(part[name] for part in parts for name in names if name != "skipped")
            if rows != counted:
                self.faults.add(f"{what}: {rows} records were read, {counted} are accounted for")
        self.ending |= {"runs": len(runs), "statuses": collections.Counter(run["status"] for run in runs)}
        self.ending |= {name: sum(run["stats"][name] for run in runs) for name in names}

    def acknowledged(self, runs):
        """Of each identity that must be there the least version, and the odd records that must wait.

        In a run whose source came in whole, the last good answer for each page was the one that was taken.
        """
        least, odd = {}, set()
        spans = collections.defaultdict(list)
        for run in runs:
            if run["completed_at"] and run["status"] in ("success", "partial_success"):
                for source, part in run["by_source"].items():
                    if part["status"] == "success":
                        spans[source].append((seconds(run["started_at"]), seconds(run["completed_at"])))
        pages = collections.defaultdict(list)
        for page in self.model.pages:
            pages[page.source].append(page)
        for source, of_source in pages.items():
            taken = of_source
            if source != "csv":
                taken, ordered, index = [], sorted(of_source, key=lambda page: page.at), 0
                for begin, end in sorted(spans[source]):
                    last = {}
                    while index < len(ordered) and ordered[index].at <= end + 0.001:
                        if ordered[index].at >= begin:
                            last[ordered[index].number] = ordered[index]
                        index += 1
                    taken += last.values()
            for page in taken:
                for version in page.versions:
                    identity = self.model.identity_of[version]
                    least[identity] = max(least.get(identity, 0), self.model.rank_of[version])
                odd |= {(source, content) for content in page.odd}
        return least, odd

    def judge_rows(self, content, least):
        """The exported rows against the model; gives the lines."""
        lines = content.splitlines()
        end = json.loads(lines.pop()) if lines and lines[-1].startswith(b'{"_end":') else None
        if end != {"_end": True, "rows": len(lines)}:
            self.faults.add(f"the last export has {len(lines)} rows, and its end says {end}")
        stored = {}
        for line in lines:
            version = self.model.check(line, "the last export")
            if version is None:
                continue
            identity = self.model.identity_of[version]
            if identity in stored:
                self.faults.add(f"the last export: twice: {self.model.describe(identity)}")
            stored[identity] = self.model.rank_of[version]
        lost = [identity for identity in least if identity not in stored]
        if lost:
            self.faults.add(f"LOST: {len(lost)} rows of runs that had succeeded, such as {self.model.describe(lost[0])}")
        lost = [identity for identity in self.model.seen if identity not in stored]
        if lost:
            self.faults.add(f"LOST: {len(lost)} rows that clients had seen, such as {self.model.describe(lost[0])}")
        old = [identity for identity, rank in least.items() if stored.get(identity, rank) < rank]
        if old:
            self.faults.add(f"{len(old)} rows have an older content than the one that a run had stored, such as {self.model.describe(old[0])}")
        self.ending["rows"] = len(lines)
        return lines

    async def judge_quarantine(self, odd):
        found, path = set(), "/quarantine?limit=1000"
        count = 0
        while path:
            page, headers = await self.object(path)
            count += len(page["data"])
            for record in page["data"]:
                key = (record["source"], record["content"])
                if key in found:
                    self.faults.add(f"/quarantine: twice: {record}")
                found.add(key)
                if not self.model.odd.get(key):
                    self.faults.add(f"/quarantine: a record that nobody sent: {record}")
            cursor = page["pagination"]["next_cursor"]
            path = f"/quarantine?limit=1000&cursor={cursor}" if cursor else None
        lost = odd - found
        if lost:
            self.faults.add(f"LOST: {len(lost)} of {len(odd)} quarantined records, such as {next(iter(lost))}")
        self.ending["quarantined"] = count
        return count

    async def judge_counts(self, rows, quarantined):
        stats, _ = await self.object("/stats")
        counts = stats["counts"]
        if counts["normalized"] != rows or sum(counts["by_source"].values()) != rows:
            self.faults.add(f"/stats counts {counts['normalized']} rows, {counts['by_source']} by source; the export has {rows}")
        if self.ending["inserted"] != rows:
            self.faults.add(f"all runs have inserted {self.ending['inserted']} rows; the export has {rows}")
        if counts["raw"] != self.ending["inserted"] + self.ending["updated"]:
            self.faults.add(f"/stats counts {counts['raw']} raw records; {self.ending['inserted']} + {self.ending['updated']} rows were inserted and updated")
        if counts["quarantined"] != quarantined:
            self.faults.add(f"/stats counts {counts['quarantined']} quarantined records, {quarantined} are listed")
        return stats

    def judge_log(self):
        """Every line above `info` is one that faults, kills and stops explain."""
        others, strange = collections.Counter(), collections.Counter()
        with open(self.server.log, errors="replace") as log:
            for line in log:
                # A process that is killed may leave half a line behind.
                begin = max(line.rfind('{"time"'), 0)
                try:
                    entry = json.loads(line[begin:])
                except ValueError:
                    strange[line.strip()[:200]] += 1
                    continue
                if not is_expected(entry):
                    others[f"{entry['level']}: {entry['message'][:300]}"] += 1
        for text, count in (others + strange).most_common(20):
            self.faults.add(f"{count} times in the log: {text}")

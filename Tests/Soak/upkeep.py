"""What an operator does meanwhile, beside the running server: compaction, backups, the quarantine, commands."""

import asyncio
import os
import random
import shutil

from walks import check_export


class Upkeep:
    def __init__(self, server, model, faults, figures, seed):
        self.random = random.Random(f"{seed} upkeep")
        self.server, self.model, self.faults, self.figures = server, model, faults, figures
        self.backups = 0
        self.directory = ["--data-dir", server.directory]

    async def run(self, pause):
        """One thing after the other, with `pause` seconds between them."""
        steps = [self.backup, self.compact, self.replay, self.query, self.reload]
        while True:
            for step in self.random.sample(steps, len(steps)):
                await asyncio.sleep(self.random.uniform(0.5, 1.5) * pause)
                await self.server.up.wait()
                await step()

    async def compact(self):
        if await self.server.command("compact", *self.directory) is not None:
            self.figures.compactions += 1

    async def replay(self):
        # 1: some still wait.
        if await self.server.command("quarantine", "replay", "--source", self.random.choice(["csv", "coins"]), *self.directory, allowed=(0, 1)):
            self.figures.replays += 1

    async def query(self):
        words = self.random.choice([["query", "--limit", "100", "--format", "ndjson"], ["status", "--json"], ["token", "mint", "--ttl", "1h"], ["mappings"],
            ["quarantine", "list", "--source", "csv"], ["export", "--format", "ndjson", "--source", "coins"], ["verify"]])
        await self.server.command(*words, *self.directory)

    async def reload(self):
        """SIGHUP, with a configuration as it was."""
        metrics = await self.server.metrics()
        if metrics is None or "kasparro_config_last_reload_successful" not in metrics or not self.server.up.is_set():
            return
        self.server.reload()
        self.figures.reloads += 1

    async def backup(self):
        """A backup has at least what had been seen when it began, and it is a whole store."""
        self.backups += 1
        target = f"{self.server.directory}.backup-{self.backups}"
        there = len(self.model.seen)
        more = ["--copy"] if self.random.random() < 0.3 else []
        try:
            if await self.server.command("backup", target, *more, *self.directory) is None:
                return
            if await self.server.command("verify", "--deep", "--data-dir", target, is_beside=False) is None:
                return
            file = target + ".ndjson"
            if await self.server.command("export", "--format", "ndjson", "--output", file, "--data-dir", target, is_beside=False) is None:
                return
            with open(file, "rb") as export:
                content = export.read()
            await asyncio.to_thread(check_export, self.model, self.faults, content, "ndjson", f"backup {self.backups}", there)
            self.figures.backups += 1
        finally:
            # Those of a round that goes wrong are not worth their space: the data directory is.
            shutil.rmtree(target, ignore_errors=True)
            if os.path.exists(target + ".ndjson"):
                os.remove(target + ".ndjson")

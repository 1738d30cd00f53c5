"""Files in the inbox: new ones, ones that grow while they are read, ones that are renamed, rewritten or packed."""

import asyncio
import csv
import gzip
import io
import os
import random

from model import Page, time_text

HEADER = "symbol,name,price_usd,volume_24h,market_cap,percent_change_24h,timestamp\n"
# 2024-01-01T00:00:00Z; each row of all files has a time of its own behind it.
BEGIN = 1_704_067_200


class Inbox:
    def __init__(self, directory, model, seed):
        self.directory, self.model = directory, model
        self.random = random.Random(f"{seed} inbox")
        self.number = 0
        self.row_number = 0
        # Whole files that may be renamed, or written again.
        self.plain = []
        self.made = {"new": 0, "packed": 0, "grown": 0, "renamed": 0, "rewritten": 0}

    def row(self, time_form):
        """The text of one line, and what it must become: a version, or a record that can be no row."""
        chance = self.random.random()
        self.row_number += 1
        seconds = BEGIN + self.row_number
        symbol = f"F{self.random.randint(0, 99)}"
        # A header line and the file's own name are the same for all: each odd record is another one by its time.
        time = str(seconds) if time_form == "epoch" else time_text(seconds * 1000)
        if chance < 0.01:
            content = self.random.choice([f"{symbol},Odd,n/k,1,2,3,{time}", f"{symbol},Odd,,1,2,3,{time}", f"{symbol},Odd,-1,1,2,3,{time}"])
            return content, None, content
        name = self.random.choice([f"File {symbol}", f'"{symbol}, quoted"', f'"The ""{symbol}"""', f"Ü{symbol}"])
        price = f"{self.random.randint(1, 99999)}.{self.random.randint(0, 10 ** 9):09}"
        volume = self.random.choice(["", str(self.random.randint(0, 10 ** 12))])
        # No -0.00: it would be stored as 0.00.
        change = f"{self.random.choice('- ').strip()}{self.random.randint(1, 2000) / 100:.2f}"
        line = f"{symbol},{name},{price},{volume},,{change},{time}"
        fields = next(csv.reader(io.StringIO(line)))
        version = self.model.version(symbol, fields[1], price, volume, None, change, seconds * 1000, "csv", symbol)
        return line, version, None

    def rows(self, count):
        time_form = self.random.choice(["text", "text", "text", "epoch"])
        return [self.row(time_form) for _ in range(count)]

    def name(self, suffix=".csv"):
        self.number += 1
        return f"part-{self.random.randint(0, 9)}-{self.number:05}{suffix}"

    def path(self, name):
        return os.path.join(self.directory, name)

    def serve(self, rows):
        Page(self.model, "csv", 0, [version for _, version, _ in rows if version is not None], [odd for _, _, odd in rows if odd]).is_served()

    @staticmethod
    def text(rows):
        return "".join(line + "\n" for line, _, _ in rows)

    async def run(self, count):
        """Does one of the things now and then, for ever; a whole file has `count` rows."""
        while True:
            await asyncio.sleep(self.random.uniform(2, 6))
            step = self.random.choice([self.new, self.new, self.packed, self.growing, self.growing, self.renamed, self.rewritten])
            await step(count)

    async def new(self, count):
        rows = self.rows(count)
        self.serve(rows)
        name = self.name()
        self.place(name, (HEADER + self.text(rows)).encode())
        self.plain.append((name, rows))
        self.made["new"] += 1

    async def packed(self, count):
        rows = self.rows(count)
        self.serve(rows)
        self.place(self.name(".csv.gz"), gzip.compress((HEADER + self.text(rows)).encode()))
        self.made["packed"] += 1

    def place(self, name, content):
        """As a program does that knows that somebody looks."""
        part = self.path(f".{name}.part")
        with open(part, "wb") as file:
            file.write(content)
        os.rename(part, self.path(name))

    async def growing(self, count):
        """As a program does that knows of nobody: a few lines, then more, often with half a line at the end."""
        name = self.name()
        rows = self.rows(count)
        # Ended however this ends: a half line must not stay one.
        with open(self.path(name), "w") as file:
            try:
                file.write(HEADER)
                done = 0
                while done < len(rows):
                    step = rows[done:done + self.random.randint(1, max(2, count // 4))]
                    self.serve(step)
                    text = self.text(step)
                    # Never behind the last comma of a line: what is there then must not look like a line.
                    last = text[:-1].rfind("\n") + 1
                    cut = self.random.randint(last, max(last, text.rfind(",") - 1))
                    file.write(text[:cut])
                    file.flush()
                    try:
                        await asyncio.sleep(self.random.uniform(0.2, 1.5))
                    finally:
                        file.write(text[cut:])
                        file.flush()
                    done += len(step)
                    await asyncio.sleep(self.random.uniform(0, 1))
            finally:
                self.made["grown"] += 1
        self.plain.append((name, rows))

    async def renamed(self, count):
        if not self.plain:
            return
        index = self.random.randrange(len(self.plain))
        name, rows = self.plain[index]
        other = self.name()
        os.rename(self.path(name), self.path(other))
        self.plain[index] = (other, rows)
        self.made["renamed"] += 1

    async def rewritten(self, count):
        """The same file once more, with a few rows of other content: the later word counts."""
        if not self.plain:
            return
        index = self.random.randrange(len(self.plain))
        name, rows = self.plain[index]
        changed = []
        for line, version, odd in rows:
            if version is not None and self.random.random() < 0.005:
                identity = self.model.identity_of[version]
                symbol, milliseconds, _, _ = self.model.identities[identity]
                price = f"{self.random.randint(1, 99999)}.{self.random.randint(0, 10 ** 12):012}"
                version = self.model.version(symbol, symbol, price, None, None, None, milliseconds, "csv", symbol)
                line = f"{symbol},{symbol},{price},,,,{time_text(milliseconds)}"
            changed.append((line, version, odd))
        self.serve(changed)
        self.place(name, (HEADER + self.text(changed)).encode())
        self.plain[index] = (name, changed)
        self.made["rewritten"] += 1

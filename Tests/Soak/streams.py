"""Clients of /stream, which come back with Last-Event-ID: each committed row once and in order, or a reset."""

import asyncio
import json
import random

from client import Client

WHOLE = float("inf")


def place(text):
    """An id as a place in the order of commits."""
    sequence, _, rows = text.partition(".")
    return int(sequence), int(rows) if rows else WHOLE


class Commits:
    """All events that any client has seen, by place: what they say must be the same for all."""

    def __init__(self, faults):
        self.faults = faults
        self.rows = {}

    def add(self, where, versions):
        known = self.rows.setdefault(where, versions)
        if known != versions:
            self.faults.add(f"/stream: event {where} has other rows for another client")


class Stream:
    """One client. `stretches` are what it saw between two resets: the place before, the places of the events, and how far it came."""

    def __init__(self, number, server, model, faults, figures, commits, seed):
        self.random = random.Random(f"{seed} stream {number}")
        self.name = f"/stream (client {number})"
        self.client = Client(server, faults, figures)
        self.server, self.model, self.faults, self.figures, self.commits = server, model, faults, figures, commits
        self.id = None
        self.must_be_reset = False
        # What was sent as Last-Event-ID on this connection.
        self.asked_from = None
        self.stretches = []
        self.had = bytearray()

    async def run(self):
        while True:
            await self.server.up.wait()
            began = asyncio.get_running_loop().time()
            since = self.server.disturbed_at
            try:
                await self.listen()
            except (OSError, asyncio.IncompleteReadError, ValueError) as error:
                if not self.server.was_disturbed(since + 1e-6):
                    await asyncio.sleep(0.5)
                    if not self.server.was_disturbed(since + 1e-6):
                        self.faults.add(f"{self.name}: broke off: {type(error).__name__} {error}")
            finally:
                self.client.close()
            if asyncio.get_running_loop().time() - began < 1:
                await asyncio.sleep(self.random.uniform(0.1, 1))

    async def listen(self):
        """One connection, to its end; now and then the client leaves by itself."""
        client = self.client
        await client.connect()
        last = f"Last-Event-ID: {self.id}\r\n" if self.id else ""
        self.asked_from = self.id
        client.writer.write(f"GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\n{last}\r\n".encode())
        status, _ = await client.head()
        self.figures.statuses[status] += 1
        if status != 200:
            if not self.server.was_disturbed(0):
                self.faults.add(f"{self.name}: {status}")
            return
        leaves = asyncio.get_running_loop().time() + self.random.choice([5, 20, 60, 1e9])
        text = b""
        while asyncio.get_running_loop().time() < leaves:
            size = int((await client.reader.readuntil(b"\r\n"))[:-2], 16)
            text += (await client.reader.readexactly(size + 2))[:-2]
            if size == 0:
                return
            *events, text = text.split(b"\n\n")
            for event in events:
                if self.take(event):
                    return

    def take(self, event):
        """Takes an event; true when it is the last one."""
        fields = {}
        for line in event.decode().split("\n"):
            name, _, value = line.partition(": ")
            if name:
                fields[name] = value
        kind = fields.get("event")
        self.figures.events += 1
        if kind == "lagged":
            self.figures.lagged += 1
            self.id = None
            return True
        if kind == "rows":
            self.rows(fields["id"], fields["data"])
        elif self.id is None or kind == "reset":
            if kind == "reset":
                self.figures.resets += 1
                if fields["id"] == self.asked_from:
                    self.faults.add(f"{self.name}: a reset at {fields['id']}, which is where the client was")
            self.stretches.append([place(fields["id"]), [], place(fields["id"])])
            self.must_be_reset = False
        elif "retry" in fields:
            # Where the server goes on; elsewhere than this client was, only with a reset behind it.
            self.must_be_reset = fields["id"] != self.id
        if "id" in fields:
            self.id = fields["id"]
            # Without rows, too: a server that says so has given all before it.
            if self.stretches and not self.must_be_reset:
                self.stretches[-1][2] = max(self.stretches[-1][2], place(self.id))
        return kind == "shutdown"

    def rows(self, id, data):
        if self.must_be_reset:
            self.faults.add(f"{self.name}: goes on elsewhere without a reset, at {id}")
        # The rows are as they are stored, so their text is compared; names have no such sequence of characters.
        lines = ["{" + text + "}" for text in data[2:-2].split("},{")]
        versions = []
        for line in lines:
            version = self.model.check(line.encode(), self.name)
            if version is None:
                continue
            self.model.see(version)
            versions.append(version)
            if version >= len(self.had):
                self.had.extend(bytes(version + 10_000 - len(self.had)))
            if self.had[version]:
                self.faults.add(f"{self.name}: event {id} has a row that came before: {line}")
            self.had[version] = 1
        where = place(id)
        if self.stretches:
            self.stretches[-1][1].append(where)
        self.commits.add(where, tuple(versions))

    def check(self):
        """To be called when all have ended: within each stretch nothing is missing."""
        everything = sorted(self.commits.rows)
        for start, places, end in self.stretches:
            expected = [where for where in everything if start < where <= end]
            if expected != places:
                missing = sorted(set(expected) - set(places))
                self.faults.add(f"{self.name}: {len(missing)} of {len(expected)} events behind {start} are missing or out of order, such as "
                    f"{missing[:1] or places[:3]}")

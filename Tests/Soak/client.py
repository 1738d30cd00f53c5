"""A client of HTTP/1.1 that keeps its connection, and knows when a broken answer is the fault of a kill."""

import asyncio
import gzip
import time


class Broken(Exception):
    """There was no whole answer."""


class Answer:
    def __init__(self, status, headers, body, milliseconds):
        self.status, self.headers, self.body, self.milliseconds = status, headers, body, milliseconds

    @property
    def content(self):
        return gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body


class Client:
    """One connection to the server, made when needed.

    `figures` counts answers by status; a broken one is a fault unless the server was stopped or killed meanwhile.
    """

    PATIENCE = 90

    def __init__(self, server, faults, figures):
        self.server, self.faults, self.figures = server, faults, figures
        self.reader = self.writer = None
        self.life = None

    def close(self):
        if self.writer:
            self.writer.close()
        self.reader = self.writer = None

    async def connect(self):
        if self.writer and self.life == self.server.life:
            return
        self.close()
        self.life = self.server.life
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.server.port, limit=1 << 20)

    async def ask(self, path, method="GET", headers=None, allowed=(200,), body=b""):
        """The answer; None when the server went away before it was whole, or was going."""
        await self.server.up.wait()
        began = time.time()
        try:
            async with asyncio.timeout(self.PATIENCE):
                answer = await self.exchange(method, path, headers or {}, body)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, Broken, ValueError) as error:
            self.close()
            await self.explain(began, f"{method} {path}: no whole answer: {type(error).__name__} {error}")
            return None
        except asyncio.CancelledError:
            self.close()
            raise
        self.figures.answered(path, answer)
        if answer.status in allowed:
            return answer
        if answer.status == 503 and self.server.was_disturbed(began):
            return None
        self.faults.add(f"{method} {path}: {answer.status} {answer.body[:300].decode(errors='replace')}")
        return None

    async def explain(self, began, what):
        """Adds a fault unless the server was disturbed since; one that died by itself is noticed a moment later."""
        if not self.server.was_disturbed(began):
            await asyncio.sleep(0.5)
            if not self.server.was_disturbed(began):
                self.faults.add(what)
        self.figures.cut += 1

    async def exchange(self, method, path, headers, body):
        await self.connect()
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
        if body or method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        began = time.perf_counter()
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + body)
        status, fields = await self.head()
        content = b"" if method == "HEAD" or status in (204, 304) else await self.content(fields)
        milliseconds = (time.perf_counter() - began) * 1000
        if fields.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, fields, content, milliseconds)

    async def head(self):
        text = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = text[:-4].split("\r\n")
        fields = {}
        for line in lines:
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        return int(first.split(" ")[1]), fields

    async def content(self, fields):
        if fields.get("transfer-encoding", "").lower() == "chunked":
            pieces = []
            while True:
                size = int((await self.reader.readuntil(b"\r\n"))[:-2], 16)
                piece = await self.reader.readexactly(size + 2)
                if piece[-2:] != b"\r\n":
                    raise Broken("a chunk has another length than it says")
                if size == 0:
                    return b"".join(pieces)
                pieces.append(piece[:-2])
        if "content-length" not in fields:
            raise Broken("neither a length nor chunks")
        return await self.reader.readexactly(int(fields["content-length"]))

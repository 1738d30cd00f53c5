"""The servers behind the sources: coins whose prices wander, as JSON in one piece, as JSON in pages and as a feed, with faults at random."""

import asyncio
import collections
import json
import random
import time
from email.utils import formatdate
from xml.sax.saxutils import escape

from answers import DAMAGES, GOOD, play
from model import Page, time_text

class Coin:
    """One series and its newest state."""

    def __init__(self, source, number, symbol, random):
        self.source, self.symbol, self.id = source, symbol, f"coin-{number}"
        self.name = random.choice(["Coin {}", "Çoin №{}", 'The "{}"', "Coin, {} & Co <beta>", "コイン{}", "back\\slash {}"]).format(number)
        self.random = random
        self.milliseconds = 0
        self.price = random.uniform(0.5, 2) * 10 ** random.randint(-4, 4)
        self.observe()

    def number(self, value, most=12):
        """A literal with digits that no binary number has."""
        whole = int(value)
        digits = "".join(self.random.choice("0123456789") for _ in range(self.random.randint(1, most)))
        return f"{whole}.{digits}" + self.random.choice("170" if whole else "17")

    def observe(self):
        """A new point in time."""
        now = int(time.time() * 1000)
        if self.random.random() < 0.5:
            now -= now % 1000
        self.milliseconds = max(self.milliseconds + 1, now)
        self.price *= self.random.uniform(0.98, 1.02)
        self.revise()

    def revise(self):
        """Another content for the same point in time."""
        self.literal = self.number(self.price, 18)
        # What was said before is never said again.
        self.volume = self.number(self.random.uniform(0, 1e12)) if self.random.random() < 0.9 else None
        self.cap = str(self.random.randint(1, 10 ** 15)) if self.random.random() < 0.9 else None
        self.change = f"{self.random.choice('- ').strip()}{self.random.randint(1, 30000) / 1000:.3f}" if self.random.random() < 0.9 else None

    def version(self, model):
        return model.version(
            self.symbol, self.name, self.literal, self.volume, self.cap, self.change, self.milliseconds, self.source, self.id)


def number_or_null(literal):
    return literal if literal is not None else "null"


class Upstream:
    """All servers on one port.

    `fault_share` of the answers are damaged; 0 in the end. `metered` wants more than its quota, `limited` is told to come later: both are watched.
    """

    QUOTA = 25

    def __init__(self, model, faults, seed):
        self.model, self.faults = model, faults
        self.random = random.Random(f"{seed} upstream")
        self.fault_share = 0.15
        # In the end nothing changes any more.
        self.is_frozen = False
        self.counts = collections.Counter()
        self.requests = collections.Counter()
        self.alerts = collections.Counter()
        self.coins = {
            "coins": [self.coin("coins", n) for n in range(60)],
            "pages": [self.coin("pages", n) for n in range(100)],
            "limited": [self.coin("limited", n) for n in range(20)],
            "metered": [self.coin("metered", n) for n in range(5)],
            "news": [self.coin("news", n) for n in range(15)],
        }
        self.odd_number = 0
        # What was said last, by source and page.
        self.last = {}
        self.arrivals = collections.deque()
        # Not before that time; None while that is not known for sure.
        self.told = None
        self.throttled = 0
        self.kills = []
        self.port = None

    def coin(self, source, number):
        # Some coins share a ticker, and some tickers are in several sources.
        symbol = "TWIN" if number % 20 in (3, 4) else f"{'S' if number % 2 else source[0].upper()}{number}"
        return Coin(source, number, symbol, self.random)

    async def start(self):
        self.server = await asyncio.start_server(self.connection, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    async def connection(self, reader, writer):
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            method, target, _ = head.split(" ", 2)
            await self.answer(target, head.lower(), reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass
        finally:
            writer.close()

    async def answer(self, target, head, reader, writer):
        path, _, query = target.partition("?")
        source = path.strip("/")
        if source in ("webhook", "heartbeat"):
            length = next((int(line.partition(":")[2]) for line in head.split("\r\n") if line.startswith("content-length:")), 0)
            body = await reader.readexactly(length)
            self.alerts[json.loads(body)["event"] if body else source] += 1
            writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            return await writer.drain()
        self.requests[source] += 1
        number = int(query.partition("page=")[2] or 1) if source == "pages" else 1
        if source == "metered":
            self.count()
        if source == "limited" and await self.throttle(writer):
            return
        page, body = self.page(source, number)
        kind = "application/rss+xml" if source == "news" else "application/json"
        if self.random.random() < self.fault_share:
            fault = self.random.choice(DAMAGES)
        else:
            fault = self.random.choice(GOOD)
        self.counts[fault] += 1
        if source == "news" and fault in ("text that breaks off", "longer than its length"):
            # The items before the place where a feed breaks off are whole.
            page.may_be_stored()
        await play(fault, writer, reader, kind, body, page, head)

    # Pages

    def page(self, source, number):
        if (source, number) in self.last and (self.is_frozen or self.random.random() < 0.25):
            versions, odd, body = self.last[source, number]
            return Page(self.model, source, number, versions, odd), body
        coins = self.coins[source][(number - 1) * 25:number * 25] if source == "pages" else self.coins[source]
        for coin in coins:
            chance = self.random.random()
            if chance < 0.15:
                coin.observe()
            elif chance < 0.17:
                coin.revise()
        versions = [coin.version(self.model) for coin in coins]
        odd = []
        if source != "news" and self.random.random() < 0.1:
            odd.append(self.odd_record(source))
        body = (self.feed(coins) if source == "news" else self.records(source, coins, odd)).encode()
        self.last[source, number] = versions, odd, body
        return Page(self.model, source, number, versions, odd), body

    def records(self, source, coins, odd):
        texts = [self.record(source, coin) for coin in coins]
        for content in odd:
            texts.insert(self.random.randint(0, len(texts)), content)
        array = "[" + ",".join(texts) + "]"
        return f'{{"status":{{"elapsed":3}},"data":{array}}}' if source == "limited" else array

    def record(self, source, coin):
        time = f'"{time_text(coin.milliseconds)}"' if coin.milliseconds % 7 else f'"{time_text(coin.milliseconds)[:-1]}+00:00"'
        name = json.dumps(coin.name, ensure_ascii=self.random.random() < 0.3)
        volume, cap, change = (number_or_null(n) for n in (coin.volume, coin.cap, coin.change))
        if source == "coins":
            # The provider writes 0 for a cap that it does not know.
            cap = "0" if cap == "null" else cap
            return (f'{{"id":"{coin.id}","name":{name},"symbol":"{coin.symbol.lower()}","rank":1,"last_updated":{time},'
                f'"quotes":{{"USD":{{"price":{coin.literal},"volume_24h":{volume},"market_cap":{cap},"percent_change_24h":{change}}}}}}}')
        return (f'{{"id":"{coin.id}","symbol":"{coin.symbol}","name":{name},"price":"{coin.literal}","volume":{volume},'
            f'"cap":{cap},"change":{change},"updated":{time}}}')

    def odd_record(self, source):
        self.odd_number += 1
        price = '"quotes":{"USD":{"price":"n/k"}}' if source == "coins" else '"price":"n/k"'
        return f'{{"id":"odd-{self.odd_number}","symbol":"ODD","name":"Odd","last_updated":"2024-12-15T14:30:00Z","updated":"2024-12-15T14:30:00Z",{price}}}'

    def feed(self, coins):
        items = []
        for coin in coins:
            numbers = "".join(f"<{name}>{value}</{name}>" for name, value in
                (("volume", coin.volume), ("cap", coin.cap), ("change", coin.change)) if value is not None)
            items.append(f"<item><guid>{coin.id}</guid><symbol>{coin.symbol}</symbol><title>{escape(coin.name)}</title>"
                f"<price>{coin.literal}</price>{numbers}<pubDate>{time_text(coin.milliseconds)}</pubDate></item>")
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Prices</title>{"".join(items)}</channel></rss>'

    # Limits

    def count(self):
        """Two seconds less than the minute: a request may be looked at late here, and the next one at once."""
        now = time.time()
        self.arrivals.append(now)
        while self.arrivals[0] < now - 58:
            self.arrivals.popleft()
        if len(self.arrivals) > self.QUOTA:
            self.faults.add(f"metered: {len(self.arrivals)} requests within 58 s, of {self.QUOTA} a minute")

    async def throttle(self, writer):
        """Watches `limited`, and tells it to come later now and then; true when that was the answer."""
        now = time.time()
        # Who is killed before he has written down what he was told does not know it.
        if self.told is not None and now < self.told - 0.02 and not any(self.told_at <= kill <= self.told_at + 2 for kill in self.kills):
            self.faults.add(f"limited: asked {self.told - now:.2f} s before the time that Retry-After named")
        self.told = None
        # Each kind once early, for a short round; then seldom, because the limit comes back by one a minute only.
        is_early = self.requests["limited"] <= 16 and self.requests["limited"] % 4 == 2
        if self.fault_share == 0 or not is_early and self.random.random() > 0.02:
            return False
        seconds = self.random.randint(1, 4)
        kind = ["429, Retry-After in seconds", "429, Retry-After as a date", "503, Retry-After in seconds", "429 without Retry-After"][self.throttled % 4]
        self.throttled += 1
        self.counts[kind] += 1
        date = int(now) + 1 + seconds
        value, self.told = {
            "in seconds": (str(seconds), now + seconds), "as a date": (formatdate(date, usegmt=True), date),
        }.get(kind.partition("After ")[2], (None, None))
        self.told_at = now
        header = f"Retry-After: {value}\r\n" if value else ""
        status = "503 Service Unavailable" if kind.startswith("503") else "429 Too Many Requests"
        writer.write(f"HTTP/1.1 {status}\r\n{header}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        return True

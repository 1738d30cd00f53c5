"""What the sources have said, row by row, as exact text; and what of it clients have seen stored.

A version is one line as it must be stored. Versions of one identity (symbol, timestamp, source, source_id) differ in their other fields and are
said in their order, never an older one again.
"""

import time
from datetime import datetime, timezone


class Faults:
    """What was found to be wrong; the round fails when there is any."""

    KEPT = 200

    def __init__(self):
        self.texts = []
        self.count = 0

    def add(self, text):
        self.count += 1
        if len(self.texts) < self.KEPT:
            self.texts.append(f"{datetime.now(timezone.utc):%H:%M:%S} {text}")
            print(f"WRONG: {text}", flush=True)


def time_text(milliseconds):
    seconds, rest = divmod(milliseconds, 1000)
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{text}.{rest:03}Z" if rest else f"{text}Z"


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def row_line(symbol, name, price, volume, cap, change, timestamp, source, source_id):
    """A row as it is stored (without the line's end): numbers are literals, None is null, the timestamp is text."""
    return (
        f'{{"symbol":{quoted(symbol)},"name":{quoted(name)},"price_usd":{price},"volume_24h":{volume or "null"},"market_cap":{cap or "null"},'
        f'"percent_change_24h":{change or "null"},"timestamp":"{timestamp}","source":{quoted(source)},"source_id":{quoted(source_id)}}}'
    ).encode()


class Page:
    """One answer of a server, or what was put into a file: versions, and records that can be no rows."""

    def __init__(self, model, source, number, versions, odd):
        self.model, self.source, self.number, self.versions, self.odd = model, source, number, versions, odd
        self.at = time.time()

    def is_served(self):
        """To be called before the last byte goes out: from now on its rows are expected."""
        self.at = time.time()
        self.model.pages.append(self)
        self.may_be_stored()

    def may_be_stored(self):
        for version in self.versions:
            self.model.served[version] = 1
        for content in self.odd:
            self.model.odd[(self.source, content)] = True


class Model:
    def __init__(self, faults):
        self.faults = faults
        # By version.
        self.number_of_line = {}
        self.lines = []
        self.identity_of = []
        self.rank_of = []
        self.served = bytearray()
        # By identity.
        self.number_of_identity = {}
        self.identities = []
        self.versions_of = []
        self.is_seen = bytearray()
        # Identities in the order in which a client saw them first, all and by symbol.
        self.seen = []
        self.seen_of_symbol = {}
        self.newest_seen = {}
        self.pages = []
        # Records that cannot be rows, by source and content: whether they were sent whole.
        self.odd = {}
        self.revised = set()

    def version(self, symbol, name, price, volume, cap, change, milliseconds, source, source_id):
        """The number of a row's version, a new one where the line is new."""
        line = row_line(symbol, name, price, volume, cap, change, time_text(milliseconds), source, source_id)
        known = self.number_of_line.get(line)
        if known is not None:
            return known
        key = (symbol, milliseconds, source, source_id)
        identity = self.number_of_identity.get(key)
        if identity is None:
            identity = self.number_of_identity[key] = len(self.identities)
            self.identities.append(key)
            self.versions_of.append([])
            self.is_seen.append(0)
        number = self.number_of_line[line] = len(self.lines)
        self.lines.append(line)
        self.identity_of.append(identity)
        self.rank_of.append(len(self.versions_of[identity]))
        self.versions_of[identity].append(number)
        if len(self.versions_of[identity]) > 1:
            self.revised.add(identity)
        self.served.append(0)
        return number

    def check(self, line, where):
        """The version that a stored line is; None, and a fault, when nobody sent it."""
        number = self.number_of_line.get(line)
        if number is None or not self.served[number]:
            how = "was never sent" if number is None else "was only in an answer that broke off"
            self.faults.add(f"{where}: a row that {how}: {line[:400].decode(errors='replace')}")
            return None
        return number

    def see(self, version):
        """A client was shown this version."""
        identity = self.identity_of[version]
        if self.is_seen[identity]:
            return
        self.is_seen[identity] = 1
        self.seen.append(identity)
        symbol, milliseconds, source, source_id = self.identities[identity]
        self.seen_of_symbol.setdefault(symbol, []).append(identity)
        series = (symbol, source, source_id)
        if milliseconds > self.newest_seen.get(series, 0):
            self.newest_seen[series] = milliseconds

    def describe(self, identity):
        symbol, milliseconds, source, source_id = self.identities[identity]
        return f"{symbol} {time_text(milliseconds)} {source} {source_id}"

"""What schemathesis cannot know of the API from its description: parameters that exclude each other, and names that depend on what is stored.

Only requests that are meant to be right are changed. Those that are meant to be wrong go out as they were made.
"""

import schemathesis
from schemathesis.generation import GenerationMode

# The same thing under two names.
ALIASES = {"start": "from", "end": "to"}

# The cursors that each list has given; those of one mean nothing to another.
cursors = {}


@schemathesis.hook
def after_call(context, case, response):
    try:
        pages = response.json().get("pagination", {})
    except (ValueError, AttributeError):
        pages = {}
    found = [pages.get("next_cursor"), pages.get("prev_cursor"), (response.headers.get("x-next-cursor") or [None])[0]]
    cursors.setdefault(case.path, set()).update(cursor for cursor in found if cursor)


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    if case.path == "/ohlc" and not case.query:
        case.query = {}
    elif not case.query:
        return
    query = case.query
    # A cursor of one coin's raw records means nothing for another coin.
    if query.get("cursor") not in cursors.get(case.path, ()) or "{" in case.path:
        query.pop("cursor", None)
    # What a cursor may stand for has to be said without one.
    if case.path == "/ohlc" and "cursor" not in query:
        query.setdefault("symbol", "BTC")
        query.setdefault("interval", "1h")
    # Beside a cursor nothing needs to be said, and what is said must be the same.
    if "cursor" in query:
        for name in list(query):
            if name not in ("cursor", "limit"):
                del query[name]
        return
    for alias, name in ALIASES.items():
        if alias in query and name in query:
            del query[alias]
    # A pattern knows no calendar, and not every number is a time.
    for name in ("from", "start", "to", "end"):
        if isinstance(query.get(name), str) and " " in query[name]:
            query[name] = "2024-12-01 14:30"
        elif isinstance(query.get(name), (int, float)):
            query[name] = 1733063400
    # An empty time would be one that ends before it begins.
    if ("from" in query or "start" in query) and ("to" in query or "end" in query):
        query.pop("to", None)
        query.pop("end", None)
    # `page` goes 100,000 rows deep.
    if isinstance(query.get("page"), int):
        query["page"] = min(query["page"], 100)
    # Lengths are those of UTF-8, which a schema cannot say; blanks around a symbol are cut off.
    if isinstance(query.get("symbol"), list):
        query["symbol"] = [symbol.encode()[:64].decode(errors="ignore").strip() or "BTC" for symbol in query["symbol"]]
    if case.path in ("/refresh", "/etl/refresh") and "source" in query:
        query["source"] = "csv"
    if isinstance(query.get("wait"), int):
        query["wait"] = min(query["wait"], 2)
    if case.path == "/data/export" and query.get("format") != "csv":
        query.pop("raw", None)
    if case.path == "/ohlc":
        query.update(symbol="BTC", interval=query.get("interval", "1d"), source="csv")
        query.pop("source_id", None)

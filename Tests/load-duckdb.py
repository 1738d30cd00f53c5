"""Upserts a history into a new DuckDB file with the key that kasparro has, and prints the seconds it took until the file is checkpointed.

Usage: load-duckdb.py CSV DATABASE
"""

import sys
import time

import duckdb

TEXTS = ("symbol", "name", "price_usd", "volume_24h", "market_cap", "percent_change_24h")

csv, database = sys.argv[1:]
connection = duckdb.connect(database)
# Amounts stay exact, as text. The key is checked while the rows go in.
connection.execute(
    "CREATE TABLE ticker ("
    + ", ".join(f"{name} VARCHAR" for name in TEXTS)
    + ", timestamp TIMESTAMP, source VARCHAR, source_id VARCHAR, PRIMARY KEY (symbol, source, source_id, timestamp))"
)
types = ", ".join(f"'{name}': 'VARCHAR'" for name in TEXTS) + ", 'timestamp': 'TIMESTAMP'"
begin = time.perf_counter()
connection.execute(
    f"INSERT OR REPLACE INTO ticker SELECT *, 'csv', symbol FROM read_csv(?, header = true, types = {{{types}}})",
    [csv],
)
connection.execute("CHECKPOINT")
print(f"{time.perf_counter() - begin:.2f}")

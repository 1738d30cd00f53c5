import Glibc

/// The sqlite3 shell with the same rows under the same key, durable with each transaction.
struct SQLitePeer {
    private let directory: String
    private var script: String { directory + "/rows.sql" }

    init(directory: String) throws {
        self.directory = directory
        try removeDirectory(directory)
        try makeDirectory(directory)
    }

    /// Seconds that it takes; nil: there is no sqlite3 here.
    func load(batches: Int, batchRows: Int, series: Int) throws -> Double? {
        if try shell("command -v sqlite3", isExpectedToSucceed: false).isEmpty { return nil }
        try writeScript(batches: batches, batchRows: batchRows, series: series)
        // What was written beforehand shall not be written during the measurement.
        try shell("sync")
        return try seconds { try shell("sqlite3 \(quoted(directory + "/rows.sqlite")) <\(quoted(script)) >/dev/null") }
    }

    private func writeScript(batches: Int, batchRows: Int, series: Int) throws {
        guard let file = fopen(script, "w") else { throw Problem("cannot write \(script)") }
        defer { fclose(file) }
        var history = History(series: series)
        var text: [UInt8] = []
        text.append(
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            CREATE TABLE ticker (
                symbol TEXT, name TEXT, price_usd TEXT, volume_24h TEXT, market_cap TEXT, percent_change_24h TEXT, timestamp TEXT, source TEXT,
                source_id TEXT, PRIMARY KEY (symbol, timestamp, source, source_id)
            ) WITHOUT ROWID;

            """
        )
        for _ in 0..<batches {
            text.append("BEGIN;\nINSERT INTO ticker VALUES\n")
            for row in 0..<batchRows {
                if row > 0 { text.append(",\n") }
                let next = history.next()
                next.appendTuple(of: history.coins[next.coin], to: &text)
            }
            text.append(
                """

                ON CONFLICT DO UPDATE SET name = excluded.name, price_usd = excluded.price_usd, volume_24h = excluded.volume_24h,
                    market_cap = excluded.market_cap, percent_change_24h = excluded.percent_change_24h;
                COMMIT;

                """
            )
            fwrite(text, 1, text.count, file)
            text.removeAll(keepingCapacity: true)
        }
    }
}

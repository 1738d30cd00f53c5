import FoundationEssentials
import HTTPAPI
import MarketData
import Synchronization
import Testing

@testable import TickerStore

/// A store in a directory of its own, which goes when the value does, with figures that stand still.
final class StoredRows: RowReading {
    /// A row as the tests think of it.
    struct Row: Sendable {
        var symbol = "BTC"
        /// nil: the symbol.
        var name: String?
        var source = "csv"
        /// nil: the symbol.
        var sourceID: String?
        /// Milliseconds since 1970.
        var milliseconds: Int64
        var price = "1"
        /// `null` where there is none; so are the next two.
        var volume = "null"
        var marketCap = "null"
        var percentChange = "null"

        var key: SeriesKey { SeriesKey(symbol: symbol, source: source, sourceID: sourceID ?? symbol) }

        var line: [UInt8] {
            func number(_ text: String) -> [UInt8] { text == "null" ? [] : Array(text.utf8) }
            var bytes: [UInt8] = []
            TickerLine.append(
                symbol: Array(symbol.utf8).span,
                name: Array((name ?? symbol).utf8).span,
                price: Array(price.utf8).span,
                volume: number(volume).span,
                marketCap: number(marketCap).span,
                percentChange: number(percentChange).span,
                timestamp: Timestamp(milliseconds: milliseconds),
                source: Array(source.utf8).span,
                sourceID: Array((sourceID ?? symbol).utf8).span,
                to: &bytes
            )
            return bytes
        }
    }

    /// 2024-12-15T00:00:00Z.
    static let start: Int64 = 1_734_220_800_000

    let store: Store
    /// What was committed to it.
    let feed = CommitFeed()
    let directory: String
    private let poisoned = Mutex<String?>(nil)
    private let batches = Mutex(0)

    init(_ rows: [Row] = []) {
        directory = FileManager.default.temporaryDirectory.appending(path: "kasparro-rows-\(UUID().uuidString)").path
        var options = StoreOptions(logFileBytes: 4 << 20, holder: "test")
        options.minimumFree = 0
        options.retention = Retention(rows: nil, raw: nil, quarantine: nil)
        options.committed = { [feed] in feed.append($0) }
        store = try! Store(path: directory, options: options)
        feed.begin(behind: store.statistics.lastLSN)
        if !rows.isEmpty { insert(rows) }
    }

    deinit {
        try? store.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// `count` rows, one a minute from 2024-12-15T00:00:00Z, symbols and sources in turn; the prices are 1.50, 2.50 and so on.
    convenience init(count: Int, symbols: [String] = ["BTC", "ETH"], sources: [String] = ["csv"]) {
        self.init(
            (0..<count).map { index in
                Row(
                    symbol: symbols[index % symbols.count],
                    source: sources[index % sources.count],
                    milliseconds: Self.start + Int64(index) * 60_000,
                    price: "\(index + 1).50"
                )
            }
        )
    }

    func snapshot() -> Snapshot { store.snapshot() }

    /// Commits rows as one batch, whose raw records are `{"price":…}`.
    @discardableResult
    func insert(_ rows: [Row], also change: (inout Batch) -> Void = { _ in }) -> CommitCounts {
        let number = batches.withLock {
            $0 += 1; return $0
        }
        let fetchedAt = Timestamp(milliseconds: Self.start + Int64(number) * 1_000)
        var batch = Batch(
            origin: BatchOrigin(runID: "etl_20241215_000000_aaaaaa", number: number, source: rows.first?.source ?? "csv", fetchedAt: fetchedAt)
        )
        for row in rows {
            if !batch.series.contains(row.key) { batch.series.append(row.key) }
            let line = row.line + [0x0A]
            let raw = Array("{\"price\":\"\(row.price)\"}".utf8)
            batch.rows.append(
                BatchRow(
                    series: UInt32(batch.series.firstIndex(of: row.key)!),
                    lineLength: UInt32(line.count),
                    rawLength: UInt32(raw.count),
                    timestamp: Timestamp(milliseconds: row.milliseconds)
                )
            )
            batch.lines += line
            batch.raw += raw
        }
        change(&batch)
        return try! store.commit(batch)
    }

    /// From now on no row that is there can be read: their segments were cut short. Not the log, which an idle store writes on to after a second.
    func cutRows() throws {
        try store.seal()
        let segments = directory + "/segments/tickers"
        for name in try FileManager.default.contentsOfDirectory(atPath: segments) where name.hasSuffix(".gz") {
            try Data().write(to: URL(fileURLWithPath: segments + "/" + name))
        }
    }

    /// From now on the store takes no writes.
    func poison(_ reason: String) { poisoned.withLock { $0 = reason } }

    var statistics: StoreStatistics {
        var statistics = StoreStatistics()
        statistics.segments = 2
        statistics.walFiles = 1
        statistics.walBytes = 4096
        statistics.bytes = 8192
        statistics.memoryGroups = 3
        statistics.series = 2
        statistics.lastLSN = 9
        statistics.durableLSN = 8
        statistics.poisoned = poisoned.withLock { $0 }
        return statistics
    }
}

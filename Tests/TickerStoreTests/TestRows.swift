import MarketData
import Synchronization

@testable import TickerStore

/// A row as the tests think of it.
struct TestRow: Hashable {
    var symbol = "BTC"
    var source = "csv"
    var sourceID: String?
    var milliseconds: Int64
    var price = "1"
    /// `null` where there is none; so are the next two.
    var volume = "null"
    var marketCap = "null"
    var percentChange = "null"

    var key: SeriesKey { SeriesKey(symbol: symbol, source: source, sourceID: sourceID ?? symbol) }

    var line: String {
        func number(_ text: String) -> [UInt8] { text == "null" ? [] : Array(text.utf8) }
        var bytes: [UInt8] = []
        TickerLine.append(
            symbol: Array(symbol.utf8).span,
            name: Array(symbol.utf8).span,
            price: Array(price.utf8).span,
            volume: number(volume).span,
            marketCap: number(marketCap).span,
            percentChange: number(percentChange).span,
            timestamp: Timestamp(milliseconds: milliseconds),
            source: Array(source.utf8).span,
            sourceID: Array((sourceID ?? symbol).utf8).span,
            to: &bytes
        )
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Batch {
    /// A batch of these rows whose state change records its number under `batch/<number modulo 50>`.
    init(_ rows: [TestRow], number: Int = 1) {
        self.init(origin: BatchOrigin(runID: "etl_test", number: number, source: "csv", fetchedAt: Timestamp(milliseconds: 1_700_000_000_000)))
        var numbers: [SeriesKey: UInt32] = [:]
        for row in rows {
            let series = numbers[row.key] ?? UInt32(self.series.count)
            if numbers[row.key] == nil {
                numbers[row.key] = series
                self.series.append(row.key)
            }
            let line = Array(row.line.utf8) + [0x0A]
            let raw = Array("{\"raw\":\"\(row.price)\"}".utf8)
            self.rows.append(
                BatchRow(
                    series: series,
                    lineLength: UInt32(line.count),
                    rawLength: UInt32(raw.count),
                    timestamp: Timestamp(milliseconds: row.milliseconds)
                )
            )
            lines += line
            self.raw += raw
        }
        state = { counts in
            [StateChange(key: "batch/\(number % 50)", value: Array("\"\(counts.inserted)/\(counts.updated)/\(counts.skipped)\"".utf8))]
        }
    }
}

extension StoreOptions {
    /// Small log files, a clock that stands still, and random words that are not random.
    static func test(logFileBytes: Int = 1 << 16) -> StoreOptions {
        let counter = Mutex<UInt64>(0)
        var options = StoreOptions(
            logFileBytes: logFileBytes,
            now: { 1_700_000_000_000 },
            random: {
                counter.withLock {
                    $0 += 1; return $0 &* 0x9E37_79B9_7F4A_7C15
                }
            },
            holder: "test"
        )
        options.monotonic = { 0 }
        return options
    }
}

extension StoreEngine {
    convenience init(_ disk: SimulatedFileSystem, logFileBytes: Int = 1 << 16) throws(StoreError) {
        try self.init(path: "data", fileSystem: disk, options: .test(logFileBytes: logFileBytes))
    }

    /// Commits one batch.
    @discardableResult
    func commit(_ rows: [TestRow], number: Int = 1) throws(StoreError) -> CommitCounts {
        try commit([Batch(rows, number: number)])[0].get()
    }
}

extension Snapshot {
    /// The lines of all rows, in ascending order.
    func lines(_ change: (inout RowQuery) -> Void = { _ in }) throws -> [String] {
        var query = RowQuery()
        query.direction = .ascending
        query.limit = 1_000_000
        change(&query)
        return try page(query).lines
    }
}

extension RowPage {
    var lines: [String] {
        var start = 0
        return ends.map { end in
            defer { start = end }
            return String(decoding: bytes[start..<end], as: UTF8.self)
        }
    }
}

import HTTPAPI
import Synchronization

@testable import MarketData
@testable import TickerStore

/// A sorted array that answers like a store.
final class FakeRows: RowReading {
    struct Row: Sendable {
        var position: RowPosition
        var line: String
    }

    private let rows: Mutex<[Row]>
    private let failure = Mutex<String?>(nil)
    private let poisoned = Mutex<String?>(nil)

    init(_ rows: [Row]) {
        self.rows = Mutex(rows)
    }

    /// `count` rows, one a minute from 2024-12-15T00:00:00Z, symbols and sources in turn.
    convenience init(count: Int, symbols: [String] = ["BTC", "ETH"], sources: [String] = ["csv"]) {
        self.init(
            (0..<count).map { index in
                let symbol = symbols[index % symbols.count]
                let source = sources[index % sources.count]
                let time = Timestamp(milliseconds: 1_734_220_800_000 + Int64(index) * 60_000)
                return Row(
                    position: RowPosition(
                        timestamp: time,
                        series: SeriesKey(symbol: symbol, source: source, sourceID: symbol)
                    ),
                    line:
                        #"{"symbol":"\#(symbol)","price_usd":\#(index + 1).50,"timestamp":"\#(time)","source":"\#(source)"}"#
                )
            }
        )
    }

    /// From now on every read fails.
    func fail(_ reason: String) { failure.withLock { $0 = reason } }

    /// From now on the store takes no writes.
    func poison(_ reason: String) { poisoned.withLock { $0 = reason } }

    func insert(_ row: Row) { rows.withLock { $0.append(row) } }

    func counts() -> StoreCounts {
        StoreCounts(
            rows: rows.withLock { $0.count },
            rawRecords: 7,
            quarantined: 1,
            rowsBySource: [("coingecko", 2), ("csv", 3)]
        )
    }

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

    func page(_ query: RowQuery) throws(StoreError) -> RowPage {
        if let reason = failure.withLock({ $0 }) { throw StoreError(.inputOutput, reason) }
        let isAscending = query.direction == .ascending
        func precedes(_ a: RowPosition, _ b: RowPosition) -> Bool {
            let isLess = a.timestamp == b.timestamp ? a.series < b.series : a.timestamp < b.timestamp
            return isAscending ? isLess : (a != b && !isLess)
        }
        func matches(_ row: Row) -> Bool {
            let position = row.position
            return (query.symbols.isEmpty || query.symbols.contains(position.series.symbol))
                && (query.sources.isEmpty || query.sources.contains(position.series.source))
                && (query.sourceIDs.isEmpty || query.sourceIDs.contains(position.series.sourceID))
                && query.from.map { position.timestamp >= $0 } ?? true
                && query.to.map { position.timestamp < $0 } ?? true
                && query.after.map { precedes($0, position) } ?? true
        }
        let found = rows.withLock { $0 }.filter(matches).sorted { precedes($0.position, $1.position) }.dropFirst(
            query.skip
        )
        let shown = found.prefix(query.limit)
        var page = RowPage(
            bytes: [],
            ends: [],
            first: shown.first?.position,
            last: shown.last?.position,
            hasMore: found.count > shown.count
        )
        for row in shown {
            page.bytes.append(contentsOf: row.line.utf8)
            page.ends.append(page.bytes.count)
        }
        return page
    }
}
